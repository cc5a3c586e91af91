/**
 * 10,000 tasks, from the choice of the file until a node that was clicked shows its task; beside a page that does nothing but draw as
 * many nodes with React Flow, in the same browser. Every time is that of a new page, in which nothing is warm; pages take turns.
 *
 * The plain page is what one writes: sizes given, only what is in sight drawn; React Flow draws all nodes once, to find their handles.
 * Where these are given as well, as we do, it does not. That page reads no file, knows no edges and lays nothing out.
 *
 *     node benchmarks/open.mjs [rounds]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { best, median, ms, times } from "./support/figures.mjs";
import { buildPeer } from "./support/peer.mjs";
import { close, load } from "./support/source.mjs";
import { TRACES } from "./support/traces.mjs";
import { usable } from "./support/usable.mjs";

const ROUNDS = Number(process.argv[2] ?? 5);
const COUNT = 10_000;
const NODE = ".react-flow__node-task";
const ANSWER = ".ltg-detail h2";

const { launch, VIEWER } = await load("/tests/e2e/support.ts");
const folder = mkdtempSync(join(tmpdir(), "ltg-bench-"));
const files = Object.fromEntries(Object.entries(TRACES).map(([name, make]) => [name, written(`${name}.json`, make(COUNT))]));
const peer = await buildPeer(folder);
const browser = await launch();

const cases = {
  "plain": () => drawPeer(`${peer}#${COUNT},0`),
  "given": () => drawPeer(`${peer}#${COUNT},1`),
  "a chain": () => openFile(files.chain),
  "a network": () => openFile(files.network),
  "a fan": () => openFile(files.fan),
  "sub-graphs": () => openFile(files.groups),
  "a fan, to its boxes": () => openFan(files.fan),
};
const took = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, timed] of Object.entries(cases)) took[name].push(await timed());
}
await browser.close();
await close();
rmSync(folder, { recursive: true });

const [plain, given, ...ours] = Object.entries(took).map(([name, found]) => ({ name, drawn: found.map((each) => each.drawn), usable: found.map((each) => each.usable) }));
const count = COUNT.toLocaleString("en");
console.log(`open: React Flow alone draws ${count} nodes and answers a click in ${ms(median(plain.usable))}, best ${ms(best(plain.usable))} (${ROUNDS} rounds);`);
console.log(`open: with sizes and handles of all nodes given by hand in ${ms(median(given.usable))}, best ${ms(best(given.usable))}`);
for (const { name, drawn, usable } of ours) {
  const beside = (peer) => `${times(median(usable) / median(peer.usable))} (best ${times(best(usable) / best(peer.usable))})`;
  console.log(`open: ${name.padEnd(19)} drawn after ${ms(median(drawn))}, usable after ${ms(median(usable))}: ${beside(plain)} React Flow alone (aim: below 2), ${beside(given)} that by hand`);
}

function written(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

async function inPage(address, timed) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 850 } });
  try {
    await page.goto(address);
    return await timed(page);
  } finally {
    await page.close();
  }
}

function drawPeer(address) {
  return inPage(address, async (page) => {
    const found = usable(page, { event: "click", node: ".react-flow__node", answer: "output" });
    await page.getByRole("button", { name: "draw" }).click();
    return found;
  });
}

function openFile(file) {
  return inPage(pathToFileURL(VIEWER).href, async (page) => {
    const found = usable(page, { event: "change", node: NODE, answer: ANSWER });
    await page.locator("input[type=file]").setInputFiles(file);
    return found;
  });
}

/** The fan is drawn as one box; a click on its arrow draws its tasks. */
function openFan(file) {
  return inPage(pathToFileURL(VIEWER).href, async (page) => {
    await page.locator("input[type=file]").setInputFiles(file);
    const arrow = page.getByRole("button", { name: /open tell/ });
    await arrow.waitFor();
    const found = usable(page, { event: "click", node: `${NODE}[data-id*="tell"]`, answer: ANSWER });
    await arrow.click();
    return found;
  });
}
