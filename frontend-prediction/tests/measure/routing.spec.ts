import { expect, type Page } from "@playwright/test";
import { scenario, test } from "./scenario";

/* One item whose routing is long (MEASURED_ITEM of a plant of 600 operations), or short to compare with. */

const item = process.env.MEASURED_ITEM ?? "FAB001";
const small = process.env.MEASURED_SMALL === "yes";
const operations = (page: Page) => page.getByRole("table", { name: "공정표" });
const setup = (page: Page) => page.getByLabel("1번째 공정: 준비", { exact: true });

test(`one routing, ${small ? "little" : "much"}`, async ({ page }) => {
  await page.goto(`/predict?items=${item}`);
  const list = page.getByRole("table", { name: "예측한 품목" });
  await expect(list.getByText(item)).toBeVisible();
  await scenario(page, "600 operations: open the item", small, async () => {
    await list.getByText(item).click();
    await expect(operations(page).getByRole("row").nth(2)).toBeVisible();
    await expect(page.getByRole("table", { name: "비슷한 품목과 작업지시" })).toBeVisible();
  });
  await scenario(page, "600 operations: scroll", small, async () => {
    await operations(page).hover();
    for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, 1500);
    for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, -3000);
  });
  await scenario(page, "600 operations: compare with the ERP, all rows, and flow chart", small, async () => {
    await page.getByRole("tab", { name: "비교" }).click();
    await page.getByLabel("같은 공정도 표시").check();
    await page.getByRole("tab", { name: "흐름도" }).click();
    await expect(page.locator(".react-flow__node").first()).toBeVisible();
  });
  await page.getByRole("tab", { name: "근거" }).click();
  await scenario(page, "600 operations: begin an edit", small, async () => {
    await page.getByRole("button", { name: "편집", exact: true }).click();
    await expect(setup(page)).toBeVisible();
  });
  await scenario(page, "600 operations: type into a cell, move its row, undo", small, async () => {
    await setup(page).click();
    await setup(page).press("End");
    await setup(page).pressSequentially("25");
    await page.keyboard.press("Alt+ArrowDown");
    await expect(page.getByLabel("2번째 공정: 준비", { exact: true })).toBeFocused();
    await page.keyboard.press("Control+KeyZ");
    await page.keyboard.press("Control+KeyZ");
    await expect(page.getByRole("button", { name: "되돌리기" })).toBeDisabled();
  });
});
