/** Numbers, times and texts as people read them. Text of a trace is hostile: what cannot be seen is made visible. */

/** `0.3 ms`, `450 ms`, `4.5 s`, `3 min 20 s`, `2 h 5 min`. */
export function seconds(value: number): string {
  if (!Number.isFinite(value)) return "?";
  if (value < 0) return `−${seconds(-value)}`;
  if (value < 0.9995) return `${Math.round(value * 1000)} ms`;
  if (value < 59.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600).toLocaleString("en")} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** `1,234`, `56.7k`, `8.9M`; `?` where it is not known. */
export function tokens(value: number | undefined): string {
  if (value === undefined) return "?";
  if (value < 10_000) return value.toLocaleString("en");
  return value < 999_950 ? `${(value / 1000).toFixed(1)}k` : `${(value / 1e6).toFixed(1)}M`;
}

/** US dollars, with enough digits to tell a small sum from nothing. */
export function cost(value: number): string {
  if (value === 0) return "$0";
  return Math.abs(value) < 0.01 ? `$${Number(value.toPrecision(2))}` : `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** How long ago something was, from its age in seconds. */
export function ago(age: number): string {
  if (age < 60) return "just now";
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 86_400) return `${Math.floor(age / 3600)} h ago`;
  const days = Math.floor(age / 86_400);
  return `${days.toLocaleString("en")} ${days === 1 ? "day" : "days"} ago`;
}

/** The time of day of a moment in seconds since the epoch; with the date where that is not today's. */
export function clock(at: number, now = Date.now()): string {
  const moment = new Date(at * 1000);
  if (Number.isNaN(moment.getTime())) return "?";
  const pad = (value: number) => String(value).padStart(2, "0");
  const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(pad).join(":");
  if (moment.toDateString() === new Date(now).toDateString()) return time;
  return `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())} ${time}`;
}

// Controls, C1, DEL, soft hyphen, zero width, bidi overrides, line separators, tags: what a screen would act on or hide.
const CONTROL = "\\u0000-\\u0008\\u000b-\\u001f\\u007f";
const HIDDEN = "\\u0080-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";
const LONE = "\\ud800-\\udfff";
const UNSEEN = new RegExp(`[${CONTROL}${HIDDEN}${LONE}]`, "gu");

function symbol(letter: string): string {
  const code = letter.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code >= 0xd800 && code < 0xe000) return "\ufffd";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** Text in which all that would act on a screen, or hide, is a visible symbol. Line ends and tabs stay. */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(UNSEEN, symbol);
}

/** Likewise, on one line. */
export function visible(text: string): string {
  return text.replace(UNSEEN, symbol).replaceAll("\n", "␊").replaceAll("\t", " ");
}
