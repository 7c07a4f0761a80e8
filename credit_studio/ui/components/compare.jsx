// Which two tools are compared, and at what size of input: chosen here, kept in the address, computed by the studio.
import { useEffect, useId, useRef, useState } from "react";

const SIZES = { small: "A tenth of the example", example: "The example", large: "Ten times the example", huge: "A hundred times the example" };
const SETTLED_MS = 300;
const FRESH = { a: "", b: "", size: "example", units: "" };

export function Compare({ tools, problem, onChoose }) {
  const [asked, setAsked] = useState(FRESH);
  useEffect(() => {
    const first = fromAddress(tools);
    setAsked(first);
    onChoose(first);
  }, []);
  const later = useRef();
  const change = (part) => {
    const next = { ...asked, ...part };
    setAsked(next);
    intoAddress(next);
    clearTimeout(later.current);
    later.current = setTimeout(() => onChoose(next), SETTLED_MS);
  };
  const one = tools.find((tool) => tool.id === asked.a);
  const other = tools.find((tool) => tool.id === asked.b);
  const uncounted = [one, other].find((tool) => tool && !tool.counted);

  return (
    <form className="card" aria-label="What to compare" onSubmit={(event) => event.preventDefault()}>
      <div className="bd choose">
        <Which label="First tool" tools={tools} value={asked.a} not={asked.b} set={(a) => change({ a })} />
        <Which label="Second tool" tools={tools} value={asked.b} not={asked.a} set={(b) => change({ b })} />
        <Size asked={asked} change={change} uncounted={uncounted} />
        {asked.size === "units" && !uncounted && <Units asked={asked} change={change} problem={problem} of={[one, other]} />}
      </div>
    </form>
  );
}

function Which({ label, tools, value, not, set }) {
  const id = useId();
  const studios = [...new Set(tools.map((tool) => tool.studio))];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="in" value={value} onChange={(event) => set(event.target.value)}>
        <option value="">Choose a tool</option>
        {studios.map((studio) => (
          <optgroup key={studio} label={studio}>
            {tools
              .filter((tool) => tool.studio === studio)
              .map((tool) => (
                <option key={tool.id} value={tool.id} disabled={tool.id === not}>
                  {tool.title}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}

function Size({ asked, change, uncounted }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Size of input</label>
      <select id={id} className="in" value={uncounted && asked.size === "units" ? "example" : asked.size} onChange={(event) => change({ size: event.target.value })}>
        {Object.entries(SIZES).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
        <option value="units" disabled={Boolean(uncounted)}>
          A number of units of work
        </option>
      </select>
      <p className="help">
        {uncounted ? `${uncounted.title} counts no units: its price does not follow them.` : "By the work in it, as each tool counts it."}
      </p>
    </div>
  );
}

function Units({ asked, change, problem, of }) {
  const id = useId();
  const hints = of.filter(Boolean).map((tool) => `${tool.units.toLocaleString("en-GB")} in the example of ${tool.title}`);
  return (
    <div className="field">
      <label htmlFor={id}>Units of work</label>
      <input
        id={id}
        className="in"
        inputMode="numeric"
        autoComplete="off"
        value={asked.units}
        aria-invalid={Boolean(problem)}
        aria-describedby={`${id}-help ${id}-err`}
        onChange={(event) => change({ units: event.target.value })}
      />
      <p className="help" id={`${id}-help`}>
        {hints.join("; ")}. A unit is what one tool counts: compare the units of tools that count the same.
      </p>
      <p className="err" id={`${id}-err`} role="alert">
        {problem}
      </p>
    </div>
  );
}

function fromAddress(tools) {
  const query = new URLSearchParams(window.location.search);
  const known = (name) => (tools.some((tool) => tool.id === query.get(name)) ? query.get(name) : "");
  const size = query.get("size");
  const a = known("a");
  return {
    a,
    b: known("b") === a ? "" : known("b"),
    size: size === "units" || Object.hasOwn(SIZES, size ?? "") ? size : "example",
    units: (query.get("units") ?? "").slice(0, 20),
  };
}

function intoAddress(asked) {
  const kept = Object.entries(asked).filter(([key, value]) => value !== FRESH[key] && (key !== "units" || asked.size === "units"));
  const query = new URLSearchParams(kept);
  const { pathname } = window.location;
  window.history.replaceState(window.history.state, "", query.size ? `${pathname}?${query}` : pathname);
}
