// Findings, worst first, with their counts above; when there are none, what was checked says so.
import { useMemo, useState } from "react";
import { SEVERITIES } from "./format.js";
import { Icon } from "./icons.jsx";
import { sarifOf } from "./sarif.js";
import { csvOf, nameOf, saveAs } from "./save.js";
import { Severity } from "./table.jsx";

const FIRST_FINDINGS = 20;
const COLUMNS = ["severity", "title", "where", "detail", "fix"];
const rank = (finding) => SEVERITIES.indexOf(finding.severity);

// `hasSarif`: the tool gives a SARIF file of its own, which knows its rules.
export function FindingsBlock({ block, hasSarif }) {
  const [isWhole, setWhole] = useState(false);
  const found = block.findings.toSorted((one, other) => rank(one) - rank(other));
  const shown = isWhole ? found : found.slice(0, FIRST_FINDINGS);
  const sarif = useMemo(() => sarifOf(found), [block]);
  if (found.length === 0) return <Nothing block={block} />;
  return (
    <div className="table-block">
      <div className="row between flow cap">
        <span className="row flow">
          <h3>{block.title}</h3>
          <Counts findings={found} />
        </span>
        <span className="row flow">
          <Offer name="JSON" title={block.title} onClick={() => saveAs(nameOf(block.title, "json"), `${JSON.stringify(found, null, 2)}\n`, "application/json")} />
          <Offer name="CSV" title={block.title} onClick={() => saveAs(nameOf(block.title, "csv"), csvOf(COLUMNS, found.map((one) => COLUMNS.map((column) => one[column]))), "text/csv;charset=utf-8")} />
          {sarif && !hasSarif && <Offer name="SARIF" title={block.title} onClick={() => saveAs(nameOf(block.title, "sarif"), sarif, "application/sarif+json")} />}
        </span>
      </div>
      <table className="tbl cards fi">
        <caption className="vh">{block.title}, worst first</caption>
        <thead>
          <tr>
            <th scope="col" aria-sort="descending">
              Severity
            </th>
            <th scope="col">Finding</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          {shown.map((finding, index) => (
            <Finding key={index} finding={finding} />
          ))}
        </tbody>
      </table>
      {shown.length < found.length && (
        <p className="cap">
          <button type="button" className="btn" onClick={() => setWhole(true)}>
            Show the other {found.length - shown.length}
          </button>
        </p>
      )}
      <p className="ft">{block.checked}</p>
    </div>
  );
}

const Offer = ({ name, title, onClick }) => (
  <button type="button" className="btn" aria-label={`${name}: download ${title}`} onClick={onClick}>
    <Icon name="download" />
    {name}
  </button>
);

function Counts({ findings }) {
  const counts = SEVERITIES.map((severity) => [severity, findings.filter((one) => one.severity === severity).length]).filter(([, count]) => count);
  return <span className="muted small">{counts.map(([severity, count]) => `${count} ${severity}`).join(", ")}</span>;
}

function Finding({ finding }) {
  const [isOpen, setOpen] = useState(false);
  const hasMore = Boolean(finding.detail || finding.fix);
  return (
    <tr>
      <th scope="row">
        <Severity value={finding.severity} />
      </th>
      <td>
        <span className="wrap-any">{finding.title}</span>
        {finding.where && (
          <>
            <br />
            <span className="mono muted wrap-any">{finding.where}</span>
          </>
        )}
        {isOpen && finding.detail && <p className="wrap-any">{finding.detail}</p>}
        {isOpen && finding.fix && (
          <p className="wrap-any">
            <b className="strong">What to do:</b> {finding.fix}
          </p>
        )}
      </td>
      <td className="r">
        {hasMore && (
          <button type="button" className="btn" aria-expanded={isOpen} aria-label={`${isOpen ? "Hide" : "Show"} ${finding.title}`} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Hide" : "Show"}
          </button>
        )}
      </td>
    </tr>
  );
}

const Nothing = ({ block }) => (
  <div className="empty">
    <Icon name="checked" size="l" />
    <p className="strong">{block.title}: nothing found</p>
    <p className="muted" style={{ maxWidth: "56ch" }}>
      {block.checked}
    </p>
  </div>
);
