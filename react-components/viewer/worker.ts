/** The worker that lays out graphs: its text stands in the page, since a page from disk may load no other file. */
import text from "virtual:layout-worker";

export function makeWorker(): Worker {
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return worker;
}
