/** A real browser, real traces, a real server: what the tests in this folder drive. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const VIEWER = join(ROOT, "llmtaskgraph/web/viewer.html");
const PYTHON = resolve(process.cwd(), process.env["PYTHON"] ?? join(ROOT, ".venv/bin/python"));

/** A folder of its own, and a home in it, so that no program is trusted already. */
export function scratch(): { folder: string; env: NodeJS.ProcessEnv; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "ltg-e2e-"));
  const env = { ...process.env, XDG_STATE_HOME: join(folder, "state"), HOME: folder };
  return { folder, env, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export type Scratch = ReturnType<typeof scratch>;

/** Runs `ltg`. */
export function ltg(at: Scratch, ...words: string[]): { code: number; out: string; err: string } {
  const done = spawnSync(PYTHON, ["-m", "llmtaskgraph.cli", ...words], { cwd: at.folder, env: at.env, encoding: "utf8", timeout: 60_000 });
  return { code: done.status ?? -1, out: done.stdout, err: done.stderr };
}

/** `ltg web`, listening. */
export async function serve(at: Scratch, ...words: string[]): Promise<{ url: string; port: number; process: ChildProcess; stop(): Promise<number | null> }> {
  const child = spawn(PYTHON, ["-m", "llmtaskgraph.cli", "web", "--no-open", "--json", ...words], { cwd: at.folder, env: at.env, stdio: ["ignore", "pipe", "pipe"] });
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
  return { url, port, process: child, stop };
}

/** The browser that the machine has. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** What a page did that it must not: errors, refusals of its policy, requests to elsewhere. */
export function watch(page: Page, allowed: string): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(`error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && found.push(`console: ${message.text()}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(allowed) && !/^(data|blob):/.test(url)) found.push(`request: ${url}`);
  });
  page.on("dialog", (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return found;
}
