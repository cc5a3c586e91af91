// Writes src/trace/types.ts from the JSON Schema that the Python package ships. A test compares.
//
// Values that belong to a user (a schema that allows anything) stay JSON text: `RawJson`. What may be left out by a server that sends
// large values only when they are looked at gets `size` and `digest` beside it.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const schemaPath = new URL("../../llmtaskgraph/trace.schema.json", import.meta.url);
export const typesPath = new URL("../src/trace/types.ts", import.meta.url);

const EVENTS = /^(AttemptFailed|AttemptStarted|AttemptSucceeded|EditMade|JournalLine|JournalOpened|Logged|ResponseStreamed|RunEnded|RunStarted|StageSettled|TaskFailed|TaskKept|TaskStarted|TaskSucceeded|TasksAdded|TasksBlocked)$/;
const LEFT_OUT = { Stage: true, Arg: true };

const HEADER = `// Made from llmtaskgraph/trace.schema.json by \`npm run types\`. Do not edit.

/** The text of a JSON value, exactly as it stands in the trace. */
export type RawJson = string & { readonly __json: unique symbol };

`;

/** The text of src/trace/types.ts. */
export async function makeTypes() {
  const schema = JSON.parse(await readFile(schemaPath, "utf8"));
  const kept = Object.entries(schema.$defs).filter(([name]) => !EVENTS.test(name));
  const defs = Object.fromEntries(kept.map(([name, def]) => [name, withoutTitles(shaped(name, def))]));
  const text = await compile({ title: "Whole", type: "object", $defs: defs }, "Whole", {
    bannerComment: "",
    additionalProperties: false,
    unreachableDefinitions: true,
    declareExternallyReferenced: true,
    style: { printWidth: 120 },
  });
  // what a union mentions twice it numbers (Stage1 ...); each is the same type
  const numbered = new RegExp(`\\b(${Object.keys(defs).join("|")})\\d+\\b`, "g");
  const plain = text.replace(/ \*\n \* This interface was referenced by[\s\S]*?\n \*\//g, " */");
  return HEADER + dropNumbered(plain, defs).replace(numbered, "$1").replace("export interface Whole {}\n", "");
}

function shaped(name, def) {
  if (!def.properties) return def;
  const required = new Set(def.required ?? []);
  const properties = Object.fromEntries(
    Object.entries(def.properties).map(([field, value]) => [field, isAnything(value) ? { ...value, tsType: "RawJson" } : value]),
  );
  if (name === "Task") properties.params = { ...properties.params, tsType: "RawJson" };
  if (LEFT_OUT[name]) {
    required.delete("value");
    properties.size = { type: "integer", description: "bytes of a value that is not here (yet): a server leaves large ones out." };
    properties.digest = { type: "string", description: "tells such values apart: equal digests, equal values." };
  }
  // what has a default may be missing; a decoder does not fill it in
  return { ...def, properties, required: [...required] };
}

function isAnything(schema) {
  return !("type" in schema || "$ref" in schema || "anyOf" in schema || "enum" in schema || "const" in schema);
}

function withoutTitles(def) {
  const { title: _, ...rest } = def;
  return rest;
}

function dropNumbered(text, defs) {
  const names = Object.keys(defs).join("|");
  const declaration = new RegExp(`(?:/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\n)?export interface (?:${names})\\d+ \\{\\n[\\s\\S]*?\\n\\}\\n`, "g");
  return text.replace(declaration, "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(typesPath, await makeTypes());
