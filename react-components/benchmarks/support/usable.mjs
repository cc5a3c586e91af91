/** From a click until a page can be used: a node is drawn, it is clicked, and the page that shows the answer is painted. */

/**
 * Waits, in a page, for an event of that type, then looks every frame. Begin it before the event is made.
 *
 * @param event what begins the time: `click` or `change`.
 * @param node selector of nodes that can be clicked.
 * @param answer selector of what shows the id of the node that was clicked.
 * @returns milliseconds until a node was drawn, and until the answer was painted.
 */
export function usable(page, what) {
  return page.evaluate(
    ({ event, node, answer }) =>
      new Promise((done) => {
        let [begun, drawn, clicked] = [0, 0, undefined];
        const inSight = () => {
          for (const found of document.querySelectorAll(node)) {
            const { left, top, width, height } = found.getBoundingClientRect();
            const there = document.elementFromPoint(left + width / 2, top + height / 2);
            if (there && found.contains(there) && !there.closest("button")) return [found, there];
          }
          return undefined;
        };
        const look = () => {
          if (clicked === undefined) {
            const found = inSight();
            if (found) {
              drawn = performance.now() - begun;
              clicked = found[0].dataset.id;
              found[1].dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
            }
          } else if (document.querySelector(answer)?.textContent.includes(clicked)) {
            const painted = new MessageChannel();
            painted.port1.onmessage = () => done({ drawn, usable: performance.now() - begun });
            painted.port2.postMessage(0);
            return;
          }
          requestAnimationFrame(look);
        };
        window.addEventListener(
          event,
          () => {
            begun = performance.now();
            requestAnimationFrame(look);
          },
          { capture: true, once: true },
        );
      }),
    what,
  );
}
