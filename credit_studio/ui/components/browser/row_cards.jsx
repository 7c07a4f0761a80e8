// A row with more than a line has room for: a card that folds to its title and a line of what is in it.
import { memo } from "react";
import { FieldError, under, WithUnit } from "./field.jsx";
import { Icon, IconButton } from "./icons.jsx";
import { Control, idOf } from "./inputs.jsx";
import { figuresOf, isSameRow } from "./row_looks.js";
import { AddRow, Rows } from "./rows.jsx";
import { capital, columnInSentence, inSentence, KEY, letter } from "./values.js";

export const RowCard = memo(DrawnCard, isSameRow);

function DrawnCard(given) {
  const { field, path, row, index, title, isOpen, fold, errors } = given;
  const isShown = isOpen || Object.keys(errors).length > 0;
  const body = `${idOf(`${path}.${index}`)}-body`;
  return (
    <div className="row-card">
      <div className="row between">
        <button type="button" className="row-title" aria-expanded={isShown} aria-controls={body} onClick={() => fold(row[KEY])}>
          <Icon name={isShown ? "fold" : "unfold"} />
          <span>
            <b className="strong">{title}</b>
            {!isShown && <span className="small muted line">{figuresOf(field, row)}</span>}
          </span>
        </button>
        <Places {...given} isShown={isShown} />
      </div>
      <div id={body} className="stack" hidden={!isShown}>
        {isShown && groupsOf(field.columns).map((group, at) => <Group key={at} group={group} {...given} />)}
      </div>
    </div>
  );
}

// Rows may be put in another order: steps run as they stand.
function Places({ field, path, index, count, title, isShown, actions }) {
  const cannotRemove = count <= field.minRows;
  return (
    <span className="row places">
      {isShown && count > 1 && (
        <>
          <IconButton icon="ascending" label={`Move ${title} up`} disabled={index === 0} onClick={() => actions.moveRow(path, index, index - 1)} />
          <IconButton icon="descending" label={`Move ${title} down`} disabled={index === count - 1} onClick={() => actions.moveRow(path, index, index + 1)} />
        </>
      )}
      <IconButton icon="remove" label={cannotRemove ? `${title} cannot be removed: at least ${field.minRows} needed` : `Remove ${title}`} disabled={cannotRemove} onClick={() => actions.removeRow(path, index)} />
    </span>
  );
}

const isLong = (column) => ["rows", "lines", "textarea", "file"].includes(column.kind);

// Neighbours of one column group stand together, long ones alone, switches beside each other.
function groupsOf(columns) {
  const groups = [];
  for (const column of columns) {
    const look = isLong(column) ? "long" : column.kind === "switch" ? "switches" : "short";
    const last = groups.at(-1);
    if (last && look !== "long" && last.look === look && last.title === column.columnGroup) last.columns.push(column);
    else groups.push({ look, title: column.columnGroup, columns: [column] });
  }
  return groups;
}

function Group({ group, ...given }) {
  const content = group.columns.map((column) => (column.kind === "rows" ? <InnerRows key={column.name} column={column} {...given} /> : <Part key={column.name} column={column} {...given} />));
  const grid = <div className={group.look === "switches" ? "switches" : group.look === "long" ? "grid" : "grid g3"}>{content}</div>;
  if (!group.title) return grid;
  return (
    <fieldset className="stack sm">
      <legend className="strong">{group.title}</legend>
      {grid}
    </fieldset>
  );
}

function Part({ column, field, path, index, row, errors, changed, actions }) {
  const at = `${path}.${index}.${column.name}`;
  const id = idOf(at);
  const error = errors[at];
  const described = [column.help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className={`field kind-${column.kind}`}>
      <label htmlFor={id}>{column.label}</label>
      <WithUnit field={column}>
        <Control
          field={column}
          id={id}
          rows={isLong(column) ? 3 : undefined}
          className={at in changed ? "changed" : ""}
          value={row[column.name]}
          aria-label={`${capital(field.rowName)} ${letter(index)}, ${columnInSentence(column)}`}
          aria-invalid={error ? true : undefined}
          aria-describedby={described}
          onValue={(value) => actions.set(at, value)}
          onBlur={() => actions.leave(at)}
        />
      </WithUnit>
      {error && <FieldError id={`${id}-error`} message={error} />}
      {column.help && (
        <p className="help" id={`${id}-help`}>
          {column.help}
        </p>
      )}
    </div>
  );
}

function InnerRows({ column, path, index, row, title, errors, changed, opened, undoable, actions }) {
  const at = `${path}.${index}.${column.name}`;
  const rows = row[column.name];
  return (
    <div className="inner-rows stack sm" role="group" aria-label={`${title}, ${inSentence(column.label)}`}>
      <div className="row between flow">
        <b className="strong">{column.label}</b>
        <AddRow field={column} path={at} count={rows.length} actions={actions} />
      </div>
      <Rows field={column} path={at} rows={rows} errors={under(errors, at)} changed={under(changed, at)} opened={opened} undoable={undoable} actions={actions} />
    </div>
  );
}
