/** Where a trace comes from: embedded in this file, a server, or a file that a person gives. */
import { ServerSource, TraceStore, decodeTrace, serverBackend, visible, type ServerInfo, type TraceBackend } from "llmtaskgraph-react";
import { asWritten } from "./written";

/** A trace that is on the screen. */
export interface Opened {
  store: TraceStore;
  /** Another one for another file; the same for a server, however often it is read. */
  key: number;
  /** Name for the title and for a download. */
  name: string;
  /** The text that it was read from; undefined where a server holds it. */
  original?: string;
  /** Ids of edits that it was read with. */
  given: ReadonlySet<number>;
  /** Ids of edits that are in a file somewhere: those, and what was downloaded. */
  known: ReadonlySet<number>;
  source?: ServerSource;
  server?: ServerInfo;
  backend?: TraceBackend;
}

let next = 1;

/** The trace that `ltg export` put into this file, if it did. */
export function embedded(): Opened | undefined {
  const element = document.getElementById("ltg-trace");
  const text = element?.textContent ?? "";
  if (text.trim() === "") return undefined;
  return opened(asWritten(text), element?.dataset["name"] ?? "trace.json");
}

export function opened(text: string, name: string): Opened {
  const store = new TraceStore(decodeTrace(text));
  return { store, key: next++, name, original: text, ...idsOf(store) };
}

/** The server that this page is from, if it is from one. */
export function serverHere(): ServerSource | undefined {
  const token = new URLSearchParams(location.search).get("token");
  return location.protocol.startsWith("http") && token ? new ServerSource(location.origin, token) : undefined;
}

export async function openServer(source: ServerSource): Promise<Opened> {
  const { server, document: found, streaming } = await source.open();
  const store = new TraceStore(found);
  if (streaming.length > 0) store.apply({ streaming });
  const can = { edit: server.can_edit && server.read_only === "", why: server.read_only || "this page was opened for reading: `ltg web --allow-edit` lets it edit" };
  return { store, key: 0, name: server.name, ...idsOf(store), source, server, backend: serverBackend(store, source, can) };
}

/** Throws an Error with one line about what is wrong with the file. */
export async function openFile(file: File): Promise<Opened> {
  try {
    return await opening(file);
  } catch (error) {
    throw new Error(`${visible(file.name)}: ${(error as Error).message}`);
  }
}

async function opening(file: File): Promise<Opened> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const store = new TraceStore(decodeTrace(bytes)); // says what is wrong with bytes that are no UTF-8
  return { store, key: next++, name: file.name, original: new TextDecoder().decode(bytes), ...idsOf(store) };
}

function idsOf(store: TraceStore): Pick<Opened, "given" | "known"> {
  const ids = new Set(store.edits.keys());
  return { given: ids, known: ids };
}
