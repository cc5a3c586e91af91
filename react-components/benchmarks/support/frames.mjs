/** How smoothly a page draws: the time between frames, and tasks that kept it from drawing. */

/** To be done before the page's own scripts: notes frames, long tasks, and how far the events of a server have come in. */
export function watchFrames(page) {
  return page.addInitScript(() => {
    const noted = (window.noted = { frames: [], tasks: [], sequences: [] });
    const frame = (at) => {
      noted.frames.push(at);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) noted.tasks.push({ at: startTime, took: duration });
    }).observe({ type: "longtask" });
    // what is read is taken in at once, and drawn in the frame that follows
    const { read } = ReadableStreamDefaultReader.prototype;
    const decoder = new TextDecoder();
    ReadableStreamDefaultReader.prototype.read = async function () {
      const piece = await read.call(this);
      if (piece.value) {
        const last = [...decoder.decode(piece.value).matchAll(/^id: [^\n]*:(\d+)$/gm)].at(-1);
        if (last) requestAnimationFrame(() => setTimeout(() => noted.sequences.push({ at: Date.now() / 1000, sequence: Number(last[1]) })));
      }
      return piece;
    };
  });
}

/** What a page does in so many seconds. */
export async function framesOf(page, seconds) {
  await page.evaluate(() => Object.values(window.noted).forEach((list) => list.splice(0)));
  await page.waitForTimeout(seconds * 1000);
  const { frames, tasks, sequences } = await page.evaluate(() => window.noted);
  const gaps = frames.slice(1).map((at, i) => at - frames[i]);
  return { gaps, tasks: tasks.map(({ took }) => took), sequences };
}
