import { expect, open, test } from "./fixtures";

test("six figures of the newest evaluation, as the API gives them", async ({ page, request }) => {
  const cycle = await (await request.get("/api/quality/current")).json();
  await open(page, "/", "en");
  const cards = page.getByRole("region", { name: "Quality of the predictions" }).getByRole("listitem");
  await expect(cards).toHaveCount(6);
  const mae = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 }).format(cycle.mae);
  await expect(cards.first()).toContainText(`${mae} min`);
  await expect(cards.first()).toContainText(/threshold not breached|Warning|Critical/);
  await expect(page.getByText(`Model ${cycle.model_version}`)).toBeVisible();
});

test("times are shown in the plant's zone", async ({ page }) => {
  await open(page, "/");
  await expect(page.getByText(/계산 \d{4}-\d\d-\d\d \d\d:\d\d GMT\+9/)).toBeVisible();
});

test("the champion, its age and the last job", async ({ page, request }) => {
  const { active_version } = await (await request.get("/api/models")).json();
  await open(page, "/");
  const champion = page.getByRole("region", { name: "챔피언 모델" });
  await expect(champion).toContainText(active_version);
  await expect(champion).toContainText(/전에 만들어짐/);
  await expect(page.getByRole("region", { name: "진행 중인 작업" })).toContainText("마지막: 품질 평가");
});

test("an installation without evaluation says what to run, and no figure is made up", async ({ page }) => {
  await page.route("**/api/quality/current", (route) =>
    route.fulfill({
      status: 404,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "urn:routing-ml:problem:no-evaluation",
        status: 404,
        detail: "none",
        request_id: "r",
      }),
    }),
  );
  await open(page, "/");
  await expect(page.getByText("아직 품질 평가가 없습니다")).toBeVisible();
  await expect(page.getByText("routing-ml evaluate")).toBeVisible();
  await expect(page.getByText("MAE", { exact: true })).toHaveCount(0);
});

test("a problem shows cause, remedy and request id, and trying again works", async ({ page }) => {
  let broken = true;
  await page.route("**/api/models", (route) =>
    broken
      ? route.fulfill({
          status: 409,
          contentType: "application/problem+json",
          body: JSON.stringify({
            type: "urn:routing-ml:problem:odd",
            status: 409,
            detail: "said so",
            request_id: "req-77",
          }),
        })
      : route.continue(),
  );
  await open(page, "/");
  const champion = page.getByRole("region", { name: "챔피언 모델" });
  await expect(champion.getByRole("alert")).toContainText("HTTP 409");
  await expect(champion.getByRole("alert")).toContainText("said so");
  await expect(champion.getByRole("alert")).toContainText("req-77");
  broken = false;
  await champion.getByRole("button", { name: "다시 시도" }).click();
  await expect(champion.getByRole("alert")).toHaveCount(0);
});

test("markup in what the server sends is text", async ({ page }) => {
  const hostile = "<img src=x onerror=alert(1)>";
  await page.route("**/health", (route) =>
    route.fulfill({
      json: {
        status: "degraded",
        version: "1",
        model_version: null,
        owns_jobs: true,
        time_zone: "Asia/Seoul",
        reasons: [{ part: "model", problem: hostile, command: "routing-ml train" }],
      },
    }),
  );
  await open(page, "/");
  await expect(page.getByRole("link", { name: /^서버 상태/ })).toHaveText("제한됨");
  await expect(page.getByText(hostile)).toBeVisible();
  await expect(page.getByText("routing-ml train")).toBeVisible();
});
