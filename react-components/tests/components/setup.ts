/** What jsdom lacks: sizes. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer });
Object.defineProperties(HTMLElement.prototype, { offsetHeight: { get: () => 600 }, offsetWidth: { get: () => 400 } });
Element.prototype.scrollTo = () => {};

afterEach(cleanup);
