import { addresses, expect, open, settled, test } from "./fixtures";

const heading = { level: 1 } as const;

test("the navigation leads to each page, and Back returns", async ({ page }) => {
  await open(page, "/");
  await page.getByRole("navigation", { name: "주 메뉴" }).getByRole("link", { name: "시스템" }).click();
  await expect(page).toHaveURL("/system");
  await expect(page).toHaveTitle(/시스템/);
  await page.goBack();
  await expect(page.getByRole("heading", heading)).toHaveText("대시보드");
});

test("language and theme change at once and survive a reload", async ({ page }) => {
  await open(page, "/system");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", heading)).toHaveText("System");
  await page.getByRole("button", { name: "Switch to the dark theme" }).click();
  await page.reload();
  await settled(page);
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("in Korean no English sentence is left in the interface", async ({ page }) => {
  for (const path of addresses) {
    await open(page, path);
    const english = await page.evaluate(englishSentences);
    expect(english, path).toEqual([]);
  }
});

test("Ctrl+K finds a page by typing, also with the Korean input method's key names", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("Control+KeyK");
  const field = page.getByRole("combobox");
  await expect(field).toBeFocused();
  await field.fill("시스");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL("/system");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("g then h goes home; ? lists the keys, and single keys can be switched off there", async ({ page }) => {
  await open(page, "/system");
  await page.keyboard.press("KeyG");
  await page.keyboard.press("KeyH");
  await expect(page).toHaveURL("/");
  await page.keyboard.press("Shift+Slash");
  const dialog = page.getByRole("dialog", { name: "단축키" });
  await dialog.getByRole("switch").press("Space");
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await page.keyboard.press("KeyG");
  await page.keyboard.press("KeyY");
  await page.keyboard.press("Control+KeyK"); // answered after the keys before it
  await expect(page.getByRole("combobox")).toBeVisible();
  await expect(page).toHaveURL("/");
});

for (const [hash, path] of [
  ["quality-monitor", "/quality"],
  ["training-monitor", "/training"],
  ["training-settings", "/settings"],
  ["log-viewer", "/logs"],
] as const) {
  test(`the old address #/${hash} leads to ${path}`, async ({ page }) => {
    await page.goto(`/#/${hash}`);
    await expect(page).toHaveURL(path);
  });
}

test("an address without a page says so inside the frame", async ({ page }) => {
  await open(page, "/no/such/page");
  await expect(page.getByText("이 주소에는 화면이 없습니다")).toBeVisible();
  await page.getByRole("link", { name: "대시보드로 이동" }).click();
  await expect(page).toHaveURL("/");
});

test("the keyboard alone reaches the content past the navigation", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "본문으로 건너뛰기" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
});

test("at 320 px nothing sticks out sideways and the menu opens", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open(page, "/system");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.getByRole("button", { name: "메뉴 열기" }).click();
  await page.getByRole("link", { name: "대시보드", exact: true }).click();
  await expect(page).toHaveURL("/");
});

test("a server that dies is told in words, the data stays, and all recovers without a reload", async ({
  page,
  backend,
}) => {
  await open(page, "/");
  const dot = page.getByRole("link", { name: /^서버 상태/ });
  await expect(dot).toHaveText("정상");
  await backend.kill();
  await expect(dot).toHaveText("서버 응답 없음");
  await expect(page.getByText("MAE", { exact: true })).toBeVisible();
  await expect(page.getByText(/에 받은 내용을 표시하고 있습니다/).first()).toBeVisible();
  await backend.start();
  await expect(dot).toHaveText("정상", { timeout: 30_000 });
  await expect(page.getByText(/에 받은 내용을 표시하고 있습니다/)).toHaveCount(0);
});

/** Texts and names of three English words or more, outside what is marked as English, the plant's own words and technical names. */
function englishSentences(): string[] {
  const sentence = /[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}/;
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent ?? "";
    if (sentence.test(text) && !parent?.closest("[lang=en], [translate=no], code, style, script")) found.push(text);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    if (element.closest("[lang=en], [translate=no]")) continue;
    for (const name of ["aria-label", "title", "placeholder"]) {
      const text = element.getAttribute(name) ?? "";
      if (sentence.test(text)) found.push(text);
    }
  }
  return found;
}

test("a server that is slow to say the plant's zone takes away nothing that was begun", async ({ page }) => {
  await page.route("**/health", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue();
  });
  await open(page, "/predict");
  await page.getByRole("textbox", { name: "품목코드" }).evaluate((field) => field.setAttribute("data-begun", ""));
  await expect(page.getByRole("link", { name: "서버 상태: 정상" })).toBeVisible();
  await expect(page.locator("[data-begun]")).toBeVisible();
});
