import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, LANGUAGES, open, settled, THEMES, test, violations } from "./fixtures";

const CONFIG = fileURLToPath(new URL("../../.e2e/used/config/iter_training.yaml", import.meta.url));
const EXAMPLE = fileURLToPath(new URL("../../../config/iter_training.yaml.example", import.meta.url));
const URL_PATH = "/api/config/iter_training";

const onDisk = () => readFileSync(CONFIG, "utf8");
const bar = (page: Page) => page.getByRole("region", { name: "저장하지 않은 변경" });
const dialog = (page: Page) => page.getByRole("dialog");
const queueSize = (page: Page) => page.getByRole("textbox", { name: "대기열 크기" });
const maeLimit = (page: Page) => page.getByRole("textbox", { name: "평균 절대 오차(MAE) 상한" });
const newest = (page: Page) => page.getByRole("main").getByRole("listitem").first();
const textOf = (page: Page, view: "YAML" | "변경 기록" | "설정") => page.getByRole("tab", { name: view });

async function save(page: Page, reason = ""): Promise<void> {
  await bar(page).getByRole("button", { name: "검토하고 저장" }).click();
  await dialog(page).getByRole("textbox", { name: "이유" }).fill(reason);
  await dialog(page).getByRole("button", { name: "저장" }).click();
}

/* The installation is everybody's: each test begins with the example, and afterwards all is as it was before. */
const before = existsSync(CONFIG) ? onDisk() : null;
test.beforeEach(() => writeFileSync(CONFIG, `# 2공장 설정\n${readFileSync(EXAMPLE, "utf8")}`));
test.afterAll(() => (before === null ? rmSync(CONFIG, { force: true }) : writeFileSync(CONFIG, before)));

test("a change is reviewed, saved with its reason, and the file's comments stay", async ({ page }) => {
  await open(page, "/settings");
  const text = onDisk();
  await queueSize(page).fill("5");
  await maeLimit(page).fill("4.5");
  await expect(bar(page)).toContainText("저장하지 않은 변경 2개");
  await bar(page).getByRole("button", { name: "검토하고 저장" }).click();
  const row = (name: string) => dialog(page).getByRole("row").filter({ hasText: name });
  await expect(row("대기열 크기")).toContainText(/3 건.*5 건.*서버를 다시 시작하면 적용/);
  await expect(row("평균 절대 오차(MAE) 상한")).toContainText(/5 분.*4.5 분.*다음 작업부터 적용/);
  await dialog(page).getByRole("textbox", { name: "이유" }).fill("새 기계");
  await dialog(page).getByRole("button", { name: "저장" }).click();
  await expect(bar(page)).toHaveCount(0);
  expect(onDisk()).toBe(text.replace("max_size: 3", "max_size: 5").replace("mae_threshold: 5.0", "mae_threshold: 4.5"));
  await expect(page.getByRole("main")).toContainText("설정 1개는 서버를 다시 시작해야 적용됩니다");

  await textOf(page, "YAML").click();
  await expect(page.getByRole("region", { name: "설정 파일" }).last()).toContainText("# 2공장 설정");
  await textOf(page, "변경 기록").click();
  await expect(newest(page)).toContainText("새 기계");
  await expect(newest(page).getByRole("row").filter({ hasText: "대기열 크기" })).toContainText(/3 건.*5 건/);
});

test("a bad value is told at its field before it is sent, and the server refuses it too", async ({ page, request }) => {
  await open(page, "/settings");
  await queueSize(page).fill("101");
  await expect(page.getByText("허용 범위를 벗어났습니다: 1 이상, 100 이하")).toBeVisible();
  await expect(queueSize(page)).toHaveAttribute("aria-invalid", "true");
  await bar(page).getByRole("button", { name: "검토하고 저장" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(queueSize(page)).toBeFocused();
  await bar(page).getByRole("button", { name: "변경 취소" }).click();

  const cron = page.getByRole("textbox", { name: "갱신 시각" });
  await cron.fill("0 0 30 2 *"); // five good fields that never come due: only the server knows
  await save(page);
  await expect(page.getByText("a cron expression like")).toBeVisible();
  await expect(cron).toHaveAttribute("aria-invalid", "true");
  await cron.fill("30 2 * * *");
  await expect(bar(page)).toHaveCount(0);

  const { etag } = await (await request.get(URL_PATH)).json();
  const refused = await request.put(URL_PATH, {
    headers: { "If-Match": `"${etag}"` },
    data: { changes: { "queue.max_size": 101, "logging.file": "/etc/x" } },
  });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).errors).toHaveLength(2);
});

test("of two tabs the second is shown base, theirs and mine, and chooses", async ({ page, context }) => {
  await open(page, "/settings");
  const other = await context.newPage();
  await open(other, "/settings");
  await queueSize(page).fill("5");
  await page.getByRole("textbox", { name: "품질 평가 시각" }).fill("15 3 * * *");
  await queueSize(other).fill("7");
  await maeLimit(other).fill("6");

  await save(other);
  await expect(bar(other)).toHaveCount(0);
  await save(page);
  await expect(dialog(page)).toContainText("그 사이 설정이 바뀌었습니다");
  const choice = (name: string) => dialog(page).getByRole("radiogroup", { name });
  await expect(choice("대기열 크기")).toHaveAccessibleDescription("처음 값: 3 건");
  await expect(choice("대기열 크기")).toContainText(/파일의 값 사용: 7 건.*내 값 사용: 5 건/);
  await expect(choice("평균 절대 오차(MAE) 상한").getByRole("radio", { name: "파일의 값" })).toBeChecked();
  await expect(choice("품질 평가 시각").getByRole("radio", { name: "내 값" })).toBeChecked();
  const apply = dialog(page).getByRole("button", { name: "선택한 값으로 계속" });
  await expect(apply).toBeDisabled(); // nobody decides for the person what both have changed
  await choice("대기열 크기").getByRole("radio", { name: "내 값" }).check();
  await apply.click();

  await expect(bar(page)).toContainText("저장하지 않은 변경 2개");
  await save(page);
  await expect(bar(page)).toHaveCount(0);
  expect(onDisk()).toContain("max_size: 5 #");
  expect(onDisk()).toContain("mae_threshold: 6");
  expect(onDisk()).toContain('evaluation: "15 3 * * *" #');
  await other.close();
});

test("an edit of the file by hand is not overwritten", async ({ page }) => {
  await open(page, "/settings");
  await queueSize(page).fill("5");
  writeFileSync(CONFIG, onDisk().replace("# 2공장 설정", "# 2공장 설정, 야간에 수정"));
  await save(page);
  await expect(dialog(page)).toContainText("주석이나 형식만 바뀌었습니다");
  await dialog(page).getByRole("button", { name: "선택한 값으로 계속" }).click();
  await save(page);
  await expect(bar(page)).toHaveCount(0);
  expect(onDisk()).toContain("야간에 수정");
  expect(onDisk()).toContain("max_size: 5 #");
});

test("unsaved edits survive a reload and another language, and leaving warns", async ({ page }) => {
  await open(page, "/settings");
  await queueSize(page).fill("101");
  await page.reload();
  await settled(page);
  await expect(queueSize(page)).toHaveValue("101");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("textbox", { name: "Size of the queue" })).toHaveValue("101");
  await expect(page.getByText("Out of range: at least 1, at most 100")).toBeVisible();
  await page.getByRole("button", { name: "한국어" }).click();

  const link = page.getByRole("navigation", { name: "주 메뉴" }).getByRole("link", { name: "시스템" });
  await link.click();
  await expect(dialog(page)).toContainText("저장하지 않은 변경이 있습니다");
  await dialog(page).getByRole("button", { name: "그대로 두기" }).click();
  await expect(page).toHaveURL("/settings");
  await link.click();
  await dialog(page).getByRole("button", { name: "나가기" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("시스템");
  await page.goBack();
  await expect(queueSize(page)).toHaveValue("101");
  await bar(page).getByRole("button", { name: "변경 취소" }).click();
  await expect(queueSize(page)).toHaveValue("3");
});

test("an earlier change is taken back after its effect was shown", async ({ page, request }) => {
  await open(page, "/settings");
  await queueSize(page).fill("8");
  await save(page, "시험");
  await expect(bar(page)).toHaveCount(0);
  await textOf(page, "변경 기록").click();
  await newest(page).getByRole("button", { name: "되돌리기" }).click();
  await expect(dialog(page).getByRole("row").filter({ hasText: "대기열 크기" })).toContainText(/8 건.*3 건/);
  await dialog(page).getByRole("button", { name: "되돌리기" }).click();
  await expect(dialog(page)).toHaveCount(0);
  await expect(newest(page)).toContainText("변경을 되돌림");
  expect(onDisk()).toContain("max_size: 3 #");
  const { entries } = await (await request.get("/api/audit?action=config.restore&limit=1")).json();
  expect(entries[0].details.changes).toEqual([{ key: "queue.max_size", before: 8, after: 3 }]);
});

test("the default comes back by a button, and what only the file may change says why", async ({ page }) => {
  writeFileSync(CONFIG, onDisk().replace("max_size: 3", "max_size: 9"));
  await open(page, "/settings");
  await page.getByRole("button", { name: "대기열 크기: 기본값으로 되돌리기" }).click();
  await expect(queueSize(page)).toHaveValue("3");
  const file = page.getByRole("textbox", { name: "품질 로그 파일" });
  await expect(file).toHaveAttribute("readonly", "");
  await expect(file).toHaveAccessibleDescription(/서버의 설정 파일에서만 바꿀 수 있습니다: 서버의 경로이기 때문입니다/);
});

for (const language of LANGUAGES) {
  test(`every setting of the server has a field with a label of its own (${language})`, async ({ page, request }) => {
    const { json_schema } = await (await request.get(URL_PATH)).json();
    const sections = Object.values(json_schema.properties) as { properties: object }[];
    const count = sections.reduce((sum, section) => sum + Object.keys(section.properties).length, 0);
    await open(page, "/settings", language);
    await expect(page.locator("[data-path]:not([data-path] [data-path])")).toHaveCount(count);
    await expect(page.getByText(/^[a-z_]+\.[a-z_]+$/)).toHaveCount(0);
  });
}

test("g then s leads here, and so does the old address", async ({ page }) => {
  await open(page, "/system");
  await page.keyboard.press("KeyG");
  await page.keyboard.press("KeyS");
  await expect(page).toHaveURL("/settings");
  await page.goto("/system");
  await page.goto("/#/training-settings");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("설정");
});

test("by keyboard alone a setting is changed and saved", async ({ page }) => {
  await open(page, "/settings");
  await queueSize(page).focus();
  await page.keyboard.press("Control+KeyA");
  await page.keyboard.type("6");
  const review = bar(page).getByRole("button", { name: "검토하고 저장" });
  await review.focus();
  await page.keyboard.press("Enter");
  await expect(dialog(page).getByRole("textbox", { name: "이유" })).toBeFocused();
  await page.keyboard.type("keyboard");
  await page.keyboard.press("Enter");
  await expect(bar(page)).toHaveCount(0);
  expect(onDisk()).toContain("max_size: 6 #");
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`form with errors, dialogs, YAML and history have no axe violation (${language} ${theme})`, async ({
      page,
    }) => {
      const words = language === "ko" ? ["검토하고 저장", "변경 취소"] : ["Review and save", "Discard"];
      await open(page, "/settings", language, theme);
      const field = page.locator('input[data-path="queue.max_size"]');
      await field.fill("101");
      expect(await violations(page)).toEqual([]);
      await field.fill("4");
      await page.getByRole("button", { name: words[0] }).click();
      await expect(dialog(page).getByRole("textbox")).toBeFocused();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: words[1] }).click();
      for (const view of ["yaml", "history"]) {
        await page.goto(`/settings?view=${view}`);
        await settled(page);
        expect(await violations(page)).toEqual([]);
      }
    });
  }
}

test("at 320 px nothing sticks out sideways", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const view of ["form", "yaml", "history"]) {
    await open(page, `/settings?view=${view}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(320);
  }
});

test("with the server away the page says so and recovers by itself", async ({ page, backend }) => {
  await open(page, "/settings");
  await queueSize(page).fill("5");
  await backend.kill();
  await save(page);
  await expect(dialog(page).getByRole("alert")).toContainText("서버가 응답하지 않습니다");
  await backend.start();
  await dialog(page).getByRole("button", { name: "저장" }).click();
  await expect(bar(page)).toHaveCount(0);
  expect(onDisk()).toContain("max_size: 5 #");
});
