/** A trace in which every text is hostile, in every view: nothing of it runs, nothing is asked of anybody else, the page stays. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { PAYLOADS } from "./payloads";
import { VIEWER, hasExport, launch, ltg, scratch, serve, stopAll, watch, type Scratch } from "./support";
import { hostile } from "./traces";

const NAME = "<img src=x onerror=pwned=1>.json";

let at: Scratch;
let browser: Browser;
let path: string;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  path = join(at.folder, NAME);
  writeFileSync(path, hostile());
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stopAll();
  at.remove();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

async function opened(url: string) {
  page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  wrong = watch(page, url.split(/[?#]/)[0]!, new URL(url).origin);
  page.on("framenavigated", (frame) => frame === page.mainFrame() || wrong.push(`frame: ${frame.url()}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => ((window as unknown as { refused: string[] }).refused ??= []).push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url);
}

/** Nothing ran, nothing was tried, and no element is there that the viewer does not make. */
async function untouched() {
  const found = await page.evaluate(() => {
    const names = [...document.querySelectorAll("*")].map((element) => element.localName);
    const handlers = [...document.querySelectorAll("*")].flatMap((element) => element.getAttributeNames().filter((name) => name.startsWith("on")));
    return {
      pwned: (window as unknown as { pwned?: unknown }).pwned,
      refused: (window as unknown as { refused?: string[] }).refused,
      polluted: ({} as { polluted?: unknown }).polluted,
      foreign: names.filter((name) => /^(iframe|object|embed|base|form|link|video|audio|marquee|math|template|a|x|textarea|animate)$/.test(name) && name !== "link"),
      links: [...document.querySelectorAll("link")].map((link) => link.getAttribute("href")),
      scripts: document.querySelectorAll("script").length,
      images: [...document.images].map((image) => image.src).filter((src) => !/^data:image\/(png|jpeg|gif|webp);base64,/.test(src)),
      anchors: [...document.querySelectorAll("a")].map((a) => a.href),
      handlers,
    };
  });
  const anchors = found.anchors.filter((href) => !href.startsWith("https://reactflow.dev"));
  expect({ ...found, foreign: found.foreign.filter((name) => name !== "a"), anchors }).toEqual({ foreign: [], links: ["data:,"], scripts: 3, images: [], anchors: [], handlers: [], pwned: undefined, refused: undefined, polluted: undefined });
  expect(wrong).toEqual([]);
}

/** Goes through all tasks in the tree, and opens whatever can be opened in each. */
async function throughAllTasks() {
  const tree = page.getByRole("tree");
  await tree.waitFor();
  await tree.press("Home");
  const seen = new Set<string>();
  for (let i = 0; i < PAYLOADS.length + 3; i++) {
    await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
    await page.evaluate(() => document.querySelectorAll<HTMLElement>(".ltg-detail *").forEach((each) => each.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }))));
    seen.add((await page.locator(".ltg-detail h2").textContent()) ?? "");
    await tree.press("ArrowDown");
  }
  expect(seen.size).toBe(PAYLOADS.length + 3);
}

async function throughAllViews() {
  for (const run of ["older run", "newer run"]) {
    await page.getByRole("button", { name: run }).click();
    for (const key of ["2", "3", "4", "1"]) {
      await page.keyboard.press(key);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      await untouched();
    }
  }
  await page.keyboard.press("=");
  const compared = page.getByRole("list", { name: "tasks of both runs" });
  for (const button of await compared.getByRole("button").all()) await button.click();
  await untouched();
  await page.keyboard.press("/");
  await page.keyboard.insertText(PAYLOADS[0]!);
  await page.getByRole("searchbox", { name: /find in the graph/ }).or(page.getByRole("searchbox")).first().waitFor();
  await page.getByRole("searchbox").first().fill("");
}

/** The editors of stages that hold such texts. */
async function throughEditors() {
  await page.getByRole("tree").press("Home");
  for (let i = 0; i < 4; i++) {
    await page.getByRole("tree").press("ArrowDown");
    for (const button of await page.locator(".ltg-detail [data-edit]").all()) {
      await button.click();
      const editor = page.locator(".ltg-editor-text [role=textbox]");
      await editor.waitFor();
      await editor.press("End");
      await page.locator(".ltg-editor").getByRole("button", { name: /^(close|cancel)$/ }).click();
      await editor.waitFor({ state: "detached" });
    }
  }
}

test("the trace is whole, and holds at least sixty payloads", () => {
  expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(60);
  const { code, out, err } = ltg(at, "check", NAME, "--json");
  expect(err).toBe("");
  expect(JSON.parse(out)).toMatchObject({ whole: true, damage: [] });
  expect(code).toBe(0);
});

test("dropped on the page, none of it runs, in any view and any editor", async () => {
  await opened(pathToFileURL(VIEWER).href);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByText("choose a file").click()]);
  await chooser.setFiles(path);
  await throughAllTasks();
  await untouched();
  await throughEditors();
  await untouched();
  await throughAllViews();
  expect(await page.title()).toContain("<img src=x");
});

test("from the server, none of it runs, in any view and the plan", async () => {
  const server = await serve(at, NAME, "--allow-edit");
  await opened(server.url);
  await throughAllTasks();
  await untouched();
  await throughAllViews();
  await page.getByRole("button", { name: "resume" }).click();
  await page.getByRole("dialog").getByRole("heading", { name: /Resume run/ }).waitFor();
  await untouched();
  await page.keyboard.press("Escape");
  await page.reload(); // with an address that names a hostile task
  await page.getByRole("tree").waitFor();
  await untouched();
  await server.stop();
});

test("an address with markup in it is text", async () => {
  await opened(`${pathToFileURL(VIEWER).href}#task=${encodeURIComponent(PAYLOADS[0]!)}&run=<img src=x onerror=pwned=1>`);
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByText("choose a file").click()]);
  await chooser.setFiles(path);
  await page.getByRole("tree").waitFor();
  await untouched();
});

test("the page's own policy lets no script in that is put into it", async () => {
  await opened(pathToFileURL(VIEWER).href);
  const failed: string[] = [];
  page.on("requestfailed", (request) => failed.push(`${request.url()} ${request.failure()?.errorText}`));
  await page.evaluate(() => (document.body.innerHTML += `<img src="data:x" onerror="pwned=1"><iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`));
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "pwned=1" })));
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("img"), { src: "http://evil.invalid/x.png" })));
  await expect.poll(() => wrong.filter((line) => line.includes("Content Security Policy")).length).toBeGreaterThanOrEqual(3);
  expect(await page.evaluate(() => (window as unknown as { pwned?: unknown }).pwned)).toBeUndefined();
  expect(failed).toContain("http://evil.invalid/x.png csp");
});

test.skipIf(!hasExport())("an exported file holds it as data only", async () => {
  const { code, err } = ltg(at, "export", NAME, "--html", "hostile.html");
  expect([code, err.includes("Traceback")]).toEqual([0, false]);
  const file = join(at.folder, "hostile.html");
  const scripts = (path: string) => readFileSync(path, "utf8").match(/<script/gi)!.length;
  expect(scripts(file)).toBe(scripts(VIEWER));
  await opened(pathToFileURL(file).href);
  await throughAllTasks();
  await untouched();
  await throughEditors();
  await throughAllViews();
});
