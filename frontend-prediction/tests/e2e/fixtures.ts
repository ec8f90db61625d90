import type { ChildProcess } from "node:child_process";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { pages } from "../../src/app/site_map";
import { startServer, stopServer } from "./installation";

/** The real server; a test that kills it must start it again. */
class Backend {
  private server: ChildProcess | null = null;

  async start(): Promise<void> {
    this.server = await startServer();
  }

  async kill(): Promise<void> {
    if (this.server) await stopServer(this.server, "SIGKILL");
  }

  async stop(): Promise<void> {
    if (this.server) await stopServer(this.server);
  }
}

/** Every registered page; those whose address needs a parameter are looked at by their own tests. */
export const addresses = pages.map((page) => page.path).filter((path) => !path.includes("$"));

export const LANGUAGES = ["ko", "en"] as const;
export const THEMES = ["light", "dark"] as const;

export const test = base.extend<{ noPageErrors: undefined }, { backend: Backend }>({
  backend: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures that are needed from this pattern
    async ({}, use) => {
      const backend = new Backend();
      await backend.start();
      await use(backend);
      await backend.stop();
    },
    { scope: "worker", auto: true, timeout: 120_000 },
  ],
  /** A script that fails, or that the content security policy stops, fails the test. */
  noPageErrors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        if (/Content Security Policy/.test(message.text())) errors.push(message.text());
      });
      await use(undefined);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Open a page in a language and theme as somebody who chose them before. */
export async function open(
  page: Page,
  path: string,
  language: (typeof LANGUAGES)[number] = "ko",
  theme: (typeof THEMES)[number] = "light",
): Promise<void> {
  await page.addInitScript(
    ([chosenLanguage, chosenTheme]) => {
      if (sessionStorage.getItem("chosen")) return; // later changes by the test stay
      sessionStorage.setItem("chosen", "yes");
      localStorage.setItem("routing-ml-language", chosenLanguage as string);
      localStorage.setItem("routing-ml-theme", chosenTheme as string);
    },
    [language, theme],
  );
  await page.goto(path);
  await settled(page);
}

/** Wait until the page has its title and no part of it is still loading. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator(".mantine-Skeleton-root")).toHaveCount(0);
}

/** What axe finds wrong with the page as it stands. */
export async function violations(page: Page): Promise<string[]> {
  const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
  const found = await new AxeBuilder({ page }).withTags(tags).analyze();
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n")}`);
}
