import { expect, LANGUAGES, open, settled, THEMES, test, violations } from "./fixtures";
import { LONG, operations } from "./predict_page";

test.describe.configure(LONG);

test("an item that is not in the ERP: copied, changed, predicted, and compared with the copied one", async ({
  page,
}) => {
  await open(page, "/predict?mode=new");
  await page.getByRole("combobox", { name: "기존 품목에서 시작" }).fill("ITEM004");
  await page.getByRole("button", { name: "속성 복사" }).click();
  await expect(page.getByText("ITEM004의 속성을 복사했습니다")).toBeVisible();
  const outer = page.getByLabel("외경");
  await outer.fill("wide");
  await expect(page.getByText("수를 입력하세요.")).toBeVisible();
  await outer.fill("250");
  await page.getByRole("combobox", { name: "부품명" }).fill("GLAND");
  await expect(page.getByRole("option", { name: /GLAND-GENERAL/ })).toBeVisible();
  await page.getByRole("combobox", { name: "부품명" }).fill("DRIVE COLLAR");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/외경: .* → 250/)).toBeVisible();
  await expect(page.getByLabel("비교할 라우팅")).toHaveValue("copied");
  await expect(page.getByText(/비교한 라우팅 .*보다/)).toBeVisible();
  await page.reload();
  await expect(outer).toHaveValue("250");
  await expect(operations(page)).toBeVisible();
});

for (const language of LANGUAGES) {
  for (const theme of THEMES) {
    test(`an opened item, its editor, dialogs and the form have no axe violation (${language}, ${theme})`, async ({
      page,
    }) => {
      test.setTimeout(180_000);
      for (const tab of ["evidence", "compare", "flow", "history"]) {
        await open(page, `/predict?items=ITEM004,ITEM001,nope&item=ITEM004&tab=${tab}&against=2`, language, theme);
        await expect(page.locator("[data-total]")).toBeVisible();
        expect(await violations(page), tab).toEqual([]);
      }
      await page.getByRole("button", { name: language === "ko" ? "편집" : "Edit", exact: true }).click();
      expect(await violations(page), "editor").toEqual([]);
      await page.keyboard.press("Alt+Shift+KeyE");
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "export").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: language === "ko" ? "주의 기준" : "When to mark" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await violations(page), "limits").toEqual([]);
      await open(page, "/predict?mode=new", language, theme);
      expect(await violations(page), "form").toEqual([]);
    });
  }
}

test("at 320 px nothing sticks out sideways", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/predict", "/predict?items=ITEM004,nope&item=ITEM004", "/predict?mode=new"]) {
    await open(page, path);
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
  }
});
