import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu"] });
const p = await b.newPage({ viewport: { width: 1400, height: 850 } });
p.on("console", m => console.log(m.text())); p.on("pageerror", e => console.log("ERR", e.message));
await p.goto("file:///tmp/wt/benchweb/llmtaskgraph/web/viewer.html");
const t = Date.now();
await p.locator("input[type=file]").setInputFiles(process.argv[2]);
for (let i = 0; i < 6; i++) { await new Promise(r => setTimeout(r, 1500)); console.log(Date.now() - t, await p.evaluate(() => [document.querySelectorAll(".react-flow__node").length, document.querySelectorAll(".react-flow__edge").length, document.querySelector(".react-flow__viewport")?.style.transform, [...document.querySelectorAll(".react-flow__node")].slice(0,3).map(n=>n.style.transform).join()])); }
await p.screenshot({ path: "/tmp/shot.png" });
await b.close();
