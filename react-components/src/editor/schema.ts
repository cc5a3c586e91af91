/** Checks JSON against a JSON Schema, for the editor. It is loaded with the editor, and never with the page. */
import { Validator, type OutputUnit, type Schema } from "@cfworker/json-schema";

/** Errors that only say that an error is further down. */
const OUTER = new Set(["$ref", "properties", "patternProperties", "additionalProperties", "items", "prefixItems", "allOf"]);

let last: { schema: string; validator: Validator } | undefined;

/**
 * The first thing in which a JSON text does not fit a JSON Schema, in one line; empty where it fits, and where the schema itself is
 * none that can be read. A text that is no JSON is no matter of this check.
 */
export function misfit(text: string, schema: string): string {
  try {
    if (last?.schema !== schema) last = { schema, validator: new Validator(JSON.parse(schema) as Schema, "2020-12", false) };
    const { valid, errors } = last.validator.validate(JSON.parse(text));
    const first = errors.find((each) => !OUTER.has(each.keyword)) ?? errors[0];
    return valid || first === undefined ? "" : `${placeOf(first)}${wordsOf(first)}`;
  } catch {
    return "";
  }
}

function wordsOf({ keyword, error }: OutputUnit): string {
  return keyword === "anyOf" || keyword === "oneOf" ? "it is none of the kinds that are expected here" : error.replace(/\.$/, "");
}

/** `#/issues/0` as `issues[0]: `. */
function placeOf({ instanceLocation }: OutputUnit): string {
  const parts = instanceLocation.split("/").slice(1).map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  const place = parts.map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`)).join("").replace(/^\./, "");
  return place === "" ? "" : `${place}: `;
}
