/** A run that another process writes is watched: text as it arrives, tasks as they are declared, and ends of every kind. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, onDisk, program, scratch, serve, started, stopAll, watch, type Scratch, type Served } from "./support";

const CODE = `
from llmtaskgraph import Registry

app = Registry("rivers", model="openai:gpt-5-mini")


@app.llm(output=list[str])
def names() -> str:
    return "Name three rivers."


@app.llm()
def tell(name: str) -> str:
    return f"Tell of the {name}."


@app.graph
def each(found: list[str]) -> list[str]:
    return tell.map(found)


@app.graph
def main() -> list[str]:
    return each(names())
`;

const SCRIPT = {
  format: "llmtaskgraph-script/1",
  tokens_per_second: 40,
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

const item = (name: string) => page.getByRole("treeitem", { name: new RegExp(name.replaceAll(/[[\]]/g, "\\$&")) });

test("a run that begins after the page was opened is shown: tasks appear, text streams in, all ends well", async () => {
  await page.getByText("There is no run yet.").first().waitFor();
  const run = started(at, "rivers.py:main");
  await item("names").getByRole("img", { name: "running" }).waitFor();
  expect(await item("tell").count()).toBe(0);
  await page.locator(".ltg-node", { hasText: "names" }).waitFor();

  await item("tell[1]").waitFor(); // declared by the run, since a model answered three names
  await page.locator(".ltg-node", { hasText: "tell[2]" }).waitFor();
  await item("tell[1]").click();
  const response = page.getByRole("region", { name: "response" });
  const lengths = new Set<number>();
  await expect
    .poll(async () => {
      if (!(await response.getByText("arriving").count())) return lengths.size;
      lengths.add((await response.locator("pre").innerText({ timeout: 500 }).catch(() => "")).length);
      return lengths.size;
    }, { timeout: 15_000, interval: 50 })
    .toBeGreaterThan(4);
  expect([...lengths]).toEqual([...lengths].sort((a, b) => a - b)); // it only grows

  await page.locator(".ltg-run-name").getByRole("img", { name: "succeeded" }).waitFor();
  expect(await run.ended).toBe(0);
  const text = await response.innerText();
  expect(text).toContain("It is long.");
  expect(text).toContain("word59 So much of the Elbe.");
  for (const name of ["names", "tell[0]", "tell[1]", "tell[2]", "each"]) await item(name).getByRole("img", { name: "succeeded" }).waitFor();
  expect(wrong).toEqual([]);
});

test("a run that was killed is told plainly", async () => {
  const run = started(at, "rivers.py:main");
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
  await page.getByRole("alert").filter({ hasText: "ltg web" }).waitFor({ timeout: 20_000 });
  await item("names").waitFor(); // what was read is still there to look at
  await other.stop();
  expect(await run.ended).toBe(0); // nobody who looks on ends a run
  expect(onDisk(at).runs).toMatchObject([{ status: "succeeded" }]);
});

test("a page that was asleep, or lost its connection, catches up", async () => {
  const run = started(at, "rivers.py:main");
  await item("names").waitFor();
  await page.context().setOffline(true);
  expect(await run.ended).toBe(0);
  await page.context().setOffline(false);
  await page.locator(".ltg-run-name").getByRole("img", { name: "succeeded" }).waitFor({ timeout: 20_000 });
  await item("tell[2]").getByRole("img", { name: "succeeded" }).waitFor();
});
