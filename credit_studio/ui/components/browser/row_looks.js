// What a row of a list looks like from outside: its figures in a line, and when it has to be drawn anew.
import { inSentence, isNumeric, PLAIN, rowTitle, showNumber, titleColumn } from "./values.js";

// A row is drawn anew when its values, its place, its errors or its marks change, and not when those of other rows do.
export const isAlike = (one, other) => one.path === other.path && one.field === other.field && isSame(one.errors, other.errors) && isSame(one.changed, other.changed);
const isSame = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
export const isSameRow = (one, other) =>
  one.row === other.row && one.index === other.index && one.count === other.count && one.title === other.title && one.isOpen === other.isOpen && one.opened === other.opened && one.undoable === other.undoable && isAlike(one, other);

// "times a year 0.05 to 0.6, loss each time 80,000 to 1,500,000": ranges by their ends, other figures by name; of switches only those that are on.
export function figuresOf(field, row) {
  const said = new Map();
  for (const column of field.columns) {
    const value = row[column.name];
    if (column === titleColumn(field) || value === "" || value === null || value === false || value?.length === 0) continue;
    if (column.kind === "switch") {
      said.set(inSentence(column.label), []);
      continue;
    }
    if ((column.quiet || value === 0) && value === column.default) continue;
    const label = inSentence(isOfRange(field, column) ? column.columnGroup : column.label);
    said.set(label, [...(said.get(label) ?? []), shown(column, value)]);
  }
  return [...said].map(([label, values]) => [label, values.length > 1 ? `${values[0]} to ${values.at(-1)}` : values[0]].filter(Boolean).join(" ")).join(", ");
}

// True for the columns of a group that are the ends of one range, and what lies between.
function isOfRange(field, column) {
  const group = field.columns.filter((one) => one.columnGroup === column.columnGroup);
  return Boolean(column.columnGroup) && group.length > 1 && group.every((one) => PLAIN.has(one.label));
}

function shown(column, value) {
  if (isNumeric(column)) return showNumber(value, column);
  if (column.kind === "rows") return value.map((_, at) => rowTitle(column, value, at)).join(" and ");
  if (column.kind === "lines") return value.join(" and ");
  return column.choices?.find((choice) => choice.value === value)?.label ?? String(value ?? "").slice(0, 80);
}
