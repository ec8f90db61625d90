import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./global.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/query_client";
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
        <QueryClientProvider client={makeQueryClient()}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}

void start();
