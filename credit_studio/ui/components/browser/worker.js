// Runs tools in the browser: loads Python once and each tool once, then runs what it is asked to, one run at a time. Nothing leaves the page.
import asmUrl from "pyodide/pyodide.asm.mjs?url";
import wasmUrl from "pyodide/pyodide.asm.wasm?url";
import loaderUrl from "pyodide/pyodide.mjs?url";
import stdlibUrl from "pyodide/python_stdlib.zip?url";

// Bytes of pyodide 314.0.7 (see __init__.py), so that progress is right also when the server sends them compressed.
const WASM_BYTES = 9_598_218;
const STDLIB_BYTES = 2_545_637;
// Pyodide fetches no package: what the tools need is in archives of their own.
const NO_PACKAGES = { info: { abi_version: "2026_0", arch: "wasm32", platform: "emscripten_5_0_3", python: "3.14.0", version: "314.0.7" }, packages: {} };
const ROOM = "/studio";

let python = null;
let local = null;
let manifest = null;
const unpacked = new Set();

self.onmessage = ({ data }) => (data.type === "load" ? load(data.toolId) : run(data));

// Python and what all tools share, once; then what this tool needs and is not here yet (see ui/local_run/bundle.py).
async function load(toolId) {
  try {
    manifest ??= await (await fetch("/local/manifest.json", { cache: "no-cache" })).json();
    const names = manifest.tools[toolId].packs.filter((name) => !unpacked.has(name));
    const parts = names.map((name) => manifest.packs[name]);
    const progress = { what: local ? "tool" : "python", loaded: 0, total: parts.reduce((sum, part) => sum + part.size, local ? 0 : WASM_BYTES + STDLIB_BYTES + manifest.base.size) };
    const packs = Promise.all(parts.map((part) => fetchWhole(part.url, progress)));
    const [archives] = await Promise.all([packs, local ? null : loadPython(progress)]);
    for (const archive of archives) python.unpackArchive(archive, "zip", { extractDir: ROOM });
    for (const name of names) unpacked.add(name);
    postMessage({ type: "ready", toolId });
  } catch (error) {
    const what = local ? "What this tool needs" : "Python";
    postMessage({ type: "broken", message: `${what} could not be loaded into this browser (${error.message}). Try again.` });
  }
}

async function loadPython(progress) {
  const [wasm, stdlib, base, loader, asm] = await Promise.all([
    fetchWhole(wasmUrl, progress),
    fetchWhole(stdlibUrl, progress),
    fetchWhole(manifest.base.url, progress),
    import(/* @vite-ignore */ loaderUrl),
    import(/* @vite-ignore */ asmUrl),
  ]);
  local = await start({ wasm, stdlib, base, loader, asm });
}

// Counts bytes as they are after decompression.
async function fetchWhole(url, progress) {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
  const parts = [];
  let said = 0;
  for (const reader = reply.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    progress.loaded += value.length;
    if (performance.now() - said > 100) {
      said = performance.now();
      postMessage({ type: "loading", ...progress });
    }
  }
  postMessage({ type: "loading", ...progress });
  return new Blob(parts).arrayBuffer();
}

// Pyodide fetches its parts itself: while it starts, it is handed what is here already, and anything else is refused.
async function start({ wasm, stdlib, base, loader, asm }) {
  const network = self.fetch;
  const parts = { "pyodide.asm.wasm": [wasm, "application/wasm"], "python_stdlib.zip": [stdlib, "application/zip"] };
  self.fetch = async (address) => {
    const name = String(address.url ?? address).split("/").at(-1);
    if (!parts[name]) throw new Error(`${name} is not part of the local run`);
    const [bytes, type] = parts[name];
    return new Response(bytes, { headers: { "Content-Type": type } });
  };
  try {
    python = await loader.loadPyodide({ indexURL: "/python/", createPyodideModule: asm.default, lockFileContents: NO_PACKAGES, packageBaseUrl: "/python/", fullStdLib: false });
    python.unpackArchive(base, "zip", { extractDir: ROOM });
    const sys = python.pyimport("sys");
    sys.path.insert(0, ROOM);
    return python.pyimport("local");
  } finally {
    self.fetch = network;
  }
}

function run({ id, toolId, inputs }) {
  const report = (share, doing) => postMessage({ type: "progress", id, share, doing });
  try {
    const result = JSON.parse(local.run(manifest.tools[toolId].module, inputs, report));
    postMessage(result.errors ? { type: "refused", id, errors: result.errors } : { type: "done", id, ...result });
  } catch (error) {
    postMessage({ type: "failed", id, message: wordsFor(String(error.message ?? error)) });
  }
}

// The last line of a traceback names the fault; the rest is of no use to a person.
function wordsFor(text) {
  const last = text.trim().split("\n").at(-1);
  if (/MemoryError|out of memory/i.test(text)) return "This browser has too little memory for these inputs. Lower them and run again.";
  return `The tool stopped: ${last} Change the inputs and run again.`;
}
