import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { APIRequestContext } from "@playwright/test";
import { expect, LANGUAGES, open, settled, THEMES, test, violations } from "./fixtures";

const LONG = 180_000; // a real job on a busy machine
const MANIFEST = fileURLToPath(new URL("../../.e2e/used/models/manifest.json", import.meta.url));

const activeOnDisk = () => JSON.parse(readFileSync(MANIFEST, "utf8")).active_version as string;
const models = async (request: APIRequestContext) => (await request.get("/api/models")).json();

/** A refresh makes the second version, as it would at night. */
test.beforeEach(async ({ request }) => {
  test.setTimeout(LONG);
  if ((await models(request)).versions.length > 1) return;
  const { job_id } = await (await request.post("/api/training/refresh")).json();
  const status = async () => (await (await request.get(`/api/training/jobs/${job_id}/status`)).json()).status;
  await expect.poll(status, { timeout: LONG }).toBe("SUCCEEDED");
});

test("activating and rolling back change manifest, badge and table", async ({ page, request }) => {
  const { active_version: champion, previous_version: before } = await models(request);
  await open(page, `/models?version=${before}`);
  const table = page.getByRole("table", { name: "모델 버전" });
  const row = (version: string) => table.getByRole("row").filter({ hasText: version });
  await expect(row(champion)).toContainText("챔피언");

  await page.getByRole("button", { name: "챔피언으로 사용" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "챔피언으로 사용" });
  await dialog.getByRole("textbox", { name: "계속하려면" }).fill(before);
  await expect(confirm).toBeDisabled(); // a reason is needed too
  await dialog.getByRole("textbox", { name: /^이유/ }).fill("새 버전의 외주 공정을 확인할 때까지");
  await confirm.click();
  await expect(dialog).toHaveCount(0);
  expect(activeOnDisk()).toBe(before);
  await expect(page.getByTitle(`사용 중인 모델 ${before}`)).toBeVisible();
  await expect(row(before)).toContainText("챔피언");
  await expect(row(champion)).toContainText("이전 챔피언");

  await page.getByRole("button", { name: "이전 버전으로 롤백" }).click();
  await dialog.getByRole("textbox", { name: "계속하려면" }).fill(champion);
  await dialog.getByRole("textbox", { name: /^이유/ }).fill("확인이 끝남");
  await dialog.getByRole("button", { name: "이전 버전으로 롤백" }).click();
  await expect(dialog).toHaveCount(0);
  expect(activeOnDisk()).toBe(champion);
  await expect(page.getByTitle(`사용 중인 모델 ${champion}`)).toBeVisible();
  await expect(row(before)).toContainText("이전 챔피언");
  const { entries } = await (await request.get("/api/audit?limit=2")).json();
  expect(JSON.stringify(entries)).toContain("확인이 끝남");
});

test("a version's details are those of the API, and a reload keeps the comparison", async ({ page, request }) => {
  const { active_version: champion, previous_version: before } = await models(request);
  const { gate } = await (await request.get(`/api/models/${before}`)).json();
  await open(page, "/models");
  await page.getByRole("table", { name: "모델 버전" }).getByRole("row").filter({ hasText: before }).click();
  await expect(page).toHaveURL(new RegExp(`version=${before}`));
  const details = page.getByRole("region", { name: "버전 상세" });
  await expect(details).toContainText(gate.reason);
  await expect(details.getByRole("listitem")).toHaveCount(gate.checks.length);
  await expect(details.getByRole("table", { name: "부문별 시간 오차(MAE)" })).toHaveAttribute(
    "aria-rowcount",
    String(gate.segments.length + 1),
  );
  await page.getByRole("combobox", { name: "비교할 버전" }).selectOption(champion);
  await page.reload();
  await settled(page);
  const comparison = page.getByRole("region", { name: "두 버전 비교" }).first();
  await expect(comparison).toContainText("지표입니다");
  await expect(comparison.getByRole("columnheader", { name: champion })).toBeVisible();
});

test("a hold shows its reason and is released once that is confirmed", async ({ page, request }) => {
  const reason = "rolled back: times 7 % worse";
  const listed = await models(request);
  let hold: object | null = { held_at: "2026-11-30T02:00:00Z", version: listed.active_version, reason };
  await page.route("**/api/models", (route) => route.fulfill({ json: { ...listed, hold } }));
  await page.route("**/api/models/hold", (route) => {
    hold = null;
    return route.continue(); // the real answer
  });
  await open(page, "/models");
  const notice = page.getByRole("region", { name: "자동 승격 보류" });
  await expect(notice).toContainText(reason);
  await notice.getByRole("button", { name: "보류 해제" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "보류 해제" }).click();
  await expect(notice).toHaveCount(0);
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`comparison and dialog have no axe violation (${language} ${theme})`, async ({ page, request }) => {
      const { active_version: champion, previous_version: before } = await models(request);
      await open(page, `/models?version=${before}&compare=${champion}`, language, theme);
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: language === "ko" ? "챔피언으로 사용" : "Make it the champion" }).click();
      await expect(page.getByRole("dialog").getByRole("textbox").first()).toBeFocused();
      expect(await violations(page)).toEqual([]);
    });
  }
}

test("at 320 px nothing sticks out sideways", async ({ page, request }) => {
  const { active_version: champion, previous_version: before } = await models(request);
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, `/models?version=${before}&compare=${champion}`);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
