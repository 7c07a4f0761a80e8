// The form of a tool, drawn from its spec (tools/forms.py). Runs start from elements of the page marked data-cs-run="server" or "local", or by Ctrl+Enter.
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { Field, isWide, under } from "./field.jsx";
import { Icon, IconButton } from "./icons.jsx";
import { namesOf } from "./inputs.jsx";
import { AddRow, Rows } from "./rows.jsx";
import { chosenMode, useForm } from "./use_form.js";
import { labelOf, showNumber, titleColumn, withReferences } from "./values.js";

const MANY_FIELDS = 9; // from which the later of several groups are folded
const OPEN_GROUPS = 2;

export function ToolForm({ spec: given, ...props }) {
  // A page may hand over an equal spec anew whenever it draws itself: the form is made from the first.
  const spec = useMemo(() => withReferences(given), [given.toolId, given.version]);
  const form = useForm(spec, props);
  const panels = useMemo(() => panelsOf(spec), [spec]);
  const around = useMemo(
    () => ({ spec, names: form.names, isSignedIn: form.isSignedIn, signInUrl: form.signInUrl, refuse: form.actions.refuse, name: form.actions.name }),
    [spec, form.names, form.isSignedIn, form.signInUrl],
  );
  const mayFold = panels.length > OPEN_GROUPS && spec.fields.length >= MANY_FIELDS;
  useRunControls(spec, form.actions.run);
  return (
    <form className="stack xl tool-form" aria-label="Inputs" noValidate onSubmit={(event) => event.preventDefault()}>
      {form.summary && <Summary form={form} />}
      {panels.map((panel, index) => (
        <Panel key={panel.title} panel={panel} form={form} around={around} isFirst={index === 0} isFolding={mayFold && index >= OPEN_GROUPS} id={`panel-${index}`} />
      ))}
      <Names spec={spec} values={form.values} />
    </form>
  );
}

// The names of rows that other rows speak of, offered while they are typed.
function Names({ spec, values }) {
  const lists = useMemo(() => new Set(spec.fields.flatMap((field) => (field.columns ?? []).map((column) => column.refers).filter(Boolean))), [spec]);
  return [...lists].map((list) => {
    const title = titleColumn(spec.fields.find((field) => field.name === list));
    const names = new Set(values[list].map((row) => row[title.name]).filter(Boolean));
    return <NamesOf key={list} list={list} names={[...names].join("\n")} />;
  });
}

const NamesOf = memo(function NamesOf({ list, names }) {
  return (
    <datalist id={namesOf(list)}>
      {names.split("\n").map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
});

// A click on a run control anywhere in the page; data-cs-edit goes back to the first field. Ctrl+Enter presses the one for the chosen place, so that what is blocked there stays blocked.
function useRunControls(spec, run) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const onClick = (event) => {
      if (event.target.closest?.("[data-cs-edit]")) document.querySelector(".tool-form .in")?.focus();
      const control = event.target.closest?.("[data-cs-run]");
      if (control && !control.disabled && control.getAttribute("aria-disabled") !== "true") latest.current(control.dataset.csRun);
    };
    const onKey = (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      const control = document.querySelector(`[data-cs-run="${chosenMode(spec)}"]:not([disabled])`);
      if (!control) return;
      event.preventDefault();
      control.click();
    };
    document.addEventListener("click", onClick);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("click", onClick);
      document.removeEventListener("keydown", onKey);
    };
  }, [spec]);
}

// Fields by their group, in the order of the inputs; those without one stand in the first panel.
function panelsOf(spec) {
  const panels = [];
  for (const field of spec.fields) {
    const title = field.group || panels[0]?.title || titleOf(spec);
    const panel = panels.find((one) => one.title === title);
    if (panel) panel.fields.push(field);
    else panels.push({ title, fields: [field] });
  }
  return panels;
}

function titleOf(spec) {
  const [first, ...others] = spec.fields;
  return first.kind === "rows" && !others.some((field) => field.kind === "rows") ? first.label : "Inputs";
}

function Panel({ panel, form, around, isFirst, isFolding, id }) {
  const [isOpen, setOpen] = useState(!isFolding);
  const names = panel.fields.map((field) => field.name);
  const isWrong = Object.keys(form.errors).some((path) => names.includes(path.split(".")[0]));
  const isShown = isOpen || isWrong;
  const named = panel.fields.find((field) => field.kind === "rows" && field.label === panel.title);
  useEffect(() => {
    if (names.includes(form.opened?.field)) setOpen(true);
  }, [form.opened]);
  return (
    <section className="card" aria-labelledby={id}>
      <div className="hd">
        <h2 id={id}>{panel.title}</h2>
        <div className="row flow">
          {isFirst && (
            <>
              <button type="button" className="btn ghost clear" onClick={form.actions.clear}>
                <Icon name="clear" />
                <span>Clear</span>
              </button>
              <button type="button" className="btn ghost" onClick={form.actions.example}>
                <Icon name="example" />
                <span>Load example</span>
              </button>
            </>
          )}
          {named && isShown && <AddRow field={named} count={form.values[named.name].length} actions={form.actions} />}
          {isFolding && <IconButton icon={isShown ? "fold" : "unfold"} label={`${isShown ? "Fold" : "Unfold"} ${panel.title}`} aria-expanded={isShown} aria-controls={`${id}-body`} onClick={() => setOpen(!isShown)} />}
        </div>
      </div>
      {isFirst && <Replaced undoable={form.undoable} undo={form.actions.undo} />}
      {!isShown && <p className="bd muted small">{saidOf(panel.fields, form.values)}</p>}
      <div id={`${id}-body`} hidden={!isShown}>
        {isShown &&
          sectionsOf(panel.fields).map((fields) => (
            <div key={fields[0].name} className="bd">
              {fields[0].kind === "rows" ? <RowsField field={fields[0]} form={form} isNamed={fields[0] === named} /> : <Fields fields={fields} form={form} around={around} />}
            </div>
          ))}
      </div>
    </section>
  );
}

// Clear and Load example take what was typed away: it can be had back.
function Replaced({ undoable, undo }) {
  const said = { cleared: "The inputs are empty now.", example: "The example is loaded." }[undoable?.what];
  return (
    <div role="status">
      {said && (
        <p className="row flow replaced">
          <span>{said}</span>
          <button type="button" className="btn" onClick={undo}>
            Undo
          </button>
        </p>
      )}
    </div>
  );
}

// What a folded group holds: "Region: EU (Ireland) \u00b7 Systems: 4 \u00b7 Encrypted"; of switches those that are on.
function saidOf(fields, values) {
  const said = (field, value) => {
    if (Array.isArray(value)) return showNumber(value.length);
    if (field.kind === "textarea" || field.kind === "file") return value ? `${showNumber(value.split("\n").length)} lines` : "none";
    if (typeof value === "number") return [showNumber(value, field), field.unit].filter(Boolean).join(" ");
    return field.choices.find((choice) => choice.value === value)?.label ?? (String(value ?? "").slice(0, 40) || "none");
  };
  const parts = fields.map((field) => {
    const value = values[field.name];
    if (field.kind === "switch") return value ? field.label : "";
    return `${field.label.replace(/[?:]$/, "")}: ${said(field, value)}`;
  });
  return parts.filter(Boolean).join(" \u00b7 ") || "None of it";
}

// Wide fields stand alone, narrow ones side by side.
function sectionsOf(fields) {
  return fields.reduce((sections, field) => {
    const last = sections.at(-1);
    if (last && !isWide(field) && !isWide(last[0])) last.push(field);
    else sections.push([field]);
    return sections;
  }, []);
}

function RowsField({ field, form, isNamed }) {
  const rows = form.values[field.name];
  return (
    <div className="stack sm">
      {!isNamed && (
        <div className="row between flow">
          <h3>{field.label}</h3>
          <AddRow field={field} count={rows.length} actions={form.actions} />
        </div>
      )}
      <Rows
        field={field}
        path={field.name}
        rows={rows}
        errors={under(form.errors, field.name)}
        changed={under(form.changed, field.name)}
        undoable={form.undoable}
        opened={form.opened?.field === field.name ? form.opened : null}
        actions={form.actions}
      />
    </div>
  );
}

function Fields({ fields, form, around }) {
  const columns = isWide(fields[0]) ? "" : fields.length === 2 || fields.length === 4 ? "g2" : "g3";
  return (
    <div className={`grid ${columns}`}>
      {fields.map((field) => (
        <Field key={field.name} field={field} value={form.values[field.name]} error={form.errors[field.name]} isChanged={field.name in form.changed} around={field.kind === "file" ? around : null} actions={form.actions} />
      ))}
    </div>
  );
}

function Summary({ form }) {
  const box = useRef(null);
  const count = form.summary.length;
  useEffect(() => {
    box.current?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
  }, [form.submits]);
  return (
    <div className="note b" role="alert" tabIndex={-1} ref={box}>
      <Icon name="alert" />
      <div>
        <b className="strong">{count === 1 ? "1 input needs a change." : `${count} inputs need a change.`} Nothing was charged.</b>
        <ul className="row flow">
          {form.summary.slice(0, 8).map((error) => (
            <li key={error.field}>
              <ErrorLink form={form} error={error} />
            </li>
          ))}
          {count > 8 && <li>and {count - 8} more</li>}
        </ul>
      </div>
    </div>
  );
}

function ErrorLink({ form, error }) {
  const label = labelOf(form.spec, form.values, error.field);
  const isField = form.spec.fields.some((field) => field.name === error.field.split(".")[0]);
  if (!isField) return <span>{error.message}</span>;
  return (
    <a
      href={`#in-${error.field.replaceAll(".", "-")}`}
      onClick={(event) => {
        event.preventDefault();
        form.actions.focus(error.field);
      }}
    >
      {label}
    </a>
  );
}
