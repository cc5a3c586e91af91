/** The library as others get it: built, and then built into a program of theirs. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { build, type Rollup } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import manifest from "../package.json" with { type: "json" };

const root = fileURLToPath(new URL("..", import.meta.url));
let folder = "";
const built = () => join(folder, "dist");

beforeAll(async () => {
  folder = await mkdtemp(join(root, "node_modules", ".package-")); // where React and the rest are found
  await build({ root, logLevel: "warn", build: { outDir: built(), emptyOutDir: true } });
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

/** A program of somebody else, bundled. */
async function bundled(program: string): Promise<Rollup.RollupOutput["output"]> {
  const entry = join(folder, "program.js");
  await writeFile(entry, program);
  const made = await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    resolve: { alias: { "llmtaskgraph-react/style.css": join(built(), "style.css"), "llmtaskgraph-react": join(built(), "index.js") } },
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, minify: false, rollupOptions: { input: entry, onwarn: () => {} } },
  });
  return (made as Rollup.RollupOutput).output;
}

it("has every file that its manifest names, but for the types, which tsc writes", () => {
  const named = Object.values(manifest.exports).flatMap((each) => (typeof each === "string" ? [each] : [each.import]));
  expect(named.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
});

it("brings its styles, those of the drawing included", async () => {
  const style = await readFile(join(built(), "style.css"), "utf8");
  expect(style).toContain(".ltg-node");
  expect(style).toContain(".react-flow__");
});

it("brings its worker and its editor as files of their own", async () => {
  const output = await bundled('import "llmtaskgraph-react/style.css"; export { GraphView, StageEditor } from "llmtaskgraph-react"; import { GraphView, StageEditor, TraceProvider } from "llmtaskgraph-react"; console.log(GraphView, StageEditor, TraceProvider);');
  const names = output.map((file) => file.fileName);
  expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/worker-.*\.js$/), expect.stringMatching(/codemirror-.*\.js$/), expect.stringMatching(/\.css$/)]));
  const page = output.find((file) => file.type === "chunk" && file.isEntry) as Rollup.OutputChunk;
  expect(page.code).toMatch(/new Worker\(.*worker-/s);
  expect(page.code).not.toContain("EditorView");
}, 60_000);

it("costs whoever only reads traces no React", async () => {
  const output = await bundled('import { decodeTrace } from "llmtaskgraph-react"; console.log(decodeTrace("{}"));');
  const code = output.map((file) => (file.type === "chunk" ? file.code : "")).join("");
  expect(code).toContain("llmtaskgraph/");
  expect(code).not.toMatch(/react\.(transitional\.)?element|xyflow|EditorView/);
}, 60_000);
