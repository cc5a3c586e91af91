/** Where the types stand. */
export const typesPath: URL;
/** The text of src/trace/types.ts, from the schema. */
export function makeTypes(): Promise<string>;
