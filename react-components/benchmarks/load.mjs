/** The first load of the page from `ltg web`, and of the small trace that it shows: bytes as they were sent, heads included. */
import { close, load } from "./support/source.mjs";

const MOST = 200_000;

const { launch, recorded, scratch, serve } = await load("/tests/e2e/support.ts");
const at = scratch();
recorded(at, "review");
const server = await serve(at, "trace.json");
const browser = await launch();
const page = await browser.newPage();
const wire = await page.context().newCDPSession(page);
const urls = new Map();
const sent = new Map();
const add = (id, bytes) => sent.set(id, (sent.get(id) ?? 0) + bytes);
wire.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, new URL(request.url)));
wire.on("Network.responseReceived", ({ requestId, response }) => sent.set(requestId, response.encodedDataLength));
wire.on("Network.dataReceived", ({ requestId, encodedDataLength }) => add(requestId, encodedDataLength)); // a stream of events never ends
wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => sent.set(requestId, encodedDataLength));
await wire.send("Network.enable");
await page.goto(server.url);
await page.locator(".ltg-node").first().waitFor();
await page.getByText("● live").waitFor();
await page.waitForTimeout(1000);

const named = [...sent].map(([id, bytes]) => ({ url: urls.get(id), bytes })).filter(({ url }) => url?.protocol.startsWith("http"));
const kB = (found) => `${(found.reduce((sum, { bytes }) => sum + bytes, 0) / 1000).toFixed(1)} kB`;
console.log(`load: the page is ${kB(named.filter(({ url }) => url.pathname === "/"))} as sent (aim: below ${MOST / 1000}); with the small trace that it shows ${kB(named)}:`, named.map(({ url, bytes }) => `${url.pathname} ${bytes.toLocaleString("en")}`).join(", "));

await browser.close();
await server.stop();
await close();
at.remove();
