// The values of a form: a plain object in the tool's own JSON shape. While a number cannot be read it is kept as the text that was typed.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const FIRST_YEAR = 1000;
const LAST_YEAR = 2999;
const LAST_PORT = 65535;
const group = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 12 });

export const isNumeric = (field) => field.kind === "integer" || field.kind === "number";

// The number that a text stands for ("1,500,000" is 1500000), null for an empty text of a field that may be empty, else the text itself.
export function readNumber(text, field) {
  const bare = text.replace(/[,\s\u00a0]/g, "");
  if (bare === "") return field.nullable ? null : "";
  const value = Number(bare);
  return NUMBER.test(bare) && Number.isFinite(value) ? value : text;
}

// With comma groups, but for years and ports: numbers that are names, told by the bounds of their field.
export function showNumber(value, field) {
  if (value === null || value === undefined) return "";
  return typeof value === "number" && !isName(field) ? group.format(value) : String(value);
}

const isYear = ({ min, max }) => min >= FIRST_YEAR && max !== null && max <= LAST_YEAR;
const isName = (field) => field?.kind === "integer" && (isYear(field) || field.max === LAST_PORT);

export function emptyValue(field) {
  if (field.kind === "rows") return Array.from({ length: field.minRows }, () => emptyRow(field));
  if (field.kind === "lines") return field.default ?? [];
  if (field.default !== null && field.default !== undefined) return field.default;
  if (field.nullable) return null;
  if (field.kind === "switch") return false;
  if (field.kind === "choice") return field.choices[0]?.value ?? "";
  return "";
}

export function emptyValues(spec) {
  return Object.fromEntries(spec.fields.map((field) => [field.name, emptyValue(field)]));
}

const emptyRow = (field) => withKey(Object.fromEntries(field.columns.map((column) => [column.name, emptyValue(column)])));

// Every row carries a key of its own, through edits and moves; JSON does not know of it.
export const KEY = Symbol("row");
let lastKey = 0;
const withKey = (row) => ({ ...row, [KEY]: ++lastKey });

// The values with a key in every row, the inner ones too.
export function keyed(fields, values) {
  const rows = (field) => (values[field.name] ?? []).map((row) => withKey(keyed(field.columns, row)));
  return { ...values, ...Object.fromEntries(fields.filter((field) => field.kind === "rows").map((field) => [field.name, rows(field)])) };
}

// What stands at a dotted path ("flows.2.name"), and the same values with another one there; all that is not on the path stays the same object.
export const valueAt = (values, path) => path.split(".").reduce((now, step) => now?.[step], values);

export function placed(values, path, value) {
  const [step, ...rest] = path.split(".");
  const next = rest.length ? placed(values[step], rest.join("."), value) : value;
  return Array.isArray(values) ? values.with(Number(step), next) : { ...values, [step]: next };
}

// The field that a path leads to, through rows.
export function fieldAt(fields, path) {
  const [name, , ...rest] = path.split(".");
  const field = fields.find((one) => one.name === name);
  return rest.length && field?.columns ? fieldAt(field.columns, rest.join(".")) : field;
}
const TITLES = new Set(["name", "title", "label"]);
// What a row is called by: its name, its first text, or what is chosen in its first column.
export function titleColumn(field) {
  const texts = field.columns.filter((column) => column.kind === "text" && !column.refers);
  return texts.find((column) => TITLES.has(column.name)) ?? texts[0] ?? field.columns.find((column, index) => index === 0 && column.kind === "choice");
}

// A new row is valid at once, so that the price follows it: figures as in the row above (or the example's last), a name of its own.
export function newRow(field, rows, example) {
  const model = rows.at(-1) ?? (example ?? []).at(-1);
  const row = emptyRow(field);
  for (const column of field.columns) {
    if (column.kind === "rows") row[column.name] = row[column.name].map((_, at) => newRow(column, row[column.name].slice(0, at), model?.[column.name]));
    else if (model && (row[column.name] === "" || column.kind === "choice")) row[column.name] = model[column.name];
  }
  const title = titleColumn(field);
  if (title?.kind === "text" && (title.minLength || title.required)) row[title.name] = newName(field, rows.map((one) => one[title.name]));
  return row;
}

function newName(field, taken) {
  for (let at = taken.length; ; at += 1) {
    const name = `${capital(field.rowName)} ${letter(at)}`;
    if (!taken.includes(name)) return name;
  }
}

export const letter = (index) => (index < 26 ? "" : letter(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26));
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// "Loss each time, £" in the middle of a sentence: "loss each time". Words like "CPU" keep their capitals.
export function inSentence(label) {
  const bare = label.split(",")[0].trim();
  return /^.[A-Z]/.test(bare) ? bare : bare.charAt(0).toLowerCase() + bare.slice(1);
}

export function rowTitle(field, rows, index) {
  const ends = field.columns.filter((column) => column.refers).map((column) => rows[index]?.[column.name]).filter(Boolean);
  const title = titleColumn(field);
  if (title?.kind !== "text" && ends.length > 1) return `${ends[0]} to ${ends[1]}`.slice(0, 60);
  const value = title && rows[index]?.[title.name];
  const said = String(title?.choices?.find((choice) => choice.value === value)?.label ?? value ?? "").trim();
  return said ? said.slice(0, 60) : `${capital(field.rowName)} ${letter(index)}`;
}

// "Times a year, low" for a column; its group first, because two groups may both have a "Low". Names keep their capital: "Price of one unit, Azure".
export const PLAIN = new Set(["Low", "Likely", "High", "Least", "Typical", "Most", "From", "To", "Minimum", "Maximum"]);
export function columnLabel(column) {
  if (!column.columnGroup) return column.label;
  return `${column.columnGroup.split(",")[0]}, ${PLAIN.has(column.label) ? column.label.toLowerCase() : column.label}`;
}

// The same in the middle of a sentence: "times a year, low", "loss each time".
export function columnInSentence(column) {
  const label = columnLabel(column);
  return inSentence(label) + label.slice(label.split(",")[0].length);
}

// A sentence-sized name of what a dotted path points to: "Web shop, zone".
export function labelOf(spec, values, path) {
  const [name, ...rest] = path.split(".");
  const field = spec.fields.find((one) => one.name === name);
  if (!field) return path === "inputs" ? "Inputs" : path;
  return described(field, values[name], rest);
}

function described(field, rows, [index, inner, ...rest]) {
  if (index === undefined || field.kind !== "rows") return field.label;
  const title = rowTitle(field, rows ?? [], Number(index));
  const column = field.columns.find((one) => one.name === inner);
  if (!column) return title;
  return `${title}, ${column.kind === "rows" && rest.length ? described(column, rows?.[index]?.[inner], rest) : columnInSentence(column)}`;
}

// True when every number is a number, so that the price of these values can be asked for.
export function isReadable(spec, values) {
  const fits = (field, value) => {
    if (isNumeric(field)) return typeof value === "number" || (field.nullable && value === null);
    if (field.kind === "rows") return value.every((row) => field.columns.every((column) => fits(column, row[column.name])));
    return true;
  };
  return spec.fields.every((field) => fits(field, values[field.name]));
}

// How many characters of text the values hold: a cheap stand-in for the size of their JSON.
export function weight(value) {
  if (typeof value === "string") return value.length;
  if (value === null || typeof value !== "object") return 8;
  return Object.values(value).reduce((sum, one) => sum + 8 + weight(one), 0);
}

// Keep of remembered values what still fits the form: a tool may have got another shape since.
export function fitting(spec, remembered) {
  const values = emptyValues(spec);
  for (const field of spec.fields) {
    const value = remembered[field.name];
    if (value === undefined) continue;
    if (field.kind === "rows") {
      if (Array.isArray(value)) values[field.name] = value.map((row) => fitting({ fields: field.columns }, row ?? {}));
    } else if (Array.isArray(value) === (field.kind === "lines")) values[field.name] = value;
  }
  return values;
}

// What differs from the inputs of the shown result: `paths` of the cells, and `labels` to name them in a line.
export function changesSince(spec, before, values) {
  const found = { paths: {}, labels: [] };
  for (const field of spec.fields) compare(field, before[field.name], values[field.name], { path: field.name, label: field.label }, found);
  return found;
}

const isSame = (one, other) => one === other || (Array.isArray(one) && Array.isArray(other) && one.length === other.length && one.every((item, at) => item === other[at]));

function compare(field, then, now, { path, label }, found) {
  if (isSame(then, now)) return;
  if (field.kind !== "rows") {
    found.paths[path] = true;
    found.labels.push(label);
    return;
  }
  const before = new Map((then ?? []).map((row) => [row[KEY], row]));
  now.forEach((row, index) => {
    const old = before.get(row[KEY]);
    before.delete(row[KEY]);
    compareRow(field, old, row, { path: `${path}.${index}`, title: rowTitle(field, now, index) }, found);
  });
  for (const row of before.values()) found.labels.push(`${rowTitle(field, [row], 0)} removed`);
  if (before.size === 0 && now.length === then.length && now.some((row, index) => row[KEY] !== then[index][KEY])) found.labels.push(`order of ${inSentence(label)}`);
}

function compareRow(field, old, row, { path, title }, found) {
  if (old === row) return;
  if (!old) {
    for (const column of field.columns) found.paths[`${path}.${column.name}`] = true;
    found.labels.push(`${title} added`);
    return;
  }
  for (const column of field.columns) compare(column, old[column.name], row[column.name], { path: `${path}.${column.name}`, label: `${title}, ${columnInSentence(column)}` }, found);
}

// Texts that name rows of a list, as a flow names its components: seen in the example, where each of them is the name of one such row.
export function withReferences(spec) {
  const rowsOf = (field) => spec.example?.[field.name] ?? [];
  const lists = spec.fields.filter((field) => field.kind === "rows" && titleColumn(field)?.kind === "text");
  const named = lists
    .map((field) => ({ field, names: rowsOf(field).map((row) => row[titleColumn(field).name]) }))
    .filter(({ names }) => new Set(names).size === names.length)
    .map(({ field, names }) => ({ field, names: new Set(names) }));
  const refers = (owner, column) => {
    const said = column.kind === "text" ? rowsOf(owner).map((row) => row[column.name]).filter(Boolean) : [];
    const isOwn = ({ field }) => field === owner && column === titleColumn(owner);
    const target = said.length > 0 ? named.find((one) => !isOwn(one) && said.every((name) => one.names.has(name))) : undefined;
    return target ? { ...column, refers: target.field.name } : column;
  };
  return { ...spec, fields: spec.fields.map((field) => (field.kind === "rows" ? { ...field, columns: field.columns.map((column) => refers(field, column)) } : field)) };
}
