/** Server-sent events from pieces of text, cut anywhere. */

export interface ServerEvent {
  event: string;
  data: string;
}

export class EventStream {
  #left = "";
  #event = "";
  #data: string[] = [];

  /** Takes in the next piece; gives the events that are complete with it. */
  push(piece: string): ServerEvent[] {
    const found: ServerEvent[] = [];
    const text = this.#left + piece;
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end < 0) break;
      const line = text.slice(start, text[end - 1] === "\r" && end > start ? end - 1 : end);
      start = end + 1;
      const event = this.#line(line);
      if (event) found.push(event);
    }
    this.#left = text.slice(start);
    return found;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") {
      const found = this.#data.length > 0 ? { event: this.#event || "message", data: this.#data.join("\n") } : undefined;
      this.#event = "";
      this.#data = [];
      return found;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon); // a line that begins with a colon is a comment
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#data.push(value);
    return undefined;
  }
}
