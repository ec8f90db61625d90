import { readFile } from "node:fs/promises";
import type { APIRequestContext, Download, Page } from "@playwright/test";
import english from "../../src/i18n/en";
import korean from "../../src/i18n/ko";
import { expect, open, settled, test } from "./fixtures";

const EVALUATION_MS = 240_000; // a real one, on a machine that may be busy
const BYTE_ORDER_MARK = "\uFEFF";

const get = async (request: APIRequestContext, path: string) => (await request.get(path)).json();
const cyclesOf = async (request: APIRequestContext) => (await get(request, "/api/quality/history?limit=50")).cycles;
const saved = async (download: Download) => readFile(await download.path(), "utf8");
const panel = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** Ends when there are as many cycles as a trend needs; each of them is a real evaluation. */
async function evaluatedTwice(request: APIRequestContext): Promise<void> {
  if ((await cyclesOf(request)).length >= 2) return;
  const before = (await cyclesOf(request)).length;
  await request.post("/api/quality/evaluate", { data: { seed: 7 } });
  await expect.poll(async () => (await cyclesOf(request)).length, { timeout: EVALUATION_MS }).toBeGreaterThan(before);
}

test("Evaluate now runs an evaluation, shows its progress, and then the new cycle", async ({ page, request }) => {
  test.setTimeout(EVALUATION_MS + 60_000);
  const before = await cyclesOf(request);
  await open(page, "/quality");
  await page.getByRole("button", { name: "지금 평가" }).click();
  const progress = page.getByText(/^품질 평가(가 대기열에서 기다리고 있습니다| 진행 중 \d+%)$/);
  await expect(progress).toBeVisible();
  await page.reload(); // the job goes on, and so does what is shown of it
  await expect(progress).toBeVisible();
  await expect(page.getByText("품질 평가: 완료")).toBeVisible({ timeout: EVALUATION_MS });
  const after = await cyclesOf(request);
  expect(after.length).toBe(before.length + 1);
  await expect(page.getByRole("img", { name: new RegExp(`^MAE 추이, 평가 ${after.length}회`) })).toBeVisible();
  await page.getByRole("button", { name: "이 평가 보기" }).click();
  await expect(page).toHaveURL(new RegExp(`cycle=${after[0].cycle_id}`));
  await expect(page.getByText(after[0].cycle_id, { exact: true })).toBeVisible();
});

test("six cards: value, interval, movement, grade and promise, as the API gives them", async ({ page, request }) => {
  test.setTimeout(EVALUATION_MS + 60_000);
  await evaluatedTwice(request);
  const cycle = await get(request, "/api/quality/current");
  const models = await get(request, "/api/models");
  const promised = models.versions.find((one: { version: string }) => one.version === cycle.model_version).metrics.mae;
  await open(page, "/quality", "en");
  const cards = page.getByRole("region", { name: "Headline figures" }).getByRole("listitem");
  await expect(cards).toHaveCount(6);
  const two = (value: number) => new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 }).format(value);
  await expect(cards.first()).toContainText(`${two(cycle.mae)} min`);
  await expect(cards.first()).toContainText(
    `${cycle.intervals.mae[0].toFixed(2)} – ${two(cycle.intervals.mae[1])} min`,
  );
  await expect(cards.first()).toContainText(`promised ${two(promised)} min`);
  await expect(cards.first()).toContainText(/better|worse|within chance|unchanged/);
  await expect(cards.first()).toContainText(/no breach|Warning|Critical/);
});

test("how often the ranges held: of operations and of whole lots, whose totals an earlier release did not measure", async ({
  page,
  request,
}) => {
  const cycle = await get(request, "/api/quality/current");
  const percent = (share: number) =>
    `${new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 }).format(100 * share)} %`;
  await open(page, "/quality", "en");
  const cards = page.getByRole("region", { name: "Headline figures" });
  await expect(cards).toContainText(`${percent(cycle.coverage)} of operations`);
  await expect(cards).toContainText(`${percent(cycle.total_coverage)} of whole lots`);

  const older = { ...cycle, total_coverage: null };
  await page.route("**/api/quality/current", (route) => route.fulfill({ json: older }));
  await page.reload();
  await expect(cards).toContainText(`${percent(cycle.coverage)} of operations`);
  await expect(cards).not.toContainText("of whole lots");
});

test("a click on a point looks at its cycle; reload keeps it, Back returns", async ({ page, request }) => {
  test.setTimeout(EVALUATION_MS + 60_000);
  await evaluatedTwice(request);
  const oldest = (await cyclesOf(request)).at(-1);
  await open(page, "/quality");
  const chart = page.getByRole("img", { name: /^MAE 추이/ });
  const point = chart.locator(".recharts-line-dots circle").first();
  await point.hover();
  await point.click();
  await expect(page).toHaveURL(new RegExp(`cycle=${oldest.cycle_id}`));
  await expect(page.getByText(oldest.cycle_id, { exact: true })).toBeVisible();
  await page.reload();
  await settled(page);
  await expect(page.getByText(oldest.cycle_id, { exact: true })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL("/quality");
  await expect(page.getByText(oldest.cycle_id, { exact: true })).toHaveCount(0);
});

test("the chart marks the deployment, and says the trend in words", async ({ page }) => {
  await open(page, "/quality");
  const chart = page.getByRole("img", { name: /^MAE 추이, 평가 \d+회: 처음 .+분, 마지막 .+분/ });
  await expect(chart.locator('path[fill="var(--chart-event)"]')).not.toHaveCount(0);
  await expect(page.getByText("배포·전환·롤백")).toBeVisible();
});

test("by keyboard alone: the table behind the charts opens, and Enter looks at a cycle", async ({ page, request }) => {
  const [newest] = await cyclesOf(request);
  await open(page, "/quality");
  await page.getByText("표로 보기").focus();
  await page.keyboard.press("Enter");
  const rows = page.getByRole("table", { name: "평가별 지표" }).getByRole("row");
  await rows.nth(1).focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`cycle=${newest.cycle_id}`));
});

test("the trend has a step to the evaluation before and back", async ({ page, request }) => {
  test.setTimeout(EVALUATION_MS + 60_000);
  await evaluatedTwice(request);
  const [newest, before] = await cyclesOf(request);
  await open(page, "/quality");
  await page.getByRole("button", { name: "이전 평가" }).click();
  await expect(page).toHaveURL(new RegExp(`cycle=${before.cycle_id}`));
  await page.getByRole("button", { name: "다음 평가" }).click();
  await expect(page).toHaveURL(new RegExp(`cycle=${newest.cycle_id}`));
  await page.getByRole("button", { name: "최신 평가 보기" }).click();
  await expect(page).toHaveURL("/quality");
});

test("segments: worst first, by kind, sorted in the address, saved as CSV", async ({ page, request }) => {
  const { segments } = await get(request, "/api/quality/current");
  const operations = segments.filter((one: { dimension: string }) => one.dimension === "operation");
  await open(page, "/quality");
  const segmentPanel = panel(page, "부문별 품질");
  const first = segmentPanel.getByRole("row").nth(1);
  await expect(first).toContainText((100 * segments[0].wape).toFixed(1));
  await segmentPanel.getByRole("combobox").selectOption({ label: `공정 (${operations.length})` });
  await expect(page).toHaveURL(/dimension=operation/);
  await expect(first).toContainText(operations[0].value);
  const downloading = page.waitForEvent("download");
  await segmentPanel.getByRole("button", { name: "CSV 저장" }).click();
  const text = await saved(await downloading);
  expect(text.startsWith(`${BYTE_ORDER_MARK}dimension,value,wape`)).toBe(true);
  expect(text.trimEnd().split("\r\n").length).toBe(operations.length + 1);
  await segmentPanel.getByRole("button", { name: "공정 수" }).click();
  await expect(page).toHaveURL(/sort=-operations/);
  await page.reload();
  await settled(page);
  const most = Math.max(...operations.map((one: { operation_count: number }) => one.operation_count));
  await expect(first.getByRole("cell").nth(6)).toHaveText(String(most));
});

test("from a segment to its items, from an item to predicted against actual", async ({ page, request }) => {
  const cycle = await get(request, "/api/quality/current");
  const [worst] = cycle.segments;
  const address = `/api/quality/cycles/${cycle.cycle_id}/items`;
  const { dimension, value } = worst;
  const { items } = await (await request.get(address, { params: { dimension, value } })).json();
  const { lots } = await (await request.get(`${address}/item`, { params: { item_code: items[0].item_code } })).json();
  await open(page, "/quality");
  const segmentRow = panel(page, "부문별 품질").getByRole("row").nth(1);
  await segmentRow.focus();
  await page.keyboard.press("Enter");
  const itemRow = page
    .getByRole("region", { name: /^품목: / })
    .first()
    .getByRole("row")
    .nth(1);
  await expect(itemRow).toContainText(items[0].item_code);
  await itemRow.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`item=${encodeURIComponent(items[0].item_code)}`));
  await page.reload();
  await settled(page);
  const comparison = page.getByRole("region", { name: `예측과 실적: ${items[0].item_code}` });
  const first = lots[0].operations[0];
  await expect(comparison.getByRole("table").first().getByRole("row")).toHaveCount(lots[0].operations.length + 1);
  await expect(comparison).toContainText(`작업지시 ${lots[0].work_order_code}`);
  await expect(comparison.getByRole("row").nth(1)).toContainText((first.predicted ?? first.actual).operation_code);
  await comparison.getByRole("button", { name: "비교 닫기" }).click();
  await expect(comparison).toHaveCount(0);
});

test("what has changed and what followed, in words", async ({ page, request }) => {
  const { drift, trigger } = await get(request, "/api/quality/current");
  await open(page, "/quality");
  const changed = panel(page, "무엇이 바뀌었나");
  const found = [...drift.errors, ...drift.inputs];
  await expect(changed.getByRole("listitem")).toHaveCount(found.length);
  await expect(changed.getByText("우연을 넘는 변화가 없습니다.")).toHaveCount(found.length === 0 ? 1 : 0);
  for (const one of drift.errors) await expect(changed).toContainText(`${Math.abs(one.change_pct).toFixed(0)}%`);
  const action = trigger.action as keyof typeof korean.quality.followed.action;
  await expect(panel(page, "그래서 어떻게 했나")).toContainText(korean.quality.followed.action[action]);
  await page.getByRole("button", { name: "English" }).click();
  await expect(panel(page, "What followed")).toContainText(english.quality.followed.action[action]);
});

test("filters stand in the address: dates without evaluations say so, severity chooses alerts", async ({
  page,
  request,
}) => {
  const { alerts } = await get(request, "/api/quality/alerts?limit=200");
  const critical = alerts.filter((one: { severity: string }) => one.severity === "critical");
  await open(page, "/quality?from=2001-01-01&to=2001-01-31&last=10");
  await expect(page.getByText("조건에 맞는 평가가 없습니다")).toBeVisible();
  await expect(page.getByLabel("최근 평가")).toHaveValue("10");
  await page.getByRole("button", { name: "조건 지우기" }).click();
  await expect(page).toHaveURL("/quality?last=10");
  await expect(page.getByRole("img", { name: /^MAE 추이/ })).toBeVisible();
  await page.getByLabel("알림 심각도").selectOption("critical");
  await expect(page).toHaveURL(/severity=critical/);
  const shown = panel(page, "알림");
  await expect(shown.getByRole("link")).toHaveCount(critical.length);
  await expect(shown.getByText("조건에 맞는 알림이 없습니다.")).toHaveCount(critical.length === 0 ? 1 : 0);
});

test("what is shown is saved as CSV and as JSON", async ({ page, request }) => {
  const cycles = await cyclesOf(request);
  await open(page, "/quality", "en");
  const buttons = page.getByRole("main");
  let downloading = page.waitForEvent("download");
  await buttons.getByRole("button", { name: "Save as JSON" }).click();
  const content = JSON.parse(await saved(await downloading));
  expect(content.cycles.map((one: { cycle_id: string }) => one.cycle_id)).toEqual(
    cycles.map((one: { cycle_id: string }) => one.cycle_id),
  );
  downloading = page.waitForEvent("download");
  await buttons.getByRole("button", { name: "Save as CSV" }).first().click();
  const text = await saved(await downloading);
  expect(text.startsWith(`${BYTE_ORDER_MARK}cycle_id,created_at`)).toBe(true);
  expect(text.trimEnd().split("\r\n").length).toBe(cycles.length + 1);
});

test("a full queue is refused with what fills it, and nothing is lost", async ({ page, request }) => {
  test.setTimeout(180_000);
  const jobs: string[] = [];
  await open(page, "/quality");
  for (;;) {
    const started = await request.post("/api/quality/evaluate", { data: {} });
    if (started.status() === 409) break;
    jobs.push((await started.json()).job_id);
  }
  await page.getByRole("button", { name: "지금 평가" }).click();
  await expect(page.getByRole("alert")).toContainText("작업 대기열이 가득 찼습니다");
  for (const job of jobs) await expect(page.getByText(job, { exact: true })).toBeVisible();
  for (const job of jobs.reverse()) await request.delete(`/api/training/jobs/${job}`);
  const active = async () => (await get(request, "/api/training/jobs?limit=20")).jobs.map(statusOf).filter(isActive);
  await expect.poll(active, { timeout: 60_000 }).toEqual([]);
});
const statusOf = (job: { status: string }) => job.status;
const isActive = (status: string) => status === "STARTED" || status === "RUNNING";

test("planner agreement counts what planners decided", async ({ page, request }) => {
  const before = await get(request, "/api/feedback/agreement?days=90"); // other tests decide too
  const answer = await request.post("/api/predict", { data: { item_codes: ["ITEM001"] } });
  const { predictions, model_version } = await answer.json();
  const proposed = proposalOf(predictions[0]);
  const decision = { item_code: "ITEM001", model_version, decision: "accepted", proposed, decided: proposed };
  expect((await request.post("/api/feedback", { data: decision })).status()).toBe(201);
  await open(page, "/quality");
  await expect(panel(page, "계획자 일치율")).toContainText(`수락 ${before.accepted + 1}건, 수정 ${before.edited}건`);
});

test("an installation without evaluation says what to do", async ({ page }) => {
  await page.route("**/api/quality/current", (route) =>
    route.fulfill({
      status: 404,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "urn:routing-ml:problem:no-evaluation", status: 404, detail: "-", request_id: "r" }),
    }),
  );
  await open(page, "/quality");
  await expect(page.getByText("아직 품질 평가가 없습니다")).toBeVisible();
  await expect(page.getByRole("button", { name: "지금 평가" })).toBeEnabled();
});

test("a cycle that does not exist is told so, and the newest is one click away", async ({ page }) => {
  await open(page, "/quality?cycle=cycle_20010101T000000_00000000");
  await expect(page.getByRole("alert")).toContainText("그런 평가가 없습니다");
  await page.getByRole("button", { name: "최신 평가 보기" }).click();
  await expect(page.getByRole("region", { name: "주요 지표" })).toBeVisible();
});

test("at 320 px nothing sticks out sideways", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, "/quality");
  await expect(
    page
      .getByRole("img", { name: /^MAE 추이/ })
      .locator("svg")
      .first(),
  ).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

/** The first candidate in the form in which a decision keeps it. */
function proposalOf(result: { candidates: { operations: Record<string, unknown>[] }[] }) {
  const fields = ["sequence", "operation_code", "operation_name", "work_centre", "in_house"];
  const minutes = ["setup_minutes", "run_minutes_per_unit"];
  return result.candidates[0]?.operations.map((operation) =>
    Object.fromEntries([...fields, ...minutes].map((name) => [name, operation[name]])),
  );
}
