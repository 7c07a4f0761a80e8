// What the form and the result panel of one tool's page tell each other. It lives in the page and is never sent.
import { useSyncExternalStore } from "react";

const IDLE = Object.freeze({ phase: "idle" });
const EMPTY = Object.freeze({ changed: [], local: IDLE });
const held = new Map();
const listeners = new Map();

export function read(toolId) {
  return held.get(toolId) ?? EMPTY;
}

// `changed`: labels of the inputs changed since the shown result. `local`: the local run, see local_run.js.
export function write(toolId, patch) {
  const next = { ...read(toolId), ...patch };
  held.set(toolId, next);
  for (const listener of listeners.get(toolId) ?? []) listener();
  document.dispatchEvent(new CustomEvent("credit-studio:tool", { detail: { toolId, ...next } }));
}

export function useChannel(toolId) {
  const subscribe = (listener) => {
    const all = listeners.get(toolId) ?? new Set();
    listeners.set(toolId, all.add(listener));
    return () => all.delete(listener);
  };
  return useSyncExternalStore(subscribe, () => read(toolId), () => EMPTY);
}
