import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, LANGUAGES, open, settled, THEMES, test, violations } from "./fixtures";

const LOG = fileURLToPath(new URL("../../.e2e/used/logs/performance/performance.quality.log", import.meta.url));
const HOSTILE = "<img src=x onerror=alert(1)>";

const line = (message: string, level = "INFO") => `2026-11-30T09:00:00.000Z ${level} routing_ml.test [-] ${message}\n`;

test.beforeAll(() => {
  const many = Array.from({ length: 50_000 }, (_, index) => line(`entry ${index}`)).join("");
  const failed = `${line(HOSTILE, "ERROR")}  | Traceback (most recent call last):\n  | OSError: full\n`;
  writeFileSync(LOG, many + failed);
});

const list = (page: import("@playwright/test").Page) => page.getByRole("region", { name: "로그 기록" });

test("a log of 50,000 entries draws few of them, newest first, and markup is text", async ({ page }) => {
  await open(page, "/logs?source=quality");
  await expect(list(page).locator("[data-index='0']")).toContainText(HOSTILE);
  await expect(list(page).locator("[data-index='1']")).toContainText("entry 49999");
  await page.getByRole("button", { name: "이전 기록 더 보기" }).click();
  await expect(async () => {
    await list(page).press("End"); // the end moves when the older entries have come
    await expect(list(page)).toContainText("entry 49001", { timeout: 1_000 });
  }).toPass();
  expect(await page.locator("*").count()).toBeLessThan(2_000);
});

test("a traceback is folded, and shown where it is asked for", async ({ page }) => {
  await open(page, "/logs?source=quality");
  const first = list(page).locator("[data-index='0']");
  await expect(first).not.toContainText("OSError");
  await first.getByRole("button", { name: "자세히 (2줄)" }).click();
  await expect(first).toContainText("OSError: full");
});

test("filters are in the address and survive a reload", async ({ page }) => {
  await open(page, "/logs?source=quality");
  await page.getByRole("combobox", { name: "수준" }).selectOption({ label: "경고 이상" });
  await expect(page).toHaveURL(/level=WARNING/);
  await expect(list(page).locator("[data-index]")).toHaveCount(1);
  await page.getByRole("combobox", { name: "수준" }).selectOption({ label: "모든 수준" });
  await page.getByRole("searchbox", { name: "내용 찾기" }).fill("ENTRY 4242");
  await expect(page).toHaveURL(/text=ENTRY/);
  await expect(list(page).locator("[data-index]")).toHaveCount(11);
  await page.reload();
  await settled(page);
  await expect(list(page).locator("[data-index]")).toHaveCount(11);
});

test("new entries come by themselves; paused they wait, and nothing moves", async ({ page }) => {
  await open(page, "/logs?source=quality");
  await expect(page.getByText("새 기록을 바로 표시하는 중")).toBeVisible();
  const first = list(page).locator("[data-index='0']");
  appendFileSync(LOG, line("comes by itself"));
  await expect(first).toContainText("comes by itself");
  await page.keyboard.press("KeyF");
  appendFileSync(LOG, line("waits"));
  await expect(page.getByRole("button", { name: "새 기록 1건 보기" })).toBeVisible();
  await expect(first).toContainText("comes by itself");
  await page.keyboard.press("KeyF");
  await expect(first).toContainText("waits");
});

test("the file is downloaded as it is", async ({ page }) => {
  await open(page, "/logs?source=quality");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "현재 파일 받기" }).click(),
  ]);
  expect(readFileSync(await download.path(), "utf8")).toContain(HOSTILE);
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`an open traceback has no axe violation (${language} ${theme})`, async ({ page }) => {
      await open(page, "/logs?source=quality&level=ERROR", language, theme);
      await page.getByRole("button", { name: language === "ko" ? /자세히/ : /More/ }).click();
      expect(await violations(page)).toEqual([]);
    });
  }
}
