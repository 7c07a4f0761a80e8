// Repeated rows as a ruled grid; on phones each row folds to its title and a line of its figures.
import { useEffect, useRef, useState } from "react";
import { FieldError } from "./field.jsx";
import { Icon, IconButton } from "./icons.jsx";
import { Control, idOf } from "./inputs.jsx";
import { capital, columnInSentence, columnLabel, inSentence, isNumeric, letter, rowTitle, showNumber, titleColumn } from "./values.js";

export function AddRow({ field, form }) {
  const isFull = field.maxRows !== null && form.values[field.name].length >= field.maxRows;
  return (
    <button type="button" className="btn" disabled={isFull} title={isFull ? `At most ${showNumber(field.maxRows)}` : undefined} onClick={() => form.addRow(field)}>
      <Icon name="add" />
      <span>Add {field.rowName}</span>
    </button>
  );
}

export function Rows({ field, form }) {
  const rows = form.values[field.name];
  const keys = form.keys[field.name];
  const removed = form.removed?.field === field.name ? form.removed : null;
  const [open, setOpen] = useState(() => new Set(keys.slice(0, 1)));
  const undo = useRef(null);
  const fold = (key) => setOpen((now) => new Set(now.has(key) ? [...now].filter((one) => one !== key) : [...now, key]));
  useEffect(() => {
    if (form.opened) setOpen((now) => new Set([...now, form.opened]));
  }, [form.opened]);
  useEffect(() => {
    if (removed) undo.current?.focus();
  }, [removed]);

  return (
    <div className="stack sm">
      <div className="scroll grid-scroll">
        <table className="grid-in">
          <caption className="vh">{field.label}</caption>
          <Columns field={field} />
          <Head field={field} />
          <tbody>
            {rows.map((row, index) => (
              <Row key={keys[index]} field={field} form={form} row={row} index={index} rows={rows} isOpen={open.has(keys[index])} fold={() => fold(keys[index])} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p className="muted">None yet.</p>}
      {form.errors[field.name] && <FieldErrorLine field={field} message={form.errors[field.name]} />}
      {field.help && <p className="muted small">{field.help}</p>}
      <div role="status">
        {removed && (
          <p className="row">
            <span>{rowTitle(field, [removed.row], 0)} removed.</span>
            <button type="button" className="btn" ref={undo} onClick={form.undo}>
              Undo
            </button>
          </p>
        )}
      </div>
    </div>
  );
}

const FieldErrorLine = ({ field, message }) => (
  <div className="field" id={idOf(field.name)} tabIndex={-1}>
    <FieldError id={`${idOf(field.name)}-error`} message={message} />
  </div>
);

// Widths follow from what a column can hold, so that a long name gets the room.
function Columns({ field }) {
  return (
    <colgroup>
      {field.columns.map((column) => (
        <col key={column.name} style={{ width: column === titleColumn(field) ? undefined : widthOf(column) }} />
      ))}
      <col style={{ width: 40 }} />
    </colgroup>
  );
}

function widthOf(column) {
  if (column.kind === "switch") return 64;
  if (column.kind === "choice") return Math.min(200, 56 + 7.6 * Math.max(...column.choices.map((choice) => choice.label.length)));
  if (!isNumeric(column)) return undefined;
  return column.max !== null && column.max < 100_000 ? 68 : 98;
}

function Head({ field }) {
  const groups = field.columns.reduce((found, column) => {
    const last = found.at(-1);
    if (last && last.title === column.columnGroup) last.span += 1;
    else found.push({ title: column.columnGroup, span: 1 });
    return found;
  }, []);
  return (
    <thead>
      {groups.some((group) => group.title) && (
        <tr className="grp">
          {groups.map((group, index) =>
            group.title ? (
              <th key={index} colSpan={group.span} scope="colgroup">
                {group.title}
              </th>
            ) : (
              <td key={index} colSpan={group.span} />
            ),
          )}
          <td />
        </tr>
      )}
      <tr>
        {field.columns.map((column) => (
          <th key={column.name} scope="col" className={isNumeric(column) ? "" : "l"} title={column.help || undefined}>
            {column.label}
            {column.unit && `, ${column.unit}`}
          </th>
        ))}
        <td />
      </tr>
    </thead>
  );
}

function Row({ field, form, row, index, rows, isOpen, fold }) {
  const name = `${capital(field.rowName)} ${letter(index)}`;
  const title = rowTitle(field, rows, index);
  const wrong = field.columns.filter((column) => form.errors[`${field.name}.${index}.${column.name}`]);
  const isShut = !isOpen && wrong.length === 0;
  const cannotRemove = rows.length <= field.minRows;
  return (
    <>
      <tr className={isShut ? "shut" : ""}>
        <td className="line">
          <span>
            <b className="strong">{title}</b>
            <br />
            <span className="small muted">{figuresOf(field, row)}</span>
          </span>
          <IconButton icon="unfold" label={`Edit ${title}`} aria-expanded="false" onClick={fold} />
        </td>
        {field.columns.map((column) => (
          <Cell key={column.name} field={field} form={form} column={column} row={row} index={index} name={name} />
        ))}
        <td className="x">
          <span className="row">
            <IconButton icon="fold" label={`Fold ${title}`} className="ghost fold" aria-expanded="true" onClick={fold} />
            <IconButton icon="remove" label={cannotRemove ? `${title} cannot be removed: at least ${field.minRows} needed` : `Remove ${title}`} disabled={cannotRemove} onClick={() => form.removeRow(field, index)} />
          </span>
        </td>
      </tr>
      {wrong.length > 0 && (
        <tr className="wrong">
          <td colSpan={field.columns.length + 1} className="field">
            {wrong.map((column) => {
              const path = `${field.name}.${index}.${column.name}`;
              return <FieldError key={path} id={`${idOf(path)}-error`} label={columnLabel(column)} message={form.errors[path]} />;
            })}
          </td>
        </tr>
      )}
    </>
  );
}

function Cell({ field, form, column, row, index, name }) {
  const path = `${field.name}.${index}.${column.name}`;
  const error = form.errors[path];
  const isTitle = column === titleColumn(field);
  const marks = [isNumeric(column) ? "num" : "", form.changed.has(path) ? "changed" : ""].filter(Boolean).join(" ");
  return (
    <td className={isTitle ? "n" : ""} data-l={isTitle ? name : columnLabel(column)}>
      <Control
        field={column}
        id={idOf(path)}
        className={marks}
        value={row[column.name]}
        aria-label={`${name}, ${columnInSentence(column)}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${idOf(path)}-error` : undefined}
        onValue={(value) => form.set(path, value)}
        onBlur={() => form.leave(path)}
      />
    </td>
  );
}

// "times a year 0.05 to 0.6, loss each time 80,000 to 1,500,000": groups by their ends, other figures by name.
function figuresOf(field, row) {
  const said = new Map();
  for (const column of field.columns) {
    if (column === titleColumn(field)) continue;
    const isOne = field.columns.filter((one) => one.columnGroup === column.columnGroup).length === 1;
    const label = inSentence(column.columnGroup && !isOne ? column.columnGroup : column.label);
    said.set(label, [...(said.get(label) ?? []), shown(column, row[column.name])]);
  }
  return [...said].map(([label, values]) => `${label} ${values.length > 1 ? `${values[0]} to ${values.at(-1)}` : values[0]}`).join(", ");
}

function shown(column, value) {
  if (isNumeric(column)) return showNumber(value);
  if (column.kind === "switch") return value ? "yes" : "no";
  return column.choices?.find((choice) => choice.value === value)?.label ?? String(value ?? "");
}
