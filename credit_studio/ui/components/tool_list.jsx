// The tools, found as one types: all rows are in the page, so nothing is asked of the server.
import { useId, useMemo, useState } from "react";
import { Laptop, Search, SearchX, Server, Split } from "lucide-react";

const ICONS = { client_only: Laptop, hybrid: Split, server_required: Server };
const FILTERS = {
  all: { label: "All", keep: () => true },
  ready: { label: "Ready now", keep: (tool) => tool.built },
  free: { label: "Free in browser", keep: (tool) => tool.mode !== "server_required" },
  server: { label: "Server", keep: (tool) => tool.mode !== "client_only" },
};
const SORTS = {
  studio: "By studio",
  cost: "Typical cost",
  title: "Name",
};
const AFTER_ALL = 1e9;

export function ToolList({ tools }) {
  const [text, setText] = useState("");
  const [filter, setFilter] = useState("all");
  const [sort, setSort] = useState("studio");
  const shown = useMemo(() => find(tools, text, filter), [tools, text, filter]);
  const groups = useMemo(() => group(shown, sort), [shown, sort]);
  const clear = () => {
    setText("");
    setFilter("all");
  };

  return (
    <>
      <search className="filters">
        <div className="find">
          <Search className="ic" aria-hidden="true" />
          <input
            className="in"
            type="search"
            aria-label="Search tools"
            placeholder="Search: SBOM, OpenAPI, STRIDE, lineage"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="seg" role="group" aria-label="Which tools">
          {Object.entries(FILTERS).map(([key, { label, keep }]) => (
            <button key={key} type="button" aria-pressed={filter === key} onClick={() => setFilter(key)}>
              {label} {tools.filter(keep).length}
            </button>
          ))}
        </div>
        <label className="row muted end">
          Sort
          <select className="in sort" value={sort} onChange={(event) => setSort(event.target.value)}>
            {Object.entries(SORTS).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </search>
      <p className="vh" role="status">
        {count(shown.length)} shown
      </p>
      <div className="stack xl">
        {groups.map(([title, rows]) => (
          <Group key={title} title={title} tools={rows} />
        ))}
        {!shown.length && (
          <div className="card empty">
            <SearchX className="ic l" aria-hidden="true" />
            <p className="strong">No tool matches “{text}”</p>
            <p className="muted">Names, what a tool takes and what it gives are searched.</p>
            <button className="btn" type="button" onClick={clear}>
              Show all tools
            </button>
          </div>
        )}
      </div>
    </>
  );
}

function Group({ title, tools }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <div className="row between group-hd">
        <h2 id={id}>{title}</h2>
        <span className="muted small">{count(tools.length)}</span>
      </div>
      <ul className="card list">
        {tools.map((tool) => (
          <Row key={tool.id} tool={tool} />
        ))}
      </ul>
    </section>
  );
}

function Row({ tool }) {
  const Icon = ICONS[tool.mode];
  return (
    <li className="tl">
      <a className="plain" href={tool.path}>
        <span className="nm">{tool.title}</span>
        <span className="muted ds">{tool.summary}</span>
      </a>
      <span className="md muted">
        <Icon className="ic s" aria-hidden="true" />
        <span>{tool.where}</span>
      </span>
      <span className="pr">{tool.built ? <Price tool={tool} /> : <span className="badge">Coming</span>}</span>
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
      <b className="strong">{tool.price}</b> <span className="muted">credits</span>
      <br />
      {small[tool.mode]}
    </>
  );
}

function find(tools, text, filter) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return tools.filter((tool) => FILTERS[filter].keep(tool) && wanted.every((word) => tool.find.includes(word)));
}

function group(tools, sort) {
  if (sort === "cost") return tools.length ? [["By typical cost", [...tools].sort((a, b) => cost(a) - cost(b))]] : [];
  if (sort === "title") return tools.length ? [["By name", [...tools].sort((a, b) => a.title.localeCompare(b.title))]] : [];
  return [...new Set(tools.map((tool) => tool.studio))].map((studio) => [studio, tools.filter((tool) => tool.studio === studio)]);
}

const cost = (tool) => (tool.built ? tool.typical : AFTER_ALL);
const count = (number) => `${number} ${number === 1 ? "tool" : "tools"}`;
