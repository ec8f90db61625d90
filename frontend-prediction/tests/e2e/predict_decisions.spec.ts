import { readFileSync } from "node:fs";
import { expect, open, test } from "./fixtures";
import { LONG, list } from "./predict_page";

test.describe.configure(LONG);

test.describe("decisions", () => {
  test("accepting as proposed is kept with name and note, and seen in list and history", async ({ page, request }) => {
    await open(page, "/predict?items=ITEM007,ITEM001&item=ITEM007&tab=history");
    await page.getByLabel("계획자").fill("김계획");
    await page.getByLabel("메모").fill("확인함");
    await page.getByRole("button", { name: "제안대로 승인" }).click();
    await expect(page.getByText("ITEM007: 제안대로 승인했습니다.")).toBeVisible();
    await expect(page.getByRole("tabpanel", { name: "결정 이력" })).toContainText("확인함");
    await expect(list(page).getByRole("img", { name: "승인" })).toBeVisible();
    const { feedback } = await (await request.get("/api/feedback?item_code=ITEM007")).json();
    expect(feedback[0]).toMatchObject({ decision: "accepted", planner: "김계획", note: "확인함", changes: [] });
    await page.reload();
    await expect(page.getByLabel("계획자")).toHaveValue("김계획");
    await page.getByLabel("결정", { exact: true }).selectOption({ label: "결정 전" });
    await expect(list(page).getByText("ITEM007")).toHaveCount(0);
  });

  test("an edited routing is kept as edited, with what was changed", async ({ page, request }) => {
    await open(page, "/predict?items=ITEM008,ITEM001&item=ITEM008&tab=history");
    await page.getByRole("button", { name: "편집", exact: true }).click();
    await page.getByLabel("1번째 공정: 작업장").fill("W9999");
    await page.getByRole("button", { name: "수정한 라우팅 승인" }).click();
    await expect(page.getByRole("tabpanel", { name: "결정 이력" })).toContainText("→ W9999");
    const { feedback } = await (await request.get("/api/feedback?item_code=ITEM008")).json();
    expect(feedback[0].decision).toBe("edited");
    expect(feedback[0].changes).toHaveLength(1);
  });
});

test.describe("export", () => {
  test("a CSV has a byte order mark, neutralised formulas and the edited routing", async ({ page }) => {
    await open(page, "/predict?items=ITEM009,ITEM001,nope&item=ITEM009");
    await page.getByRole("button", { name: "편집", exact: true }).click();
    await page.getByLabel("1번째 공정: 공정명").fill("=1+1");
    await page.getByLabel("2번째 공정: 공정명").fill("-3");
    await page.keyboard.press("Alt+Shift+KeyE");
    const dialog = page.getByRole("dialog", { name: "내보내기" });
    await dialog.getByLabel("목록에 표시한 3개 품목").check();
    await expect(dialog).toContainText("라우팅 2개를 내보냅니다. 그중 1개는 편집본입니다.");
    await expect(dialog).toContainText("1개 품목은 제외합니다");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "CSV 저장" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^routings_\d{8}\.csv$/);
    const text = readFileSync(await download.path(), "utf8");
    expect(text.startsWith("\uFEFFITEM_CODE,")).toBe(true);
    expect(text).toContain(",'=1+1,");
    expect(text).toContain(",-3,");
    expect(text).toContain("ITEM001,01,");
    const [workbook] = await Promise.all([
      page.waitForEvent("download"),
      dialog.getByRole("button", { name: "XLSX 저장" }).click(),
    ]);
    expect(
      readFileSync(await workbook.path())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
  });

  test("the clipboard gets a table with tabs", async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await open(page, "/predict?items=ITEM001,ITEM002");
    await expect(list(page).getByText("ITEM002")).toBeVisible();
    await page.keyboard.press("Alt+Shift+KeyE");
    await page.getByRole("button", { name: "표로 복사" }).click();
    await expect(page.getByText("복사했습니다. Excel에 붙여넣으세요.")).toBeVisible();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toMatch(/^품목코드\t순번\t공정\t/);
    expect(copied).toMatch(/\nITEM002\t10\t/);
  });
});
