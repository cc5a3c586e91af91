/** Traces of 10,000 tasks that have ended. `ltg check` finds them whole. */

const KEY = "0123456789abcdef0123456789abcdef";
const WORDS = "plain words about rivers and cities";
const stage = (value) => ({ value, key: KEY, origin: "executed" });
const said = (content, role = "user") => ({ role, parts: [{ type: "text", content }] });

/** Tasks below main, as `[name, function, names of those it uses, names of what is inside of it]`. */
class Trace {
  tasks = [{ type: "graph", id: "main", number: 1, function: "main" }];
  ran = [];
  at = 1_763_794_000;

  /** Declares LLM tasks in a graph: `{ name, function, uses }`. */
  add(scope, declared) {
    const by = this.tasks.find((task) => task.id === scope).number;
    const made = declared.map(({ name, function: called, uses = [], type = "llm" }) => {
      const task = { type, id: `${scope}/${name}`, number: this.tasks.length + 1, function: called, scope, added_by: by, args: uses.map((used) => ({ ref: `${scope}/${used}` })) };
      if (type === "llm") task.model = "openai:gpt-5-mini";
      this.tasks.push(task);
      return task;
    });
    for (const task of made) if (task.type === "llm") this.#asked(task);
    this.#run(scope, { children: stage({ tasks: made.map((task) => task.number), result: { ref: made.at(-1).id } }), output: stage(WORDS) });
  }

  #asked({ id, number }) {
    this.#run(id, {
      prompt: stage([said(`Write paragraph ${number}: ${WORDS}.`)]),
      response: stage({ ...said(`Paragraph ${number}: ${WORDS}.`, "assistant"), finish_reason: "stop" }),
      output: stage(`Paragraph ${number}: ${WORDS}.`),
      attempts: [{ started: this.at, ended: this.at + 1, status: "succeeded", model: "gpt-5-mini", finish_reason: "stop", usage: { input_tokens: 900, output_tokens: 30 }, cost: 0.0004 }],
    });
  }

  #run(task, more) {
    this.ran.push({ id: this.ran.length + 1, run: 1, task, status: "succeeded", started: (this.at += 0.01), ended: this.at + 1, ...more });
  }

  text() {
    const run = { id: 1, root: 1, started: 1_763_794_000, status: "succeeded", ended: this.at + 1 };
    return JSON.stringify({ format: "llmtaskgraph/1", id: "large", sequence: 1, tasks: this.tasks, runs: [run], task_runs: this.ran });
  }
}

const numbers = (count) => Array.from({ length: count }, (_, i) => i);

/** Each uses the one before it. */
function chain(count) {
  const trace = new Trace();
  trace.add("main", numbers(count).map((i) => ({ name: `refine[${i}]`, function: "refine", uses: i > 0 ? [`refine[${i - 1}]`] : [] })));
  return trace.text();
}

/** Each uses two of the forty before it; too few are alike to be drawn as one. */
function network(count) {
  const trace = new Trace();
  const before = (i, by) => `step${i - 1 - ((i * by) % Math.min(i, 40))}`;
  trace.add("main", numbers(count).map((i) => ({ name: `step${i}`, function: `step${i >> 2}`, uses: i > 0 ? [...new Set([before(i, 7), before(i, 13)])] : [] })));
  return trace.text();
}

/** One, then all the others, then one: drawn as a stack between two boxes. */
function fan(count) {
  const trace = new Trace();
  const inside = numbers(count - 2).map((i) => `tell[${i}]`);
  trace.add("main", [{ name: "names", function: "names" }, ...inside.map((name) => ({ name, function: "tell", uses: ["names"] })), { name: "join", function: "join", uses: inside }]);
  return trace.text();
}

/** Sub-graphs of a hundred, one after the other; in each, chains of ten. */
function groups(count) {
  const trace = new Trace();
  const chapters = numbers(count / 100);
  trace.add("main", chapters.map((i) => ({ name: `chapter[${i}]`, function: "chapter", type: "graph", uses: i > 0 ? [`chapter[${i - 1}]`] : [] })));
  for (const chapter of chapters) trace.add(`main/chapter[${chapter}]`, numbers(99).map((i) => ({ name: `part[${i}]`, function: `part${i % 33}`, uses: i % 10 > 0 ? [`part[${i - 1}]`] : [] })));
  return trace.text();
}

/** Text of each, by name. */
export const TRACES = { chain, network, fan, groups };
