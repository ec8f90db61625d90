import type { APIRequestContext, Page } from "@playwright/test";

/* What the tests of the predict page find on it. */

export const list = (page: Page) => page.getByRole("table", { name: "예측한 품목" });
export const operations = (page: Page) => page.getByRole("table", { name: "공정표" });
export const total = (page: Page) => page.locator("[data-total]");
export const field = (page: Page) => page.getByRole("textbox", { name: "품목코드" });

/** The predictions that the server gives. */
export async function predict(request: APIRequestContext, codes: string[]) {
  const answer = await request.post("/api/predict", { data: { item_codes: codes, evidence: false } });
  return (await answer.json()).predictions;
}

/** Minutes as a table writes them. */
export const written = (minutes: number) =>
  new Intl.NumberFormat("ko-KR", { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(minutes);

/** Minutes as a single value is written, with at most one decimal. */
export const shortly = (minutes: number) =>
  new Intl.NumberFormat("ko-KR", { maximumFractionDigits: 1 }).format(minutes);

export interface Operation {
  lot_minutes: number;
  lot_range: { low: number; high: number };
}

/** For lists of 1,000 items on a busy machine. */
export const LONG = { timeout: 180_000 };
