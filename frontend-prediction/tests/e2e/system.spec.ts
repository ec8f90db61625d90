import { readFileSync } from "node:fs";
import { expect, open, test } from "./fixtures";

test("server, database and queue are told apart", async ({ page }) => {
  await open(page, "/system");
  await expect(page.getByRole("region", { name: "API 서버" })).toContainText("정상");
  await expect(page.getByRole("region", { name: "API 서버" })).toContainText("Asia/Seoul");
  await expect(page.getByRole("region", { name: "공장 데이터베이스" })).toContainText("ksm");
  await expect(page.getByRole("region", { name: "작업 대기열" })).toContainText("이 서버가 실행");
});

test("a database that is away is one error among parts that work", async ({ page }) => {
  await page.route("**/api/db/health", (route) =>
    route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      body: JSON.stringify({
        type: "urn:routing-ml:problem:database-unavailable",
        status: 503,
        detail: "away",
        request_id: "r",
      }),
    }),
  );
  await open(page, "/system");
  await expect(page.getByRole("alert")).toContainText("공장 데이터베이스에 연결할 수 없습니다");
  await expect(page.getByRole("region", { name: "API 서버" })).toContainText("정상");
});

test("quarantined rows are sorted by a header, and the sorting is in the address", async ({ page, request }) => {
  const { quarantine } = await (await request.get("/api/data/quarantine")).json();
  const read = quarantine.map((row: { rows_read: number }) => row.rows_read);
  await open(page, "/system", "en");
  const table = page.getByRole("table", { name: "Quarantined rows" });
  const firstRead = table.getByRole("row").nth(1).getByRole("cell").nth(3);
  await table.getByRole("button", { name: "Read rows" }).click();
  await expect(page).toHaveURL("/system?sort=-read");
  await expect(firstRead).toHaveText(Math.max(...read).toLocaleString("en-GB"));
  await table.getByRole("button", { name: "Read rows" }).click();
  await page.reload();
  await expect(firstRead).toHaveText(Math.min(...read).toLocaleString("en-GB"));
  await expect(table.getByRole("columnheader", { name: "Read rows" })).toHaveAttribute("aria-sort", "ascending");
});

test("the CSV begins with a byte order mark and has a line per reason", async ({ page, request }) => {
  const { quarantine } = await (await request.get("/api/data/quarantine")).json();
  await open(page, "/system");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV 저장" }).click(),
  ]);
  const text = readFileSync(await download.path(), "utf8");
  expect(text.startsWith("\uFEFFsource_table,reason,")).toBe(true);
  expect(text.trim().split("\r\n")).toHaveLength(quarantine.length + 1);
});
