// Builds the viewer into one HTML file: llmtaskgraph/web/viewer.html, or the path that is given.
//
// Three bundles stand in it: the page; the layout worker, as text in the page's script; the editor, as inert text that is compiled
// when an editor opens, and that a server may send apart. The same sources give the same bytes.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { minify } from "terser";
import { build } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here("..");
const aliases = { "llmtaskgraph-react/style.css": here("../src/style.css"), "llmtaskgraph-react": here("../src/index.ts") };

/** The file, as text. Whoever builds it, a test included, builds it for production: else React and JSX come out otherwise. */
export async function buildViewer() {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "production";
  try {
    return await assembled();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

async function assembled() {
  const worker = (await bundle(here("../src/layout/worker.ts"))).script;
  const editor = (await bundle(here("../src/editor/codemirror.ts"))).script;
  const page = await bundle(here("./main.tsx"), [asText("virtual:layout-worker", worker), withoutEditor()]);
  const html = await readFile(here("./index.html"), "utf8");
  const script = page.script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  return html
    .replace('<meta charset="utf-8" />', (found) => `${found}\n    <meta http-equiv="Content-Security-Policy" content="${policy(script)}">`)
    .replace("</head>", () => `<style>${page.style}</style>\n  </head>`)
    .replace(/<script type="module" src=[^>]*><\/script>/, () => `<script type="text/plain" id="ltg-editor">${editor.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--")}</script>\n    <script type="module">${script}</script>`);
}

// What the page may do: run its own script and what it makes of its own text (blob:), style itself, show images that are in the trace,
// talk to where it came from. From disk that is nowhere.
function policy(script) {
  const digest = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'sha256-${digest}' blob:`,
    "worker-src blob:",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

async function bundle(entry, plugins = []) {
  const { output } = await build({
    root,
    configFile: false,
    logLevel: "warn",
    plugins,
    resolve: { alias: aliases },
    esbuild: { jsx: "automatic", legalComments: "none" },
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      cssCodeSplit: false,
      lib: { entry, formats: ["es"], fileName: "bundle" },
      minify: false,
      cssMinify: "esbuild",
      rollupOptions: { output: { inlineDynamicImports: true }, onwarn: (warning, warn) => warning.code === "MODULE_LEVEL_DIRECTIVE" || warn(warning) },
    },
  }).then((result) => (Array.isArray(result) ? result[0] : result));
  const scripts = output.filter((file) => file.type === "chunk");
  if (scripts.length !== 1 || scripts[0].imports.length > 0) throw new Error(`${entry}: not one script that stands for itself`);
  const style = output.filter((file) => file.fileName.endsWith(".css")).map((file) => file.source);
  const { code } = await minified(scripts[0].code);
  return { script: code.trim(), style: style.join("").trim() };
}

// a library build leaves white space in, for those who bundle it; nobody bundles this
async function minified(code) {
  return minify(code, { module: true, compress: { passes: 2, ecma: 2020 }, format: { comments: false, ecma: 2020 } });
}

function asText(name, text) {
  return {
    name: "as-text",
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(text)}` : undefined),
  };
}

// the viewer brings a loader of its own, so the library's is never called; its editor must not be in the page twice
function withoutEditor() {
  return {
    name: "without-editor",
    enforce: "pre",
    resolveId: (id) => (/^\.\/codemirror$/.test(id) ? "\0no-editor" : undefined),
    load: (id) => (id === "\0no-editor" ? 'export function mountEditor() { throw new Error("the page loads its editor itself"); }' : undefined),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2] ?? here("../../llmtaskgraph/web/viewer.html");
  await writeFile(target, await buildViewer());
  console.log(`wrote ${target}`);
}
