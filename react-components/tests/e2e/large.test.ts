/** 10,000 tasks: opened, scrolled, selected, searched, groups opened, and never a page that stands still. */
import { writeFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, ltg, scratch, serve, slowness, stopAll, watch, type Scratch } from "./support";
import { large } from "./traces";

const STILL = 2000; // milliseconds, on a machine that has nothing else to do; the benchmark tells how long it really is

let at: Scratch;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  writeFileSync(at.trace, large());
  browser = await launch();
  const server = await serve(at, "trace.json");
  page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  wrong = watch(page, server.origin);
  await page.addInitScript(() => {
    const found: number[] = ((window as unknown as { still: number[] }).still = []);
    new PerformanceObserver((list) => found.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask", buffered: true });
  });
  await page.goto(server.url);
});
afterAll(async () => {
  await browser?.close();
  stopAll();
  at.remove();
});

async function moved(what: string) {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30))));
  const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { still: number[] }).still.splice(0)));
  console.log(`${what}: ${Math.round(longest)} ms`);
  expect(longest, what).toBeLessThan(longest < STILL ? STILL : STILL * (await slowness(page)));
}

const heading = (name: string) => page.getByRole("article").getByRole("heading", { name, exact: false }).waitFor();

test("the trace is whole", () => {
  expect(ltg(at, "check", "trace.json").code).toBe(0);
});

test("it opens, with tree and graph", async () => {
  await page.getByRole("treeitem", { name: /main/ }).first().waitFor();
  await page.locator(".ltg-node").first().waitFor();
  expect(await page.locator(".ltg-counts").innerText()).toContain("10,001");
  await moved("open");
});

test("the tree is opened, scrolled to its end, and only the rows in sight exist", async () => {
  const tree = page.getByRole("tree");
  await tree.press("End");
  await page.getByRole("treeitem", { name: /chapter\[c99\]/ }).waitFor();
  await tree.press("ArrowRight");
  await tree.press("End");
  await heading("main/chapter[c99]/draft[98]");
  await moved("scroll");
  expect(await page.getByRole("treeitem").count()).toBeLessThan(120);
});

test("tasks one after the other are selected", async () => {
  const tree = page.getByRole("tree");
  for (let i = 0; i < 20; i++) await tree.press("ArrowUp");
  await heading("main/chapter[c99]/draft[78]");
  await moved("select");
});

test("a search finds the one among them", async () => {
  await page.getByRole("searchbox", { name: "find tasks" }).fill("c57]/draft[31]");
  await page.getByRole("treeitem", { name: /draft\[31\]/ }).click();
  await heading("main/chapter[c57]/draft[31]");
  await moved("search");
  await page.getByRole("searchbox", { name: "find tasks" }).fill("");
  await page.getByRole("searchbox", { name: /find in the graph/ }).fill("draft[5]");
  await page.getByText("100 found").waitFor();
  await page.keyboard.press("Enter");
  await heading("draft[5]");
  await moved("search in the graph");
});

test("groups of the graph are opened, and the task in one is brought into sight", async () => {
  for (const chapter of [3, 40, 77]) {
    await page.evaluate((task) => (location.hash = `#task=${encodeURIComponent(task)}`), `main/chapter[c${chapter}]/draft[50]`);
    await page.locator(".ltg-node-selected", { hasText: "draft[50]" }).waitFor();
    await moved(`group ${chapter}`);
  }
  expect(wrong).toEqual([]);
});

test("the other views open", async () => {
  for (const [tab, role] of [["Timeline", "when tasks ran"], [/Runs/, "runs"]] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByRole("list", { name: role }).waitFor();
    await moved(role);
  }
});
