// Repeated rows: a ruled grid where its columns find room, else a card each (row_cards.jsx). On phones each row folds to its title and a line of its figures.
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { FieldError, under } from "./field.jsx";
import { Icon, IconButton } from "./icons.jsx";
import { Control, idOf } from "./inputs.jsx";
import { figuresOf, isAlike, isSameRow } from "./row_looks.js";
import { RowCard } from "./row_cards.jsx";
import { capital, columnInSentence, columnLabel, isNumeric, KEY, letter, rowTitle, showNumber, titleColumn } from "./values.js";

const ROOM = 780; // px that the form has for a grid
const [NAME, TEXT] = [160, 150]; // and a row's name and any other text want

export function AddRow({ field, path = field.name, count, actions }) {
  const isFull = field.maxRows !== null && count >= field.maxRows;
  return (
    <button type="button" className="btn" disabled={isFull} title={isFull ? `At most ${showNumber(field.maxRows)}` : undefined} onClick={() => actions.addRow(path)}>
      <Icon name="add" />
      <span>Add {field.rowName}</span>
    </button>
  );
}

// Wider lists, and lists with lists or long texts in them, are cards.
export function isGrid(field) {
  if (field.columns.some((column) => ["rows", "lines", "textarea", "file"].includes(column.kind))) return false;
  const name = titleColumn(field);
  return field.columns.reduce((sum, column) => sum + (column === name ? NAME : widthOf(column)) + 8, 40) <= ROOM;
}

export const Rows = memo(DrawnRows, (one, other) => one.rows === other.rows && one.undoable === other.undoable && one.opened === other.opened && isAlike(one, other));

function DrawnRows({ field, path, rows, errors, changed, undoable, opened, actions }) {
  const [open, setOpen] = useState(() => new Set(rows.slice(0, 1).map((row) => row[KEY])));
  const fold = useCallback((key) => setOpen((now) => new Set(now.has(key) ? [...now].filter((one) => one !== key) : [...now, key])), []);
  useEffect(() => {
    if (opened?.keys.length) setOpen((now) => new Set([...now, ...opened.keys]));
  }, [opened]);
  const drawn = rows.map((row, index) => ({
    field,
    path,
    row,
    index,
    count: rows.length,
    actions,
    fold,
    title: rowTitle(field, rows, index),
    isOpen: open.has(row[KEY]),
    errors: under(errors, `${path}.${index}`),
    changed: under(changed, `${path}.${index}`),
  }));
  return (
    <div className="stack sm">
      {isGrid(field) ? <Grid field={field} drawn={drawn} /> : drawn.map((one) => <RowCard key={one.row[KEY]} {...one} opened={opened} undoable={undoable} />)}
      {rows.length === 0 && <p className="muted">None yet.</p>}
      {errors[path] && <FieldErrorLine path={path} message={errors[path]} />}
      {field.help && <p className="muted small">{field.help}</p>}
      <Removed field={field} removed={undoable?.what === "row" && undoable.path === path ? undoable : null} undo={actions.undo} />
    </div>
  );
}

function Removed({ field, removed, undo }) {
  const button = useRef(null);
  useEffect(() => {
    if (removed) button.current?.focus();
  }, [removed]);
  return (
    <div role="status">
      {removed && (
        <p className="row">
          <span>{rowTitle(field, [removed.row], 0)} removed.</span>
          <button type="button" className="btn" ref={button} onClick={undo}>
            Undo
          </button>
        </p>
      )}
    </div>
  );
}

const FieldErrorLine = ({ path, message }) => (
  <div className="field" id={idOf(path)} tabIndex={-1}>
    <FieldError id={`${idOf(path)}-error`} message={message} />
  </div>
);

const Grid = ({ field, drawn }) => (
  <div className="scroll grid-scroll">
    <table className="grid-in">
      <caption className="vh">{field.label}</caption>
      <Columns field={field} />
      <Head field={field} />
      <tbody>
        {drawn.map((one) => (
          <Row key={one.row[KEY]} {...one} />
        ))}
      </tbody>
    </table>
  </div>
);

// Widths follow from what a column can hold; texts share the rest, so that long ones get the room.
function Columns({ field }) {
  return (
    <colgroup>
      {field.columns.map((column) => (
        <col key={column.name} style={{ width: column.kind === "text" || column === (titleColumn(field) ?? field.columns[0]) ? undefined : widthOf(column) }} />
      ))}
      <col style={{ width: 40 }} />
    </colgroup>
  );
}

function widthOf(column) {
  if (column.kind === "switch") return 64;
  if (column.kind === "choice") return Math.min(200, 56 + 7.6 * Math.max(...column.choices.map((choice) => choice.label.length)));
  if (!isNumeric(column)) return TEXT;
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

const Row = memo(DrawnRow, isSameRow);

function DrawnRow({ field, path, row, index, count, title, isOpen, fold, errors, changed, actions }) {
  const name = `${capital(field.rowName)} ${letter(index)}`;
  const wrong = field.columns.filter((column) => errors[`${path}.${index}.${column.name}`]);
  const isShut = !isOpen && wrong.length === 0;
  const cannotRemove = count <= field.minRows;
  return (
    <>
      <tr className={isShut ? "shut" : ""}>
        <td className="line">
          <span>
            <b className="strong">{title}</b>
            <br />
            <span className="small muted">{figuresOf(field, row)}</span>
          </span>
          <IconButton icon="unfold" label={`Edit ${title}`} aria-expanded="false" onClick={() => fold(row[KEY])} />
        </td>
        {field.columns.map((column) => {
          const at = `${path}.${index}.${column.name}`;
          return <Cell key={column.name} field={field} column={column} path={at} value={row[column.name]} name={name} error={errors[at]} isChanged={at in changed} actions={actions} />;
        })}
        <td className="x">
          <span className="row">
            <IconButton icon="fold" label={`Fold ${title}`} className="ghost fold" aria-expanded="true" onClick={() => fold(row[KEY])} />
            <IconButton icon="remove" label={cannotRemove ? `${title} cannot be removed: at least ${field.minRows} needed` : `Remove ${title}`} disabled={cannotRemove} onClick={() => actions.removeRow(path, index)} />
          </span>
        </td>
      </tr>
      {wrong.length > 0 && (
        <tr className="wrong">
          <td colSpan={field.columns.length + 1} className="field">
            {wrong.map((column) => {
              const at = `${path}.${index}.${column.name}`;
              return <FieldError key={at} id={`${idOf(at)}-error`} label={columnLabel(column)} message={errors[at]} />;
            })}
          </td>
        </tr>
      )}
    </>
  );
}

const Cell = memo(function Cell({ field, column, path, value, name, error, isChanged, actions }) {
  const isTitle = column === titleColumn(field);
  const marks = [isNumeric(column) ? "num" : "", isChanged ? "changed" : ""].filter(Boolean).join(" ");
  return (
    <td className={isTitle ? "n" : ""} data-l={isTitle ? name : columnLabel(column)}>
      <Control
        field={column}
        id={idOf(path)}
        className={marks}
        value={value}
        aria-label={`${name}, ${columnInSentence(column)}`}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${idOf(path)}-error` : undefined}
        onValue={(now) => actions.set(path, now)}
        onBlur={() => actions.leave(path)}
      />
    </td>
  );
});
