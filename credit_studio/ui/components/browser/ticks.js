// Ticks along the bottom, as many as stand side by side: round numbers; of dates days, Mondays, firsts of months or of years. A date is its number of days since 1970.
import { dateOf, showDate } from "./format.js";

const STEPS = [
  { days: 1 }, { days: 2 }, { days: 7 }, { days: 14 },
  { months: 1 }, { months: 2 }, { months: 3 }, { months: 6 },
  { months: 12 }, { months: 24 }, { months: 60 }, { months: 120 }, { months: 300 }, { months: 1200 },
];
const FIRST_MONDAY = 4; // 5 January 1970
const DAY_MS = 86_400_000;

const ROUND = [1, 2, 2.5, 5, 10];

// Round numbers over a range, the outer ones on its ends or beyond them.
export function roundTicks(data, most) {
  const { least, last } = rangeOf(data);
  const rough = (last - least || 1) / (most - 1);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = ROUND.find((one) => one * size >= rough * (1 - 1e-9)) * size;
  const first = Math.floor(least / step + 1e-9);
  const count = Math.ceil(last / step - 1e-9) - first + 1;
  return Array.from({ length: count }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

function rangeOf(data) {
  return data.reduce(({ least, last }, { x }) => ({ least: Math.min(least, x), last: Math.max(last, x) }), { least: Infinity, last: -Infinity });
}

export function dateTicks(data, most) {
  const { least, last } = rangeOf(data);
  for (const step of STEPS) {
    const ticks = step.days ? everyDays(least, last, step.days, most) : everyMonths(least, last, step.months, most);
    if (ticks.length <= most) return { ticks: ticks.length ? ticks : [least], step };
  }
  return { ticks: [least, last], step: STEPS.at(-1) };
}

// One more than the most is enough to know that they are too many.
function everyDays(least, last, step, most) {
  const ticks = [];
  const first = FIRST_MONDAY + Math.ceil((least - FIRST_MONDAY) / step) * step;
  for (let day = first; day <= last && ticks.length <= most; day += step) ticks.push(day);
  return ticks;
}

function everyMonths(least, last, step, most) {
  const ticks = [];
  const begin = dateOf(least);
  const first = Math.floor((begin.getUTCFullYear() * 12 + begin.getUTCMonth()) / step) * step;
  for (let month = first; ticks.length <= most; month += step) {
    const day = Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY_MS;
    if (day > last) break;
    if (day >= least) ticks.push(day);
  }
  return ticks;
}

// "20 Nov", "Nov 2026" or "2026", by what lies between two ticks.
export function showDateTick(day, step) {
  if (step.days) return showDate(day).replace(/ \d+$/, "");
  return showDate(day, step.months >= 12 ? "year" : "month");
}

// Where ticks are without a year, the title of the axis has it: ", 2026", ", 2025 to 2026".
export function datesOf(data, step) {
  if (!step.days) return "";
  const { least, last: newest } = rangeOf(data);
  const [first, last] = [least, newest].map((day) => dateOf(day).getUTCFullYear());
  return first === last ? `, ${first}` : `, ${first} to ${last}`;
}
