import { addresses, LANGUAGES, open, test } from "../e2e/fixtures";

/* A picture of every page in both languages: npm run screens writes them to screens/. */

const ITEMS = Array.from({ length: 24 }, (_, index) => `ITEM${String(index + 1).padStart(3, "0")}`).join(",");
const SHOWN: Record<string, string> = {
  ...Object.fromEntries(addresses.map((path) => [path.slice(1) || "dashboard", path])),
  predicted: `/predict?items=${ITEMS},NOT-IN-ERP&item=ITEM004`,
};

test.use({ viewport: { width: 1440, height: 900 } });

for (const language of LANGUAGES) {
  for (const [name, path] of Object.entries(SHOWN)) {
    test(`${name} in ${language}`, async ({ page }) => {
      await open(page, path, language);
      await page.waitForLoadState("networkidle").catch(() => undefined); // logs never fall silent
      await page.screenshot({ path: `screens/${language}/${name}.png`, animations: "disabled" });
    });
  }
}
