/** What jsdom lacks: sizes. And patience: a machine may be slow. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

Object.assign(globalThis, { ResizeObserver: Observer, IntersectionObserver: Observer });
const [height, width] = [{ get: () => 600 }, { get: () => 400 }];
Object.defineProperties(HTMLElement.prototype, { offsetHeight: height, offsetWidth: width, clientHeight: height, clientWidth: width });
Element.prototype.scrollTo = () => {};

configure({ asyncUtilTimeout: 20_000 });
afterEach(cleanup);
