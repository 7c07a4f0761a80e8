// The state of a tool's form: values, keys of rows, errors, what changed. Values live in the page and are remembered per tab, so that they are kept over sign-in.
import { useEffect, useMemo, useRef, useState } from "react";
import { useChannel, write } from "./channel.js";
import { check, checkAt } from "./check.js";
import { idOf } from "./inputs.jsx";
import { startLocal } from "./local_run.js";
import { isLarge, forServer } from "./uploads.js";
import { changesSince, emptyValues, fitting, isReadable, newRow, weight } from "./values.js";

const LARGE_CHARACTERS = 100_000;
const SETTLE_MS = 250;
const REMEMBER_MS = 300;

let lastKey = 0;
const freshKeys = (spec, values) => Object.fromEntries(spec.fields.filter((field) => field.kind === "rows").map((field) => [field.name, values[field.name].map(() => ++lastKey)]));
const started = (spec, values) => ({ values, keys: freshKeys(spec, values), names: {} });

// Where a hybrid tool is to run: the page's radio group "where". Tools of one mode have no choice.
export function chosenMode(spec) {
  if (spec.mode === "client_only") return "local";
  if (spec.mode === "server_required") return "server";
  return document.querySelector('input[name="where"]:checked')?.value ?? "local";
}

export function useForm(spec, given) {
  const said = JSON.stringify(given.errors ?? []);
  const props = { ...given, errors: useMemo(() => JSON.parse(said), [said]) };
  const [state, setState] = useState(() => started(spec, spec.example));
  const [errors, setErrors] = useState({});
  const [summary, setSummary] = useState(null);
  const [submits, setSubmits] = useState(0);
  const [removed, setRemoved] = useState(null);
  const [opened, setOpened] = useState(null);
  const [baseline, setBaseline] = useState(null);
  const latest = useRef({ state, props });
  latest.current = { state, props };
  const submitted = useRef(null);
  const { local } = useChannel(spec.toolId);
  const server = useServerErrors(props.errors);

  const edited = (path) => {
    setErrors((now) => without(now, path));
    setSummary((now) => now && now.filter((error) => error.field !== path));
    server.forget(path);
  };

  useRemembered(spec, state, setState);
  useLiveEstimate(spec, state, latest);
  useBaseline({ spec, local, shown: props.shown, submitted, latest, setBaseline });

  const changes = useMemo(() => (baseline ? changesSince(spec, baseline, state.values, state.keys) : { paths: new Set(), labels: [] }), [spec, baseline, state]);
  useEffect(() => write(spec.toolId, { changed: changes.labels }), [spec.toolId, changes]);

  const refuse = (found) => {
    setErrors((now) => ({ ...now, ...Object.fromEntries(found.map((error) => [error.field, error.message])) }));
    setSummary(found);
    setSubmits((now) => now + 1);
  };
  useRefusals({ local, errors: props.errors, submitted, refuse });

  const run = async (where) => {
    const { values, names } = latest.current.state;
    const found = check(spec, values);
    setErrors({});
    setSummary(null);
    if (found.length) return refuse(found);
    submitted.current = { where, snapshot: { values, keys: latest.current.state.keys } };
    if (where === "local") return startLocal(spec.toolId, values);
    try {
      const ready = await forServer(spec, values, names, latest.current.props.signedIn);
      write(spec.toolId, { local: { phase: "idle" } });
      latest.current.props.onRun?.(ready);
    } catch (error) {
      if (!error.field) throw error;
      refuse([error]);
    }
  };

  return {
    spec,
    values: state.values,
    keys: state.keys,
    names: state.names,
    errors: { ...server.shown(), ...errors },
    changed: changes.paths,
    summary: summary?.length ? summary : null,
    submits,
    removed,
    opened,
    isSignedIn: Boolean(props.signedIn),
    signInUrl: props.signInUrl || "/login",
    run,
    set: (path, value) => {
      setState((now) => ({ ...now, values: placed(now.values, path, value) }));
      edited(path);
    },
    leave: (path) => {
      server.touch(path);
      // The value is read after React has settled the last keystroke. An error of the run itself stays until the field is edited.
      setTimeout(() => {
        const message = checkAt(spec, latest.current.state.values, path);
        if (message) setErrors((now) => ({ ...now, [path]: message }));
      });
    },
    refuse: (path, message) => setErrors((now) => ({ ...now, [path]: message })),
    name: (path, name) => setState((now) => ({ ...now, names: { ...now.names, [path]: name } })),
    addRow: (field) => {
      const key = ++lastKey;
      setState((now) => withRow(now, field.name, now.values[field.name].length, newRow(field, now.values[field.name], spec.example[field.name]), key));
      setOpened(key);
      setRemoved(null);
      focusLater(`${field.name}.${state.values[field.name].length}.${field.columns[0].name}`, true);
    },
    removeRow: (field, index) => {
      setRemoved({ field: field.name, index, row: state.values[field.name][index], key: state.keys[field.name][index] });
      setState((now) => withoutRow(now, field.name, index));
      setErrors((now) => Object.fromEntries(Object.entries(now).filter(([path]) => !path.startsWith(`${field.name}.`))));
      setSummary(null);
    },
    undo: () => {
      setState((now) => withRow(now, removed.field, removed.index, removed.row, removed.key));
      setRemoved(null);
      focusLater(`${removed.field}.${removed.index}.${Object.keys(removed.row)[0]}`);
    },
    fill: (values) => {
      setState(() => started(spec, values));
      setErrors({});
      setSummary(null);
      setRemoved(null);
    },
    clear: () => emptyValues(spec),
    focus: (path) => {
      const [name, index] = path.split(".");
      const key = state.keys[name]?.[Number(index)];
      if (key) setOpened(key);
      focusLater(path);
    },
  };
}

// After React has drawn: the field of that path, or the one that holds it.
function focusLater(path, isNew = false) {
  setTimeout(() => {
    const control = document.getElementById(idOf(path)) ?? document.getElementById(idOf(path.split(".")[0]));
    control?.focus();
    if (isNew) control?.select?.();
  }, 30);
}

const without = (errors, path) => Object.fromEntries(Object.entries(errors).filter(([one]) => one !== path && one !== path.split(".")[0]));

function placed(values, path, value) {
  const [name, index, inner] = path.split(".");
  if (index === undefined) return { ...values, [name]: value };
  return { ...values, [name]: values[name].map((row, at) => (at === Number(index) ? { ...row, [inner]: value } : row)) };
}

const withRow = (now, name, index, row, key) => ({
  ...now,
  values: { ...now.values, [name]: now.values[name].toSpliced(index, 0, row) },
  keys: { ...now.keys, [name]: now.keys[name].toSpliced(index, 0, key) },
});

const withoutRow = (now, name, index) => ({
  ...now,
  values: { ...now.values, [name]: now.values[name].toSpliced(index, 1) },
  keys: { ...now.keys, [name]: now.keys[name].toSpliced(index, 1) },
});

// Errors that the server named: shown at a field once it has been left or submitted, and gone when it is edited.
function useServerErrors(errors) {
  const [touched, setTouched] = useState(() => new Set());
  const [edited, setEdited] = useState(() => new Set());
  useEffect(() => setEdited(new Set()), [errors]);
  return {
    touch: (path) => setTouched((now) => new Set([...now, path])),
    forget: (path) => setEdited((now) => new Set([...now, path])),
    shown: () => Object.fromEntries((errors ?? []).filter((error) => touched.has(error.field) && !edited.has(error.field)).map((error) => [error.field, error.message])),
  };
}

function useRemembered(spec, state, setState) {
  const key = `credit-studio:inputs:${spec.toolId}`;
  const isRead = useRef(false);
  const newest = useRef(state);
  newest.current = state;
  useEffect(() => {
    const kept = recall(key);
    if (kept) setState(() => ({ ...started(spec, fitting(spec, kept.values)), names: kept.names ?? {} }));
    isRead.current = true;
    return () => remember(key, newest.current); // leaving the page within the app, as to sign in
  }, [key]);
  useEffect(() => {
    if (!isRead.current) return undefined;
    const keep = () => remember(key, state);
    const timer = setTimeout(keep, REMEMBER_MS);
    addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      removeEventListener("pagehide", keep);
    };
  }, [key, state]);
}

function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null; // another version wrote it, or storage is off: start from the example
  }
}

function remember(key, { values, names }) {
  try {
    sessionStorage.setItem(key, JSON.stringify({ values, names }));
  } catch {
    sessionStorage.removeItem(key); // larger than the browser keeps
  }
}

// Each readable state of the values goes to the page's State for its price; nothing does while a local run is chosen, or for tools that only run here.
function useLiveEstimate(spec, state, latest) {
  const isFirst = useRef(true);
  useEffect(() => {
    if (spec.mode === "client_only") return undefined;
    const tell = async () => {
      const { props, state: now } = latest.current;
      if (!props.onChange || !isReadable(spec, now.values)) return;
      const hasLarge = spec.fields.some((field) => field.kind === "file" && isLarge(now.values[field.name]));
      if (hasLarge && !props.signedIn) return;
      // A refused upload is said when the run is asked for.
      const ready = await forServer(spec, now.values, now.names, props.signedIn).catch(() => null);
      if (ready && latest.current.state === now) props.onChange(ready);
    };
    const onWhere = (event) => event.target.name === "where" && event.target.value === "server" && tell();
    document.addEventListener("change", onWhere);
    const isQuiet = !isFirst.current && chosenMode(spec) === "local";
    isFirst.current = false;
    let timer;
    if (!isQuiet) {
      if (weight(state.values) > LARGE_CHARACTERS) timer = setTimeout(tell, SETTLE_MS);
      else tell();
    }
    return () => {
      clearTimeout(timer);
      document.removeEventListener("change", onWhere);
    };
  }, [spec, state]);
}

// The inputs that the shown result came from: those of the last run that gave one.
function useBaseline({ spec, local, shown, submitted, latest, setBaseline }) {
  useEffect(() => {
    if (!shown) return;
    setBaseline(submitted.current?.snapshot ?? { values: latest.current.state.values, keys: latest.current.state.keys });
  }, [shown]);
  useEffect(() => {
    if (local.blocks && submitted.current) setBaseline(submitted.current.snapshot);
  }, [spec.toolId, local.blocks]);
}

// Errors found by the run itself, in the page or on the server, after it was asked for.
function useRefusals({ local, errors, submitted, refuse }) {
  useEffect(() => {
    if (local.errors) refuse(local.errors);
  }, [local.errors]);
  useEffect(() => {
    if (errors?.length && submitted.current?.where === "server") {
      submitted.current = null;
      refuse(errors);
    }
  }, [errors]);
}
