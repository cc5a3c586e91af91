/** A trace without a server: dropped on the page, or chosen. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "vitest";
import { VIEWER, launch, recorded, scratch, watch, type Scratch } from "./support";

let at: Scratch;
let browser: Browser;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  at.remove();
});
beforeEach(async () => {
  page = await browser.newPage();
  wrong = watch(page, pathToFileURL(VIEWER).href);
  await page.goto(pathToFileURL(VIEWER).href);
  await page.getByText("choose a file").waitFor();
});
afterEach(async () => {
  await page.close();
  expect(wrong).toEqual([]);
});

/** What a hand does: it drags a file from a folder over the page, and lets go. */
async function drop(path: string) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const) await session.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
}

async function choose(path: string) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByText("choose a file").click()]);
  await chooser.setFiles(path);
}

const shows = (task: RegExp) => page.getByRole("treeitem", { name: task }).waitFor();

test("a file that is dropped is shown, under its name", async () => {
  await drop(at.trace);
  await shows(/judge\[style\]/);
  await page.locator(".ltg-node", { hasText: "judge[tone]" }).waitFor();
  expect(await page.title()).toContain("trace.json");
});

test("a file that is chosen in the dialog is shown", async () => {
  await choose(at.trace);
  await shows(/judge\[style\]/);
});

test("another file can be dropped on a trace that is open", async () => {
  const other = join(at.folder, "other.json");
  writeFileSync(other, readFileSync(at.trace, "utf8").replaceAll("judge[style]", "judge[wit]"));
  await drop(at.trace);
  await shows(/judge\[style\]/);
  await drop(other);
  await shows(/judge\[wit\]/);
  expect(await page.title()).toContain("other.json");
});

const BROKEN: [string, (whole: string) => string | Buffer, RegExp][] = [
  ["cut in the middle", (whole) => whole.slice(0, whole.length / 2), /JSON|cut|damaged/i],
  ["empty", () => "", /empty/],
  ["no JSON", () => "hello", /JSON/],
  ["JSON, and no trace", () => '{"a": [1, 2]}', /no trace|not a trace/],
  ["a list", () => "[1, 2]", /no trace|not a trace/],
  ["of a newer format", (whole) => whole.replace("llmtaskgraph/1", "llmtaskgraph/99"), /newer/],
  ["no UTF-8", (whole) => Buffer.concat([Buffer.from(whole.slice(0, 60)), Buffer.from([0xff, 0xfe]), Buffer.from(whole.slice(60))]), /UTF-8/],
  ["nested too deeply", () => "[".repeat(200_000), /trace|JSON|deep/],
];

test.each(BROKEN)("a file that is %s is told in one line, and the next one opens", async (name, broken, words) => {
  const path = join(at.folder, `${name.replaceAll(/\W/g, "-")}.json`);
  writeFileSync(path, broken(readFileSync(at.trace, "utf8")));
  await drop(path);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  const told = await alert.innerText();
  expect(told).toMatch(words);
  expect(told).not.toContain("\n");
  expect(told.length).toBeLessThan(200);
  await choose(at.trace);
  await shows(/judge\[style\]/);
  expect(await page.getByRole("alert").count()).toBe(0);
});

test("a broken file that is dropped on an open trace is told, and the trace stays open", async () => {
  const path = join(at.folder, "broken.json");
  writeFileSync(path, "{");
  await drop(at.trace);
  await shows(/judge\[style\]/);
  await drop(path);
  expect(await page.getByRole("alert").innerText()).toContain(basename(path));
  await shows(/judge\[style\]/);
  expect(await page.title()).toContain("trace.json");
});

test("a folder that is dropped is told", async () => {
  await drop(at.folder);
  await page.getByRole("alert").waitFor();
});

test("before edits that are not downloaded are dropped for another file, the page asks", async () => {
  await drop(at.trace);
  await shows(/judge\[style\]/);
  await page.getByRole("treeitem", { name: /judge\[style\]/ }).click();
  await page.getByRole("button", { name: "run again" }).click();
  await page.getByRole("button", { name: /download with 1 edit/ }).waitFor();
  const asked = page.waitForEvent("dialog");
  const dropped = drop(at.trace);
  expect((await asked).message()).toContain("1 edit");
  await dropped;
  await page.getByRole("button", { name: /download with 1 edit/ }).waitFor();
  expect(wrong.splice(0)).toHaveLength(1);
});

test("the page asks before it is left with edits that are not downloaded", async () => {
  await drop(at.trace);
  await page.getByRole("treeitem", { name: /judge\[style\]/ }).click();
  await page.getByRole("button", { name: "run again" }).click();
  await page.getByRole("button", { name: /download with 1 edit/ }).waitFor();
  const asked = page.waitForEvent("dialog");
  const reloading = page.reload({ timeout: 2000 }).catch(() => {}); // it is refused, so it never comes
  expect((await asked).type()).toBe("beforeunload");
  await reloading;
  await page.getByRole("button", { name: /download with 1 edit/ }).waitFor();
  expect(wrong.splice(0)).toHaveLength(1);
});
