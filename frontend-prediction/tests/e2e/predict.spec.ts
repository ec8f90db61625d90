import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import type { APIRequestContext, Page } from "@playwright/test";
import { expect, LANGUAGES, open, settled, THEMES, test } from "./fixtures";

const list = (page: Page) => page.getByRole("table", { name: "예측한 품목" });
const operations = (page: Page) => page.getByRole("table", { name: "공정표" });
const total = (page: Page) => page.locator("[data-total]");
const field = (page: Page) => page.getByRole("textbox", { name: "품목코드" });

async function predict(request: APIRequestContext, codes: string[]) {
  const answer = await request.post("/api/predict", { data: { item_codes: codes, evidence: false } });
  return (await answer.json()).predictions;
}

const written = (minutes: number) =>
  new Intl.NumberFormat("ko-KR", { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(minutes);

/** As a single value is written, with at most one decimal. */
const shortly = (minutes: number) => new Intl.NumberFormat("ko-KR", { maximumFractionDigits: 1 }).format(minutes);

interface Operation {
  lot_minutes: number;
  lot_range: { low: number; high: number };
}

test.describe.configure({ timeout: 180_000 }); // lists of 1,000 items on a busy machine

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
    await expect.poll(async () => Number(await total(page).textContent()) - before).toBeCloseTo(100, 0);
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
    await expect.poll(async () => Number(await total(page).textContent()) - before).toBeCloseTo(100, 0);

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
    await expect(header).toContainText(`총 시간 ${shortly(candidate.total_minutes - first.lot_minutes)}분`);
    const { correlation, low_factor, high_factor } = candidate.total_spread;
    const deviation = (end: "low" | "high") => {
      const reach = candidate.operations
        .slice(1)
        .map((one: Operation) => Math.abs(one.lot_minutes - one.lot_range[end]));
      const sum = reach.reduce((one: number, other: number) => one + other, 0);
      const squares = reach.reduce((one: number, other: number) => one + other ** 2, 0);
      return Math.sqrt((1 - correlation) * squares + correlation * sum ** 2);
    };
    const left = candidate.total_minutes - first.lot_minutes;
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

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]).analyze();
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join("\n")}`);
}
