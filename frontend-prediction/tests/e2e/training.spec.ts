import type { APIRequestContext, Page } from "@playwright/test";
import { expect, open, settled, test, violations } from "./fixtures";

const LONG = 180_000; // a real job on a busy machine

async function statusOf(request: APIRequestContext, jobId: string) {
  return (await request.get(`/api/training/jobs/${jobId}/status`)).json();
}

/** The id in the address of a job's page. */
async function openJob(page: Page): Promise<string> {
  await expect(page).toHaveURL(/\/training\/job_/);
  return new URL(page.url()).pathname.split("/").at(-1) as string;
}

async function startFromDialog(page: Page, kind: string): Promise<string> {
  await open(page, "/training");
  await page.getByRole("button", { name: "작업 시작" }).click();
  const dialog = page.getByRole("dialog", { name: "작업 시작" });
  await dialog.getByRole("radio", { name: kind }).check();
  await dialog.getByRole("button", { name: "시작", exact: true }).click();
  return openJob(page);
}

const log = (page: Page) => page.getByRole("log");
const progress = (page: Page) => page.getByRole("progressbar", { name: "작업 진행률" });

test.afterEach(async ({ request }) => {
  const { jobs } = await (await request.get("/api/training/jobs?limit=50")).json();
  for (const job of jobs) {
    if (["STARTED", "RUNNING"].includes(job.status)) await request.delete(`/api/training/jobs/${job.job_id}`);
  }
  for (const job of jobs) {
    await expect.poll(async () => (await statusOf(request, job.job_id)).status).not.toMatch(/STARTED|RUNNING/);
  }
});

test("a job's progress rises and a reload keeps the log; cancelled it ends as CANCELLED", async ({ page, request }) => {
  test.setTimeout(LONG);
  const jobId = await startFromDialog(page, "학습");
  await expect(log(page)).toContainText("set aside", { timeout: LONG });
  const before = Number(await progress(page).getAttribute("aria-valuenow"));
  await expect
    .poll(async () => Number(await progress(page).getAttribute("aria-valuenow")), { timeout: LONG })
    .toBeGreaterThan(before);

  const first = await log(page).locator("[data-index='0']").textContent();
  await page.reload();
  await settled(page);
  await expect(log(page).locator("[data-index='0']")).toHaveText(first as string);
  await expect(page.getByText(first as string, { exact: true })).toHaveCount(1);

  await page.getByRole("button", { name: /^학습 작업 취소/ }).click();
  const dialog = page.getByRole("dialog", { name: "학습 작업을 취소할까요?" });
  await dialog.getByRole("button", { name: "작업 취소" }).click();
  await expect(page.getByRole("region", { name: "결과" })).toContainText("취소됨");
  expect((await statusOf(request, jobId)).status).toBe("CANCELLED");
  await expect(log(page)).toContainText(first as string);
});

test("an evaluation is followed to its end, and run again with the same parameters", async ({ page, request }) => {
  test.setTimeout(LONG);
  await open(page, "/training");
  await page.getByRole("button", { name: "작업 시작" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "품질 평가" }).check();
  await dialog.getByRole("textbox", { name: "평가할 품목 수" }).fill("0");
  await expect(dialog.getByRole("button", { name: "시작", exact: true })).toBeDisabled();
  await dialog.getByRole("textbox", { name: "평가할 품목 수" }).fill("30");
  await dialog.getByRole("textbox", { name: "난수 시드" }).fill("7");
  await dialog.getByRole("button", { name: "시작", exact: true }).click();
  const first = await openJob(page);
  const result = page.getByRole("region", { name: "결과" });
  await expect(result).toContainText("완료", { timeout: LONG });
  const lines = await (await request.get(`/api/training/jobs/${first}/events`)).text();
  const told = [...lines.matchAll(/^event: log$/gm)].length;
  if (told > 0) await expect(log(page).locator(`[data-index='${told - 1}']`)).toBeVisible();

  await page.getByRole("button", { name: "같은 조건으로 다시 실행" }).click();
  await expect(dialog.getByRole("textbox", { name: "난수 시드" })).toHaveValue("7");
  await dialog.getByRole("button", { name: "시작", exact: true }).click();
  await expect(page).not.toHaveURL(new RegExp(first));
  const again = await openJob(page);
  expect((await statusOf(request, again)).parameters).toEqual((await statusOf(request, first)).parameters);
});

test("a full queue is refused with the jobs that fill it", async ({ page, request }) => {
  const ids: string[] = [];
  for (;;) {
    const started = await request.post("/api/training/start", { data: {} });
    if (started.status() === 409) break;
    ids.push((await started.json()).job_id);
  }
  await open(page, "/training");
  await expect(page.getByRole("region", { name: "대기열" }).getByRole("listitem")).toHaveCount(ids.length - 1);
  await page.getByRole("button", { name: "작업 시작" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "시작", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("작업 대기열이 가득 찼습니다");
  for (const id of ids) await expect(dialog.getByRole("link", { name: id })).toBeVisible();
});

test("seven tabs that show a running job all load, and the log is in each", async ({ page, context, request }) => {
  test.setTimeout(LONG);
  const jobId = (await (await request.post("/api/training/start", { data: {} })).json()).job_id;
  await open(page, `/training/${jobId}`);
  await expect(log(page)).toContainText("set aside", { timeout: LONG });
  for (let tab = 0; tab < 6; tab += 1) {
    const other = await context.newPage();
    await open(other, `/training/${jobId}`);
    await expect(log(other)).toContainText("set aside");
  }
});

test("a cut stream falls back to asking, loses no line and repeats none", async ({ page, request }) => {
  test.setTimeout(LONG);
  const jobId = (await (await request.post("/api/training/start", { data: {} })).json()).job_id;
  let cut = true;
  await page.route("**/events", (route) => (cut ? route.fulfill({ status: 503 }) : route.continue()));
  await open(page, `/training/${jobId}`);
  await expect.poll(async () => (await statusOf(request, jobId)).progress, { timeout: LONG }).toBeGreaterThan(0);
  await expect
    .poll(async () => Number(await progress(page).getAttribute("aria-valuenow")), { timeout: LONG })
    .toBeGreaterThan(0);
  cut = false;
  await expect(log(page)).toContainText("set aside", { timeout: LONG });
  await request.delete(`/api/training/jobs/${jobId}`);
  await expect(page.getByRole("region", { name: "결과" })).toContainText("취소됨");
  const stream = await (await request.get(`/api/training/jobs/${jobId}/events`)).text();
  const sent = [...stream.matchAll(/^data: (\{"line".*)$/gm)].map((match) => JSON.parse(match[1] as string).line);
  await log(page)
    .locator("..")
    .evaluate((scroller) => scroller.scrollTo(0, 0));
  const shown = await log(page).locator("[data-index]").allTextContents();
  expect(shown).toEqual(sent.slice(0, shown.length));
  expect(shown.length).toBeGreaterThan(0);
});

test("the history's filters are in the address and Back undoes them", async ({ page }) => {
  await open(page, "/training");
  const table = page.getByRole("table", { name: "작업 이력" });
  await expect(table.getByRole("row").filter({ hasText: "학습" }).first()).toBeVisible();
  await page.getByRole("combobox", { name: "종류로 거르기" }).selectOption({ label: "품질 평가" });
  await expect(page).toHaveURL(/kind=evaluation/);
  await page.getByRole("combobox", { name: "상태로 거르기" }).selectOption({ label: "완료" });
  await page.reload();
  await settled(page);
  await expect(table.getByRole("row").filter({ hasText: "완료" }).first()).toBeVisible();
  await expect(table.getByRole("row").filter({ hasText: "승격" })).toHaveCount(0);
  await page.goBack();
  await expect(page).not.toHaveURL(/status=/);
});

test("a training's page tells the gate's verdict, its reasons and figures", async ({ page, request }) => {
  const { jobs } = await (await request.get("/api/training/jobs?kind=training&limit=50")).json();
  const done = jobs.find((job: { status: string }) => job.status === "SUCCEEDED");
  await open(page, `/training/${done.job_id}`);
  const result = page.getByRole("region", { name: "결과" });
  await expect(result).toContainText("게이트 통과");
  await expect(result).toContainText(done.result.reason);
  await expect(result.getByRole("list", { name: "게이트 점검 항목" }).getByRole("listitem")).toHaveCount(
    done.result.checks.length,
  );
  const toEnd = page.getByRole("button", { name: "맨 아래로" });
  await expect(log(page)).toContainText(done.result.reason); // the end of the log is in view
  await expect(toEnd).toHaveCount(0);
  await page.getByRole("region", { name: "작업 로그" }).last().press("Home");
  await toEnd.click();
  await expect(log(page)).toContainText(done.result.reason);
  await expect(toEnd).toHaveCount(0);
  await result.getByRole("link", { name: /모델 버전 보기/ }).click();
  await expect(page).toHaveURL(new RegExp(`/models\\?version=${done.result.version}`));
});

for (const language of ["ko", "en"] as const) {
  for (const theme of ["light", "dark"] as const) {
    test(`a job's page and the start dialog have no axe violation (${language} ${theme})`, async ({
      page,
      request,
    }) => {
      const { jobs } = await (await request.get("/api/training/jobs?kind=training&limit=50")).json();
      const done = jobs.find((job: { status: string }) => job.status === "SUCCEEDED");
      await open(page, `/training/${done.job_id}`, language, theme);
      await expect(page.getByRole("log")).toBeVisible();
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: language === "ko" ? "같은 조건으로 다시 실행" : "Run again" }).click();
      await expect(page.getByRole("dialog").getByRole("radio").first()).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });
  }
}
