import { defineConfig } from "@playwright/test";
import browserTests from "./playwright.config";

export default defineConfig({ ...browserTests, testDir: "tests/screens" });
