/** What `ltg export` writes: one file that is opened from disk, edited there, and given back as a trace that resumes. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hasExport, launch, ltg, recorded, scratch, watch, type Scratch } from "./support";

let at: Scratch;
let browser: Browser;

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  at.remove();
});

test.skipIf(!hasExport())("an exported file opens from disk, is edited there, and what is downloaded resumes as the plan says", async () => {
  const { code, err } = ltg(at, "export", "trace.json", "--html", "trace.html");
  expect([code, err.includes("Traceback")]).toEqual([0, false]);
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 }, acceptDownloads: true });
  const address = pathToFileURL(join(at.folder, "trace.html")).href;
  const wrong = watch(page, address);
  await page.goto(address);
  await page.getByRole("treeitem", { name: /judge\[tone\]/ }).click();
  await page.getByRole("button", { name: "edit response" }).click();
  await page.getByRole("textbox", { name: /^response of/ }).press("Control+a");
  await page.keyboard.insertText('{"score": 4, "issues": ["blames a third party"]}');
  await page.keyboard.press("Control+s");
  await page.getByRole("treeitem", { name: /issues/ }).getByRole("img", { name: /may run again/ }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "download with 1 edit" }).click()]);
  await download.saveAs(join(at.folder, "edited.json"));
  await page.getByRole("button", { name: /download with/ }).waitFor({ state: "detached" });

  expect(ltg(at, "check", "edited.json").code).toBe(0);
  const plan = ltg(at, "plan", "edited.json", "--json");
  expect(plan.code).toBe(0);
  expect(plan.out).toContain("main/issues");
  const resumed = ltg(at, "resume", "edited.json", "--yes");
  expect([resumed.code, resumed.err.includes("Traceback")]).toEqual([0, false]);
  expect(JSON.parse(resumed.out)).toHaveLength(3); // one issue less, so one sentence less
  expect(wrong).toEqual([]);
});

test("a file that is dropped on the viewer is edited without a server, and what is downloaded resumes", async () => {
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 }, acceptDownloads: true });
  const { VIEWER } = await import("./support");
  const address = pathToFileURL(VIEWER).href;
  const wrong = watch(page, address);
  await page.goto(address);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByText("choose a file").click()]);
  await chooser.setFiles(at.trace);
  await page.getByRole("treeitem", { name: /issues/ }).click();
  await page.getByRole("button", { name: "edit output" }).click();
  await page.getByRole("textbox", { name: /^output of/ }).press("Control+a");
  await page.keyboard.insertText('["blames a third party"]');
  await page.keyboard.press("Control+s");
  await page.getByRole("treeitem", { name: /repair/ }).getByRole("img", { name: /may run again/ }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "download with 1 edit" }).click()]);
  expect(download.suggestedFilename()).toBe("trace.json");
  await download.saveAs(join(at.folder, "second.json"));
  expect(ltg(at, "check", "second.json").code).toBe(0);
  const resumed = ltg(at, "resume", "second.json", "--yes");
  expect([resumed.code, resumed.err.includes("Traceback")]).toEqual([0, false]);
  expect(JSON.parse(resumed.out)).toHaveLength(1);
  expect(wrong).toEqual([]);
});
