// A diagram as SVG from tokens: columns left to right, arrows leave right and arrive left, trust boundaries dashed with their name.
import { useEffect, useRef, useState } from "react";
import { Icon } from "./icons.jsx";
import { nameOf, saveAs } from "./save.js";

const WIDE = 156;
const LINE = 16;
const HEAD = 26;
const [GAP, GAP_NAMED] = [88, 128]; // between columns; wider where arrows have their words there
const GAP_Y = 22;
const PAD = 16;
const SHOWN_LINES = 14;
const CHARACTERS = 22;
const LABEL_LINES = 3;
const MOST_LABELS = 16; // of arrows; more of them are numbered, and told in a list
const short = (text, most = CHARACTERS) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

export function DiagramBlock({ block }) {
  const drawing = useRef(null);
  const well = useRef(null);
  const [isFitted, setFitted] = useState(false);
  const plan = place(block);
  const isWide = useOverflow(well, plan.width);
  const save = () => saveAs(nameOf(block.title, "svg"), standalone(drawing.current), "image/svg+xml");
  return (
    <figure className="stack sm">
      <figcaption className="row between flow">
        <h3>{block.title}</h3>
        <span className="row">
          {isWide && (
            <button type="button" className="btn" aria-pressed={isFitted} onClick={() => setFitted(!isFitted)}>
              Fit to width
            </button>
          )}
          <button type="button" className="btn" aria-label={`SVG: download ${block.title}`} onClick={save}>
            <Icon name="download" />
            SVG
          </button>
        </span>
      </figcaption>
      <div className="scroll" tabIndex={0} role="region" aria-label={block.title} ref={well}>
        <svg ref={drawing} className="diagram" viewBox={`${plan.left} ${plan.top} ${plan.width} ${plan.height}`} style={{ width: isFitted ? "100%" : plan.width }} role="img" aria-label={block.summary}>
          {plan.zones.map((zone) => (
            <rect key={zone.label} x={zone.x} y={zone.y} width={zone.width} height={zone.height} rx="8" fill="none" stroke="var(--cs-bad-ui)" strokeDasharray="6 4" />
          ))}
          {plan.edges.map((edge, index) => (
            <g key={index}>
              <path d={edge.path} fill="none" stroke="var(--cs-text)" strokeWidth="1.25" />
              <path d={edge.head} fill="var(--cs-text)" />
            </g>
          ))}
          {plan.nodes.map((node) => (
            <Box key={node.id} node={node} />
          ))}
          {plan.zones.map((zone) => (
            <text key={zone.label} x={zone.x + 10} y={zone.y + 16} fill="var(--cs-bad)" stroke="var(--cs-panel)" strokeWidth="4" paintOrder="stroke">
              {short(zone.label, Math.floor((zone.width - 16) / 6.6))}
            </text>
          ))}
          {plan.edges.map((edge, index) => edge.label && <Said key={index} edge={edge} />)}
        </svg>
      </div>
      {block.note && <p className="muted small">{block.note}</p>}
      {plan.numbered.length > 0 ? <Numbered block={block} edges={plan.numbered} /> : <p className="muted small">Each diagram has the same content as a table under “Data”.</p>}
    </figure>
  );
}

// True while the drawing at its full size is wider than the room for it.
function useOverflow(well, width) {
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWide(entry.contentRect.width < width - 1));
    watch.observe(well.current);
    return () => watch.disconnect();
  }, [width]);
  return isWide;
}

// The arrows by their numbers.
function Numbered({ block, edges }) {
  const names = new Map(block.nodes.map((node) => [node.id, node.label]));
  return (
    <details className="contents">
      <summary>The {edges.length} arrows by number</summary>
      <ol>
        {edges.map((edge, index) => (
          <li key={index} className="small">
            {names.get(edge.source)} to {names.get(edge.target)}: {edge.label}
          </li>
        ))}
      </ol>
    </details>
  );
}

const Said = ({ edge }) => (
  <text x={edge.labelX} y={edge.labelY} textAnchor={edge.anchor} fill="var(--cs-muted)" stroke="var(--cs-panel)" strokeWidth="4" paintOrder="stroke">
    {short(edge.label, 16)}
  </text>
);

function Box({ node }) {
  const { x, y, height, kind } = node;
  const edge = { fill: "var(--cs-panel)", stroke: "var(--cs-field)" };
  const round = kind === "process" ? Math.min(22, height / 2) : kind === "table" ? 6 : 0;
  return (
    <g>
      <title>{[node.label, ...node.lines].join("\n")}</title>
      {kind === "store" ? (
        <>
          <rect x={x} y={y} width={WIDE} height={height} fill="var(--cs-panel)" />
          <path d={`M${x} ${y}h${WIDE}M${x} ${y + height}h${WIDE}`} {...edge} fill="none" />
        </>
      ) : (
        <rect x={x} y={y} width={WIDE} height={height} rx={round} {...edge} strokeWidth={kind === "output" ? 2 : 1} stroke={kind === "output" ? "var(--cs-accent)" : "var(--cs-field)"} />
      )}
      {kind === "table" && node.shown.length > 0 && <path d={`M${x} ${y + node.head}h${WIDE}`} stroke="var(--cs-line)" />}
      {node.said.map((line, index) => (
        <text
          key={index}
          className="lab"
          x={x + (node.shown.length ? 10 : WIDE / 2)}
          y={y + (node.shown.length ? 17 : (height - (node.said.length - 1) * LINE) / 2 + 4) + index * LINE}
          textAnchor={node.shown.length ? "start" : "middle"}
          fill="var(--cs-text)"
        >
          {line}
        </text>
      ))}
      {node.shown.map((line, index) => (
        <text key={index} x={x + 10} y={y + node.head + 14 + index * LINE} fill="var(--cs-muted)">
          {short(line)}
        </text>
      ))}
    </g>
  );
}

// Rows of a column keep their order; a box never covers the one above it.
function place(block) {
  const lowest = new Map();
  const ids = new Set(block.nodes.map((node) => node.id));
  const labelled = block.edges.filter((edge) => edge.label && ids.has(edge.source) && ids.has(edge.target));
  const numbered = labelled.length > MOST_LABELS ? labelled : [];
  const step = WIDE + (labelled.length && !numbered.length ? GAP_NAMED : GAP);
  const nodes = block.nodes
    .toSorted((one, other) => one.column - other.column || one.row - other.row)
    .map((node) => {
      const hidden = node.lines.length - SHOWN_LINES;
      const shown = hidden > 0 ? [...node.lines.slice(0, SHOWN_LINES - 1), `and ${hidden + 1} more`] : node.lines;
      const said = wrapped(node.label);
      const head = HEAD + (said.length - 1) * LINE;
      const height = shown.length ? head + 8 + shown.length * LINE : 44 + (said.length - 1) * LINE;
      const wish = PAD + node.row * (44 + GAP_Y);
      const y = Math.max(wish, lowest.get(node.column) ?? PAD);
      lowest.set(node.column, y + height + GAP_Y);
      return { ...node, shown, said, head, height, x: PAD + node.column * step, y };
    });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const zones = block.zones.map((zone) => frame(zone, byId)).filter(Boolean);
  const said = (edge) => (numbered.length && edge.label ? String(numbered.indexOf(edge) + 1) : edge.label);
  const edges = block.edges.map((edge) => route(said(edge), edge, byId, block.edges, step)).filter(Boolean);
  const right = Math.max(0, ...nodes.map((node) => node.x + WIDE), ...zones.map((zone) => zone.x + zone.width));
  const bottom = Math.max(0, ...nodes.map((node) => node.y + node.height), ...zones.map((zone) => zone.y + zone.height), ...edges.map((edge) => edge.low));
  const left = Math.min(0, ...zones.map((zone) => zone.x - 4), ...edges.map((edge) => edge.left));
  const top = Math.min(0, ...zones.map((zone) => zone.y - 4));
  return { nodes, zones, edges, numbered, left, top, width: right + PAD - left, height: bottom + PAD - top };
}

// A label in lines: between words where it can be, and cut after the last line.
function wrapped(label) {
  const lines = [""];
  for (const word of label.split(/\s+/)) {
    const joined = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (joined.length <= CHARACTERS || !lines.at(-1)) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  const kept = lines.slice(0, LABEL_LINES).map((line) => short(line));
  return lines.length > LABEL_LINES ? [...kept.slice(0, -1), short(`${lines.slice(LABEL_LINES - 1).join(" ")}`)] : kept;
}

function frame(zone, byId) {
  const inside = zone.nodes.map((id) => byId.get(id)).filter(Boolean);
  if (!inside.length) return null;
  const left = Math.min(...inside.map((node) => node.x)) - 14;
  const top = Math.min(...inside.map((node) => node.y)) - 24;
  const right = Math.max(...inside.map((node) => node.x + WIDE)) + 14;
  const bottom = Math.max(...inside.map((node) => node.y + node.height)) + 14;
  return { label: zone.label, x: left, y: top, width: right - left, height: bottom - top };
}

// Arrows of one box leave and arrive spread over its side. One that goes back or stays in its column bends around below.
function route(label, edge, byId, all, step) {
  const from = byId.get(edge.source);
  const to = byId.get(edge.target);
  if (!from || !to) return null;
  const y1 = spread(from, all.filter((one) => one.source === from.id), edge);
  const y2 = spread(to, all.filter((one) => one.target === to.id), edge);
  const x1 = from.x + WIDE;
  const x2 = to.x;
  const head = `M${x2} ${y2}l-9 -4v8z`;
  if (x2 > x1) return { label, head, ...forward({ x: x1, y: y1 }, { x: x2 - 9, y: y2 }, lanes(from, to, y1, y2, { nodes: [...byId.values()], step })), low: 0, left: 0 };
  const low = Math.max(from.y + from.height, to.y + to.height) + 14;
  const path = `M${x1} ${y1}C${x1 + 40} ${y1} ${x1 + 40} ${low} ${x1} ${low}L${x2 - 9} ${low}C${x2 - 44} ${low} ${x2 - 44} ${y2} ${x2 - 9} ${y2}`;
  return { label, head, path, labelX: (x1 + x2) / 2, labelY: low - 4, anchor: "middle", low: low + 8, left: x2 - 44 };
}

// From box to box through the lanes between them; its label stands where it leaves, above the line: there no two arrows are at one place.
function forward(start, end, between) {
  const points = [start, ...between.flatMap((lane) => [{ x: lane.x, y: lane.y }, { x: lane.x + WIDE, y: lane.y }]), end];
  let path = `M${start.x} ${start.y}`;
  for (let at = 1; at < points.length; at += 1) {
    const [from, to] = [points[at - 1], points[at]];
    const bend = Math.min(70, (to.x - from.x) / 2);
    path += from.y === to.y ? `L${to.x} ${to.y}` : `C${from.x + bend} ${from.y} ${to.x - bend} ${to.y} ${to.x} ${to.y}`;
  }
  return { path, labelX: start.x + 5, labelY: start.y - 5, anchor: "start" };
}

// In each column that an arrow passes: the free height nearest to its straight line.
function lanes(from, to, y1, y2, { nodes, step }) {
  const found = [];
  for (let column = from.column + 1; column < to.column; column += 1) {
    const boxes = nodes.filter((node) => node.column === column);
    const wish = y1 + ((y2 - y1) * (column - from.column)) / (to.column - from.column);
    const isFree = (y) => boxes.every((box) => y < box.y - 6 || y > box.y + box.height + 6);
    const heights = [wish, ...boxes.flatMap((box) => [box.y - GAP_Y / 2, box.y + box.height + GAP_Y / 2])].filter(isFree);
    const y = heights.toSorted((one, other) => Math.abs(one - wish) - Math.abs(other - wish))[0] ?? wish;
    found.push({ x: PAD + column * step, y });
  }
  return found;
}

function spread(node, edges, edge) {
  return node.y + (node.height * (edges.indexOf(edge) + 1)) / (edges.length + 1);
}

// The drawing as a file of its own: colours as they are now, since a file has no tokens.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  const style = getComputedStyle(svg);
  for (const part of copy.querySelectorAll("*")) {
    for (const name of ["fill", "stroke"]) {
      const token = /^var\((--[\w-]+)\)$/.exec(part.getAttribute(name) ?? "")?.[1];
      if (token) part.setAttribute(name, style.getPropertyValue(token).trim());
    }
  }
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "sans-serif");
  copy.setAttribute("font-size", "12");
  copy.removeAttribute("class");
  copy.removeAttribute("style");
  return new XMLSerializer().serializeToString(copy);
}

export function diagramTable(block) {
  const names = new Map(block.nodes.map((node) => [node.id, node.label]));
  return {
    block: "table",
    title: block.title,
    tab: "Data",
    columns: ["From", "To", "By"].map((title) => ({ title, format: "text", unit: "", bar: false })),
    rows: block.edges.map((edge) => [names.get(edge.source) ?? edge.source, names.get(edge.target) ?? edge.target, edge.label]),
    total: null,
    sort: null,
    note: block.zones.map((zone) => `${zone.label}: ${zone.nodes.map((id) => names.get(id) ?? id).join(", ")}`).join(". "),
    download: "",
  };
}
