/** Edit, see what may run again, resume: with a real server, a real program in a real process, and the trace on disk as the judge. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, ltg, onDisk, recorded, scratch, serve, stopAll, stored, watch, type Scratch, type Served } from "./support";

let at: Scratch;
let browser: Browser;
let server: Served;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  copyFileSync(at.trace, `${at.trace}.first`);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stopAll();
  at.remove();
});
beforeEach(async () => {
  copyFileSync(`${at.trace}.first`, at.trace);
  server = await serve(at, "trace.json", "--allow-edit");
  page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  wrong = watch(page, server.origin);
  await page.goto(server.url);
  await page.getByRole("tree").waitFor();
});
afterEach(async () => {
  await page.close();
  await server.stop();
  expect(wrong).toEqual([]);
});

const task = (name: string) => page.getByRole("treeitem", { name: new RegExp(name.replaceAll(/[[\]]/g, "\\$&")) });
const detail = () => page.getByRole("article");
const select = async (name: string) => {
  await task(name).click();
  await detail().getByRole("heading", { level: 2 }).filter({ hasText: name }).waitFor();
};
const marked = async () => (await page.getByRole("treeitem").filter({ has: page.getByRole("img", { name: /(will|may) run again/ }) }).allInnerTexts()).map((text) => /[\w]+(\[\w+\])?/.exec(text)![0]).sort();

/** Opens the editor of a stage of the selected task, and types over what is there. */
async function type(stage: string, text: string) {
  await detail().getByRole("button", { name: `edit ${stage}` }).click();
  const editor = page.getByRole("textbox", { name: new RegExp(`^${stage} of`) });
  await editor.waitFor();
  await editor.press("Control+a");
  await page.keyboard.insertText(text);
}

async function edit(stage: string, text: string) {
  await type(stage, text);
  await page.getByRole("button", { name: "apply" }).click();
  await page.getByRole("textbox", { name: new RegExp(`^${stage} of`) }).waitFor({ state: "detached" });
}

async function resume(run: number) {
  await page.getByRole("button", { name: "resume" }).click();
  const dialog = page.getByRole("dialog", { name: "resume" });
  const consent = dialog.getByRole("checkbox");
  await dialog.getByRole("button", { name: "start" }).waitFor();
  if (await consent.count()) await consent.check();
  await dialog.getByRole("button", { name: "start" }).click();
  await ended(run);
}

async function ended(run: number) {
  await page.locator(".ltg-run-name", { hasText: `run ${run}` }).getByRole("img", { name: "succeeded" }).waitFor({ timeout: 120_000 }); // a process starts, and runs to its end
  await expect.poll(() => onDisk(at).runs.at(-1)).toMatchObject({ id: run, status: "succeeded" });
}

test("a response is edited with the keyboard alone, what may run again is seen at once, and only that runs", async () => {
  const before = onDisk(at);
  rmSync(join(at.folder, "state"), { recursive: true }); // as on a machine where nobody ran the program yet
  const key = (name: string) => page.keyboard.press(name);
  while (!(await page.evaluate(() => document.activeElement?.getAttribute("role") === "tree"))) await key("Tab");
  for (let i = 0; i < 10 && !(await page.evaluate(() => location.hash)).includes("tone"); i++) await key("ArrowDown");
  await detail().getByRole("heading", { name: /judge\[tone\]/ }).waitFor();
  await key("e");
  await page.getByRole("textbox", { name: /^response of/ }).waitFor();
  await key("Control+a");
  await page.keyboard.type('{{"score": 4, "issues": ["blames a third party"]', { delay: 0 });
  await key("Control+a");
  await page.keyboard.insertText('{"score": 4, "issues": ["blames a third party"]}');
  await key("Control+s");

  // the edited task's own output, what takes it, and what that declares
  await expect.poll(marked).toEqual(expect.arrayContaining(["issues", "judge[tone]", "repair"]));
  expect(await marked()).not.toContain("judge[style]");
  await page.locator(".ltg-node-stale", { hasText: "issues" }).waitFor();
  await expect.poll(() => onDisk(at).edits).toMatchObject([{ task: "main/judge[tone]", stage: "response", run: 1 }]);

  await key("r");
  const plan = page.getByRole("dialog", { name: "resume" });
  await plan.getByText("may run").first().waitFor();
  expect(await plan.innerText()).toMatch(/main\/issues/);
  expect(await plan.innerText()).not.toMatch(/judge\[style\]/);
  await plan.getByText("a program that you have not run yet").waitFor();
  await expect.poll(() => plan.getByRole("button", { name: "start" }).isDisabled()).toBe(true);
  while (!(await page.evaluate(() => document.activeElement?.getAttribute("type") === "checkbox"))) await key("Shift+Tab");
  await key("Space");
  while (!(await page.evaluate(() => document.activeElement?.textContent === "start"))) await key("Tab");
  await key("Enter");
  await ended(2);

  expect(stored(at, 2).filter((line) => line.includes("response executed"))).toEqual([]); // not one call
  const told = stored(at, 2).map((line) => line.split(":")[0]);
  expect(told).toEqual(expect.arrayContaining(["main/judge[tone]", "main/issues", "main/repair"]));
  expect(told).not.toContain("main/judge[style]");
  expect(told).not.toContain("main/judge[facts]");
  expect(told).not.toContain("main/repair/fix[3]"); // it is gone: one issue less
  const after = onDisk(at);
  expect(after.runs[0]).toEqual(before.runs[0]);
  expect(after.task_runs.filter((found) => found.run === 1)).toEqual(before.task_runs);
  expect(await marked()).toEqual([]);
});

test("an edited prompt is sent once, and nothing else is", async () => {
  await select("fix[2]");
  await edit("prompt", "Issue: blames everyone");
  await resume(2);
  const calls = stored(at, 2).filter((line) => line.includes("response executed"));
  expect(calls).toEqual(["main/repair/fix[2]: prompt edited, response executed, output reused"]); // the same answer: it is read no more
  await select("fix[2]");
  expect(await detail().getByRole("region", { name: "prompt" }).innerText()).toContain("Issue: blames everyone");
});

test("a response that is not what the task reads from it is doubted while it is typed, and can be applied", async () => {
  await select("judge[style]");
  await type("response", '{"score": "high"}');
  const doubt = page.getByText("Not what the task expects");
  await doubt.waitFor();
  expect(await doubt.innerText()).toContain("score: ");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('```json\n{"score": 7, "issues": []}\n```');
  await doubt.waitFor({ state: "detached" });
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("no JSON at all");
  await page.getByText("reads JSON from its response").waitFor();
  await page.getByRole("button", { name: "apply" }).click();
  await expect.poll(() => onDisk(at).edits).toMatchObject([{ task: "main/judge[style]", stage: "response", run: 1 }]);
});

test("JSON that is broken while it is typed is told, and cannot be applied", async () => {
  await select("issues");
  await type("output", '["one", ');
  await page.getByRole("alert").waitFor();
  const apply = page.getByRole("button", { name: "apply" });
  expect(await apply.isDisabled()).toBe(true);
  await page.keyboard.press("Control+s");
  expect(onDisk(at).edits ?? []).toEqual([]);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('["blames a third party"]');
  await expect.poll(() => apply.isDisabled()).toBe(false);
  await apply.click();
  await page.getByText("edited, and not yet run").waitFor();
  await resume(2);
  expect(stored(at, 2)).toContain("main/issues: output edited");
  expect(stored(at, 2).filter((line) => line.includes("response executed"))).toEqual([]);
});

test("what is no value for a stage is refused, in words, until it is one", async () => {
  await select("fix[0]");
  await type("params", "[1, 2]");
  expect(await page.getByRole("alert").innerText()).toContain("JSON object");
  expect(await page.getByRole("button", { name: "apply" }).isDisabled()).toBe(true);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText('{"seed": 1}');
  await page.keyboard.press("Control+s");
  await expect.poll(() => onDisk(at).edits).toMatchObject([{ stage: "params", value: { seed: 1 } }]);
});

test("another model and other parameters are taken by that task alone", async () => {
  await select("fix[0]");
  await edit("model", "openai:gpt-5");
  await edit("params", '{"temperature": 0}');
  await expect.poll(marked).toContain("fix[0]");
  await resume(2);
  expect(stored(at, 2).filter((line) => line.includes("response executed"))).toHaveLength(1);
  await select("fix[0]");
  expect(onDisk(at).task_runs.find((found) => found.run === 2 && found.task === "main/repair/fix[0]")).toMatchObject({ attempts: [{ model: expect.stringMatching(/^gpt-5$/) as string }] });
});

test("another input runs all that it reaches", async () => {
  await select("main");
  await edit("input", '{"text": "All is well."}');
  await expect.poll(marked).toEqual(expect.arrayContaining(["judge[style]", "judge[facts]", "judge[tone]"]));
  await resume(2);
  expect(stored(at, 2).filter((line) => line.includes("response executed")).length).toBeGreaterThanOrEqual(3);
  await select("judge[style]");
  expect(await detail().getByRole("region", { name: "prompt" }).innerText()).toContain("All is well.");
});

test("an edit that is taken back leaves nothing to run", async () => {
  await select("judge[tone]");
  await edit("response", '{"score": 9, "issues": []}');
  await expect.poll(marked).toContain("issues");
  await page.getByRole("tab", { name: /Edits 1/ }).click();
  const list = page.getByRole("list", { name: "edits", exact: true });
  expect(await list.innerText()).toMatch(/judge\[tone\].*response/);
  await list.getByRole("button", { name: "take back" }).click();
  await page.getByRole("tab", { name: /Edits 2/ }).waitFor();
  await expect.poll(marked).toEqual([]);
  await page.getByRole("button", { name: "resume" }).click();
  const dialog = page.getByRole("dialog", { name: "resume" });
  await dialog.getByText("nothing has to run again").waitFor();
  expect(await dialog.getByRole("button", { name: "start" }).isDisabled()).toBe(true);
  await dialog.getByRole("button", { name: "not now" }).click();
  expect(onDisk(at).runs).toHaveLength(1);
});

test("code that was changed is in the plan, though the trace does not tell of it, and runs with what depends on it", async () => {
  const file = join(at.folder, "review.py");
  const code = readFileSync(file, "utf8");
  try {
    await page.getByRole("button", { name: "resume" }).click();
    const dialog = page.getByRole("dialog", { name: "resume" });
    await dialog.getByText("nothing has to run again").waitFor();
    expect(await dialog.getByRole("button", { name: "start" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    writeFileSync(file, code.replace("for issue in verdict.issues})", "for issue in verdict.issues}, reverse=True)"));
    await page.getByRole("button", { name: "resume" }).click();
    await dialog.getByText("its code changed").waitFor();
    expect(await dialog.getByRole("listitem").first().innerText()).toMatch(/will run .*main\/issues its code changed/);
    await dialog.getByRole("button", { name: "start" }).click();
    await ended(2);
  } finally {
    writeFileSync(file, code);
  }
  const ran = stored(at, 2);
  expect(ran).toContain("main/issues: output executed");
  expect(ran.filter((line) => line.includes("response executed"))).toEqual([]); // the prompts are those that were answered before
});

test("running a task again asks for a new sample of it", async () => {
  await select("fix[1]");
  await detail().getByRole("button", { name: "run again" }).click();
  await expect.poll(marked).toContain("fix[1]");
  await resume(2);
  expect(stored(at, 2).filter((line) => line.includes("response executed"))).toHaveLength(1);
  expect(stored(at, 2).join()).toContain("main/repair/fix[1]");
});

test("an edit that another program makes is seen on the page", async () => {
  expect(ltg(at, "edit", "trace.json", "judge[tone]", "response", '{"score": 9, "issues": []}').code).toBe(0);
  await page.getByRole("tab", { name: /Edits 1/ }).waitFor();
  await expect.poll(marked).toContain("issues");
});

test("text that was typed is not lost by Escape: it is asked for twice", async () => {
  await select("fix[0]");
  await type("response", "half a thought");
  await page.keyboard.press("Escape");
  await page.getByText("not applied yet").waitFor();
  expect(await page.getByRole("textbox", { name: /^response of/ }).count()).toBe(1);
  await page.getByRole("button", { name: "discard" }).click();
  await page.getByRole("textbox", { name: /^response of/ }).waitFor({ state: "detached" });
  expect(onDisk(at).edits ?? []).toEqual([]);
});
