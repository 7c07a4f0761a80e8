// A diagram as SVG from tokens: columns left to right, arrows leave right and arrive left, trust boundaries dashed with their name.
import { useRef } from "react";
import { Icon } from "./icons.jsx";
import { nameOf, saveAs } from "./save.js";

const WIDE = 156;
const LINE = 16;
const HEAD = 26;
const GAP_X = 88;
const GAP_Y = 22;
const PAD = 16;
const SHOWN_LINES = 14;
const CHARACTERS = 22;
const short = (text, most = CHARACTERS) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

export function DiagramBlock({ block }) {
  const drawing = useRef(null);
  const plan = place(block);
  const save = () => saveAs(nameOf(block.title, "svg"), standalone(drawing.current), "image/svg+xml");
  return (
    <figure className="stack sm">
      <figcaption className="row between">
        <h3>{block.title}</h3>
        <button type="button" className="btn" onClick={save}>
          <Icon name="download" />
          SVG
        </button>
      </figcaption>
      <div className="scroll" tabIndex={0} role="region" aria-label={block.title}>
        <svg ref={drawing} className="diagram" viewBox={`0 0 ${plan.width} ${plan.height}`} style={{ width: plan.width, minWidth: Math.min(plan.width, 720) }} role="img" aria-label={block.summary}>
          {plan.zones.map((zone) => (
            <g key={zone.label}>
              <rect x={zone.x} y={zone.y} width={zone.width} height={zone.height} rx="8" fill="none" stroke="var(--cs-bad-ui)" strokeDasharray="6 4" />
              <text x={zone.x + 10} y={zone.y + 16} fill="var(--cs-bad)">
                {zone.label}
              </text>
            </g>
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
          {plan.edges.map((edge, index) => edge.label && <Said key={index} edge={edge} />)}
        </svg>
      </div>
      <p className="muted small">Each diagram has the same content as a table under “Data”.</p>
    </figure>
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
      {kind === "table" && node.shown.length > 0 && <path d={`M${x} ${y + HEAD}h${WIDE}`} stroke="var(--cs-line)" />}
      <text className="lab" x={x + (node.shown.length ? 10 : WIDE / 2)} y={y + (node.shown.length ? 17 : height / 2 + 4)} textAnchor={node.shown.length ? "start" : "middle"} fill="var(--cs-text)">
        {short(node.label)}
      </text>
      {node.shown.map((line, index) => (
        <text key={index} x={x + 10} y={y + HEAD + 14 + index * LINE} fill="var(--cs-muted)">
          {short(line)}
        </text>
      ))}
    </g>
  );
}

// Rows of a column keep their order; a box never covers the one above it.
function place(block) {
  const lowest = new Map();
  const nodes = block.nodes
    .toSorted((one, other) => one.column - other.column || one.row - other.row)
    .map((node) => {
      const hidden = node.lines.length - SHOWN_LINES;
      const shown = hidden > 0 ? [...node.lines.slice(0, SHOWN_LINES - 1), `and ${hidden + 1} more`] : node.lines;
      const height = shown.length ? HEAD + 8 + shown.length * LINE : 44;
      const wish = PAD + node.row * (44 + GAP_Y);
      const y = Math.max(wish, lowest.get(node.column) ?? PAD);
      lowest.set(node.column, y + height + GAP_Y);
      return { ...node, shown, height, x: PAD + node.column * (WIDE + GAP_X), y };
    });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const zones = block.zones.map((zone) => frame(zone, byId)).filter(Boolean);
  const edges = block.edges.map((edge) => route(edge, byId, block.edges)).filter(Boolean);
  const right = Math.max(0, ...nodes.map((node) => node.x + WIDE), ...zones.map((zone) => zone.x + zone.width));
  const bottom = Math.max(0, ...nodes.map((node) => node.y + node.height), ...zones.map((zone) => zone.y + zone.height), ...edges.map((edge) => edge.low));
  return { nodes, zones, edges, width: right + PAD, height: bottom + PAD };
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
function route(edge, byId, all) {
  const from = byId.get(edge.source);
  const to = byId.get(edge.target);
  if (!from || !to) return null;
  const y1 = spread(from, all.filter((one) => one.source === from.id), edge);
  const y2 = spread(to, all.filter((one) => one.target === to.id), edge);
  const x1 = from.x + WIDE;
  const x2 = to.x;
  const head = `M${x2} ${y2}l-9 -4v8z`;
  const label = edge.label;
  if (x2 > x1) return { label, head, ...forward({ x: x1, y: y1 }, { x: x2 - 9, y: y2 }, lanes(from, to, y1, y2, [...byId.values()])), low: 0 };
  const low = Math.max(from.y + from.height, to.y + to.height) + 14;
  const path = `M${x1} ${y1}C${x1 + 40} ${y1} ${x1 + 40} ${low} ${x1} ${low}L${x2 - 9} ${low}C${x2 - 44} ${low} ${x2 - 44} ${y2} ${x2 - 9} ${y2}`;
  return { label, head, path, labelX: (x1 + x2) / 2, labelY: low - 4, anchor: "middle", low: low + 8 };
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
function lanes(from, to, y1, y2, nodes) {
  const found = [];
  for (let column = from.column + 1; column < to.column; column += 1) {
    const boxes = nodes.filter((node) => node.column === column);
    const wish = y1 + ((y2 - y1) * (column - from.column)) / (to.column - from.column);
    const isFree = (y) => boxes.every((box) => y < box.y - 6 || y > box.y + box.height + 6);
    const heights = [wish, ...boxes.flatMap((box) => [box.y - GAP_Y / 2, box.y + box.height + GAP_Y / 2])].filter(isFree);
    const y = heights.toSorted((one, other) => Math.abs(one - wish) - Math.abs(other - wish))[0] ?? wish;
    found.push({ x: PAD + column * (WIDE + GAP_X), y });
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
