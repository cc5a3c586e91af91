/** The worker: it answers each request with a layout, or with why there is none. */
import type { Answer, Request } from "./inWorker";
import { layout } from "./layout";

const port = self as unknown as {
  addEventListener(type: "message", listener: (event: { data: Request }) => void): void;
  postMessage(answer: Answer): void;
};

port.addEventListener("message", ({ data: { request, input } }) => {
  try {
    port.postMessage({ request, result: layout(input) });
  } catch (error) {
    port.postMessage({ request, error: String(error) });
  }
});
