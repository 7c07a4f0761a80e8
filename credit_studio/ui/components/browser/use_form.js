// The state of a tool's form: values, errors, what changed. Values live in the page and are remembered per tab, so that they are kept over sign-in.
import { useEffect, useMemo, useRef, useState } from "react";
import { useChannel, write } from "./channel.js";
import { check, checkAt } from "./check.js";
import { idOf } from "./inputs.jsx";
import { startLocal } from "./local_run.js";
import { isLarge, forServer, spent } from "./uploads.js";
import { changesSince, emptyValues, fieldAt, fitting, isReadable, KEY, keyed, newRow, placed, valueAt, weight } from "./values.js";

const LARGE_CHARACTERS = 10_000;
const SETTLE_MS = 250;
const REMEMBER_MS = 300;

const hasLarge = (spec, values) => spec.fields.some((field) => field.kind === "file" && isLarge(values[field.name]));
const started = (spec, values) => ({ values: keyed(spec.fields, values), names: {} });

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
  const [undoable, setUndoable] = useState(null);
  const [opened, setOpened] = useState(null);
  const [baseline, setBaseline] = useState(null);
  const latest = useRef({ state, props });
  latest.current = { state, props };
  const submitted = useRef(null);
  const { local } = useChannel(spec.toolId);
  const server = useServerErrors(props.errors);
  const current = useRef({});

  const edited = (path) => {
    setErrors((now) => without(now, path));
    setSummary((now) => now && now.filter((error) => error.field !== path));
    server.forget(path);
  };

  useRemembered(spec, state, setState);
  useLiveEstimate(spec, state, latest, submitted);
  useBaseline({ spec, local, shown: props.shown, submitted, latest, setBaseline });

  const changes = useMemo(() => (baseline ? changesSince(spec, baseline, state.values) : NO_CHANGES), [spec, baseline, state.values]);
  const told = JSON.stringify(changes.labels);
  useEffect(() => write(spec.toolId, { changed: JSON.parse(told) }), [spec.toolId, told]);

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
    submitted.current = { where, snapshot: values };
    if (where === "local") return startLocal(spec.toolId, values);
    try {
      const ready = await forServer(spec, values, names, latest.current.props.signedIn);
      write(spec.toolId, { local: { phase: "idle" } });
      // The file may have been sent anew: its price first, so that what was promised holds for what runs.
      if (hasLarge(spec, values)) latest.current.props.onChange?.(ready);
      latest.current.props.onRun?.(ready);
      spent(spec, values);
    } catch (error) {
      if (!error.field) throw error;
      refuse([error]);
    }
  };

  // What the parts of the form do: one object for good, so that a part is drawn anew only when what it shows has changed.
  current.current = {
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
    addRow: (path) => {
      const { values } = latest.current.state;
      const field = fieldAt(spec.fields, path);
      const rows = valueAt(values, path);
      const row = newRow(field, rows, valueAt(spec.example, path));
      setState((now) => ({ ...now, values: placed(now.values, path, [...valueAt(now.values, path), row]) }));
      open(path, [row[KEY]]);
      setUndoable(null);
      focusLater(`${path}.${rows.length}.${field.columns[0].name}`, true);
    },
    removeRow: (path, index) => {
      setUndoable({ what: "row", path, index, row: valueAt(latest.current.state.values, path)[index] });
      setState((now) => ({ ...now, values: placed(now.values, path, valueAt(now.values, path).toSpliced(index, 1)) }));
      forget(path);
    },
    moveRow: (path, index, to) => {
      setState((now) => {
        const rows = valueAt(now.values, path);
        return { ...now, values: placed(now.values, path, rows.with(index, rows[to]).with(to, rows[index])) };
      });
      forget(path);
    },
    undo: () => {
      const { what, path, index, row, values, names } = undoable;
      if (what === "row") setState((now) => ({ ...now, values: placed(now.values, path, valueAt(now.values, path).toSpliced(index, 0, row)) }));
      else setState({ values, names });
      setUndoable(null);
      focusLater(what === "row" ? `${path}.${index}.${Object.keys(row)[0]}` : path);
    },
    fill: (values, what) => {
      setUndoable({ what, path: spec.fields[0].name, ...latest.current.state });
      setState(started(spec, values));
      setErrors({});
      setSummary(null);
    },
    clear: () => current.current.fill(emptyValues(spec), "cleared"),
    example: () => current.current.fill(spec.example, "example"),
    focus: (path) => {
      open(path, keysAlong(latest.current.state.values, path));
      focusLater(path);
    },
  };
  const open = (path, keys) => setOpened((now) => ({ keys, field: path.split(".")[0], at: (now?.at ?? 0) + 1 }));
  // Errors name rows by their place: when rows go or move, those of the list go.
  const forget = (path) => {
    setErrors((now) => Object.fromEntries(Object.entries(now).filter(([one]) => !one.startsWith(`${path}.`))));
    setSummary(null);
  };
  const actions = useMemo(() => Object.fromEntries(Object.keys(current.current).map((name) => [name, (...given) => current.current[name](...given)])), []);

  return {
    spec,
    values: state.values,
    names: state.names,
    errors: { ...server.shown(), ...errors },
    changed: changes.paths,
    summary: summary?.length ? summary : null,
    submits,
    undoable,
    opened,
    isSignedIn: Boolean(props.signedIn),
    signInUrl: props.signInUrl || "/login",
    actions,
  };
}

const NO_CHANGES = { paths: {}, labels: [] };

// The keys of the rows that a path goes through.
function keysAlong(values, path) {
  const steps = path.split(".");
  return steps.map((_, at) => valueAt(values, steps.slice(0, at + 1).join("."))?.[KEY]).filter(Boolean);
}

// After React has drawn: the field of that path, or the one that holds it.
function focusLater(path, isNew = false) {
  setTimeout(() => {
    const steps = path.split(".");
    const ids = steps.map((_, at) => idOf(steps.slice(0, steps.length - at).join(".")));
    const control = ids.map((id) => document.getElementById(id)).find(Boolean);
    control?.focus();
    if (isNew) control?.select?.();
  }, 30);
}

// An edited field loses its error, and so does the list that it is in. Without errors nothing new is made.
function without(errors, path) {
  const gone = Object.keys(errors).filter((one) => one === path || path.startsWith(`${one}.`));
  return gone.length ? Object.fromEntries(Object.entries(errors).filter(([one]) => !gone.includes(one))) : errors;
}

// Errors that the server named: shown at a field once it has been left or submitted, and gone when it is edited.
function useServerErrors(errors) {
  const [touched, setTouched] = useState(() => new Set());
  const [edited, setEdited] = useState(() => new Set());
  useEffect(() => setEdited(new Set()), [errors]);
  return {
    touch: (path) => setTouched((now) => new Set([...now, path])),
    forget: (path) => setEdited((now) => (now.has(path) ? now : new Set([...now, path]))),
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
    rememberWithout(key, values);
  }
}

// A file that is larger than the browser keeps has to be given again; the rest stays.
function rememberWithout(key, values) {
  const kept = Object.entries(values).map(([name, value]) => [name, isLarge(value) ? "" : value]);
  try {
    sessionStorage.setItem(key, JSON.stringify({ values: Object.fromEntries(kept), names: {} }));
  } catch {
    sessionStorage.removeItem(key);
  }
}

// Each readable state of the values goes to the page's State for its price; nothing does while a local run is chosen, or for tools that only run here.
function useLiveEstimate(spec, state, latest, submitted) {
  const isFirst = useRef(true);
  useEffect(() => {
    if (spec.mode === "client_only") return undefined;
    const tell = async () => {
      const { props, state: now } = latest.current;
      if (!props.onChange || !isReadable(spec, now.values)) return;
      // A run tells the price of the file that it sends itself: it is not sent a second time for that.
      if (hasLarge(spec, now.values) && (!props.signedIn || submitted.current?.snapshot === now.values)) return;
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
      // After the keystroke has been drawn.
      timer = setTimeout(tell, weight(state.values) > LARGE_CHARACTERS ? SETTLE_MS : 0);
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
    setBaseline(submitted.current?.snapshot ?? latest.current.state.values);
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
