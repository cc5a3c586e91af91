/** A run that another process writes is watched: text as it arrives, tasks as they are declared, and ends of every kind. */
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, ltg, onDisk, program, scratch, serve, started, stopAll, watch, type Scratch, type Served } from "./support";

/** It goes on when the test says so: see `go`. */
const CODE = `
import asyncio
from pathlib import Path

from llmtaskgraph import Registry

app = Registry("rivers", model="openai:gpt-5-mini")


async def told(name: str) -> None:
    while not Path(name).exists():
        await asyncio.sleep(0.02)


@app.task
async def begin() -> int:
    await told("names")
    return 3


@app.task
async def heard(name: str) -> str:
    await told("tell")
    return name


@app.llm(output=list[str])
def names(count: int) -> str:
    return "Name three rivers."


@app.llm()
def tell(name: str) -> str:
    return f"Tell of the {name}."


@app.graph
def each(found: list[str]) -> list[str]:
    return tell.map(heard.map(found))


@app.graph
def main() -> list[str]:
    return each(names(begin()))
`;

const SCRIPT = {
  format: "llmtaskgraph-script/1",
  tokens_per_second: 20,
  delay: 0.3,
  rules: [
    { match: "Name three", replies: [{ json: ["Rhine", "Elbe", "Oder"] }] },
    { pattern: "Tell of the (\\w+)", replies: [`It is long. ${Array.from({ length: 60 }, (_, i) => `word${i}`).join(" ")} So much of the $1.`] },
  ],
};

let at: Scratch;
let browser: Browser;
let server: Served;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  stopAll();
});
beforeEach(async () => {
  at = scratch(1);
  program(at, "rivers", CODE, SCRIPT);
  server = await serve(at, "trace.json");
  page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  wrong = watch(page, server.origin);
  await page.goto(server.url);
});
afterEach(async () => {
  await page.close();
  await server.stop();
  at.remove();
});

/** Lets the run go on to the tasks of that function. */
const go = (name: "names" | "tell") => writeFileSync(join(at.folder, name), "");
const item = (name: string) => page.getByRole("treeitem", { name: new RegExp(name.replaceAll(/[[\]]/g, "\\$&")) });

/** How long the response is that the page shows, each time that it draws it while it arrives. */
async function arriving(): Promise<() => Promise<number[]>> {
  await page.evaluate(() => {
    const found: number[] = ((window as unknown as { lengths: number[] }).lengths = []);
    const look = () => {
      const response = document.querySelector("[aria-label=response]");
      if (response?.textContent.includes("arriving")) found.push(response.querySelector("pre")?.textContent.length ?? 0);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { lengths: number[] }).lengths);
}

test("a run that begins after the page was opened is shown: tasks appear, text streams in, all ends well", async () => {
  await page.getByText("There is no run yet.").first().waitFor();
  const run = started(at, "rivers.py:main");
  await item("begin").getByRole("img", { name: "running" }).waitFor();
  expect(await item("tell").count()).toBe(0);
  await page.locator(".ltg-node", { hasText: "names" }).waitFor();

  go("names");
  await item("tell[1]").waitFor(); // declared by the run, since a model answered three names
  await page.locator(".ltg-node", { hasText: "tell[2]" }).waitFor();
  await item("tell[1]").click();
  const response = page.getByRole("region", { name: "response" });
  const lengths = await arriving();
  go("tell");
  await expect.poll(async () => new Set(await lengths()).size).toBeGreaterThan(4);
  expect(await run.ended).toBe(0);
  await page.locator(".ltg-run-name").getByRole("img", { name: "succeeded" }).waitFor();
  const all = await lengths();
  expect(all).toEqual([...all].sort((a, b) => a - b)); // it only grows
  const text = await response.innerText();
  expect(text).toContain("It is long.");
  expect(text).toContain("word59 So much of the Elbe.");
  for (const name of ["names", "tell[0]", "tell[1]", "tell[2]", "each"]) await item(name).getByRole("img", { name: "succeeded" }).waitFor();
  expect(wrong).toEqual([]);
});

test("a run that was killed is told plainly", async () => {
  program(at, "rivers", CODE, { ...SCRIPT, rules: SCRIPT.rules.map((rule) => ("pattern" in rule ? { ...rule, tokens_per_second: 2 } : rule)) }); // it is not over before it is killed
  const run = started(at, "rivers.py:main");
  go("names");
  go("tell");
  await item("tell[0]").getByRole("img", { name: "running" }).waitFor();
  run.process.kill("SIGKILL");
  await run.ended;
  await page.locator(".ltg-run-header", { hasText: "the process ended before the run did" }).waitFor();
  expect(await item("tell[0]").getByRole("img", { name: "running" }).count()).toBe(0);
  expect(await item("names").getByRole("img", { name: "succeeded" }).count()).toBe(1);
  expect(wrong).toEqual([]);
});

test("a server that has ended is told, and one that took its place is not taken for it", async () => {
  const run = started(at, "rivers.py:main");
  await item("names").waitFor();
  await page.getByText("● live").waitFor();
  expect(await server.stop()).toBe(0);
  await page.getByText("the server has ended").or(page.getByText("connecting")).first().waitFor();
  const other = await serve(at, "trace.json", "--port", String(server.port));
  await page.getByRole("alert").filter({ hasText: "ltg web" }).waitFor();
  await item("names").waitFor(); // what was read is still there to look at
  await other.stop();
  go("names");
  go("tell");
  expect(await run.ended).toBe(0); // nobody who looks on ends a run
  expect(onDisk(at).runs).toMatchObject([{ status: "succeeded" }]);
});

test("a page that was asleep, or lost its connection, catches up", async () => {
  const run = started(at, "rivers.py:main");
  await item("names").waitFor();
  await page.context().setOffline(true);
  go("names");
  go("tell");
  expect(await run.ended).toBe(0);
  await page.context().setOffline(false);
  await page.locator(".ltg-run-name").getByRole("img", { name: "succeeded" }).waitFor();
  await item("tell[2]").getByRole("img", { name: "succeeded" }).waitFor();
});

test("a trace that takes long to read is asked for once, though it is told again that it has to be read", async () => {
  go("names");
  go("tell");
  const words = ["run", "rivers.py:main", "--offline", "--trace"];
  expect(ltg(at, ...words, "other.json").code).toBe(0);
  copyFileSync(join(at.folder, "other.json"), join(at.folder, "first.json"));
  expect(ltg(at, ...words, "other.json").code).toBe(0);
  renameSync(join(at.folder, "first.json"), at.trace);
  await item("tell[2]").waitFor();
  let asked = 0;
  await page.route("**/api/trace", async (route) => {
    asked++;
    await new Promise((done) => setTimeout(done, 7000)); // longer than the page waits before it connects again
    await route.continue();
  });
  renameSync(join(at.folder, "other.json"), at.trace);
  await page.locator(".ltg-run-name", { hasText: "run 2" }).waitFor();
  expect(asked).toBe(1);
});
