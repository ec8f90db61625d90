import { readFile } from "node:fs/promises";
import type { APIRequestContext } from "@playwright/test";
import { expect, open, settled, test } from "./fixtures";

const report = async (request: APIRequestContext) =>
  (await request.get("/api/quality/stale-standards?limit=1000")).json();

test("stale standards, costliest first, with what was compared", async ({ page, request }) => {
  const { stale, found, compared } = await report(request);
  expect(stale.length).toBeGreaterThan(0);
  await open(page, "/standards");
  const rows = page.getByRole("table", { name: "낡은 표준시간" }).getByRole("row");
  const number = (value: number) => new Intl.NumberFormat("ko-KR", { maximumFractionDigits: 0 }).format(value);
  await expect(page.getByText(`비교한 공정 ${number(compared)}건 중 ${number(found)}건이 어긋납니다.`)).toBeVisible();
  await expect(rows.nth(1)).toContainText(stale[0].item_code);
  await expect(rows.nth(1)).toContainText(number(stale[0].minutes_per_year));
  await expect(rows.nth(1)).toContainText(`${stale[0].low.toFixed(2)} – ${stale[0].high.toFixed(2)}`);
});

test("Enter on a row opens its evidence, which stays after a reload and closes again", async ({ page, request }) => {
  const [first, second] = (await report(request)).stale;
  await open(page, "/standards");
  const rows = page.getByRole("table", { name: "낡은 표준시간" }).getByRole("row");
  await rows.nth(1).focus();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(2)).toBeFocused();
  await page.keyboard.press("Enter");
  const evidence = page.getByRole("region", { name: `근거: 품목 ${second.item_code}` });
  await expect(evidence).toContainText(second.work_order_codes.join(", "));
  await expect(page).toHaveURL(new RegExp(`item=${encodeURIComponent(second.item_code)}`));
  await page.reload();
  await settled(page);
  await expect(evidence).toContainText(second.work_order_codes[0]);
  await evidence.getByRole("button", { name: "근거 닫기" }).click();
  await expect(page).toHaveURL("/standards");
  await rows.nth(1).click();
  await expect(page.getByRole("region", { name: `근거: 품목 ${first.item_code}` })).toBeVisible();
});

test("the text filter stands in the address, and what is left is saved as CSV", async ({ page, request }) => {
  const { stale } = await report(request);
  const code = stale[0].item_code;
  const left = stale.filter((row: { item_code: string }) => row.item_code === code);
  await open(page, "/standards");
  await page.getByLabel("품목·공정·작업장 찾기").fill(code.toLowerCase());
  await expect(page).toHaveURL(new RegExp(`q=${encodeURIComponent(code.toLowerCase())}`));
  await page.reload();
  await settled(page);
  await expect(page.getByRole("table")).toHaveAttribute("aria-rowcount", String(left.length + 1));
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV 저장" }).click();
  const text = await readFile(await (await downloading).path(), "utf8");
  expect(text.startsWith("\uFEFFitem_code,operation_code")).toBe(true);
  expect(text.trimEnd().split("\r\n").length).toBe(left.length + 1);
  await page.getByLabel("품목·공정·작업장 찾기").fill("no such item");
  await expect(page.getByText("찾는 내용과 맞는 공정이 없습니다")).toBeVisible();
  await expect(page.getByRole("button", { name: "CSV 저장" })).toBeDisabled();
});

test("before the first evaluation it says why nothing is there, and where to start one", async ({ page }) => {
  await page.route("**/api/quality/stale-standards*", (route) =>
    route.fulfill({
      status: 404,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "urn:routing-ml:problem:no-evaluation", status: 404, detail: "-", request_id: "r" }),
    }),
  );
  await open(page, "/standards");
  await expect(page.getByText("표준시간을 아직 실적과 비교하지 않았습니다")).toBeVisible();
  await page.getByRole("link", { name: "품질 화면으로 이동" }).click();
  await expect(page).toHaveURL("/quality");
});

test("where no standard is stale it says how many were compared", async ({ page }) => {
  const nothing = { until: "2026-03-03T00:00:00Z", days: 365, compared: 1234, ambiguous: 0, found: 0, stale: [] };
  await page.route("**/api/quality/stale-standards*", (route) => route.fulfill({ json: nothing }));
  await open(page, "/standards", "en");
  await expect(page.getByText("No standard time disagrees with the shop floor")).toBeVisible();
  await expect(page.getByText(/1,234 operations that have one valid standard/)).toBeVisible();
});

test("at 320 px nothing sticks out sideways", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, "/standards");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
