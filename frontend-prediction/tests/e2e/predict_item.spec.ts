import { expect, open, test } from "./fixtures";
import { LONG, type Operation, operations, shortly, total, written } from "./predict_page";

test.describe.configure(LONG);

/** And a little: edited minutes are as sure in proportion, so that the total leans by them as by the others. */
const HUNDRED = 102;

test.describe("an opened item", () => {
  test("shows its operations with ranges, its candidates, and what backs them", async ({ page, request }) => {
    const answer = await request.post("/api/predict", { data: { item_codes: ["ITEM004"], candidates: 5 } });
    const { predictions, model_version } = await answer.json();
    const [prediction] = predictions;
    const [first, second] = prediction.candidates;
    await open(page, "/predict?items=ITEM004,ITEM001&item=ITEM004");
    await expect(page.getByText(`모델 ${model_version}`)).toBeVisible();
    await expect(page.getByText(/데이터 기준시점 \d{4}-/)).toBeVisible();
    await expect(operations(page).getByRole("row")).toHaveCount(first.operations.length + 2);
    const range = first.operations[0].lot_range;
    await expect(operations(page).getByRole("row").nth(1)).toContainText(
      `${written(range.low)}–${written(range.high)}`,
    );
    await expect(total(page)).toHaveText(written(first.total_minutes));
    const similar = page.getByRole("table", { name: "비슷한 품목과 작업지시" });
    await expect(similar).toContainText(prediction.similar_items[0].work_order_codes[0]);
    await expect(similar).toContainText("다름: ");
    await expect(page.getByRole("table", { name: "공정과 시간의 이유" })).toContainText("포함될 가능성이");
    await similar.getByRole("button", { name: "속성 값 보기" }).first().click();
    await expect(page.getByText("값이 다른 속성")).toBeVisible();
    await page.keyboard.press("BracketRight");
    await expect(page).toHaveURL(/candidate=2/);
    await expect(total(page)).toHaveText(written(second.total_minutes));
    await page.keyboard.press("BracketLeft");
    await expect(total(page)).toHaveText(written(first.total_minutes));
  });

  test("is compared with the ERP's routing: differences alone, or all", async ({ page }) => {
    await open(page, "/predict?items=ITEM004,ITEM001&item=ITEM004&tab=compare");
    await expect(page.getByLabel("비교할 라우팅")).toHaveValue("erp-01");
    const compared = page.getByRole("table", { name: "비교" });
    const differing = await compared.getByRole("row").count();
    await page.getByLabel("같은 공정도 표시").check();
    await expect.poll(() => compared.getByRole("row").count()).toBeGreaterThan(differing);
    await page.getByLabel("비교할 라우팅").selectOption({ label: "후보 2" });
    await expect(page).toHaveURL(/against=2/);
    await page.getByRole("tab", { name: "흐름도" }).click();
    await expect(page.locator(".react-flow__node").first()).toBeVisible();
    await expect(page.getByText("점선은 후보 2에만 있는 길")).toBeVisible();
  });

  test("is edited by keyboard: totals follow, undo and redo, a reload keeps it, discarding drops it", async ({
    page,
  }) => {
    await open(page, "/predict?items=ITEM005,ITEM001&item=ITEM005");
    const before = Number(await total(page).textContent());
    const code = page.getByLabel("1번째 공정: 공정", { exact: true });
    await page.getByRole("button", { name: "편집", exact: true }).click();
    const first = await code.inputValue();
    const setup = page.getByLabel("1번째 공정: 준비");
    const old = Number(await setup.inputValue());
    await setup.fill(String(old + 100));
    await expect.poll(async () => Number(await total(page).textContent()) - before).toBeCloseTo(HUNDRED, -1);
    await setup.fill("fast");
    await expect(setup).toHaveAttribute("aria-invalid", "true");
    await setup.fill(String(old + 100));
    await page.keyboard.press("Alt+ArrowDown");
    await expect(code).not.toHaveValue(first);
    await expect(page.getByLabel("2번째 공정: 준비")).toBeFocused();
    await page.keyboard.press("Control+KeyZ");
    await expect(code).toHaveValue(first);
    await page.keyboard.press("Control+KeyZ");
    await expect(total(page)).toHaveText(written(before));
    await page.keyboard.press("Control+Shift+KeyZ");
    await expect.poll(async () => Number(await total(page).textContent()) - before).toBeCloseTo(HUNDRED, -1);

    await page.reload();
    await expect(page.getByRole("tab", { name: "편집본" })).toHaveAttribute("aria-selected", "true");
    await expect(setup).toHaveValue(String(Number((old + 100).toFixed(1))));
    await page.getByRole("button", { name: "편집 버리기" }).click();
    await expect(page.getByRole("tab", { name: "편집본" })).toHaveCount(0);
    await expect(total(page)).toHaveText(written(before));
  });

  test("the total and its range in the routing's header follow an edit, and come back without it", async ({
    page,
    request,
  }) => {
    const answer = await request.post("/api/predict", { data: { item_codes: ["ITEM005"] } });
    const [candidate] = (await answer.json()).predictions[0].candidates;
    const [first] = candidate.operations;
    const range = (low: number, high: number) => `80% 구간 ${shortly(low)}분–${shortly(high)}분`;
    await open(page, "/predict?items=ITEM005,ITEM001&item=ITEM005");
    const header = page.locator("[data-routing-total]");
    await expect(header).toContainText(`총 시간 ${shortly(candidate.total_minutes)}분`);
    await expect(header).toContainText(range(candidate.total_range.low, candidate.total_range.high));

    await page.getByRole("button", { name: "편집", exact: true }).click();
    await page.getByRole("button", { name: "공정 삭제" }).first().click();
    const { correlation, low_factor, high_factor, lean } = candidate.total_spread;
    const deviation = (end: "low" | "high") => {
      const reach = candidate.operations
        .slice(1)
        .map((one: Operation) => Math.abs(one.lot_minutes - one.lot_range[end]));
      const sum = reach.reduce((one: number, other: number) => one + other, 0);
      const squares = reach.reduce((one: number, other: number) => one + other ** 2, 0);
      return Math.sqrt((1 - correlation) * squares + correlation * sum ** 2);
    };
    const sumOf = (of: (one: Operation) => number) =>
      candidate.operations.slice(1).reduce((sum: number, one: Operation) => sum + of(one), 0);
    const width = (one: Operation) => one.lot_range.high - one.lot_range.low;
    const apart = (1 - correlation) * (1 - sumOf((one) => width(one) ** 2) / sumOf(width) ** 2);
    const further = sumOf((one) => one.lot_range.high + one.lot_range.low - 2 * one.lot_minutes);
    const left = sumOf((one) => one.lot_minutes) + lean * apart * further;
    await expect(header).toContainText(`총 시간 ${shortly(left)}분`);
    await expect(header).toContainText(
      range(Math.max(0, left - low_factor * deviation("low")), left + high_factor * deviation("high")),
    );
    const days = candidate.lead_time.expected_days;
    await expect(header).toContainText(`리드타임 ${shortly(days - first.elapsed.days)}일`);
    await page.getByRole("button", { name: "편집 버리기" }).click();
    await expect(header).toContainText(`리드타임 ${shortly(days)}일`);
    await expect(header).toContainText(range(candidate.total_range.low, candidate.total_range.high));
  });

  test("rows can be dragged, added and deleted; what is incomplete cannot be accepted", async ({ page }) => {
    await open(page, "/predict?items=ITEM006,ITEM001&item=ITEM006");
    await page.getByRole("button", { name: "편집", exact: true }).click();
    const codeAt = (place: number) => page.getByLabel(`${place}번째 공정: 공정`, { exact: true });
    const [first, second] = [await codeAt(1).inputValue(), await codeAt(2).inputValue()];
    await operations(page)
      .getByRole("row")
      .nth(1)
      .locator("[draggable=true]")
      .dragTo(operations(page).getByRole("row").nth(2));
    await expect(codeAt(1)).toHaveValue(second);
    await expect(codeAt(2)).toHaveValue(first);
    await page.getByRole("button", { name: "2번째 공정: 공정 삭제" }).click();
    await expect(codeAt(2)).not.toHaveValue(first);
    await page.getByRole("button", { name: "공정 추가" }).click();
    await expect(page.getByText("공정 코드나 작업장이 빈 공정이 있습니다")).toBeVisible();
    await expect(page.getByRole("button", { name: "수정한 라우팅 승인" })).toBeDisabled();
  });
});
