// A table of a result: sorts by any column, pages past 50 rows, becomes cards on phones.
import { useMemo, useState } from "react";
import { isNumberFormat, SEVERITIES, show } from "./format.js";
import { Icon, IconButton } from "./icons.jsx";
import { csvOf, nameOf, saveAs } from "./save.js";

const PAGE_ROWS = 50;
const MANY_COLUMNS = 5;
const [SHORT_CHARACTERS, LONG_CHARACTERS] = [30, 48];
const LETTERS = { critical: "C", high: "H", medium: "M", low: "L", info: "I", unknown: "?" };

// "high" is the chip "High"; "medium 8" keeps its score: "Medium 8".
export function Severity({ value }) {
  const [word] = String(value).toLowerCase().split(" ");
  const text = String(value);
  return (
    <span className="sev" data-l={LETTERS[word] ?? "I"}>
      {text.charAt(0).toUpperCase() + text.slice(1)}
    </span>
  );
}

export function TableBlock({ block }) {
  const [sort, setSort] = useState(block.sort ? { column: block.sort[0], isDown: block.sort[1] } : null);
  const [page, setPage] = useState(0);
  const rows = useMemo(() => sorted(block, sort), [block, sort]);
  const pages = Math.ceil(rows.length / PAGE_ROWS);
  const shown = rows.slice(page * PAGE_ROWS, (page + 1) * PAGE_ROWS);
  const main = mainColumn(block.columns);
  const bare = isAlone(block.columns, main) ? main : -1;
  const end = block.columns.findIndex((column, at) => at > 0 && column.format === "severity"); // on phones one severity stands at the right of its card
  const looks = useMemo(() => block.columns.map((_, at) => lookOf(block, at)), [block]);
  const pence = useMemo(() => block.columns.map((column, at) => (column.format === "money" ? penceOf(block, at) : undefined)), [block]);
  const order = (column) => {
    setSort({ column, isDown: sort?.column === column ? !sort.isDown : isNumeric(block.columns[column]) });
    setPage(0);
  };
  return (
    <div className="table-block">
      {block.title && (
        <div className="row between cap">
          <h3>{block.title}</h3>
          <IconButton icon="download" label={`Download ${block.title} as CSV`} onClick={() => saveTable(block, rows)} />
        </div>
      )}
      {rows.length === 0 ? (
        <p className="muted cap">No rows.</p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-label={block.title || "Table"}>
          <table className={`tbl cards ${block.columns.length > MANY_COLUMNS ? "many" : ""}`}>
            <caption className="vh">{block.title}</caption>
            <thead>
              <tr>
                {block.columns.map((column, index) => (
                  <Head key={index} column={column} isFirst={index === 0} sort={sort?.column === index ? sort : null} order={() => order(index)} />
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((row, index) => (
                <tr key={page * PAGE_ROWS + index}>
                  {block.columns.map((column, at) => (
                    <Cell key={at} column={column} value={row[at]} at={at} isMain={at === main} isBare={at === bare} isEnd={at === end} look={looks[at]} pence={pence[at]} most={column.bar ? mostOf(block, at) : 0} />
                  ))}
                </tr>
              ))}
            </tbody>
            {block.total && (
              <tfoot>
                <tr className="total">
                  {block.columns.map((column, at) => (
                    <Cell key={at} column={{ ...column, bar: false }} hasBar={column.bar} value={block.total[at]} at={at} isMain={at === main} isBare={at === bare} isEnd={at === end} pence={pence[at]} most={0} />
                  ))}
                </tr>
              </tfoot>
            )}
          </table>
        </div>
      )}
      {pages > 1 && <Pages page={page} pages={pages} count={rows.length} go={setPage} />}
      {block.note && <p className="ft">{block.note}</p>}
    </div>
  );
}

const isNumeric = (column) => isNumberFormat(column.format);
// On phones the first figure that says by itself what it is stands at the head of its card; a bare number keeps its label.
const mainColumn = (columns) => columns.findIndex((column, index) => index > 0 && ["money", "percent", "bytes", "ms"].includes(column.format));
// One of several alike, as prices of several clouds, keeps its label there.
const isAlone = (columns, at) => columns.filter((one) => one.format === columns[at]?.format).length === 1;
const LARGE_SUM = 100_000;

// Long texts want room; where a table scrolls sideways anyway, short ones stay on one line.
function lookOf(block, at) {
  const longest = block.rows.reduce((most, row) => Math.max(most, String(row[at] ?? "").length), 0);
  if (longest > LONG_CHARACTERS) return "long-text";
  if (block.columns.length <= MANY_COLUMNS) return "";
  return longest <= SHORT_CHARACTERS ? "one-line" : "some-text";
}

// Pence in a column of money: all cells have them or none has; sums beyond 100,000 do not need them.
function penceOf(block, at) {
  const values = [...block.rows, block.total ?? []].map((row) => row[at]).filter((value) => typeof value === "number");
  return values.every((value) => Math.abs(value) < LARGE_SUM) && !values.every(Number.isInteger) ? 2 : 0;
}

const mostOf = (block, at) => Math.max(0, ...block.rows.map((row) => (typeof row[at] === "number" ? Math.abs(row[at]) : 0)));

function Head({ column, isFirst, sort, order }) {
  const unit = column.unit && ["integer", "decimal"].includes(column.format) ? `, ${column.unit}` : "";
  return (
    <>
      <th scope="col" className={isNumeric(column) && !isFirst ? "r" : ""} aria-sort={sort ? (sort.isDown ? "descending" : "ascending") : undefined}>
        <button type="button" onClick={order}>
          {column.title || "Column"}
          {unit}
          <Icon name={sort ? (sort.isDown ? "descending" : "ascending") : "sortable"} size="s" />
        </button>
      </th>
      {column.bar && <td className="hide-s" />}
    </>
  );
}

function Cell({ column, value, at, isMain, isBare, isEnd, look = "", pence, most, hasBar = false }) {
  const unit = column.format === "money" ? column.unit : "";
  const text = column.format === "severity" && value ? <Severity value={value} /> : show(value, column.format, unit, pence);
  const isEmpty = text === "";
  const place = [isNumeric(column) ? "r" : "", isMain ? "amt" : "", isEnd ? "to-end" : "", isEmpty ? "none" : "", look].filter(Boolean).join(" ");
  const content = column.format === "code" ? <span className="mono">{text}</span> : text;
  if (at === 0)
    return (
      <th scope="row" className={look || undefined}>
        {content}
      </th>
    );
  return (
    <>
      <td className={place} data-l={isBare || isEnd ? undefined : isMain ? column.title : `${column.title}:`}>
        {content}
      </td>
      {column.bar && (
        <td className="hide-s bar">
          <span className="meter" aria-hidden="true">
            <i style={{ width: `${most ? (Math.abs(Number(value) || 0) / most) * 100 : 0}%` }} />
          </span>
        </td>
      )}
      {hasBar && <td className="hide-s" />}
    </>
  );
}

function Pages({ page, pages, count, go }) {
  return (
    <nav className="row between cap" aria-label="Pages of the table">
      <span className="muted small">
        Rows {page * PAGE_ROWS + 1} to {Math.min(count, (page + 1) * PAGE_ROWS)} of {show(count, "integer")}
      </span>
      <span className="row">
        <button type="button" className="btn" disabled={page === 0} onClick={() => go(page - 1)}>
          Previous
        </button>
        <button type="button" className="btn" disabled={page === pages - 1} onClick={() => go(page + 1)}>
          Next
        </button>
      </span>
    </nav>
  );
}

// Empty cells come last whichever way; severities go by how bad they are.
function sorted(block, sort) {
  if (!sort) return block.rows;
  const isSeverity = block.columns[sort.column]?.format === "severity";
  const rank = (value) => (isSeverity ? -SEVERITIES.indexOf(String(value).toLowerCase().split(" ")[0]) * 1000 + (Number(String(value).split(" ")[1]) || 0) : value);
  const way = sort.isDown ? -1 : 1;
  return block.rows.toSorted((one, other) => {
    const [left, right] = [one[sort.column], other[sort.column]];
    if (left === null || right === null) return (left === null) - (right === null);
    const [a, b] = [rank(left), rank(right)];
    return way * (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en-GB", { numeric: true }));
  });
}

function saveTable(block, rows) {
  const heads = block.columns.map((column) => (column.unit ? `${column.title} (${column.unit})` : column.title));
  const text = csvOf(heads, block.total ? [...rows, block.total] : rows);
  saveAs(block.download || nameOf(block.title, "csv"), text, "text/csv;charset=utf-8");
}
