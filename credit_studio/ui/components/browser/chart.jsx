// Charts with recharts; this file is fetched only when a result has one.
import { cloneElement } from "react";
import { Area, AreaChart, Bar, BarChart, CartesianGrid, Label, Line, LineChart, ReferenceDot, ReferenceLine, ResponsiveContainer, Scatter, ScatterChart, Tooltip, useChartWidth, XAxis, YAxis, ZAxis } from "recharts";
import { show, showTick } from "./format.js";
import { dateTicks, datesOf, roundTicks, showDateTick } from "./ticks.js";
import { useNarrow } from "./use_narrow.js";

const HEIGHT = 300;
const MOST_SERIES = 5;
const MOST_POINTS = 1500; // of a cloud, as many as a browser draws at once
const MOST_LYING = 40;
const [LYING_BAR, THIN_BAR] = [28, 14];
const [STEP_CHARACTERS, MOST_STEPS] = [10, 15];
const [WIDE_PLOT, NARROW_PLOT] = [640, 270];
const COLOURS = ["var(--cs-c1)", "var(--cs-c2)", "var(--cs-c3)", "var(--cs-c4)", "var(--cs-c5)", "var(--cs-c6)", "var(--cs-c7)", "var(--cs-c8)"];
// Names that have a colour everywhere else in the page have it here, too.
const MEANT = {
  critical: "var(--cs-sev-c)", high: "var(--cs-sev-h)", medium: "var(--cs-sev-m)", low: "var(--cs-sev-l)", info: "var(--cs-info)",
  green: "var(--cs-accent)", amber: "var(--cs-warn-ui)", red: "var(--cs-bad-ui)",
};
const FONT = { fontSize: 12, fill: "var(--cs-muted)" };
// A label over a line stays readable.
const LABEL = { fontSize: 12, fontWeight: 500, fill: "var(--cs-text)", stroke: "var(--cs-panel)", strokeWidth: 4, paintOrder: "stroke" };

export default function Chart({ block }) {
  const isBar = block.kind === "bar";
  const series = isBar && !block.isGrouped ? stacked(block.series) : block.series;
  const data = block.kind === "scatter" ? series.flatMap((one) => one.points.map(([x]) => ({ x }))) : rowsOf(series);
  const colour = (index) => (series[index].isOther ? "var(--cs-other)" : (MEANT[series[index].name.toLowerCase()] ?? COLOURS[index % COLOURS.length]));
  const isNarrow = useNarrow();
  const isLying = isBar && lies(data, isNarrow);
  const parts = { block, series, data, colour, isNarrow, isLying };
  const height = isLying ? (block.isGrouped ? THIN_BAR * series.length + 10 : LYING_BAR) * data.length + 72 : HEIGHT;
  const draw = isBar ? bars : block.kind === "scatter" ? cloud : curves;
  return (
    <div className="stack sm">
      <p className="small muted">{titleOf(isLying ? block.x : block.y)}</p>
      <div role="img" aria-label={block.summary} className="plot" style={{ minHeight: height }}>
        <ResponsiveContainer width="100%" height={height}>
          {draw(parts)}
        </ResponsiveContainer>
      </div>
      {block.kind === "scatter" && thinned(series) && <p className="small muted">{thinned(series)}</p>}
      {series.length > 1 && (
        <ul className="legend">
          {series.map((one, index) => (
            <li key={one.name}>
              <span className="key" style={{ background: colour(index) }} />
              {one.name}
            </li>
          ))}
        </ul>
      )}
      <p className="vh">{block.summary}</p>
    </div>
  );
}

// At most five series and "Other" in a stack.
function stacked(series) {
  if (series.length <= MOST_SERIES + 1) return series;
  const sums = new Map();
  for (const [x, y] of series.slice(MOST_SERIES).flatMap((one) => one.points)) sums.set(x, (sums.get(x) ?? 0) + y);
  return [...series.slice(0, MOST_SERIES), { name: "Other", isOther: true, points: [...sums] }];
}

function rowsOf(series) {
  const rows = new Map();
  series.forEach((one, index) => {
    for (const [x, y] of one.points) rows.set(x, { ...(rows.get(x) ?? { x }), [`s${index}`]: y });
  });
  const found = [...rows.values()];
  return found.every((row) => typeof row.x === "number") ? found.toSorted((one, other) => one.x - other.x) : found;
}

// Bars lie when their names do not fit under them. Short names that begin with a digit are steps of a scale (months, years): some of them may be left out.
function lies(data, isNarrow) {
  const names = data.map((row) => String(row.x));
  if (names.length < 2 || names.length > MOST_LYING) return false;
  if (names.every((name) => /^[\d<>\u2212\u2265\u2264-]/.test(name) && (name.length <= STEP_CHARACTERS || names.length > MOST_STEPS))) return false;
  const room = (isNarrow ? NARROW_PLOT : WIDE_PLOT) / names.length;
  return names.some((name) => name.length * LETTER > room);
}

function thinned(series) {
  const [all, drawn] = [series, series.map(fewer)].map((some) => some.reduce((sum, one) => sum + one.points.length, 0));
  return drawn < all ? `${show(drawn, "integer")} of ${show(all, "integer")} points are drawn; the download has them all.` : "";
}

// Every n-th point of a large cloud, spread over all of it.
function fewer(series) {
  const step = Math.ceil(series.points.length / MOST_POINTS);
  return step > 1 ? { ...series, points: series.points.filter((_, index) => index % step === 0) } : series;
}

// recharts reads its children by their types, so that these are functions and not components.
function frame({ block, series, data, isNarrow }, xAxis, yAxis) {
  const isCategory = data.some((row) => typeof row.x === "string");
  const dates = block.x.format === "date" ? dateTicks(data, isNarrow ? 4 : 7) : null;
  const round = isCategory || dates ? undefined : inside(roundTicks(data, isNarrow ? 4 : 6), data, block.kind);
  return [
    <CartesianGrid key="grid" vertical={false} stroke="var(--cs-line)" />,
    <XAxis
      key="x"
      dataKey="x"
      type={isCategory ? "category" : "number"}
      domain={isCategory ? undefined : block.kind === "scatter" ? [round[0], round.at(-1)] : ["dataMin", "dataMax"]}
      tick={FONT}
      tickLine={false}
      axisLine={{ stroke: "var(--cs-line-strong)" }}
      tickFormatter={(value) => (dates ? showDateTick(value, dates.step) : showTick(value, block.x.format, block.x.unit))}
      ticks={dates?.ticks ?? round}
      height={44}
      {...xAxis}
    >
      <Label value={dates ? `${block.x.label}${datesOf(data, dates.step)}` : titleOf(block.x)} position="insideBottom" offset={0} style={FONT} />
    </XAxis>,
    <YAxis key="y" {...yAxis} tick={FONT} tickLine={false} axisLine={false} width="auto" niceTicks="snap125" tickFormatter={(value) => showTick(value, block.y.format, block.y.unit)} />,
    <Tooltip
      key="tip"
      isAnimationActive={false}
      cursor={{ fill: "var(--cs-sunk)", stroke: "var(--cs-line-strong)" }}
      contentStyle={{ background: "var(--cs-panel)", border: "1px solid var(--cs-line-strong)", borderRadius: 8, fontSize: 12, color: "var(--cs-text)" }}
      itemStyle={{ color: "var(--cs-text)" }}
      labelFormatter={(value) => `${block.x.label}: ${show(value, block.x.format, block.x.unit)}`}
      formatter={(value, key) => [show(value, block.y.format, block.y.unit), series[Number(String(key).slice(1))]?.name ?? block.y.label]}
    />,
  ];
}

// A line goes from its first point to its last, and has the ticks between them; a cloud has room on both sides.
function inside(ticks, data, kind) {
  return kind === "scatter" ? ticks : ticks.filter((tick) => tick >= data[0].x && tick <= data.at(-1).x);
}

// A unit that stands at the figures already is not said again in the title of the axis.
const titleOf = (axis) => (axis.unit && axis.format !== "money" ? `${axis.label}, ${axis.unit}` : axis.label);

function curves(parts) {
  const { block, series, data, colour } = parts;
  const isArea = block.kind === "area";
  const Kind = isArea ? AreaChart : LineChart;
  return (
    <Kind data={data} margin={{ top: 20, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
      {frame(parts)}
      {series.map((one, index) =>
        isArea ? (
          <Area key={one.name} dataKey={`s${index}`} name={`s${index}`} stroke={colour(index)} strokeWidth={2} fill={colour(index)} fillOpacity={0.1} isAnimationActive={false} dot={false} connectNulls />
        ) : (
          <Line key={one.name} dataKey={`s${index}`} name={`s${index}`} stroke={colour(index)} strokeWidth={2} isAnimationActive={false} dot={false} connectNulls />
        ),
      )}
      {references(parts)}
    </Kind>
  );
}

// Reference lines and named points of a chart over numbers.
function references({ block, data, colour, isNarrow }) {
  const ends = data.map((row) => row.x);
  const [least, most] = [ends.reduce((one, other) => Math.min(one, other), Infinity), ends.reduce((one, other) => Math.max(one, other), -Infinity)];
  const isRight = (x) => typeof x === "number" && x > least + (most - least) * (isNarrow ? 0.4 : 0.6);
  return [
    ...block.marks.map((mark) => (
      <ReferenceLine key={`mark-${mark.label}`} {...{ [mark.axis]: mark.value }} stroke="var(--cs-text)" strokeDasharray="4 4" ifOverflow="extendDomain">
        <Label value={mark.label} position={mark.axis === "x" ? (isRight(mark.value) ? "insideTopRight" : "insideTopLeft") : "insideBottomLeft"} offset={mark.axis === "x" ? 8 : 4} style={LABEL} />
      </ReferenceLine>
    )),
    ...block.dots.map((dot) => (
      <ReferenceDot key={`dot-${dot.label}`} x={dot.x} y={dot.y} r={4.5} fill="var(--cs-panel)" stroke={colour(0)} strokeWidth={2} ifOverflow="visible">
        {dot.label && <Label content={<DotLabel text={dot.label} />} />}
      </ReferenceDot>
    )),
  ];
}

const LETTER = 6.6; // width of a letter at 12 px, on the safe side

// Right of the point and above it; where that would leave the chart, it ends at its edge, higher up.
function DotLabel({ viewBox, text }) {
  const edge = useChartWidth() ?? 0;
  const x = (viewBox.x ?? viewBox.cx ?? 0) + (viewBox.width ?? 0) / 2 + 8;
  const y = (viewBox.y ?? viewBox.cy ?? 0) - 4;
  const fits = x + text.length * LETTER < edge;
  return (
    <text x={fits ? x : edge - 4} y={fits ? y : y - 10} textAnchor={fits ? "start" : "end"} style={LABEL}>
      {text}
    </text>
  );
}

// Upright bars, or lying ones with their names at the left and the figures below.
function bars(parts) {
  const { block, series, data, colour, isLying } = parts;
  const stack = block.isGrouped
    ? { maxBarSize: isLying ? THIN_BAR - 2 : 32 }
    : { stackId: "all", stroke: "var(--cs-panel)", strokeWidth: series.length > 1 ? 1 : 0, maxBarSize: isLying ? 18 : 48 };
  return (
    <BarChart data={data} layout={isLying ? "vertical" : "horizontal"} margin={{ top: 16, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
      {isLying ? lyingFrame(parts) : frame(parts, { type: "category", domain: undefined })}
      {series.map((one, index) => (
        <Bar key={one.name} dataKey={`s${index}`} name={`s${index}`} {...stack} fill={colour(index)} isAnimationActive={false} />
      ))}
      {block.marks
        .filter((mark) => mark.axis === "y")
        .map((mark) => (
          <ReferenceLine key={mark.label} {...{ [isLying ? "x" : "y"]: mark.value }} stroke="var(--cs-text)" strokeDasharray="4 4" ifOverflow="extendDomain">
            <Label value={mark.label} position={isLying ? "top" : "insideBottomLeft"} style={LABEL} />
          </ReferenceLine>
        ))}
    </BarChart>
  );
}

function lyingFrame(parts) {
  const { block, data, isNarrow } = parts;
  const most = isNarrow ? 16 : 34;
  // Cut in the middle: of a path the end tells most.
  const short = (name) => (name.length > most ? `${name.slice(0, most / 2 - 1)}\u2026${name.slice(-most / 2)}` : name);
  const width = Math.min(most, Math.max(...data.map((row) => String(row.x).length))) * LETTER + 12;
  const [grid, , , tip] = frame(parts);
  return [
    cloneElement(grid, { vertical: true, horizontal: false }),
    <XAxis key="x" type="number" tick={FONT} tickCount={isNarrow ? 4 : 6} niceTicks="snap125" tickLine={false} axisLine={{ stroke: "var(--cs-line-strong)" }} tickFormatter={(value) => showTick(value, block.y.format, block.y.unit)} height={44}>
      <Label value={titleOf(block.y)} position="insideBottom" offset={0} style={FONT} />
    </XAxis>,
    <YAxis key="y" type="category" dataKey="x" width={width} interval={0} tick={FONT} tickLine={false} axisLine={false} tickFormatter={short} />,
    tip,
  ];
}

const SHAPES = ["circle", "square", "diamond", "triangle", "cross", "star"];

const lineOf = (stroke) => ({ line: { stroke, strokeWidth: 2 }, shape: () => null });

// Points without a line, but for a series that is one; each series has a shape of its own beside its colour.
function cloud(parts) {
  const { block, series, colour } = parts;
  return (
    <ScatterChart margin={{ top: 20, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
      {frame(parts, { name: "x" }, { type: "number", dataKey: "y", name: "y", domain: ["auto", "auto"] }).map((part) =>
        part.key === "tip" ? cloneElement(part, { labelFormatter: () => "", formatter: (value, name) => [show(value, block[name].format, block[name].unit), block[name].label] }) : part,
      )}
      <ZAxis range={[36, 36]} />
      {series.map((one, index) => (
        <Scatter key={one.name} name={one.name} data={fewer(one).points.map(([x, y]) => ({ x, y }))} {...(one.isLine ? lineOf(colour(index)) : { shape: SHAPES[index % SHAPES.length] })} fill={colour(index)} fillOpacity={0.75} isAnimationActive={false} />
      ))}
      {references(parts)}
    </ScatterChart>
  );
}
