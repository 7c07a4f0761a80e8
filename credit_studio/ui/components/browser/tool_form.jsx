// The form of a tool, drawn from its spec (tools/forms.py). Runs start from elements of the page marked data-cs-run="server" or "local", or by Ctrl+Enter.
import { useEffect, useMemo, useRef } from "react";
import { Field, isWide } from "./field.jsx";
import { Icon } from "./icons.jsx";
import { AddRow, Rows } from "./rows.jsx";
import { chosenMode, useForm } from "./use_form.js";
import { labelOf } from "./values.js";

export function ToolForm({ spec: given, ...props }) {
  // A page may hand over an equal spec anew whenever it draws itself: the form is made from the first.
  const spec = useMemo(() => given, [given.toolId, given.version]);
  const form = useForm(spec, props);
  const panels = panelsOf(spec);
  useRunControls(spec, form.run);
  return (
    <form className="stack xl tool-form" aria-label="Inputs" noValidate onSubmit={(event) => event.preventDefault()}>
      {form.summary && <Summary form={form} />}
      {panels.map((panel, index) => (
        <Panel key={panel.title} panel={panel} form={form} isFirst={index === 0} id={`panel-${index}`} />
      ))}
    </form>
  );
}

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

function Panel({ panel, form, isFirst, id }) {
  const named = panel.fields.find((field) => field.kind === "rows" && field.label === panel.title);
  return (
    <section className="card" aria-labelledby={id}>
      <div className="hd">
        <h2 id={id}>{panel.title}</h2>
        <div className="row flow">
          {isFirst && (
            <>
              <button type="button" className="btn ghost clear" onClick={() => form.fill(form.clear())}>
                <Icon name="clear" />
                <span>Clear</span>
              </button>
              <button type="button" className="btn ghost" onClick={() => form.fill(form.spec.example)}>
                <Icon name="example" />
                <span>Load example</span>
              </button>
            </>
          )}
          {named && <AddRow field={named} form={form} />}
        </div>
      </div>
      {sectionsOf(panel.fields).map((fields) => (
        <div key={fields[0].name} className="bd">
          {fields[0].kind === "rows" ? <RowsField field={fields[0]} form={form} isNamed={fields[0] === named} /> : <Fields fields={fields} form={form} />}
        </div>
      ))}
    </section>
  );
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
  return (
    <div className="stack sm">
      {!isNamed && (
        <div className="row between flow">
          <h3>{field.label}</h3>
          <AddRow field={field} form={form} />
        </div>
      )}
      <Rows field={field} form={form} />
    </div>
  );
}

function Fields({ fields, form }) {
  const columns = isWide(fields[0]) ? "" : fields.length === 2 || fields.length === 4 ? "g2" : "g3";
  return (
    <div className={`grid ${columns}`}>
      {fields.map((field) => (
        <Field key={field.name} field={field} form={form} />
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
        form.focus(error.field);
      }}
    >
      {label}
    </a>
  );
}
