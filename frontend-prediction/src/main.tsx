import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./global.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { rememberToken } from "./api/csrf";
import { makeQueryClient } from "./api/query_client";
import { loginAddress } from "./app/login_address";
import { movedTo } from "./app/old_addresses";
import { router } from "./app/router";
import { startI18n } from "./i18n";
import { onKeyDown } from "./shared/keys";
import { cssVariables, theme } from "./theme";

const colorScheme = localStorageColorSchemeManager({ key: "routing-ml-theme" }); // public/first-paint.js reads it too

function leaveOldAddress(): void {
  const path = movedTo(globalThis.location.hash);
  if (path) router.history.replace(path);
}

/** Lead to the login and, once somebody is known, back to the very address; drafts wait in the tab's storage. */
function goToLogin(): void {
  const { pathname, search, hash } = globalThis.location;
  if (pathname === "/login") return;
  rememberToken(undefined);
  router.history.replace(loginAddress(pathname + search + hash));
}

async function start(): Promise<void> {
  await startI18n();
  leaveOldAddress();
  globalThis.addEventListener("hashchange", leaveOldAddress);
  globalThis.addEventListener("keydown", onKeyDown);
  createRoot(document.getElementById("root") as HTMLElement).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        colorSchemeManager={colorScheme}
        defaultColorScheme="auto"
      >
        <Notifications />
        <QueryClientProvider client={makeQueryClient(goToLogin)}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start();
