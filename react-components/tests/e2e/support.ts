/** A real browser, real traces, a real server: what the tests in this folder drive. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const VIEWER = join(ROOT, "llmtaskgraph/web/viewer.html");
const PYTHON = resolve(process.cwd(), process.env["PYTHON"] ?? join(ROOT, ".venv/bin/python"));

/** A folder of its own, and a home in it, so that no program is trusted already. Scripts answer at once unless a speed is given. */
export function scratch(speed = 0): Scratch {
  const folder = mkdtempSync(join(tmpdir(), "ltg-e2e-"));
  const env = { ...process.env, XDG_STATE_HOME: join(folder, "state"), HOME: folder, LTG_OFFLINE_SPEED: String(speed), PYTHONDONTWRITEBYTECODE: "1" };
  return { folder, env, trace: join(folder, "trace.json"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Scratch {
  folder: string;
  env: NodeJS.ProcessEnv;
  /** Path of `trace.json` in the folder. */
  trace: string;
  remove(): void;
}

/** Runs `ltg`. */
export function ltg(at: Scratch, ...words: string[]): { code: number; out: string; err: string } {
  const done = spawnSync(PYTHON, ["-m", "llmtaskgraph.cli", ...words], { cwd: at.folder, env: at.env, encoding: "utf8", timeout: 60_000 });
  return { code: done.status ?? -1, out: done.stdout, err: done.stderr };
}

/** Whether this `ltg` can export. */
export function hasExport(): boolean {
  return spawnSync(PYTHON, ["-m", "llmtaskgraph.cli", "export", "--help"], { encoding: "utf8" }).status === 0;
}

/** Copies an example and its script into the folder. */
export function example(at: Scratch, name: string): void {
  for (const ending of ["py", "script.json"]) cpSync(join(ROOT, "examples", `${name}.${ending}`), join(at.folder, `${name}.${ending}`));
}

/** Runs an example offline into `trace.json`, to its end. */
export function recorded(at: Scratch, name: string): void {
  example(at, name);
  const { code, err } = ltg(at, "run", `${name}.py:main`, "--offline", "--trace", "trace.json");
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${err}`);
}

/** Begins a run in a process of its own. */
export function started(at: Scratch, app: string): { process: ChildProcess; ended: Promise<number | null> } {
  const child = spawn(PYTHON, ["-m", "llmtaskgraph.cli", "run", app, "--offline", "--trace", "trace.json"], { cwd: at.folder, env: at.env, stdio: "ignore" });
  return { process: child, ended: new Promise((done) => child.on("exit", (code) => done(code))) };
}

/** Writes a program and its script into the folder. */
export function program(at: Scratch, name: string, code: string, script: unknown): void {
  writeFileSync(join(at.folder, `${name}.py`), code);
  writeFileSync(join(at.folder, `${name}.script.json`), JSON.stringify(script));
}

interface Recorded {
  runs: { id: number; status: string; parent?: number }[];
  task_runs: { id: number; run: number; task: string; status: string; prompt?: Staged; response?: Staged; output?: Staged }[];
  edits?: { id: number; task: string; stage: string; value?: unknown }[];
}

interface Staged {
  origin: string;
  value: unknown;
}

/** `trace.json` as it is on disk. */
export function onDisk(at: Scratch): Recorded {
  return JSON.parse(readFileSync(at.trace, "utf8")) as Recorded;
}

/** What a run stored, as `task: stage origin, ...`: what it executed, and what was edited. */
export function stored(at: Scratch, run: number): string[] {
  const told = (found: Recorded["task_runs"][number]) => (["prompt", "response", "output"] as const).flatMap((name) => (found[name] ? [`${name} ${found[name].origin}`] : [])).join(", ");
  return onDisk(at)
    .task_runs.filter((found) => found.run === run)
    .map((found) => `${found.task}: ${told(found)}`)
    .sort();
}

export interface Served {
  url: string;
  port: number;
  origin: string;
  process: ChildProcess;
  stop(): Promise<number | null>;
}

const serving = new Set<ChildProcess>();

/** `ltg web`, listening. */
export async function serve(at: Scratch, ...words: string[]): Promise<Served> {
  const child = spawn(PYTHON, ["-m", "llmtaskgraph.cli", "web", "--no-open", "--json", ...words], { cwd: at.folder, env: at.env, stdio: ["ignore", "pipe", "pipe"] });
  serving.add(child);
  child.on("exit", () => serving.delete(child));
  let said = "";
  let failed = "";
  child.stderr.on("data", (data: Buffer) => (failed += data.toString()));
  const line = await new Promise<string>((done, fail) => {
    child.stdout.on("data", (data: Buffer) => {
      said += data.toString();
      if (said.includes("\n")) done(said.split("\n")[0]!);
    });
    child.on("exit", (code) => fail(new Error(`ltg web ended with ${code}: ${failed}`)));
  });
  const { url, port } = JSON.parse(line) as { url: string; port: number };
  const stop = () =>
    new Promise<number | null>((done) => {
      if (child.exitCode !== null) return done(child.exitCode);
      child.on("exit", (code) => done(code));
      child.kill("SIGTERM");
    });
  return { url, port, origin: new URL(url).origin, process: child, stop };
}

/** No server outlives its test file. */
export function stopAll(): void {
  for (const child of serving) child.kill("SIGKILL");
}

/** The browser that the machine has. */
export function launch(): Promise<Browser> {
  const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`there is no browser at ${executablePath}; CHROMIUM=PATH names one`);
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** What a page did that it must not: errors, refusals of its policy, requests to elsewhere, dialogs, further pages. */
export function watch(page: Page, ...allowed: string[]): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && found.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!allowed.some((start) => url.startsWith(start)) && !/^(data|blob):/.test(url)) found.push(`request: ${url}`);
  });
  page.on("dialog", (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => found.push(`popup: ${popup.url()}`));
  return found;
}

/** How many times longer work takes in a page now than where the limits of tests are from, at least 1: a machine that is slow, or busy with others, is no fault of the page. */
export async function slowness(page: Page): Promise<number> {
  const took = await page.evaluate(() => {
    const work = () => {
      const from = performance.now();
      let sum = 0;
      for (let i = 0; i < 2e7; i++) sum = (sum + i * 7) % 1_000_003;
      return performance.now() - from + Math.min(0, sum);
    };
    return Math.max(work(), work(), work());
  });
  return Math.max(1, took / USUAL);
}

const USUAL = 100; // milliseconds
