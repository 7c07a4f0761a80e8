// Local runs, seen from the page: one worker, kept warm between runs. Its state stands in the tool's channel as `local`:
// {phase: "idle" | "loading" | "running" | "done" | "failed" | "cancelled", ...}; a run whose inputs were refused leaves what was there, with `errors`.
import { read, write } from "./channel.js";

let worker = null;
let warm = new Set(); // ids of the tools that the worker has all parts of
let current = null;
let runs = 0;

function tell(patch) {
  if (current) write(current.toolId, { local: { ...read(current.toolId).local, ...patch } });
}

function summon() {
  if (worker) return worker;
  warm = new Set();
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => HEARD[data.type]?.(data);
  worker.onerror = (event) => {
    event.preventDefault?.();
    fail("Python could not be loaded into this browser. The connection may have failed: try again.");
  };
  return worker;
}

const HEARD = {
  loading: ({ what, loaded, total }) => tell({ phase: "loading", what, loaded, total }),
  ready: ({ toolId }) => {
    warm.add(toolId);
    if (current?.toolId === toolId) begin();
  },
  progress: ({ id, share, doing }) => id === current?.id && tell({ share, doing }),
  done: ({ id, blocks, output }) => id === current?.id && finish({ phase: "done", blocks, output }),
  refused: ({ id, errors }) => id === current?.id && refuse(errors),
  failed: ({ id, message }) => id === current?.id && finish({ phase: "failed", message }),
  broken: ({ message }) => fail(message),
};

function begin() {
  current.startedAt = performance.now();
  tell({ phase: "running", share: null, doing: "", startedAt: current.startedAt });
  worker.postMessage({ type: "run", id: current.id, toolId: current.toolId, inputs: current.inputs });
}

function finish(outcome) {
  tell({ ...outcome, elapsedMs: performance.now() - (current.startedAt ?? performance.now()) });
  current = null;
}

function refuse(errors) {
  const { toolId, before } = current;
  current = null;
  write(toolId, { local: { ...before, errors } });
}

function fail(message) {
  worker?.terminate();
  worker = null;
  if (current) finish({ phase: "failed", message });
}

export function startLocal(toolId, values) {
  if (current) return;
  const { local } = read(toolId);
  current = { toolId, id: ++runs, inputs: JSON.stringify(values), before: { ...local, errors: null } };
  // The last blocks stay in view until there are new ones.
  const what = worker ? "tool" : "python";
  summon();
  write(toolId, { local: { phase: warm.has(toolId) ? "running" : "loading", what, runs, blocks: local.blocks, loaded: 0, total: 0 } });
  if (warm.has(toolId)) begin();
  else worker.postMessage({ type: "load", toolId });
}

// Python cannot be interrupted from outside: the worker goes, and the next run loads it again from the browser's cache.
export function cancelLocal() {
  if (!current) return;
  worker?.terminate();
  worker = null;
  finish({ phase: "cancelled" });
}
