/** What is made from the sources and committed is what the sources make. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { makeTypes, typesPath } from "../scripts/types.mjs";
import { buildViewer } from "../viewer/build.mjs";

const committed = new URL("../../llmtaskgraph/web/viewer.html", import.meta.url);

it("the types are those of the schema that the Python package ships", async () => {
  expect(await makeTypes()).toBe(await readFile(typesPath, "utf8"));
});

describe("the viewer in the Python package", () => {
  let built = "";
  beforeAll(async () => {
    built = await buildViewer();
  });

  it("is the one that the sources make: `make viewer` writes it", async () => {
    expect((await readFile(committed, "utf8")) === built).toBe(true);
  });

  it("is under 200 kB compressed as a server first sends it: without its editor", () => {
    const editor = /(<script type="text\/plain" id="ltg-editor">)[\s\S]*?<\/script>/;
    expect(built).toMatch(editor);
    expect(gzipSync(built.replace(editor, "$1</script>"), { level: 6 }).length).toBeLessThan(200_000);
  });

  it("loads nothing and runs nothing but what stands in it", () => {
    const outside = [...built.matchAll(/<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(outside).toEqual(["data:,"]);
    expect(built).toMatch(/<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+' blob:;/);
  });

  it("has a place for a trace and holds none", () => {
    expect(built).toContain('<script type="application/json" id="ltg-trace"></script>');
  });
});
