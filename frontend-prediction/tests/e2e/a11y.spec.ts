import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { addresses, expect, LANGUAGES, open, THEMES, test } from "./fixtures";

async function violations(page: Page) {
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n")}`);
}

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test.describe(`${language} ${theme}`, () => {
      for (const path of addresses) {
        test(`${path} has no axe violation`, async ({ page }) => {
          await open(page, path, language, theme);
          expect(await violations(page)).toEqual([]);
        });
      }

      test("nor have the palette and the list of keys", async ({ page }) => {
        await open(page, "/", language, theme);
        await page.keyboard.press("Control+KeyK");
        await expect(page.getByRole("combobox")).toBeFocused();
        expect(await violations(page)).toEqual([]);
        await page.keyboard.press("Escape");
        await page.keyboard.press("Shift+Slash");
        await expect(page.getByRole("dialog").getByRole("switch")).toBeVisible();
        expect(await violations(page)).toEqual([]);
      });
    });
  }
}
