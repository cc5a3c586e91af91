/** Text is found in what tasks said, by keys alone, with a server and from disk; the page never stands still for it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, ltg, recorded, scratch, serve, slowness, stopAll, watch, type Scratch } from "./support";
import { large } from "./traces";

let at: Scratch;
let browser: Browser;
const addresses: Record<string, string> = {};
const many = "x".repeat(40);
const STILL = 1000; // milliseconds, on a machine that has nothing else to do

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  expect(ltg(at, "export", "trace.json", "--html", "trace.html").code).toBe(0);
  addresses["from disk"] = pathToFileURL(join(at.folder, "trace.html")).href;
  addresses["with a server"] = (await serve(at, "trace.json")).url;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stopAll();
  at.remove();
});

const status = (page: Page) => page.getByRole("search").getByRole("status").first();
/** What is marked, as `found` and `here`. */
const marked = (page: Page) =>
  page.evaluate(() => {
    const texts = (name: string) => [...((CSS.highlights.get(name) ?? []) as Iterable<Range>)].map(String);
    return { others: texts("ltg-found"), here: texts("ltg-found-here") };
  });
const inSight = (page: Page) =>
  page.evaluate(() => {
    const [range] = [...((CSS.highlights.get("ltg-found-here") ?? []) as Iterable<Range>)];
    if (range === undefined) return false;
    const box = range.getBoundingClientRect();
    return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight && document.elementFromPoint(box.left + 1, box.top + 2)?.closest(".ltg-detail") != null;
  });

describe.each(["from disk", "with a server"])("%s", (where) => {
  async function opened() {
    const page = await browser.newPage({ viewport: { width: 1400, height: 700 } });
    const address = addresses[where]!;
    const wrong = watch(page, new URL(address).origin === "null" ? address : new URL(address).origin);
    await page.goto(address);
    await page.getByRole("tree").waitFor();
    return { page, wrong };
  }

  test("a text that stands in no name is found, marked and brought in sight, with keys alone", async () => {
    const { page, wrong } = await opened();
    await page.keyboard.press("/");
    await page.keyboard.type("slowness");
    await expect.poll(() => status(page).innerText()).toMatch(/^\d+ tasks$/);
    const count = Number((await status(page).innerText()).split(" ")[0]);
    await expect.poll(() => page.locator(".ltg-row:not(.ltg-context)").count()).toBe(count);
    await page.keyboard.press("Enter");
    await expect.poll(() => status(page).innerText()).toMatch(new RegExp(`^task 1 of ${count}, match 1 of \\d+$`));
    expect((await marked(page)).here).toEqual(["slowness"]);
    await page.keyboard.press("Tab"); // off the box: the same by n and N
    const seen = new Set<string>();
    for (let i = 0; i < 60 && !seen.has("round"); i++) {
      await page.keyboard.press("n");
      await expect.poll(async () => ((await marked(page)).here[0] ?? "").toLowerCase()).toBe("slowness");
      await expect.poll(() => inSight(page)).toBe(true);
      const now = await page.getByRole("article").getAttribute("aria-label");
      if (seen.size > 1 && /^task 1 of/.test(await status(page).innerText())) seen.add("round");
      seen.add(now!);
    }
    expect(seen.size).toBe(count + 1);
    await page.keyboard.press("N");
    await expect.poll(() => status(page).innerText()).toMatch(/^task \d+ of \d+, match/);
    await page.keyboard.press("/");
    await page.keyboard.press("Escape");
    await expect.poll(() => status(page).innerText()).toBe("");
    await expect.poll(async () => (await marked(page)).here).toEqual([]);
    await page.close();
    expect(wrong).toEqual([]);
  });

  test("between slashes it is a regular expression; a capital finds only itself", async () => {
    const { page, wrong } = await opened();
    const box = page.getByRole("searchbox", { name: "find tasks" });
    await box.fill("/slown.ss\\b/");
    await expect.poll(() => status(page).innerText()).toMatch(/^\d+ tasks$/);
    await box.press("Enter");
    await expect.poll(async () => (await marked(page)).here).toEqual(["slowness"]);
    await box.fill("SLOWNESS");
    await expect.poll(() => status(page).innerText()).toBe("none");
    await box.fill("/(/");
    await expect.poll(() => status(page).innerText()).toMatch(/^not a regular expression/);
    await page.close();
    expect(wrong).toEqual([]);
  });

  test("an expression that would take for ever is given up, and the page goes on", async () => {
    const { page, wrong } = await opened();
    const soon = 5000 * (await slowness(page));
    await page.getByRole("searchbox", { name: "find tasks" }).fill("/^(([a-z ])+.)+[A-Z]([a-z ])+$|zzzz/");
    await expect.poll(() => status(page).innerText()).toMatch(/^(none|\d+ tasks?)(; not all could be searched)?$/);
    await page.keyboard.press("Escape");
    await page.getByRole("treeitem", { name: /issues/ }).click({ timeout: soon });
    await page.close();
    expect(wrong).toEqual([]);
  });
});

test("a search through 10,000 tasks in the page finds the last of them, and the page never stands still", async () => {
  const other = scratch();
  writeFileSync(other.trace, large().replace(/Paragraph 98 of chapter 99: plain/, `Paragraph 98 of chapter 99: ${many} needle plain`));
  expect(ltg(other, "export", "trace.json", "--html", "large.html").code).toBe(0);
  const page = await browser.newPage({ viewport: { width: 1400, height: 700 } });
  await page.goto(pathToFileURL(join(other.folder, "large.html")).href);
  await page.getByRole("treeitem").first().waitFor();
  await page.evaluate(() => {
    const found: number[] = ((window as unknown as { still: number[] }).still = []);
    new PerformanceObserver((list) => found.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
  const box = page.getByRole("searchbox", { name: "find tasks" });
  await box.fill("needle");
  await expect.poll(() => status(page).innerText()).toBe("1 task");
  await box.press("Enter");
  await expect.poll(async () => (await marked(page)).here).toEqual(["needle"]);
  await expect.poll(() => page.getByRole("article").getAttribute("aria-label")).toBe("main/chapter[c99]/draft[98]");
  const longest = await page.evaluate(() => Math.max(0, ...(window as unknown as { still: number[] }).still));
  console.log(`longest task while searching: ${Math.round(longest)} ms`);
  expect(longest).toBeLessThan(longest < STILL ? STILL : STILL * (await slowness(page)));
  await page.close();
  other.remove();
});
