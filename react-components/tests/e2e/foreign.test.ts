/** A page of somebody else in the same browser, even one that knows the token, reads nothing and does nothing. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch, recorded, scratch, serve, stopAll, type Scratch, type Served } from "./support";

let at: Scratch;
let browser: Browser;
let server: Served;
let foreign: Server;
let theirs: string;

beforeAll(async () => {
  at = scratch();
  recorded(at, "review");
  server = await serve(at, "trace.json", "--allow-edit");
  foreign = createServer((_, answer) => answer.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>theirs</title>"));
  await new Promise<void>((done) => foreign.listen(0, "127.0.0.1", done));
  theirs = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  foreign.close();
  stopAll();
  at.remove();
});

interface Aim {
  origin: string;
  token: string;
}

const edit = JSON.stringify({ run: 1, task: "main", stage: "output", text: "1" });

/** What a page may try; each gives what it got out of it, or "nothing". */
const attempts: Record<string, (aim: Aim & { edit: string }) => Promise<string>> = {
  "reads the trace": ({ origin, token }) => fetch(`${origin}/api/trace`, { headers: token ? { Authorization: `Bearer ${token}` } : {} }).then((answer) => answer.text(), () => "nothing"),
  "reads it without asking": ({ origin }) => fetch(`${origin}/api/trace`, { mode: "no-cors" }).then((answer) => (answer.type === "opaque" ? "nothing" : answer.text()), () => "nothing"),
  "reads the page": ({ origin, token }) => fetch(`${origin}/?token=${token}`).then((answer) => answer.text(), () => "nothing"),
  "posts an edit": ({ origin, token, edit }) =>
    fetch(`${origin}/api/edit`, { method: "POST", body: edit, headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` } }).then((answer) => answer.text(), () => "nothing"),
  "posts an edit without asking": ({ origin, edit }) =>
    fetch(`${origin}/api/edit`, { method: "POST", body: edit, mode: "no-cors", credentials: "include", headers: { "Content-Type": "text/plain" } }).then((answer) => (answer.type === "opaque" ? "nothing" : "something"), () => "nothing"),
  "sends a beacon": async ({ origin, edit }) => {
    navigator.sendBeacon(`${origin}/api/edit`, new Blob([edit], { type: "text/plain" }));
    await new Promise((done) => setTimeout(done, 100));
    return "nothing";
  },
  "listens to events": ({ origin, token }) =>
    new Promise((done) => {
      const source = new EventSource(`${origin}/api/events?token=${token}`);
      source.onopen = source.onmessage = () => done("events");
      source.onerror = () => (source.close(), done("nothing"));
    }),
  "opens a socket": ({ origin, token }) =>
    new Promise((done) => {
      const socket = new WebSocket(`${origin.replace("http", "ws")}/api/events?token=${token}`);
      socket.onopen = () => done("a socket");
      socket.onerror = () => done("nothing");
    }),
  "sends a form into a frame": ({ origin, edit }) =>
    new Promise((done) => {
      const frame = document.body.appendChild(Object.assign(document.createElement("iframe"), { name: "sent" }));
      const form = Object.assign(document.createElement("form"), { action: `${origin}/api/edit`, method: "post", enctype: "text/plain", target: "sent" });
      form.append(Object.assign(document.createElement("input"), { name: `${edit.slice(0, -1)},"x":"`, value: '"}' }));
      document.body.append(form);
      frame.onload = () => done("nothing");
      form.submit();
      setTimeout(() => done("nothing"), 1000);
    }),
  "frames the page": ({ origin, token }) =>
    new Promise((done) => {
      const frame = Object.assign(document.createElement("iframe"), { src: `${origin}/?token=${token}` });
      window.addEventListener("message", () => done("a word from the frame"));
      frame.onload = () => {
        try {
          done(frame.contentDocument?.body.textContent ? "its text" : "nothing");
        } catch {
          done(frame.contentWindow!.length > 0 ? "its frames" : "nothing");
        }
      };
      document.body.append(frame);
      setTimeout(() => done("nothing"), 1500);
    }),
  "runs the editor as a script": ({ origin, token }) =>
    new Promise((done) => {
      const script = Object.assign(document.createElement("script"), { src: `${origin}/editor.js?token=${token}`, onload: () => done("a script"), onerror: () => done("nothing") });
      document.head.append(script);
    }),
  "runs the trace as a script": ({ origin, token }) =>
    new Promise((done) => {
      const script = Object.assign(document.createElement("script"), { src: `${origin}/api/trace?token=${token}`, onload: () => done("a script"), onerror: () => done("nothing") });
      document.head.append(script);
    }),
  "opens it and looks in": async ({ origin, token }) => {
    const other = window.open(`${origin}/?token=${token}`);
    await new Promise((done) => setTimeout(done, 800));
    try {
      return other?.document.body.textContent ? "its text" : "nothing";
    } catch {
      return "nothing";
    }
  },
};

describe.each(["that knows the port", "that knows the token, too"])("a foreign page %s", (knows) => {
  test.each(Object.keys(attempts))("%s: in vain", async (name) => {
    const before = readFileSync(at.trace, "utf8");
    const page = await browser.newPage();
    await page.goto(theirs);
    const token = knows.includes("token") ? new URL(server.url).searchParams.get("token")! : "";
    expect(await page.evaluate(attempts[name] as (aim: object) => Promise<string>, { origin: server.origin, token, edit })).toBe("nothing");
    expect(readFileSync(at.trace, "utf8")).toBe(before);
    for (const each of page.context().pages()) await each.close();
  });
});

test("a name that was made to point here gets nothing", async () => {
  const rebound = await browser.newPage();
  const port = server.port;
  const answer = await rebound.goto(`http://rebound.localhost:${port}/${new URL(server.url).search}`);
  expect(answer!.status()).toBe(403);
  expect(await rebound.content()).not.toContain("ltg-trace");
  await rebound.close();
});
