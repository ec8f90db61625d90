import { expect, open, test } from "./fixtures";

test("Korean syllables are drawn, not boxes", async ({ page }) => {
  await open(page, "/");
  const drawn = await page.evaluate(() =>
    ["가", "힣"].map((syllable) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
      const context = canvas.getContext("2d") as CanvasRenderingContext2D;
      context.font = `28px ${getComputedStyle(document.body).fontFamily}`;
      context.fillText(syllable, 4, 32);
      return canvas.toDataURL();
    }),
  );
  expect(drawn[0]).not.toBe(drawn[1]);
});
