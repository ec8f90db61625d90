import { appendFileSync } from "node:fs";
import { test as base, type Page } from "@playwright/test";

/* One scenario: an action, how long until it shows what it must, and how long the page could not answer meanwhile. */

interface Watched {
  tasks: number[];
}

/** Keeps the lengths of the page's long tasks, those of its loading among them. */
export const test = base.extend({
  page: async ({ page }, use) => {
    await page.addInitScript(() => {
      const tasks: number[] = [];
      (window as unknown as Watched).tasks = tasks;
      const keep = (list: PerformanceObserverEntryList) => tasks.push(...list.getEntries().map((one) => one.duration));
      new PerformanceObserver(keep).observe({ type: "longtask", buffered: true });
      localStorage.setItem("routing-ml-language", "ko");
    });
    await use(page);
  },
});

export async function scenario(page: Page, name: string, small: boolean, act: () => Promise<void>): Promise<void> {
  await page.evaluate(() => {
    const watched = window as unknown as Partial<Watched>;
    if (watched.tasks) watched.tasks.length = 0;
  });
  const begun = Date.now();
  await act();
  const seconds = (Date.now() - begun) / 1000;
  const tasks = await page.evaluate(async () => {
    // What the last action set off is still being drawn: two frames later it has been.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    await new Promise((resolve) => setTimeout(resolve, 100)); // the observer tells of a task after it
    return (window as unknown as Watched).tasks;
  });
  const told = {
    name,
    small,
    seconds,
    longest_ms: Math.max(0, ...tasks),
    long_tasks: tasks.length,
    nodes: await page.evaluate(() => document.querySelectorAll("*").length),
  };
  if (process.env.MEASURED_FILE) appendFileSync(process.env.MEASURED_FILE, `${JSON.stringify(told)}\n`);
}
