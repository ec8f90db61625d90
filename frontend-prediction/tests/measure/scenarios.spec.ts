import { expect, type Page } from "@playwright/test";
import { scenario, test } from "./scenario";

const PAGES = 50_000 / 500;
const codes = (count: number) =>
  Array.from({ length: count }, (_, index) => `ITEM${String(index + 1).padStart(3, "0")}`).join("\n");
const items = (page: Page) => page.getByRole("table", { name: "예측한 품목" });
const entries = (page: Page) => page.getByRole("region", { name: "로그 기록" });

async function predict(page: Page, count: number): Promise<void> {
  const shown = count.toLocaleString("ko-KR");
  await page.getByRole("textbox", { name: "품목코드" }).click();
  await page.keyboard.press("Control+V"); // Playwright's fill() edits line by line, which nobody does
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(`${shown}개 중 ${shown}개 표시`)).toBeVisible();
  await expect(items(page).getByText("ITEM001")).toBeVisible();
}

for (const small of [true, false]) {
  test(`predicting, ${small ? "little" : "much"}`, async ({ page }) => {
    for (const [name, count] of [
      ["300", 300],
      ["1,000", 1000],
    ] as const) {
      await page.goto("/predict");
      await page.evaluate((text) => navigator.clipboard.writeText(text), codes(small ? 10 : count));
      await scenario(page, `${name} codes pasted and predicted`, small, () => predict(page, small ? 10 : count));
    }
    await scenario(page, "1,000 predictions: scroll, select, candidates, filter", small, async () => {
      await items(page).getByText("ITEM002").click();
      await expect(page.getByRole("table", { name: "공정표" })).toBeVisible();
      await page.keyboard.press("BracketRight");
      await page.keyboard.press("BracketLeft");
      await items(page).hover();
      for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, 1500);
      await page.getByLabel("코드 찾기").pressSequentially("ITEM00");
      await expect(page.getByText(/개 중 9개 표시/)).toBeVisible();
      await page.getByLabel("코드 찾기").fill("");
      await expect(page.getByText(/개 중 9개 표시/)).toHaveCount(0);
    });
  });

  test(`logs, ${small ? "little" : "much"}`, async ({ page }) => {
    await page.goto(`/logs?source=quality${small ? "&text=entry%2042" : ""}`);
    await expect(entries(page).locator("[data-index='0']")).toBeVisible();
    const more = page.getByRole("button", { name: "이전 기록 더 보기" });
    await scenario(page, "50,000 log lines: load all, scroll, filter", small, async () => {
      for (let pages = 1; !small && pages < PAGES; pages += 1) await more.click(); // waits until the last one is there
      await entries(page).press("End");
      await entries(page).hover();
      for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, -20_000);
      await page.getByRole("searchbox", { name: "내용 찾기" }).fill("entry 4999");
      await expect(entries(page)).toContainText("entry 49990");
    });
  });

  test(`quality, ${small ? "little" : "much"}`, async ({ page }) => {
    await page.goto("/quality?last=10");
    await expect(page.getByRole("img", { name: /^MAE 추이/ })).toBeVisible();
    await scenario(page, "1,000 cycles: draw, look along, filter", small, async () => {
      await page.goto(`/quality?last=${small ? 10 : 1000}`);
      const chart = page.getByRole("img", { name: new RegExp(`^MAE 추이, 평가 ${small ? "10" : "1,?000"}회`) });
      await expect(chart).toBeVisible();
      await chart.scrollIntoViewIfNeeded();
      const box = await chart.boundingBox();
      if (!box) throw new Error("the chart has no size");
      for (let step = 1; step < 40; step += 1)
        await page.mouse.move(box.x + (box.width * step) / 40, box.y + box.height / 2);
      await page.getByLabel("심각도").selectOption({ index: 1 });
      await page.getByLabel("심각도").selectOption({ index: 0 });
    });
  });
}
