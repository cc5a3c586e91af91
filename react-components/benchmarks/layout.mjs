/**
 * How long a layout of 10,000 tasks takes: in a new process, in which nothing is warm, and then over and over.
 *
 *     node benchmarks/layout.mjs [rounds]
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { best, median, ms } from "./support/figures.mjs";
import { close, load } from "./support/source.mjs";

const { layout } = await load("/src/layout/layout.ts");

const rounds = Number(process.argv[2] ?? 15);
const alone = process.argv[3]; // the one case that a new process measures
const N = 10_000;
const box = (id, children) => ({ id: String(id), width: 200, height: 56, children });
const boxes = (n, prefix = "") => Array.from({ length: n }, (_, i) => box(prefix + i));
const edge = (from, to) => ({ from: String(from), to: String(to) });

/** A small generator of the same numbers each time (mulberry32). */
function numbers(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function random(edgesPerNode) {
  const next = numbers(7);
  const edges = Array.from({ length: N * edgesPerNode }, () => {
    const [a, b] = [Math.floor(next() * N), Math.floor(next() * N)];
    return edge(Math.min(a, b), Math.max(a, b));
  });
  return { nodes: boxes(N), edges };
}

function layered(ranks, size) {
  const next = numbers(11);
  const edges = [];
  for (let r = 1; r < ranks; r++) {
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < 2; k++) edges.push(edge((r - 1) * size + Math.floor(next() * size), r * size + i));
    }
  }
  return { nodes: boxes(ranks * size), edges };
}

function groups(count, size) {
  const nodes = Array.from({ length: count }, (_, g) => box(`g${g}`, boxes(size, `g${g}/`)));
  const edges = [];
  for (let g = 0; g < count; g++) {
    if (g > 0) edges.push(edge(`g${Math.floor((g - 1) / 3)}`, `g${g}`));
    for (let i = 1; i < size; i++) edges.push(edge(`g${g}/${Math.floor((i - 1) / 3)}`, `g${g}/${i}`));
  }
  return { nodes, edges };
}

const cases = {
  "chain": { nodes: boxes(N), edges: Array.from({ length: N - 1 }, (_, i) => edge(i, i + 1)) },
  "fan out and in": { nodes: boxes(N), edges: Array.from({ length: N - 2 }, (_, i) => [edge(0, i + 1), edge(i + 1, N - 1)]).flat() },
  "random, 10,000 edges": random(1),
  "random, 20,000 edges": random(2),
  "100 groups of 100": groups(100, 100),
  "layered 100 x 100": layered(100, 100),
  "10,000 alone": { nodes: boxes(N), edges: [] },
  "5,000 pairs": { nodes: boxes(N), edges: Array.from({ length: N / 2 }, (_, i) => edge(2 * i, 2 * i + 1)) },
};

if (alone) console.log(time(() => layout(cases[alone])));
else {
  for (const [name, input] of Object.entries(cases)) {
    const cold = Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), "1", name], { encoding: "utf8" }));
    for (let i = 0; i < 3; i++) layout(input);
    const times = Array.from({ length: rounds }, () => time(() => layout(input)));
    console.log(`layout: ${name.padEnd(22)} median ${ms(median(times))}, best ${ms(best(times))} (aim: below 100 ms); in a new process ${ms(cold)}`);
  }
}
await close();

function time(work) {
  const begun = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}
