/** Traces that no program wrote: a large one, and one in which every text is hostile. `ltg check` finds both whole. */
import { PAYLOADS, SVG } from "./payloads";

type Json = unknown;
const KEY = "0123456789abcdef0123456789abcdef";
const stage = (value: Json, origin = "executed", key = KEY) => ({ value, key, origin });
const said = (content: string, role = "user") => ({ role, parts: [{ type: "text", content }] });

/** 100 graphs of 99 LLM tasks each, all done. 10,001 tasks with the root. */
export function large(graphs = 100, each = 99): string {
  const tasks: Json[] = [{ type: "graph", id: "main", number: 1, function: "main" }];
  const runs: Json[] = [];
  let at = 1_763_794_000;
  const ran = (task: string, more: object) => runs.push({ id: runs.length + 1, run: 1, task, status: "succeeded", started: (at += 0.01), ended: at + 1, ...more });
  const chapters: number[] = [];
  for (let g = 0; g < graphs; g++) {
    const scope = `main/chapter[c${g}]`;
    const chapter = tasks.push({ type: "graph", id: scope, number: tasks.length + 1, function: "chapter", scope: "main", args: [{ value: g }] });
    chapters.push(chapter);
    const inside: number[] = [];
    for (let i = 0; i < each; i++) {
      const id = `${scope}/draft[${i}]`;
      const before = i === 0 ? { value: g } : { ref: `${scope}/draft[${Math.floor((i - 1) / 3)}]` };
      inside.push(tasks.push({ type: "llm", id, number: tasks.length + 1, function: "draft", scope, added_by: chapter, args: [before], model: "openai:gpt-5-mini" }));
      ran(id, {
        prompt: stage([said(`Write paragraph ${i} of chapter ${g}, about rivers and cities.`)]),
        response: stage({ ...said(`Paragraph ${i} of chapter ${g}: plain words about rivers and cities.`, "assistant"), finish_reason: "stop" }),
        output: stage(`Paragraph ${i} of chapter ${g}: plain words about rivers and cities.`),
        attempts: [{ started: at, ended: at + 1, status: "succeeded", model: "gpt-5-mini", finish_reason: "stop", usage: { input_tokens: 900, output_tokens: 30 }, cost: 0.0004 }],
      });
    }
    ran(scope, { children: stage({ tasks: inside, result: { ref: `${scope}/draft[${each - 1}]` } }), output: stage(g) });
  }
  ran("main", { children: stage({ tasks: chapters, result: { list: chapters.slice(0, 3).map((_, g) => ({ ref: `main/chapter[c${g}]` })) } }), output: stage([0, 1, 2]) });
  return JSON.stringify({
    format: "llmtaskgraph/1",
    id: "large",
    sequence: 1,
    functions: { draft: { type: "llm", code: KEY }, chapter: { type: "graph", code: KEY }, main: { type: "graph", code: KEY } },
    tasks,
    runs: [{ id: 1, root: 1, started: 1_763_794_000, status: "succeeded", ended: at + 1 }],
    task_runs: runs,
  });
}

/** main -> an LLM task for each payload, which stands in all of its fields -> a Python task that failed with all of them; two runs, edits. */
export function hostile(payloads: readonly string[] = PAYLOADS): string {
  const all = payloads.filter((text) => text.length < 200).join("\n");
  const asked = payloads.map((text, index) => ({ id: `main/${text}`, number: index + 2, text }));
  const fails = { id: `main/fails[${all}]`, number: 900 };
  const blocked = { id: `main/${all}`, number: 901 };
  const tasks = [
    { type: "graph", id: "main", number: 1, function: all, kwargs: named(all, { value: named(all, all) }) },
    ...asked.map(({ id, number, text }) => ({
      type: "llm",
      id,
      number,
      function: text,
      scope: "main",
      added_by: 1,
      args: [{ value: text }, { list: [{ value: named(text, [text]) }] }, { dict: named(text, { value: text }) }],
      kwargs: named(text, { value: named(text, { polluted: text }) }),
      parser: text,
      model: `openai:${text}`,
      params: named(text, text),
    })),
    { type: "python", id: fails.id, number: fails.number, function: all, scope: "main", added_by: 1, args: asked.map(({ id }) => ({ ref: id })) },
    { type: "python", id: blocked.id, number: blocked.number, function: all, scope: "main", added_by: 1, args: [{ ref: fails.id }], effect: "once" },
  ];
  const inside = { tasks: tasks.slice(1).map((task) => task.number), result: { ref: blocked.id } };
  const failure = (text: string, where: string | null = "output") => ({ type: text, message: text, stage: where, fault: text, frames: [{ file: text, line: 1, function: text, code: text }, { file: `/x/${text}`, line: 2, function: text, code: text }] });
  const first = [
    ...asked.map(({ id, text }, index) => ({
      id: index + 2,
      run: 1,
      task: id,
      status: "succeeded",
      started: 2 + index,
      ended: 3 + index,
      prompt: stage([said(text, "system"), { role: "user", parts: parts(text) }, { role: "tool", parts: parts(text) }], "executed", text),
      response: stage({ role: "assistant", parts: parts(text), finish_reason: text }, "executed", text),
      output: stage(named(text, [text, named(text, null)]), "executed", text),
      attempts: [
        { started: 2, ended: 2.5, status: "failed", model: text, finish_reason: text, error: failure(text, "response"), partial: text, wait: 1 },
        { started: 2.5, ended: 3, status: "succeeded", model: text, finish_reason: text, usage: { input_tokens: 9, output_tokens: 3 }, cost: 0.001 },
      ],
      logs: [{ at: 2, text, level: text }],
    })),
    { id: 900, run: 1, task: fails.id, status: "failed", started: 90, ended: 91, error: failure(all), logs: [{ at: 90, text: all, level: all }], attempts: [{ started: 90, ended: 91, status: "failed", error: failure(all) }] },
    { id: 901, run: 1, task: blocked.id, status: "blocked", inputs: [900] },
    { id: 1, run: 1, task: "main", status: "failed", started: 1, ended: 92, children: stage(inside, "executed", all), error: failure(all) },
  ];
  // in the second run one response is other than a message, and some were edited
  const again = asked.slice(0, 3).map(({ id, text }, index) => ({
    id: 1000 + index,
    run: 2,
    task: id,
    status: "succeeded",
    started: 100,
    ended: 101,
    prompt: stage([said(`${text} again`)]),
    response: stage(index === 0 ? { role: text, parts: [{ type: text, content: text }] } : said(`other ${text}`, "assistant"), "edited"),
    output: stage(`${text} ${text}`),
  }));
  const run = (id: number, more: object) => ({ id, root: 1, started: id * 100, status: "failed", ended: id * 100 + 92, app: `${all}.py:${all}`, model: all, scripted: all, error: all, ...more });
  const edit = (id: number, of: number, text: string, name: string, value: Json) => ({ id, run: of, task: `main/${text}`, stage: name, at: 95 + id, value });
  const [one, two, three, four] = payloads as [string, string, string, string];
  return JSON.stringify({
    format: "llmtaskgraph/1",
    id: all,
    sequence: 1,
    app: `${all}.py:${all}`,
    functions: [...payloads, all].reduce((found, text) => Object.defineProperty(found, text, { enumerable: true, value: { type: "llm", code: text, doc: text, output: named(text, text) } }), {}),
    tasks,
    runs: [run(1, {}), run(2, { parent: 1, edits: [1], last_edit: 1 })],
    task_runs: [...first, ...again],
    edits: [
      edit(1, 1, one, "response", said(all, "assistant")),
      edit(2, 2, two, "model", all),
      edit(3, 2, two, "params", named(all, all)),
      edit(4, 2, three, "prompt", [said(all)]),
      edit(5, 2, four, "output", named(all, all)),
    ],
  });
}

/** An object with that key, even where objects have it already. */
function named(key: string, value: Json): Record<string, Json> {
  return Object.defineProperty({}, key, { enumerable: true, value });
}

function parts(text: string): Json[] {
  const svg = Buffer.from(SVG).toString("base64");
  return [
    { type: "text", content: text },
    { type: "reasoning", content: text },
    { type: "blob", modality: "image", mime_type: "image/svg+xml", content: svg, name: text },
    { type: "blob", modality: "image", mime_type: "image/png", content: svg, name: text },
    { type: "blob", modality: "image", mime_type: "image/png", content: `"><img src=x onerror=pwned=1>`, name: text },
    { type: "blob", modality: "file", mime_type: text, content: text, name: text },
    { type: "uri", modality: "image", uri: text, mime_type: text },
    { type: "uri", modality: "file", uri: `http://evil.invalid/${text}` },
    { type: "tool_call", id: text, name: text, arguments: named(text, text) },
    { type: "tool_call_response", id: text, response: named(text, [text]) },
  ];
}
