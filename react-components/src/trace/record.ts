/**
 * Dicts whose keys come from a trace: objects without a prototype, so that `__proto__` and `constructor` are keys like any other.
 *
 * JavaScript puts keys such as `10` before all others. Where a dict has such keys, the order they stood in is kept beside it.
 */
const ORDER = new WeakMap<object, readonly string[]>();

/** A dict of these entries. */
export function record<T>(entries: ReadonlyMap<string, T>): Record<string, T> {
  const made = Object.create(null) as Record<string, T>;
  let moved = false;
  for (const [key, value] of entries) {
    made[key] = value;
    const first = key.charCodeAt(0);
    moved ||= first >= 0x30 && first <= 0x39;
  }
  if (moved) ORDER.set(made, [...entries.keys()]);
  return made;
}

/** The entries of a dict in the order of the trace. */
export function entriesOf<T>(dict: Readonly<Record<string, T>> | undefined): [string, T][] {
  if (dict === undefined) return [];
  const order = ORDER.get(dict);
  return order === undefined ? Object.entries(dict) : order.map((key) => [key, dict[key] as T]);
}
