import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";
import { E2E_PORT } from "./tests/e2e/installation";

/** Debian's Chromium, or the one that CHROMIUM names; Playwright's own download is not used. */
function chromium(): string {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return execFileSync("sh", ["-c", "command -v chromium || command -v chromium-browser"], { encoding: "utf8" }).trim();
}

export default defineConfig({
  testDir: "tests/e2e",
  globalSetup: "./tests/e2e/global_setup.ts",
  workers: 1, // one backend, whose state the tests share
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: process.env.CI ? "dot" : "list",
  use: {
    baseURL: `http://127.0.0.1:${E2E_PORT}`,
    trace: "retain-on-failure",
    launchOptions: { executablePath: chromium(), args: ["--no-sandbox"] },
  },
});
