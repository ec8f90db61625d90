import type { Page } from "@playwright/test";
import { expect, open, test, violations } from "./fixtures";
import { LONG, list, operations } from "./predict_page";

test.describe.configure(LONG);

const TIMES = 100;
const ADDRESS = "/predict?items=ITEM004,ITEM001&item=ITEM004";

interface Named {
  operation_code: string;
  sequence: number;
}

/** The middle one, with others as often before and behind it, each time under other codes. */
const stretched = <One extends Named>(some: One[], middle: One[] = some): One[] =>
  Array.from({ length: TIMES }, (_, turn) =>
    (turn === TIMES / 2 ? middle : some).map((one) => ({
      ...one,
      operation_code: `${one.operation_code}-${turn}`,
      sequence: 1000 * turn + one.sequence,
    })),
  ).flat();

/** The server's answers, whose routings are a hundred times as long; returns how many operations that makes. */
async function openLong(
  page: Page,
  path: string,
  language: "ko" | "en" = "ko",
  theme: "light" | "dark" = "light",
): Promise<number> {
  let count = 0;
  await page.route("**/api/predict", async (route) => {
    const response = await route.fetch();
    const answered = await response.json();
    for (const prediction of answered.predictions) {
      const usual = prediction.candidates[0].operations;
      prediction.reasons = stretched(prediction.reasons);
      for (const candidate of prediction.candidates)
        candidate.operations = stretched<Named>(usual, candidate.operations);
      if (prediction.item_code === "ITEM004") count = TIMES * usual.length;
    }
    await route.fulfill({ response, json: answered });
  });
  await open(page, path, language, theme);
  return count;
}

const drawn = (page: Page) => operations(page).locator("tbody tr:not([aria-hidden])");
const cell = (page: Page, place: number) => page.getByLabel(`${place}번째 공정: 준비`, { exact: true });

test("a routing of hundreds of operations is drawn as far as it is seen, and all of it can be scrolled to", async ({
  page,
}) => {
  const count = await openLong(page, ADDRESS);
  await expect(operations(page)).toHaveAttribute("aria-rowcount", String(count + 2));
  expect(await drawn(page).count()).toBeLessThan(60);
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThan(4000);
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2000);
  await operations(page).hover();
  await page.mouse.wheel(0, 34 * count * 2);
  const last = operations(page).locator(`tr[aria-rowindex="${count + 1}"]`);
  await expect(last).toContainText("-99");
  await expect(last).toBeInViewport();
  expect(await drawn(page).count()).toBeLessThan(60);
});

test("the table scrolls by keyboard, and one key leads past it to the evidence", async ({ page }) => {
  const count = await openLong(page, ADDRESS);
  await page.getByRole("region", { name: "공정표" }).press("End");
  await expect(operations(page).locator(`tr[aria-rowindex="${count + 1}"]`)).toBeInViewport();
  await page.getByRole("button", { name: "공정표 건너뛰기" }).press("Enter");
  await expect(page.getByRole("tab", { name: "근거" })).toBeFocused();
  await expect(page.getByRole("tab", { name: "근거" })).toBeInViewport();
});

test("an operation is found by its code, its name or its number, one after the other", async ({ page }) => {
  await openLong(page, ADDRESS);
  const field = page.getByRole("searchbox", { name: "공정 찾기" });
  await field.fill("-57");
  const marked = operations(page).locator("tr[aria-current]");
  await expect(marked).toContainText("-57");
  await expect(marked).toBeInViewport();
  const first = await marked.textContent();
  await expect(page.getByText(/개 중 1번째/)).toBeVisible();
  await field.press("Enter");
  await expect(page.getByText(/개 중 2번째/)).toBeVisible();
  await expect(marked).not.toHaveText(first ?? "");
  await field.press("Shift+Enter");
  await expect(marked).toHaveText(first ?? "");
  await field.fill("no such operation");
  await expect(page.getByText("찾는 공정이 없습니다")).toBeVisible();
});

test("a cell keeps the focus wherever one scrolls, and its row can be moved and left by Tab", async ({ page }) => {
  const count = await openLong(page, ADDRESS);
  await page.getByRole("button", { name: "편집", exact: true }).click();
  await cell(page, 3).click();
  await operations(page).hover();
  await page.mouse.wheel(0, 34 * count);
  await expect(operations(page).locator(`tr[aria-rowindex="${count + 1}"]`)).toBeInViewport();
  await expect(cell(page, 3)).toBeFocused();
  await page.keyboard.press("Control+KeyA");
  await page.keyboard.type("77");
  await expect(cell(page, 3)).toHaveValue("77");
  await page.keyboard.press("Alt+ArrowDown");
  await expect(cell(page, 4)).toBeFocused();
  await expect(cell(page, 4)).toHaveValue("77");
  await expect(cell(page, 4)).toBeInViewport();
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("4번째 공정: 가공", { exact: true })).toBeFocused();
  for (let turn = 0; turn < 9 * 30; turn += 1) await page.keyboard.press("Tab"); // row by row out of what was drawn
  expect(await page.evaluate(() => document.activeElement?.closest("tr")?.getAttribute("aria-rowindex"))).toBe("35");
});

test("an added operation comes into view at the end", async ({ page }) => {
  const count = await openLong(page, ADDRESS);
  await page.getByRole("button", { name: "편집", exact: true }).click();
  await page.getByRole("button", { name: "공정 추가" }).click();
  await expect(cell(page, count + 1)).toBeInViewport();
});

test("the flow folds what both routings do, and unfolds it on demand", async ({ page }) => {
  const count = await openLong(page, `${ADDRESS}&tab=flow&against=2`);
  const boxes = page.locator(".react-flow__node");
  await expect(boxes.first()).toBeVisible();
  const folded = await boxes.count();
  expect(folded).toBeLessThan(count / 20);
  const runs = page.locator(".react-flow__node button");
  await runs.first().press("Enter");
  await expect.poll(() => boxes.count()).toBeGreaterThan(folded);
  await page.getByRole("button", { name: "펼친 공정 접기" }).click();
  await expect(boxes).toHaveCount(folded);
  expect(await violations(page)).toEqual([]);
});

test("a flow that cannot be folded is drawn part by part", async ({ page }) => {
  await openLong(page, `${ADDRESS}&tab=flow&against=erp-01`);
  const boxes = page.locator(".react-flow__node");
  await expect(boxes).toHaveCount(150);
  await page.getByRole("button", { name: "다음 150개 더 보기" }).click();
  await expect(boxes).toHaveCount(300);
});

test("all operations are printed", async ({ page }) => {
  const count = await openLong(page, ADDRESS);
  await page.evaluate(() => {
    const rows = () => document.querySelectorAll("table[aria-label='공정표'] tbody tr").length;
    window.addEventListener("beforeprint", () => document.body.setAttribute("data-printed", String(rows())));
  });
  await page.pdf();
  await expect(page.locator("body")).toHaveAttribute("data-printed", String(count));
  await expect.poll(() => drawn(page).count()).toBeLessThan(60);
});

for (const [language, theme] of [
  ["ko", "light"],
  ["en", "dark"],
] as const) {
  test(`a long routing, read and edited, has no axe violation: ${language} ${theme}`, async ({ page }) => {
    await openLong(page, ADDRESS, language, theme);
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.getByRole("button", { name: /^(편집|Edit)$/ }).click();
    await expect(page.getByRole("tab", { name: /^(편집본|Edited)$/ })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}

test("a routing of a dozen operations has neither a search nor an area of its own", async ({ page }) => {
  await open(page, ADDRESS);
  await expect(list(page)).toBeVisible();
  await expect(operations(page)).not.toHaveAttribute("aria-rowcount");
  await expect(page.getByRole("searchbox", { name: "공정 찾기" })).toHaveCount(0);
  await expect(page.getByRole("region", { name: "공정표" })).not.toHaveCSS("overflow-y", "scroll");
  await page.getByRole("tab", { name: "흐름도" }).click();
  await expect(page.locator(".react-flow__controls")).toBeVisible();
  await expect(page.locator(".react-flow__node button")).toHaveCount(0);
});
