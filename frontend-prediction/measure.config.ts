import { defineConfig } from "@playwright/test";
import browserTests from "./playwright.config";

/** For `python -m benchmarks interface`, which makes the installation and the server, and names them here. */
export default defineConfig({
  ...browserTests,
  testDir: "tests/measure",
  globalSetup: undefined,
  timeout: 600_000,
  use: {
    ...browserTests.use,
    baseURL: process.env.MEASURED_URL,
    trace: "off",
    viewport: { width: 1440, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
  },
});
