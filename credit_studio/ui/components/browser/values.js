// The values of a form: a plain object in the tool's own JSON shape. While a number cannot be read it is kept as the text that was typed.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const group = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 12 });

export const isNumeric = (field) => field.kind === "integer" || field.kind === "number";

// The number that a text stands for ("1,500,000" is 1500000), null for an empty text of a field that may be empty, else the text itself.
export function readNumber(text, field) {
  const bare = text.replace(/[,\s\u00a0]/g, "");
  if (bare === "") return field.nullable ? null : "";
  const value = Number(bare);
  return NUMBER.test(bare) && Number.isFinite(value) ? value : text;
}

export function showNumber(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? group.format(value) : String(value);
}

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

const emptyRow = (field) => Object.fromEntries(field.columns.map((column) => [column.name, emptyValue(column)]));
// What a row is called by: its first text, or what is chosen in its first column.
export const titleColumn = (field) => field.columns.find((column) => column.kind === "text") ?? field.columns.find((column, index) => index === 0 && column.kind === "choice");

// A new row is valid at once, so that the price follows it: figures as in the row above (or the example's last), a name of its own.
export function newRow(field, rows, example) {
  const model = rows.at(-1) ?? (example ?? []).at(-1);
  const row = emptyRow(field);
  for (const column of field.columns) {
    if (model && (row[column.name] === "" || column.kind === "choice")) row[column.name] = model[column.name];
  }
  const title = titleColumn(field);
  if (title?.kind === "text" && (title.minLength || title.required)) row[title.name] = `${capital(field.rowName)} ${letter(rows.length)}`;
  return row;
}

export const letter = (index) => (index < 26 ? "" : letter(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26));
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// "Loss each time, £" in the middle of a sentence: "loss each time". Words like "CPU" keep their capitals.
export function inSentence(label) {
  const bare = label.split(",")[0].trim();
  return /^.[A-Z]/.test(bare) ? bare : bare.charAt(0).toLowerCase() + bare.slice(1);
}

export function rowTitle(field, rows, index) {
  const title = titleColumn(field);
  const value = title && rows[index]?.[title.name];
  const said = String(title?.choices?.find((choice) => choice.value === value)?.label ?? value ?? "").trim();
  return said ? said.slice(0, 60) : `${capital(field.rowName)} ${letter(index)}`;
}

// "Times a year, low" for a column; its group first, because two groups may both have a "Low". Names keep their capital: "Price of one unit, Azure".
const PLAIN = new Set(["Low", "Likely", "High", "Least", "Typical", "Most", "From", "To", "Minimum", "Maximum"]);
export function columnLabel(column) {
  if (!column.columnGroup) return column.label;
  return `${column.columnGroup.split(",")[0]}, ${PLAIN.has(column.label) ? column.label.toLowerCase() : column.label}`;
}

// The same in the middle of a sentence: "times a year, low", "loss each time".
export function columnInSentence(column) {
  const label = columnLabel(column);
  return inSentence(label) + label.slice(label.split(",")[0].length);
}

// A sentence-sized name of what a dotted path points to.
export function labelOf(spec, values, path) {
  const [name, index, inner] = path.split(".");
  const field = spec.fields.find((one) => one.name === name);
  if (!field) return path === "inputs" ? "Inputs" : path;
  if (index === undefined || field.kind === "lines") return field.label;
  const column = (field.columns ?? []).find((one) => one.name === inner);
  const title = rowTitle(field, values[name] ?? [], Number(index));
  return column ? `${title}, ${columnInSentence(column)}` : title;
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
      if (Array.isArray(value)) values[field.name] = value.map((row) => Object.fromEntries(field.columns.map((column) => [column.name, row?.[column.name] ?? emptyValue(column)])));
    } else if (Array.isArray(value) === (field.kind === "lines")) values[field.name] = value;
  }
  return values;
}

// What differs from the inputs of the shown result: `paths` of the cells, and `labels` to name them in a line.
export function changesSince(spec, baseline, values, keys) {
  const paths = new Set();
  const labels = [];
  for (const field of spec.fields) {
    const now = values[field.name];
    const then = baseline.values[field.name];
    if (field.kind !== "rows") {
      if (JSON.stringify(now) !== JSON.stringify(then)) paths.add(field.name) && labels.push(field.label);
      continue;
    }
    const before = new Map((baseline.keys[field.name] ?? []).map((key, index) => [key, then[index]]));
    now.forEach((row, index) => {
      const old = before.get(keys[field.name][index]);
      before.delete(keys[field.name][index]);
      const changed = field.columns.filter((column) => !old || old[column.name] !== row[column.name]);
      for (const column of changed) paths.add(`${field.name}.${index}.${column.name}`);
      if (!old) labels.push(`${rowTitle(field, now, index)} added`);
      else labels.push(...changed.map((column) => labelOf(spec, values, `${field.name}.${index}.${column.name}`)));
    });
    for (const row of before.values()) labels.push(`${rowTitle(field, [row], 0)} removed`);
  }
  return { paths, labels };
}
