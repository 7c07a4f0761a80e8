// The tools, found as one types: all rows are in the page, so nothing is asked of the server. What is chosen stands in the address,
// so that a link keeps it; `live` are the prices and the use of now, by the tool's id, once the studio has told them.
import { useEffect, useId, useMemo, useState } from "react";
import { FlaskConical, Hourglass, Laptop, Scale, Search, SearchX, Server, Split, TriangleAlert } from "lucide-react";

const ICONS = { client_only: Laptop, hybrid: Split, server_required: Server };
const MARKS = { beta: [FlaskConical, "i"], coming_soon: [Hourglass, ""], deprecated: [TriangleAlert, "w"] };
const SORTS = { studio: "Studio", title: "Name", runs: "Popularity", cost: "Typical cost" };
const FRESH = { q: "", studio: "", mode: "", state: "", free: "", sort: "studio" };
const NARROWS = ["q", "studio", "mode", "state", "free"];
const AFTER_ALL = 1e9;
const TWO = 2;

export function ToolList({ tools, live }) {
  const [asked, setAsked] = useState(FRESH);
  const [picked, setPicked] = useState([]);
  useEffect(() => setAsked(fromAddress(tools)), [tools]);
  const rows = useMemo(() => tools.map((tool) => ({ ...tool, ...live?.[tool.id] })), [tools, live]);
  const shown = useMemo(() => rows.filter((tool) => fits(tool, asked)), [rows, asked]);
  const groups = useMemo(() => group(shown, asked.sort), [shown, asked.sort]);
  const change = (part) => {
    const next = { ...asked, ...part };
    setAsked(next);
    intoAddress(next);
  };
  const clear = () => change({ ...FRESH, sort: asked.sort });
  const pick = (id) => setPicked(picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id].slice(-TWO));
  const isNarrowed = NARROWS.some((key) => asked[key]);

  return (
    <>
      <Filters tools={rows} asked={asked} change={change} />
      <div className="row between flow counted">
        <p className="muted small" role="status">
          {shown.length === rows.length ? count(rows.length) : `${shown.length} of ${count(rows.length)}`}
          {asked.sort === "runs" && ", by runs on the server in the last 30 days. Runs in a browser are not counted: nothing of them is sent."}
        </p>
        {isNarrowed && shown.length > 0 && (
          <button className="btn ghost" type="button" onClick={clear}>
            Show all tools
          </button>
        )}
      </div>
      <div className="stack xl">
        {groups.map(([title, some]) => (
          <Group key={title} title={title} tools={some} picked={picked} pick={pick} />
        ))}
        {!shown.length && <Nothing asked={asked} clear={clear} />}
      </div>
      {picked.length > 0 && <CompareBar tools={rows} picked={picked} clear={() => setPicked([])} />}
    </>
  );
}

function Filters({ tools, asked, change }) {
  return (
    <search className="filters">
      <div className="find">
        <Search className="ic" aria-hidden="true" />
        <input
          className="in"
          type="search"
          aria-label="Search tools"
          placeholder="Search: SBOM, OpenAPI, STRIDE, lineage"
          value={asked.q}
          onChange={(event) => change({ q: event.target.value })}
        />
      </div>
      <Choice label="Studio" all="All studios" value={asked.studio} kinds={kinds(tools, "studioId", "studio")} set={(studio) => change({ studio })} />
      <Choice label="Where it runs" all="Anywhere" value={asked.mode} kinds={kinds(tools, "mode", "modeWords")} set={(mode) => change({ mode })} />
      <Choice label="State" all="Any state" value={asked.state} kinds={kinds(tools, "state", "stateWords")} set={(state) => change({ state })} />
      <button className="btn toggle" type="button" aria-pressed={Boolean(asked.free)} onClick={() => change({ free: asked.free ? "" : "1" })}>
        <Laptop className="ic s" aria-hidden="true" />
        Free in this browser
      </button>
      <label className="row muted end">
        Sort by
        <select className="in sort" value={asked.sort} onChange={(event) => change({ sort: event.target.value })}>
          {Object.entries(SORTS).map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </search>
  );
}

function Choice({ label, all, value, kinds: some, set }) {
  return (
    <select className="in" aria-label={label} value={value} onChange={(event) => set(event.target.value)}>
      <option value="">{all}</option>
      {some.map(([key, words, number]) => (
        <option key={key} value={key}>
          {words} ({number})
        </option>
      ))}
    </select>
  );
}

function Nothing({ asked, clear }) {
  return (
    <div className="card empty">
      <SearchX className="ic l" aria-hidden="true" />
      <p className="strong wrap-any">{asked.q.trim() ? `No tool matches “${asked.q.trim()}”` : "No tool is of this kind"}</p>
      <p className="muted">Names, ids, keywords, what a tool takes and what it gives are searched, within the chosen filters.</p>
      <button className="btn" type="button" onClick={clear}>
        Show all tools
      </button>
    </div>
  );
}

function Group({ title, tools, picked, pick }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="row between group-hd">
        <h2 id={id}>{title}</h2>
        <span className="muted small">{count(tools.length)}</span>
      </div>
      <ul className="card list">
        {tools.map((tool) => (
          <Row key={tool.id} tool={tool} isPicked={picked.includes(tool.id)} pick={pick} />
        ))}
      </ul>
    </section>
  );
}

function Row({ tool, isPicked, pick }) {
  const Icon = ICONS[tool.mode];
  const [Mark, tone] = MARKS[tool.state] ?? [];
  return (
    <li className="tl cmps">
      <label className="cmp">
        <input className="check" type="checkbox" aria-label={`Compare ${tool.title}`} checked={isPicked} onChange={() => pick(tool.id)} />
      </label>
      <a className="plain" href={tool.path}>
        <span className="row flow">
          <span className="nm">{tool.title}</span>
          {Mark && (
            <span className={`badge ${tone}`}>
              <Mark className="ic s" aria-hidden="true" />
              {tool.stateWords}
            </span>
          )}
        </span>
        <span className="muted ds">
          {tool.summary}
          {tool.instead && ` Use ${tool.instead} instead.`}
        </span>
      </a>
      <span className="md muted">
        <Icon className="ic s" aria-hidden="true" />
        <span>{tool.where}</span>
      </span>
      <span className="use muted small">{tool.runs ? `${tool.runs.toLocaleString("en-GB")}+ runs` : ""}</span>
      <span className="pr">{tool.built ? <Price tool={tool} /> : <span className="muted small">not yet</span>}</span>
    </li>
  );
}

function Price({ tool }) {
  const small = {
    client_only: <span className="small muted">always</span>,
    hybrid: <span className="small good">0 in browser</span>,
    server_required: <span className="small muted">never over {tool.cap}</span>,
  };
  return (
    <>
      <b className="strong">{tool.price}</b> <span className="muted">{tool.price === "1" ? "credit" : "credits"}</span>
      <br />
      {small[tool.mode]}
    </>
  );
}

function CompareBar({ tools, picked, clear }) {
  const names = picked.map((id) => tools.find((tool) => tool.id === id)?.title).join(", ");
  const isReady = picked.length === TWO;
  const query = new URLSearchParams(picked.map((id, index) => ["ab"[index], id]));
  return (
    <div className="cmpbar">
      <span role="status">
        <b className="strong">{isReady ? "2 to compare" : "1 to compare, choose one more"}</b>
        <span className="muted nms">: {names}</span>
      </span>
      <span className="row">
        <button className="btn ghost" type="button" onClick={clear}>
          Clear
        </button>
        {isReady && (
          <a className="btn pri" href={`/tools/compare/?${query}`}>
            <Scale className="ic" aria-hidden="true" />
            Compare
          </a>
        )}
      </span>
    </div>
  );
}

function fits(tool, asked) {
  const wanted = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    wanted.every((word) => tool.find.includes(word)) &&
    (!asked.studio || tool.studioId === asked.studio) &&
    (!asked.mode || tool.mode === asked.mode) &&
    (!asked.state || tool.state === asked.state) &&
    (!asked.free || (tool.built && tool.mode !== "server_required"))
  );
}

function group(tools, sort) {
  if (!tools.length) return [];
  if (sort === "cost") return [["By typical cost on the server", [...tools].sort((a, b) => cost(a) - cost(b))]];
  if (sort === "title") return [["By name", [...tools].sort((a, b) => a.title.localeCompare(b.title, "en"))]];
  if (sort === "runs") return [["Most used first", [...tools].sort((a, b) => (b.runs ?? 0) - (a.runs ?? 0))]];
  return [...new Set(tools.map((tool) => tool.studio))].map((studio) => [studio, tools.filter((tool) => tool.studio === studio)]);
}

function kinds(tools, key, words) {
  return [...new Map(tools.map((tool) => [tool[key], tool[words]]))].map(([value, said]) => [value, said, tools.filter((tool) => tool[key] === value).length]);
}

function fromAddress(tools) {
  const query = new URLSearchParams(window.location.search);
  const known = { studio: "studioId", mode: "mode", state: "state" };
  const asked = { ...FRESH, q: (query.get("q") ?? "").slice(0, 100), free: query.get("free") ? "1" : "" };
  for (const [name, key] of Object.entries(known)) if (tools.some((tool) => tool[key] === query.get(name))) asked[name] = query.get(name);
  if (Object.hasOwn(SORTS, query.get("sort") ?? "")) asked.sort = query.get("sort");
  return asked;
}

function intoAddress(asked) {
  const query = new URLSearchParams(Object.entries(asked).filter(([key, value]) => value !== FRESH[key]));
  const { pathname } = window.location;
  window.history.replaceState(window.history.state, "", query.size ? `${pathname}?${query}` : pathname);
}

const cost = (tool) => (tool.built ? tool.typical : AFTER_ALL);
const count = (number) => `${number} ${number === 1 ? "tool" : "tools"}`;
