/** Without a mouse: everything is reached, what has the focus is seen, sheets hold and give back the focus, all has a name. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, recorded, scratch, serve, stopAll, watch, type Scratch, type Served } from "./support";

let at: Scratch;
let browser: Browser;
let server: Served;
let page: Page;
let wrong: string[];

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  server = await serve(at, "trace.json", "--allow-edit");
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

const press = (key: string) => page.keyboard.press(key);
const focused = () => page.evaluate(() => {
  const at = document.activeElement as HTMLElement;
  return `${at.getAttribute("role") ?? at.localName} ${at.getAttribute("aria-label") ?? at.textContent.trim().slice(0, 40)}`;
});

test("Tab goes through everything and round, and each thing that has the focus shows it", async () => {
  const seen: string[] = [];
  for (let i = 0; i < 80; i++) {
    await press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      if (element === document.body) return undefined;
      const style = getComputedStyle(element);
      const around = element.closest(".choose, label");
      const box = element.getBoundingClientRect();
      const outlined = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
      const filled = element.matches(".border") && style.backgroundColor !== "rgba(0, 0, 0, 0)";
      return { name: `${element.getAttribute("role") ?? element.localName} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30)}`, seen: outlined || filled || around !== null, inside: box.width > 0 && box.height > 0 };
    });
    if (now === undefined) break;
    expect(now).toEqual({ name: now.name, seen: true, inside: true });
    seen.push(now.name);
  }
  expect(seen.length).toBeLessThan(80);
  expect(seen.join("\n")).toMatch(/tree tasks/);
  expect(seen.join("\n")).toMatch(/graph of the tasks/);
  expect(seen.join("\n")).toMatch(/tab Graph/);
  expect(seen.join("\n")).toMatch(/edit output/);
});

test("the help holds the focus and gives it back", async () => {
  while ((await focused()) !== "tree tasks") await press("Tab");
  await press("?");
  const help = page.getByRole("dialog", { name: "keys" });
  await help.waitFor();
  for (let i = 0; i < 5; i++) {
    await press("Tab");
    expect(await page.evaluate(() => document.activeElement === document.body || document.activeElement!.closest("dialog") !== null)).toBe(true);
  }
  await press("Escape");
  await help.waitFor({ state: "detached" });
  expect(await focused()).toBe("tree tasks");
  await press("?");
  await help.getByRole("button", { name: "close" }).click();
  await help.waitFor({ state: "detached" });
  expect(await focused()).toBe("tree tasks");
});

test("after an editor is closed the focus is where it was, so that the next key does what it says", async () => {
  while ((await focused()) !== "tree tasks") await press("Tab");
  await press("ArrowDown");
  await press("e");
  await page.getByRole("textbox", { name: /^response of/ }).waitFor();
  await press("Escape");
  await page.getByRole("textbox", { name: /^response of/ }).waitFor({ state: "detached" });
  expect(await focused()).toBe("tree tasks");
});

test("the graph is walked with arrow keys along its edges, and says where it is", async () => {
  while (!(await focused()).includes("graph of the tasks")) await press("Tab");
  for (const [key, task] of [["ArrowRight", "main/judge[style]"], ["ArrowDown", "main/judge[facts]"], ["ArrowRight", "main/issues"], ["ArrowRight", "main/repair"], ["ArrowLeft", "main/issues"]] as const) {
    await press(key);
    await page.getByRole("article").getByRole("heading", { name: task }).waitFor();
    await expect.poll(() => page.locator(".ltg-graph [aria-live]").first().innerText()).toContain(task);
  }
});

test("a search that is typed narrows the tree, and Escape ends it", async () => {
  await press("/");
  await page.keyboard.type("fix");
  await expect.poll(() => page.getByRole("treeitem").count()).toBe(6);
  await press("Escape");
  await expect.poll(() => page.getByRole("treeitem").count()).toBe(10);
});

test("every button, field and tab has a name, ids are unique, and what refers to an id finds it", async () => {
  const faults: string[] = [];
  const look = async (where: string) => {
    const found = await page.evaluate(() => {
      const told: string[] = [];
      const name = (element: Element) => (element.getAttribute("aria-label") ?? element.getAttribute("title") ?? element.textContent).trim();
      const hidden = (element: Element) => element.closest("[aria-hidden=true]") !== null;
      for (const element of document.querySelectorAll("button, [role=tab], [role=treeitem], [role=dialog], dialog, [role=tree], [role=img], [role=separator], summary"))
        if (!hidden(element) && name(element) === "") told.push(`no name: ${element.outerHTML.slice(0, 100)}`);
      for (const element of document.querySelectorAll("input"))
        if (!element.getAttribute("aria-label") && !element.labels?.length) told.push(`no label: ${element.outerHTML.slice(0, 100)}`);
      const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
      for (const id of new Set(ids)) if (ids.filter((each) => each === id).length > 1) told.push(`twice: #${id}`);
      for (const attribute of ["aria-labelledby", "aria-activedescendant", "aria-controls", "aria-describedby"])
        for (const element of document.querySelectorAll(`[${attribute}]`))
          for (const id of element.getAttribute(attribute)!.split(" ")) if (!document.getElementById(id)) told.push(`${attribute} of nothing: ${id}`);
      for (const element of document.querySelectorAll("[tabindex]")) if (Number(element.getAttribute("tabindex")) > 0) told.push(`tabindex: ${element.outerHTML.slice(0, 100)}`);
      if (document.querySelectorAll("main").length !== 1) told.push("not one main");
      if (!document.documentElement.lang) told.push("no language");
      return told;
    });
    faults.push(...found.map((fault) => `${where}: ${fault}`));
  };
  await page.getByRole("treeitem", { name: /judge\[style\]/ }).click();
  const seen = { graph: page.locator(".ltg-node").first(), timeline: page.getByRole("list", { name: "when tasks ran" }), runs: page.getByRole("list", { name: "runs" }), edits: page.getByText("Nothing was edited."), help: page.getByRole("dialog", { name: "keys" }) };
  for (const [key, where] of [["1", "graph"], ["2", "timeline"], ["3", "runs"], ["4", "edits"], ["?", "help"]] as const) {
    await press(key);
    await seen[where].waitFor();
    await look(where);
  }
  await press("Escape");
  await press("r");
  await page.getByRole("dialog", { name: "resume" }).getByRole("button", { name: "start" }).waitFor();
  await look("plan");
  expect(faults).toEqual([]);
});

test("on a narrow screen one pane is seen at a time, nothing is wider than the screen, and all is reached", async () => {
  await page.setViewportSize({ width: 420, height: 800 });
  for (const pane of ["Tasks", "Views", "Task"]) {
    await page.getByRole("button", { name: pane, exact: true }).click();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
    await expect.poll(() => page.locator(".pane:visible").count()).toBe(1);
  }
  await page.getByRole("button", { name: "Tasks", exact: true }).click();
  await page.getByRole("treeitem", { name: /judge\[style\]/ }).click();
  await page.getByRole("article").getByRole("heading", { name: /judge\[style\]/ }).waitFor(); // a task that is chosen is shown
});

test("on a narrow page the keys move in the tree, Enter reads the task, and 1 and / show what they name", async () => {
  await page.setViewportSize({ width: 400, height: 800 });
  await page.getByRole("button", { name: "Tasks" }).click();
  await page.getByRole("tree").focus();
  for (let i = 0; i < 3; i++) await press("ArrowDown");
  expect(await focused()).toBe("tree tasks");
  const chosen = await page.getByRole("treeitem", { selected: true }).getAttribute("id");
  expect(chosen).toBe(await page.getByRole("tree").getAttribute("aria-activedescendant"));
  await press("Enter");
  await page.locator(".ltg-detail").waitFor();
  await press("1");
  await page.locator(".ltg-graph").waitFor();
  await press("/");
  expect(await focused()).toBe("input find tasks");
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});

test("a text that was typed is there again after another task was looked at, and closing asks", async () => {
  while ((await focused()) !== "tree tasks") await press("Tab");
  const rows = page.getByRole("treeitem");
  await rows.nth(2).click();
  await page.getByRole("button", { name: "edit prompt" }).click();
  await page.locator(".cm-content").waitFor();
  await page.keyboard.type("not ready ");
  await rows.nth(3).click();
  await page.getByRole("button", { name: "1 not applied" }).click();
  await expect.poll(() => page.locator(".cm-content").textContent()).toContain("not ready ");
  await page.getByRole("button", { name: "edit response" }).click();
  await expect.poll(() => page.getByRole("group", { name: /^edit the response/ }).count()).toBe(1);
  await expect.poll(() => page.locator(".cm-content").textContent()).not.toContain("not ready ");
  const asked = page.waitForEvent("dialog");
  const reloading = page.reload({ timeout: 2000 }).catch(() => {}); // it is refused, so it never comes
  expect((await asked).type()).toBe("beforeunload");
  await reloading;
  expect(wrong.splice(0)).toHaveLength(1);
  await page.getByRole("button", { name: "drop" }).click();
});
