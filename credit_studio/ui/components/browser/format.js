// Figures as people read them: comma groups, a no-break space before a unit, the proper minus sign.
const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const NBSP = "\u00a0";

export const minus = (text) => text.replace(/^-/, "\u2212");
export const showWhole = (value) => minus(whole.format(value));

// Enough digits to tell values apart, none that only pretend: 338222.4 is 338,222, 0.0525 is 0.0525.
export function showDecimal(value, digits) {
  const size = Math.abs(value);
  const fraction = digits ?? (size >= 1000 || value === 0 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 4);
  return minus(new Intl.NumberFormat("en-GB", { maximumFractionDigits: fraction }).format(value));
}

export function showBytes(value) {
  const steps = [["B", 1], ["KB", 1e3], ["MB", 1e6], ["GB", 1e9], ["TB", 1e12]];
  const [unit, size] = steps.findLast(([, least]) => Math.abs(value) >= least) ?? steps[0];
  return `${showDecimal(value / size, value / size >= 10 || size === 1 ? 0 : 1)}${NBSP}${unit}`;
}

export function showMs(value) {
  if (Math.abs(value) < 1000) return `${showDecimal(value, Math.abs(value) < 10 ? 1 : 0)}${NBSP}ms`;
  return `${showDecimal(value / 1000, 1)}${NBSP}s`;
}

// With pence or without: `digits` where a whole column decides, so that what adds up is seen to.
function showMoney(value, unit, digits) {
  const sign = unit || "\u00a3";
  const fraction = digits ?? (Math.abs(value) >= 1000 || Number.isInteger(value) ? 0 : 2);
  const amount = new Intl.NumberFormat("en-GB", { minimumFractionDigits: fraction, maximumFractionDigits: fraction }).format(Math.abs(value));
  return `${value < 0 ? "\u2212" : ""}${sign}${amount}`;
}

const DAY_MS = 86_400_000;
const WORDS = { day: { day: "numeric", month: "short", year: "numeric" }, month: { month: "short", year: "numeric" }, year: { year: "numeric" } };

export const dateOf = (days) => new Date(Math.round(days * DAY_MS));

// A day by its number since 1970, at its day, month or year: "20 Nov 2026", "Nov 2026".
export function showDate(days, unit) {
  const date = dateOf(days);
  if (unit === "quarter") return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${date.getUTCFullYear()}`;
  return new Intl.DateTimeFormat("en-GB", { ...(WORDS[unit] ?? WORDS.day), timeZone: "UTC" }).format(date).replace("Sept", "Sep");
}

const FORMATS = {
  date: showDate,
  integer: (value, unit) => withUnit(showWhole(value), unit),
  decimal: (value, unit) => withUnit(showDecimal(value), unit),
  money: showMoney,
  percent: (value) => `${showDecimal(value * 100, 1)}${NBSP}%`,
  bytes: showBytes,
  ms: showMs,
};

const withUnit = (text, unit) => (unit ? `${text}${NBSP}${unit}` : text);

// A cell or a tick as text. Empty cells stay empty; a text in a column of numbers stays the text it is.
export function show(value, format = "text", unit = "", digits = undefined) {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return String(value);
  return (FORMATS[format] ?? ((number) => showDecimal(number, 12)))(value, unit, digits);
}

// Short ticks: £500k, 1.5m.
export function showTick(value, format, unit) {
  if (typeof value !== "number" || format === "percent" || format === "bytes" || format === "ms" || format === "date") return show(value, format, unit);
  const size = Math.abs(value);
  const [divisor, mark] = size >= 1e9 ? [1e9, "bn"] : size >= 1e6 ? [1e6, "m"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const text = `${showDecimal(Math.abs(value) / divisor, mark ? 2 : undefined)}${mark}`;
  return `${value < 0 ? "\u2212" : ""}${format === "money" ? unit || "\u00a3" : ""}${text}`;
}

export const isNumberFormat = (format) => format in FORMATS;

export const SEVERITIES = ["critical", "high", "medium", "low", "unknown", "info"];
