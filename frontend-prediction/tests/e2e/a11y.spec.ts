import { addresses, expect, LANGUAGES, open, THEMES, test, violations } from "./fixtures";

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
