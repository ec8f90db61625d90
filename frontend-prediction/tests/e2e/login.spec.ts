import type { Page } from "@playwright/test";
import { expect, LANGUAGES, open, settled, THEMES, test, violations } from "./fixtures";
import { addUser, removeCredentials, useLocalTrust } from "./installation";

const PASSWORD = "correct horse battery";

/* The same server once it has users, and trusts nobody for being local. */
test.beforeAll(async ({ backend }) => {
  await backend.kill();
  useLocalTrust("off");
  addUser("boss", "admin", PASSWORD);
  addUser("kim", "planner", PASSWORD);
  addUser("lee", "viewer", PASSWORD);
  await backend.start();
});

test.afterAll(async ({ backend }) => {
  await backend.kill();
  removeCredentials();
  await backend.start();
});

async function logIn(page: Page, user: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("사용자", { exact: true }).fill(user);
  await page.getByLabel("비밀번호", { exact: true }).fill(password);
  await page.keyboard.press("Enter");
}

test("whoever is not known logs in and comes to the address that they asked for", async ({ page }) => {
  await open(page, "/logs?source=quality");
  await expect(page).toHaveURL(/\/login\?from=/);
  await logIn(page, "boss", "wrong password");
  await expect(page.getByRole("alert")).toContainText("사용자 또는 비밀번호가 맞지 않습니다");
  await logIn(page, "boss");
  await expect(page).toHaveURL("/logs?source=quality");
  await expect(page.getByRole("button", { name: "내 계정: boss, 관리자" })).toBeVisible();
});

test("a session that is over leads to the login and back, and what was typed is still there", async ({ page }) => {
  await open(page, "/predict");
  await logIn(page, "kim");
  await expect(page).toHaveURL("/predict");
  const codes = page.getByRole("textbox", { name: /품목코드/ });
  await codes.fill("A-1\n한글-2");
  await page.context().clearCookies();
  await page.getByRole("link", { name: "모델", exact: true }).click();
  await expect(page).toHaveURL("/login?from=%2Fmodels");
  await page.goBack();
  await expect(page).toHaveURL(/\/login\?from=%2Fpredict/);
  await logIn(page, "kim");
  await expect(page).toHaveURL("/predict");
  await expect(codes).toHaveValue("A-1\n한글-2");
});

test("a planner predicts with the session's token, and sees what an operator could do", async ({ page }) => {
  await open(page, "/training");
  await logIn(page, "kim");
  await expect(page).toHaveURL("/training");
  const start = page.getByRole("button", { name: "작업 시작" });
  await expect(start).toHaveAttribute("aria-disabled", "true");
  await expect(start).toHaveAccessibleDescription("운영자 권한이 필요합니다. 현재 권한은 계획자입니다.");
  await start.focus();
  await expect(page.getByRole("tooltip")).toContainText("운영자 권한이 필요합니다");
  await start.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await violations(page)).toEqual([]);

  await page.goto("/predict");
  await page.getByRole("textbox", { name: /품목코드/ }).fill("NO-SUCH-ITEM");
  const answered = page.waitForResponse("**/api/predict");
  await page.keyboard.press("Control+Enter");
  expect((await answered).status()).toBe(200);
  await page.reload(); // predicts at once, before anybody else has asked who one is
  await settled(page);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("a page that a role may not see names the role that it needs", async ({ page }) => {
  await open(page, "/logs");
  await logIn(page, "lee");
  await expect(page.getByRole("alert")).toContainText("운영자 권한이 필요합니다");
});

test("a password is changed and the user logs out", async ({ page }) => {
  await open(page, "/system");
  await logIn(page, "lee");
  await page.getByRole("button", { name: /^내 계정/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "비밀번호 변경" }).click();
  await dialog.getByLabel("현재 비밀번호").fill(PASSWORD);
  await dialog.getByLabel("새 비밀번호", { exact: true }).fill("another long password");
  await dialog.getByLabel("새 비밀번호 확인").fill("another long passwort");
  await expect(dialog.getByText("두 비밀번호가 다릅니다")).toBeVisible();
  await dialog.getByLabel("새 비밀번호 확인").fill("another long password");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.getByText("비밀번호를 변경했습니다", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: /^내 계정/ }).click();
  await dialog.getByRole("button", { name: "로그아웃" }).click();
  await expect(page).toHaveURL("/login");
  await logIn(page, "lee", PASSWORD);
  await expect(page.getByRole("alert", { name: "사용자 또는 비밀번호가 맞지 않습니다" })).toBeVisible();
  await logIn(page, "lee", "another long password");
  await expect(page).toHaveURL("/");
});

test("logging out removes what was typed in the tab, after a warning where that took work", async ({ page }) => {
  const kept = () => page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  const dialog = page.getByRole("dialog");
  const logOut = async () => {
    await page.getByRole("button", { name: /^내 계정/ }).click();
    await dialog.getByRole("button", { name: "로그아웃", exact: true }).click();
  };
  await open(page, "/predict?items=ITEM005,ITEM001&item=ITEM005");
  await logIn(page, "boss");
  await page.getByRole("button", { name: "편집", exact: true }).click();
  const setup = page.getByLabel("1번째 공정: 준비", { exact: true });
  await setup.fill("1234");
  await logOut();
  await expect(dialog.getByRole("alert")).toContainText("편집한 라우팅");
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "그대로 두기" }).click();
  await expect(setup).toHaveValue("1234");

  await page.goto("/settings");
  await page.getByRole("textbox").first().fill("7");
  expect(await kept()).toContain("settings-draft");
  await logOut();
  await dialog.getByRole("button", { name: "지우고 로그아웃" }).click();
  await expect(page).toHaveURL("/login");
  expect(await kept()).not.toMatch(/1234|predict-edits|settings-draft/);
  await logIn(page, "boss");
  await expect(page).toHaveURL("/");
  await page.goto("/predict");
  await page.getByRole("textbox", { name: /품목코드/ }).fill("TYPED-1");
  expect(await kept()).toContain("TYPED-1");
  await logOut(); // codes are soon typed again
  await expect(page).toHaveURL("/login");
  expect(await kept()).not.toContain("TYPED-1");
});

test("an admin adds a user and a key, which is shown once, and the last admin stays", async ({ page }) => {
  await open(page, "/users");
  await logIn(page, "boss");
  await page.getByRole("button", { name: "사용자 추가" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("이름").fill("Park");
  await dialog.getByLabel("비밀번호").fill(PASSWORD);
  await dialog.getByLabel("권한").selectOption("operator");
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "사용자 추가" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByLabel("park의 권한")).toHaveValue("operator");
  await page.getByLabel("park의 권한").selectOption("planner");
  await page.getByRole("button", { name: "park 사용 중지" }).click();
  await expect(page.getByRole("button", { name: "park 다시 사용" })).toBeVisible();
  await page.getByRole("button", { name: "boss 사용 중지" }).click();
  await expect(page.getByRole("alert")).toContainText("다른 관리자가 없습니다");
  await page.getByRole("button", { name: "boss 삭제" }).click();
  await dialog.getByRole("button", { name: "삭제", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("다른 관리자가 없습니다");
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "그대로 두기" }).click();
  await page.getByRole("button", { name: "park 삭제" }).click();
  await dialog.getByRole("button", { name: "삭제", exact: true }).click();
  await expect(page.getByLabel("park의 권한")).toHaveCount(0);

  await page.getByRole("button", { name: "키 만들기" }).click();
  await dialog.getByLabel("이름").fill("erp");
  await dialog.getByRole("button", { name: "키 만들기" }).click();
  await expect(dialog.getByText(/^rml_/)).toBeVisible();
  await page.keyboard.press("Escape"); // by accident the key is not lost
  await expect(dialog.getByText(/^rml_/)).toBeVisible();
  await dialog.getByRole("button", { name: "닫기" }).click();
  await expect(page.getByText(/^rml_/)).toHaveCount(0);
  await page.getByRole("button", { name: "erp 키 폐기" }).click();
  await dialog.getByRole("button", { name: "폐기", exact: true }).click();
  await expect(page.getByRole("button", { name: "erp 키 폐기" })).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
});

test("an admin gives a new password to who has forgotten theirs", async ({ page, browser }) => {
  await open(page, "/users");
  await logIn(page, "boss");
  await page.getByRole("button", { name: "kim의 새 비밀번호" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("비밀번호", { exact: true }).fill("a third long password");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page.getByText("kim의 비밀번호를 변경했습니다")).toBeVisible();

  const other = await (await browser.newContext()).newPage();
  await open(other, "/login");
  await logIn(other, "kim", PASSWORD);
  await expect(other.getByRole("alert")).toBeVisible();
  await logIn(other, "kim", "a third long password");
  await expect(other).toHaveURL("/");
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`the login has no axe violation: ${language} ${theme}`, async ({ page }) => {
      await open(page, "/login", language, theme);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
      expect(await violations(page)).toEqual([]);
    });
  }
}
