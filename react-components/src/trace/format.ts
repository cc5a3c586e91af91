export function seconds(value: number): string {
  if (value < 0.0005) return "0 ms";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(1)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return `${Math.floor(value / 3600)} h ${Math.round((value % 3600) / 60)} min`;
}
export function tokens(value: number | undefined): string {
  return value === undefined ? "?" : value < 10_000 ? value.toLocaleString("en") : `${(value / 1000).toFixed(1)}k`;
}
export function cost(value: number): string {
  return value === 0 ? "$0" : value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}
export function ago(value: number): string {
  if (value < 60) return "just now";
  if (value < 3600) return `${Math.floor(value / 60)} min ago`;
  if (value < 86400) return `${Math.floor(value / 3600)} h ago`;
  return `${Math.floor(value / 86400)} days ago`;
}
export function clock(at: number): string {
  return new Date(at * 1000).toLocaleTimeString("en-GB");
}
export function visible(text: string): string {
  return text;
}
export function visibleText(text: string): string {
  return text;
}
