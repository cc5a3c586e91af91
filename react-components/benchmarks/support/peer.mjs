/** What we are compared with: the least page that draws as many nodes with React Flow, as its documentation says it is fastest. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

/** Builds the page for production, into a folder. Returns its address. */
export async function buildPeer(folder) {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = "production"; // else React checks and tells
  const made = await build({
    configFile: false,
    logLevel: "error",
    define: { "process.env.NODE_ENV": '"production"' },
    build: { write: false, target: "es2022", lib: { entry: fileURLToPath(new URL("peer/main.mjs", import.meta.url)), formats: ["es"], fileName: "peer" } },
  });
  process.env.NODE_ENV = before ?? "";
  const { output } = [made].flat()[0];
  const script = output.find((file) => file.type === "chunk").code.replaceAll("</script", "<\\/script");
  const style = output.filter((file) => file.fileName.endsWith(".css")).map((file) => file.source).join("");
  const html = `<!doctype html><meta charset="utf-8"><title>peer</title><style>${style} body { margin: 0 } .graph { height: 800px }</style><div id="root"></div><script type="module">${script}</script>`;
  await writeFile(join(folder, "peer.html"), html);
  return pathToFileURL(join(folder, "peer.html")).href;
}
