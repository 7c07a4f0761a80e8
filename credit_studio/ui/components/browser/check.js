// The bounds of the inputs, checked in the page before anything is sent; the same rules and words as on the server.
import { isNumeric, showNumber } from "./values.js";

// Every input that does not fit, as {field, message} with its dotted path.
export function check(spec, values) {
  return spec.fields.flatMap((field) => checkField(field, values[field.name], field.name));
}

// What is wrong at one path: the message, or "".
export function checkAt(spec, values, path) {
  const [name] = path.split(".");
  const field = spec.fields.find((one) => one.name === name);
  return (field ? checkField(field, values[name], name) : []).find((error) => error.field === path)?.message ?? "";
}

function checkField(field, value, path) {
  if (field.kind === "rows") {
    const inner = value.flatMap((row, index) => field.columns.flatMap((column) => checkField(column, row[column.name], `${path}.${index}.${column.name}`)));
    return [...inner, ...one(path, wrongCount(field, value))];
  }
  if (field.kind === "lines") {
    const inner = value.map((line) => wrongText(field.item ?? {}, line)).find(Boolean);
    return one(path, wrongCount(field, value) || inner || "");
  }
  if (value === null || value === undefined) return one(path, field.nullable ? "" : "Is needed.");
  return one(path, isNumeric(field) ? wrongNumber(field, value) : wrongText(field, value));
}

const one = (field, message) => (message ? [{ field, message }] : []);

function wrongNumber(field, value) {
  if (value === "") return "Is needed.";
  if (typeof value !== "number") return field.kind === "integer" ? "Must be a whole number." : "Must be a number.";
  if (field.kind === "integer" && !Number.isInteger(value)) return "Must be a whole number.";
  if (isSet(field.min) && value < field.min) return `Must be at least ${showNumber(field.min, field)}.`;
  if (isSet(field.above) && value <= field.above) return `Must be more than ${showNumber(field.above, field)}.`;
  if (isSet(field.max) && value > field.max) return `Must be at most ${showNumber(field.max, field)}.`;
  if (isSet(field.below) && value >= field.below) return `Must be less than ${showNumber(field.below, field)}.`;
  if (field.step && value % field.step !== 0) return `Must be a multiple of ${showNumber(field.step)}.`;
  return "";
}

// Length is counted in characters as Python counts them, not in UTF-16 units; long texts are only counted when it can matter.
function wrongText(field, value) {
  if (typeof value !== "string") return "";
  if (field.choices?.length && !field.choices.some((choice) => choice.value === value)) return "Choose one of the list.";
  const length = isSet(field.maxLength) && value.length > field.maxLength ? [...value].length : value.length;
  if (isSet(field.minLength) && length < field.minLength) return length === 0 ? "Is needed." : `Needs at least ${showNumber(field.minLength)} characters.`;
  if (isSet(field.maxLength) && length > field.maxLength) return `Takes at most ${showNumber(field.maxLength)} characters; this has ${showNumber(length)}.`;
  return "";
}

function wrongCount(field, value) {
  if (value.length < field.minRows) return `Needs at least ${showNumber(field.minRows)}.`;
  return isSet(field.maxRows) && value.length > field.maxRows ? `Takes at most ${showNumber(field.maxRows)}.` : "";
}

const isSet = (bound) => bound !== null && bound !== undefined;
