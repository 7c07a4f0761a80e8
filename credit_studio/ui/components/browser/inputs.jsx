// One control for one value. Each takes `id`, `value`, `onValue`, and passes the rest (aria-*, onBlur) to its element.
import { useState } from "react";
import { readNumber, showNumber } from "./values.js";

const PROSE_CHARACTERS = 2_000;

export const namesOf = (list) => `names-of-${list}`;
export const idOf = (path) => `in-${path.replaceAll(".", "-")}`;

// Shows comma groups, and what is typed as it is typed until the field is left: nothing moves under the caret.
export function NumberInput({ field, value, onValue, onBlur, className = "", ...rest }) {
  const [text, setText] = useState(null);
  return (
    <input
      {...rest}
      className={`in ${className}`}
      inputMode={field.kind === "integer" ? "numeric" : "decimal"}
      autoComplete="off"
      placeholder={field.placeholder || undefined}
      value={text ?? showNumber(value, field)}
      onChange={(event) => {
        setText(event.target.value);
        onValue(readNumber(event.target.value, field));
      }}
      onBlur={() => {
        setText(null);
        onBlur?.();
      }}
    />
  );
}

export function TextInput({ field, value, onValue, className = "", ...rest }) {
  return (
    <input
      {...rest}
      className={`in ${className}`}
      type="text"
      autoComplete="off"
      list={field.refers ? namesOf(field.refers) : undefined}
      placeholder={field.placeholder || undefined}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value === "" && field.nullable ? null : event.target.value)}
    />
  );
}

// Short ones are for sentences, long ones for code and data.
export function TextArea({ field, value, onValue, className = "", rows, ...rest }) {
  const isProse = field.kind === "textarea" && field.maxLength !== null && field.maxLength <= PROSE_CHARACTERS;
  return (
    <textarea
      {...rest}
      className={`in ${isProse ? "" : "mono"} ${className}`}
      rows={rows ?? (isProse ? 3 : 8)}
      spellCheck={isProse}
      placeholder={field.placeholder || undefined}
      value={value ?? ""}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}

// A list of texts, one a line; empty lines at the end are not items.
export function Lines({ value, onValue, rows = 3, ...rest }) {
  const [text, setText] = useState(null);
  const read = (typed) => typed.split("\n").map((line) => line.trim()).filter(Boolean);
  return (
    <TextArea
      {...rest}
      rows={rows}
      value={text ?? value.join("\n")}
      onValue={(typed) => {
        setText(typed);
        onValue(read(typed));
      }}
      onBlur={() => {
        setText(null);
        rest.onBlur?.();
      }}
    />
  );
}

export function Choice({ field, value, onValue, className = "", ...rest }) {
  return (
    <select {...rest} className={`in ${className}`} value={value ?? ""} onChange={(event) => onValue(event.target.value === "" && field.nullable ? null : event.target.value)}>
      {field.nullable && <option value="">None</option>}
      {field.choices.map((choice) => (
        <option key={choice.value} value={choice.value}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

export function Switch({ value, onValue, className = "", ...rest }) {
  return <input {...rest} className={`switch ${className}`} type="checkbox" role="switch" checked={Boolean(value)} onChange={(event) => onValue(event.target.checked)} />;
}

export function Slider({ field, value, onValue, label }) {
  const least = field.min ?? 0;
  return (
    <input
      className="slide"
      type="range"
      aria-label={`${label}, slider`}
      min={least}
      max={field.max ?? 100}
      step={field.step ?? (field.kind === "integer" ? 1 : "any")}
      value={typeof value === "number" ? value : least}
      onChange={(event) => onValue(Number(event.target.value))}
    />
  );
}

// A file within a row is pasted as text.
const CONTROLS = { integer: NumberInput, number: NumberInput, text: TextInput, textarea: TextArea, file: TextArea, lines: Lines, choice: Choice, switch: Switch };

export function Control({ field, ...rest }) {
  const Drawn = CONTROLS[field.kind];
  return <Drawn field={field} {...rest} />;
}
