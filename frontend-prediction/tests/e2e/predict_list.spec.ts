import { expect, open, test } from "./fixtures";
import { field, LONG, list, operations, predict, written } from "./predict_page";

test.describe.configure(LONG);

test.describe("input", () => {
  test("codes between tabs, line ends and commas are items once each, and zeros in front stay", async ({ page }) => {
    await open(page, "/predict");
    await field(page).fill("A\tB\nA, 한글-1");
    await expect(page.getByText("품목 3개")).toBeVisible();
    await expect(page.getByText("중복 1개를 제외했습니다.")).toBeVisible();
    await field(page).fill("00123\nITEM001");
    await page.keyboard.press("Control+Enter");
    await expect(list(page).getByRole("row")).toHaveCount(3);
    await expect(list(page).getByText("00123")).toBeVisible();
    await page.reload();
    await expect(list(page).getByText("00123")).toBeVisible();
  });

  test("the lot quantity changes the minutes", async ({ page, request }) => {
    const answer = await request.post("/api/predict", { data: { item_codes: ["ITEM001"], quantity: 250 } });
    const [expected] = (await answer.json()).predictions;
    await open(page, "/predict");
    await field(page).fill("ITEM001\nITEM002");
    await page.getByLabel("로트 수량").fill("0");
    await expect(page.getByText("0보다 큰 수를 입력하세요.")).toBeVisible();
    await expect(page.getByRole("button", { name: "예측", exact: true })).toBeDisabled();
    await page.getByLabel("로트 수량").fill("250");
    await page.getByRole("button", { name: "예측", exact: true }).click();
    await expect(page).toHaveURL(/qty=250/);
    await expect(list(page).getByRole("row").nth(1)).toContainText(written(expected.candidates[0].total_minutes));
  });

  test("a CSV of Korean Excel and a workbook of our own export are read by their column of codes", async ({
    page,
    request,
  }) => {
    await open(page, "/predict");
    const chooser = page.locator('input[type="file"]');
    const cp949 = Buffer.from([0xc7, 0xb0, 0xb8, 0xf1, 0xc4, 0xda, 0xb5, 0xe5]); // 품목코드
    const csv = Buffer.concat([Buffer.from("no,"), cp949, Buffer.from('\r\n1,00123\r\n2,"ITEM,7"\r\n3,00123\r\n')]);
    await chooser.setInputFiles({ name: "items.csv", mimeType: "text/csv", buffer: csv });
    await expect(field(page)).toHaveValue(/^00123\n/);
    await expect(page.getByText("‘품목코드’ 열을 읽었습니다")).toBeVisible();

    const operation = { sequence: 10, operation_code: "A", work_centre: "W", in_house: true };
    const routing = { operations: [{ ...operation, setup_minutes: 1, run_minutes_per_unit: 1 }] };
    const routings = ["00123", "한글-1"].map((code) => ({ item_code: code, ...routing }));
    const book = await request.post("/api/predict/export", { data: { format: "xlsx", routings } });
    await chooser.setInputFiles({ name: "items.xlsx", mimeType: "application/zip", buffer: await book.body() });
    await expect(field(page)).toHaveValue("00123\n한글-1");

    await chooser.setInputFiles({ name: "broken.xlsx", mimeType: "application/zip", buffer: Buffer.from("no zip") });
    await expect(page.getByText("통합 문서로 읽을 수 없습니다")).toBeVisible();
  });

  test("1,000 codes: a short address, few nodes, and all of it again after a reload and Back", async ({ page }) => {
    const codes = Array.from({ length: 1000 }, (_, index) => `ITEM${String(index + 1).padStart(3, "0")}`);
    await open(page, "/predict");
    await field(page).fill(codes.join("\n"));
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("1,000개 중 1,000개 표시")).toBeVisible({ timeout: 60_000 });
    expect(page.url().length).toBeLessThan(300);
    await list(page).getByText("ITEM003").click();
    await expect(operations(page)).toBeVisible();
    await expect(page.getByRole("table", { name: "비슷한 품목과 작업지시" })).toBeVisible();
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2000);
    await page.keyboard.press("BracketRight");
    await page.getByLabel("코드 찾기").fill("ITEM00");
    await expect(page.getByText("1,000개 중 9개 표시")).toBeVisible();

    await page.reload();
    await expect(page.getByText("1,000개 중 9개 표시")).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("heading", { name: "ITEM003" })).toBeVisible();
    await expect(page.getByRole("tab", { name: /^후보 2/ })).toHaveAttribute("aria-selected", "true");
    await page.goBack();
    await expect(operations(page)).toHaveCount(0);
    await expect(list(page)).toBeVisible();
  });

  test("a long list's address opened elsewhere says what to do", async ({ page }) => {
    await open(page, "/predict?list=unknown");
    await expect(page.getByText("이 주소의 품목 목록을 찾을 수 없습니다")).toBeVisible();
    await expect(field(page)).toBeVisible();
  });

  test("a part that fails leaves the others on the screen, and goes on where it stopped", async ({ page }) => {
    let isBroken = true;
    const asked: string[][] = [];
    await page.route("**/api/predict", async (route) => {
      const codes: string[] = route.request().postDataJSON().item_codes;
      asked.push(codes);
      if (!isBroken || codes[0] === "ITEM001") return route.continue();
      return route.fulfill({
        status: 409,
        contentType: "application/problem+json",
        body: JSON.stringify({ type: "urn:routing-ml:problem:odd", status: 409, detail: "no", request_id: "req-1" }),
      });
    });
    const codes = Array.from({ length: 260 }, (_, index) => `ITEM${String(index + 1).padStart(3, "0")}`);
    await open(page, "/predict");
    await field(page).fill(codes.join("\n"));
    await page.keyboard.press("Control+Enter");
    await expect(page.getByText("예측하는 중: 260개 중 250개")).toBeVisible();
    await expect(list(page).getByText("ITEM001")).toBeVisible();
    await expect(page.getByText(/HTTP 409/)).toBeVisible();
    isBroken = false;
    await page.getByRole("button", { name: "다시 시도" }).click();
    await expect(page.getByText("260개 중 260개 표시")).toBeVisible();
    expect(asked.filter((part) => part[0] === "ITEM001")).toHaveLength(1);
  });
});

test.describe("list", () => {
  test("markup as a code is text, and an unknown item is marked beside those that are answered", async ({ page }) => {
    await open(page, "/predict");
    await field(page).fill("ITEM001\n<img src=x onerror=alert(1)>");
    await page.keyboard.press("Control+Enter");
    const row = list(page).getByRole("row", { name: /<img src=x onerror=alert\(1\)>/ });
    await expect(row).toContainText("찾을 수 없음");
    await expect(row).toContainText("예측 없음");
    await page.getByLabel("주의", { exact: true }).selectOption({ label: "주의 없음" });
    await expect(list(page).getByRole("row")).toHaveCount(2);
    await expect(page).toHaveURL(/attention=calm/);
  });

  test("an item that disagrees with the ERP says by how much, from the planner's own limit on", async ({
    page,
    request,
  }) => {
    const [prediction] = await predict(request, ["ITEM004"]);
    const erp = await (await request.post("/api/items/routings", { data: { item_codes: ["ITEM004"] } })).json();
    const minutes = erp.items[0].routings[0].operations.reduce(
      (sum: number, one: { setup_minutes: number; run_minutes_per_unit: number }) =>
        sum + one.setup_minutes + one.run_minutes_per_unit * prediction.quantity,
      0,
    );
    const share = Math.abs(prediction.candidates[0].total_minutes / minutes - 1);
    await open(page, "/predict?items=ITEM004,ITEM001&item=ITEM004");
    await page.getByRole("button", { name: "주의 기준" }).click();
    await page.getByLabel("총 시간이 ERP 표준과").fill("1");
    await page.keyboard.press("Escape");
    const marks = page.getByRole("list", { name: "주의" });
    await expect(marks).toContainText(`ERP 표준보다 ${Math.round(100 * share)}%`);
    await page.reload();
    await expect(marks).toContainText("ERP 표준보다");
    await page.getByRole("button", { name: "주의 기준" }).click();
    await page.getByLabel("총 시간이 ERP 표준과").fill("1000");
    await expect(marks.getByText("ERP 표준보다")).toHaveCount(0);
  });

  test("rows are walked through and opened by keyboard", async ({ page }) => {
    await open(page, "/predict?items=ITEM001,ITEM002,ITEM003");
    await list(page).getByRole("row").nth(1).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "ITEM002" })).toBeVisible();
    await expect(page).toHaveURL(/item=ITEM002/);
  });
});
