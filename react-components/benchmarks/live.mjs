/**
 * A run that makes 1,000 events a second, watched in a page from a real `ltg web`; writer, server and browser share the machine. Beside
 * it, in the same browser and at the same time, stands a page with an empty React Flow: its gaps between frames are the machine's.
 *
 * A frame is frozen when the one before it stood for more than 200 ms: up to there, an answer to a key or a click counts as good
 * (the bound of "interaction to next paint").
 *
 *     node benchmarks/live.mjs [seconds]
 */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { ms, quantile } from "./support/figures.mjs";
import { framesOf, watchFrames } from "./support/frames.mjs";
import { buildPeer } from "./support/peer.mjs";
import { close, load } from "./support/source.mjs";

const SECONDS = Number(process.argv[2] ?? 8);
const RATE = 1000;
const FROZEN = 200;
const VIEWS = ["graph", "tree", "timeline"];

const { launch, ROOT, scratch, serve, stopAll } = await load("/tests/e2e/support.ts");
const here = scratch();
const peer = `${await buildPeer(here.folder)}#0,0`;
const browser = await launch();
const idle = await open(peer);
tell("an idle page alone", await framesOf(idle, SECONDS));
for (const kind of ["flood", "grow"]) await watched(kind);
await browser.close();
stopAll();
await close();
here.remove();

async function watched(kind) {
  const at = scratch();
  const writer = spawn(process.env.PYTHON ? resolve(process.env.PYTHON) : resolve(ROOT, ".venv/bin/python"), ["-m", "tests.benchmarks._live", at.trace, kind, String(RATE)], { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
  const lines = linesOf(writer.stdout);
  const written = [];
  await lines.next();
  const server = await serve(at, "trace.json");
  const page = await open(server.url);
  await page.getByText("● live").waitFor();
  await page.locator(".ltg-node").first().waitFor();
  await page.waitForTimeout(1000);
  writer.stdin.write("\n");
  void (async () => {
    for await (const line of lines) written.push(line.split(" ").map(Number));
  })();
  await page.waitForTimeout(1000);
  for (const view of VIEWS) {
    await show(page, view);
    const [ours, beside] = await Promise.all([framesOf(page, SECONDS), framesOf(idle, SECONDS)]);
    tell(`${kind}, with the ${view}`, ours, beside, behind(ours.sequences, written));
  }
  if (writer.exitCode !== null) throw new Error(`${kind} ended before it was looked at in all views`);
  const [first, last] = [written[0], written.at(-1)];
  console.log(`live: ${kind}: ${((last[1] - first[1]) / (last[0] - first[0])).toFixed(0)} events a second were written`);
  writer.kill();
  await page.close();
  await server.stop();
  at.remove();
}

async function open(address) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 850 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await watchFrames(page);
  await page.goto(address);
  return page;
}

/** The graph is beside the tree; "tree" has nothing in the middle that changes. */
async function show(page, view) {
  await page.getByRole("tab", { name: { graph: "Graph", tree: "Edits", timeline: "Timeline" }[view] }).click();
  await page.waitForTimeout(1000);
}

/** The events that were written and not yet to be seen, at the last time that something was drawn; and how long ago it was written. */
function behind(sequences, written) {
  const seen = sequences.at(-1);
  if (!seen) throw new Error("the page took in no event");
  const until = written.findLast(([at]) => at <= seen.at);
  const same = written.find(([, sequence]) => sequence >= seen.sequence);
  return { events: Math.max(0, until[1] - seen.sequence), seconds: Math.max(0, seen.at - same[0]) };
}

function tell(what, { gaps, tasks }, beside, late) {
  const frozen = gaps.filter((gap) => gap > FROZEN).length;
  const [worst, usual] = [Math.max(...gaps), quantile(gaps, 0.99)];
  const words = [`live: ${what}: ${(gaps.length / (gaps.reduce((sum, gap) => sum + gap, 0) / 1000)).toFixed(0)} frames a second, the longest ${ms(worst)}, 99% within ${ms(usual)}${beside ? "" : ";"}`];
  if (beside) words.push(`(an idle page meanwhile: ${ms(Math.max(...beside.gaps))} and ${ms(quantile(beside.gaps, 0.99))});`);
  words.push(`${tasks.length} tasks over 50 ms, the longest ${ms(Math.max(0, ...tasks))};`);
  if (late) words.push(`${late.events} events, ${late.seconds.toFixed(2)} s behind at the end;`);
  words.push(`${frozen} frames frozen for over ${FROZEN} ms (aim: 0)`);
  console.log(words.join(" "));
}

async function* linesOf(stream) {
  let left = "";
  for await (const piece of stream.setEncoding("utf8")) {
    const lines = (left + piece).split("\n");
    left = lines.pop();
    yield* lines;
  }
}
