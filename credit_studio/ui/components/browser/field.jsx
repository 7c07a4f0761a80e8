// A labelled field: label above, help below, the error under it.
import { memo } from "react";
import { FileField } from "./file_field.jsx";
import { Icon } from "./icons.jsx";
import { Control, idOf, Slider } from "./inputs.jsx";

const SHORT_LINE = 60;
const isShortList = (field) => field.kind === "lines" && (field.item?.maxLength ?? Infinity) <= SHORT_LINE;
export const isWide = (field) => ["rows", "lines", "textarea", "file"].includes(field.kind) && !isShortList(field);

export function FieldError({ id, message, label = "" }) {
  return (
    <p className="err" id={id}>
      <Icon name="alert" size="s" />
      <span>
        {label && `${label}: `}
        {message}
      </span>
    </p>
  );
}

const NONE = Object.freeze({});

// What an object keyed by dotted paths has at a path and below it; one and the same empty object when that is nothing.
export function under(all, path) {
  const found = Object.entries(all).filter(([one]) => one === path || one.startsWith(`${path}.`));
  return found.length ? Object.fromEntries(found) : NONE;
}

// `around` is what a file needs of its form: its name, who is signed in, what to do with a refusal.
export const Field = memo(function Field({ field, value, error, isChanged, around, actions }) {
  const path = field.name;
  const id = idOf(path);
  const described = [field.help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const wiring = {
    id,
    field,
    value,
    className: isChanged ? "changed" : "",
    onValue: (now) => actions.set(path, now),
    onBlur: () => actions.leave(path),
    "aria-invalid": error ? true : undefined,
    "aria-describedby": described,
  };
  return (
    <div className={`field kind-${field.kind}`}>
      <label htmlFor={id}>
        {field.label}
        {field.serverOnly && <span className="muted small"> server runs only</span>}
      </label>
      {field.kind === "file" ? <FileField {...wiring} form={around} /> : <WithUnit field={field}>{<Control {...wiring} />}</WithUnit>}
      {field.slider && <Slider field={field} value={wiring.value} onValue={wiring.onValue} label={field.label} />}
      {error && <FieldError id={`${id}-error`} message={error} />}
      {field.help && (
        <p className="help" id={`${id}-help`}>
          {field.help}
        </p>
      )}
    </div>
  );
});

export function WithUnit({ field, children }) {
  if (!field.unit) return children;
  if (field.unitBefore) {
    return (
      <div className="pre">
        <span aria-hidden="true">{field.unit}</span>
        {children}
      </div>
    );
  }
  return (
    <div className="post">
      {children}
      <span aria-hidden="true">{field.unit}</span>
    </div>
  );
}
