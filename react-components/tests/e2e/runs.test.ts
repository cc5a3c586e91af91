/** Several runs of one trace: the address names task and run, runs are compared, and without `--allow-edit` all is for reading. */
import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, ltg, recorded, scratch, serve, stopAll, watch, type Scratch, type Served } from "./support";

let at: Scratch;
let browser: Browser;
let server: Served;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  for (const words of [["edit", "trace.json", "main/judge[tone]", "response", '{"score": 5, "issues": ["blames a third party"]}'], ["resume", "trace.json", "--yes"]]) {
    const { code, err } = ltg(at, ...words);
    if (code !== 0) throw new Error(err);
  }
  ltg(at, "edit", "trace.json", "main/judge[style]", "response", '{"score": 9, "issues": []}');
  server = await serve(at, "trace.json");
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stopAll();
  at.remove();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  wrong = watch(page, server.origin);
  await page.goto(server.url);
  await page.getByRole("tree").waitFor();
});
afterEach(async () => {
  await page.close();
  expect(wrong).toEqual([]);
});

const heading = (name: RegExp) => page.getByRole("article").getByRole("heading", { level: 2, name }).waitFor();
const shown = () => page.locator(".ltg-run-name").innerText();
/** As the page itself has it: the browser is told of it later. */
const place = () => page.evaluate(() => Object.fromEntries(new URLSearchParams(location.hash.slice(1))));

test("the address names the task and the run, and a reload keeps both", async () => {
  await expect.poll(shown).toContain("run 2");
  await page.getByRole("treeitem", { name: /judge\[tone\]/ }).click();
  await page.getByRole("button", { name: "older run" }).click();
  await expect.poll(place).toEqual({ task: "main/judge[tone]", run: "1" });
  await page.reload();
  await heading(/main\/judge\[tone\]/);
  await expect.poll(shown).toContain("run 1");
  await expect.poll(place).toEqual({ task: "main/judge[tone]", run: "1" });
});

test("an address that somebody sent opens that task in that run", async () => {
  await page.goto(`${server.url}#task=${encodeURIComponent("main/repair/fix[3]")}&run=1`);
  await page.reload();
  await heading(/main\/repair\/fix\[3\]/);
  await expect.poll(shown).toContain("run 1");
  await page.evaluate(() => (location.hash = "#task=main%2Fissues&run=2"));
  await heading(/main\/issues/);
  await expect.poll(shown).toContain("run 2");
});

test("an address of a task or a run that there is not is no end of the page", async () => {
  await page.goto(`${server.url}#task=nobody&run=77`);
  await page.reload();
  await page.getByRole("treeitem", { name: /judge\[style\]/ }).click();
  await heading(/main\/judge\[style\]/);
  await expect.poll(shown).toContain("run 2");
});

test("the runs are a list of forks with what each edited, and each can be looked at", async () => {
  await page.getByRole("tab", { name: /Runs 2/ }).click();
  const runs = page.getByRole("list", { name: "runs" });
  await expect.poll(() => runs.getByRole("listitem").count()).toBe(2);
  await expect.poll(() => runs.innerText()).toMatch(/run 1[^]*run 2[^]*judge\[tone\] response/);
  await runs.getByRole("button", { name: /run 1/ }).first().click();
  await expect.poll(shown).toContain("run 1");
  await page.keyboard.press("]");
  await expect.poll(shown).toContain("run 2");
});

test("two runs are compared: where they began to differ, what is gone, and the words", async () => {
  await page.getByRole("tab", { name: /Runs 2/ }).click();
  await page.getByRole("button", { name: "compare" }).click();
  const compared = page.getByRole("region", { name: "run 1 and run 2" });
  expect(await compared.getByText("The first that differs").locator("..").innerText()).toContain("main/judge[tone]");
  const list = compared.getByRole("list", { name: "tasks of both runs" });
  const rows = await list.innerText();
  expect(rows).toMatch(/~\s*main\/issues/);
  expect(rows).toMatch(/−\s*main\/repair\/fix\[3\] because of repair/);
  expect(rows).not.toContain("judge[style]");
  await list.getByRole("button", { name: "main/judge[tone] response edited" }).click();
  await expect.poll(() => compared.locator("del").allInnerTexts()).toEqual(expect.arrayContaining([expect.stringContaining("promises what nobody can promise")]));
  await expect.poll(async () => (await compared.locator("ins").allInnerTexts()).join("")).toContain("5");
  await compared.getByRole("checkbox", { name: "also what is the same" }).check();
  await expect.poll(() => list.innerText()).toContain("judge[style]");
});

test("without --allow-edit there is no button that edits or runs, and no key that does", async () => {
  for (const name of [/judge\[style\]/, /^.*main\b/, /issues/]) {
    await page.getByRole("treeitem", { name }).first().click();
    await heading(name);
    expect(await page.getByRole("button", { name: /edit|run again|apply|take back|revert/ }).count()).toBe(0);
    for (const key of ["e", "p"]) await page.keyboard.press(key);
    expect(await page.getByRole("textbox", { name: /of main/ }).count()).toBe(0);
  }
  await page.getByRole("tab", { name: /Edits/ }).click();
  await page.getByRole("list", { name: "edits", exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "take back" }).count()).toBe(0);
  await page.keyboard.press("r");
  const dialog = page.getByRole("dialog", { name: "resume" });
  await dialog.getByText("--allow-edit").waitFor();
  expect(await dialog.getByRole("button", { name: "start" }).isDisabled()).toBe(true);
});

test("without --allow-edit no request edits or runs anything", async () => {
  const before = readFileSync(at.trace, "utf8");
  const token = new URL(server.url).searchParams.get("token");
  const answers = await page.evaluate(async (token) => {
    const ask = async (path: string, body: object) => {
      const answer = await fetch(path, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body: JSON.stringify(body) });
      return [path, answer.status, ((await answer.json()) as { error: string }).error.split("\n").length];
    };
    const task = "main/judge[style]";
    return [
      await ask("/api/edit", { run: 2, task, stage: "response", text: "x" }),
      await ask("/api/revert", { run: 2, task, stage: "response" }),
      await ask("/api/again", { run: 2, task }),
      await ask("/api/resume", { run: 2, consent: true }),
      await ask("/api/stop", {}),
    ];
  }, token);
  expect(answers).toEqual(["edit", "revert", "again", "resume", "stop"].map((name) => [`/api/${name}`, 403, 1]));
  expect(readFileSync(at.trace, "utf8")).toBe(before);
  expect(wrong.splice(0).filter((line) => !/status of 403/.test(line))).toEqual([]);
});

test("the keys 1 to 4 show graph, timeline, runs and edits, and each shows what it is for", async () => {
  await page.keyboard.press("2");
  await page.getByRole("list", { name: "when tasks ran" }).waitFor();
  await page.keyboard.press("[");
  await expect.poll(() => page.getByRole("list", { name: "when tasks ran" }).innerText()).toContain("judge[facts]");
  await page.keyboard.press("3");
  await page.getByRole("list", { name: "runs" }).waitFor();
  await page.keyboard.press("4");
  await page.getByRole("list", { name: "edits", exact: true }).waitFor();
  await page.keyboard.press("1");
  await page.locator(".ltg-node", { hasText: "judge[tone]" }).waitFor();
});
