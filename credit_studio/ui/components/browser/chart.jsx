// Charts with recharts; this file is fetched only when a result has one.
import { useEffect, useState } from "react";
import { Area, AreaChart, Bar, BarChart, CartesianGrid, Label, Line, LineChart, ReferenceDot, ReferenceLine, ResponsiveContainer, Tooltip, useChartWidth, XAxis, YAxis } from "recharts";
import { show, showTick } from "./format.js";

const HEIGHT = 300;
const MOST_SERIES = 5;
const COLOURS = ["var(--cs-c1)", "var(--cs-c2)", "var(--cs-c3)", "var(--cs-c4)", "var(--cs-c5)", "var(--cs-c6)", "var(--cs-c7)", "var(--cs-c8)"];
const FONT = { fontSize: 12, fill: "var(--cs-muted)" };
const LABEL = { fontSize: 12, fontWeight: 500, fill: "var(--cs-text)" };

export default function Chart({ block }) {
  const isBar = block.kind === "bar";
  const series = isBar ? stacked(block.series) : block.series;
  const data = rowsOf(series);
  const colour = (index) => (series[index].isOther ? "var(--cs-other)" : COLOURS[index % COLOURS.length]);
  const parts = { block, series, data, colour, isNarrow: useNarrow() };
  return (
    <div className="stack sm">
      <p className="small muted">{titleOf(block.y)}</p>
      <div role="img" aria-label={block.summary} className="plot">
        <ResponsiveContainer width="100%" height={HEIGHT}>
          {isBar ? bars(parts) : curves(parts)}
        </ResponsiveContainer>
      </div>
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

// recharts reads its children by their types, so that these are functions and not components.
function frame({ block, series, data, isNarrow }, xAxis) {
  const isCategory = data.some((row) => typeof row.x === "string");
  return [
    <CartesianGrid key="grid" vertical={false} stroke="var(--cs-line)" />,
    <XAxis
      key="x"
      dataKey="x"
      type={isCategory ? "category" : "number"}
      domain={isCategory ? undefined : ["dataMin", "dataMax"]}
      tick={FONT}
      tickCount={isNarrow ? 4 : 6}
      tickLine={false}
      axisLine={{ stroke: "var(--cs-line-strong)" }}
      tickFormatter={(value) => showTick(value, block.x.format, block.x.unit)}
      height={44}
      {...xAxis}
    >
      <Label value={titleOf(block.x)} position="insideBottom" offset={0} style={FONT} />
    </XAxis>,
    <YAxis key="y" tick={FONT} tickLine={false} axisLine={false} width="auto" tickFormatter={(value) => showTick(value, block.y.format, block.y.unit)} />,
    <Tooltip
      key="tip"
      isAnimationActive={false}
      contentStyle={{ background: "var(--cs-panel)", border: "1px solid var(--cs-line-strong)", borderRadius: 8, fontSize: 12, color: "var(--cs-text)" }}
      itemStyle={{ color: "var(--cs-text)" }}
      labelFormatter={(value) => `${block.x.label}: ${show(value, block.x.format, block.x.unit)}`}
      formatter={(value, key) => [show(value, block.y.format, block.y.unit), series[Number(String(key).slice(1))]?.name ?? block.y.label]}
    />,
  ];
}

// A unit that stands at the figures already is not said again in the title of the axis.
const titleOf = (axis) => (axis.unit && axis.format !== "money" ? `${axis.label}, ${axis.unit}` : axis.label);

function curves(parts) {
  const { block, series, data, colour, isNarrow } = parts;
  const isArea = block.kind === "area";
  const Kind = isArea ? AreaChart : LineChart;
  const [least, most] = [data[0]?.x ?? 0, data.at(-1)?.x ?? 0];
  const isRight = (x) => typeof x === "number" && x > least + (most - least) * (isNarrow ? 0.4 : 0.6);
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
      {block.marks.map((mark) => (
        <ReferenceLine key={mark.label} {...{ [mark.axis]: mark.value }} stroke="var(--cs-text)" strokeDasharray="4 4" ifOverflow="extendDomain">
          <Label value={mark.label} position={mark.axis === "x" ? (isRight(mark.value) ? "insideTopRight" : "insideTopLeft") : "insideBottomLeft"} offset={mark.axis === "x" ? 8 : 4} style={LABEL} />
        </ReferenceLine>
      ))}
      {block.dots.map((dot) => (
        <ReferenceDot key={dot.label} x={dot.x} y={dot.y} r={4.5} fill="var(--cs-panel)" stroke={colour(0)} strokeWidth={2} ifOverflow="visible">
          <Label content={<DotLabel text={dot.label} />} />
        </ReferenceDot>
      ))}
    </Kind>
  );
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

function bars(parts) {
  const { block, series, data, colour } = parts;
  return (
    <BarChart data={data} margin={{ top: 16, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
      {frame(parts, { type: "category", domain: undefined })}
      {series.map((one, index) => (
        <Bar key={one.name} dataKey={`s${index}`} name={`s${index}`} stackId="all" fill={colour(index)} stroke="var(--cs-panel)" strokeWidth={series.length > 1 ? 1 : 0} isAnimationActive={false} maxBarSize={48} />
      ))}
      {block.marks
        .filter((mark) => mark.axis === "y")
        .map((mark) => (
          <ReferenceLine key={mark.label} y={mark.value} stroke="var(--cs-text)" strokeDasharray="4 4" ifOverflow="extendDomain">
            <Label value={mark.label} position="insideBottomLeft" style={LABEL} />
          </ReferenceLine>
        ))}
    </BarChart>
  );
}

function useNarrow() {
  const [isNarrow, setNarrow] = useState(false);
  useEffect(() => {
    const query = matchMedia("(max-width: 767px)");
    const follow = () => setNarrow(query.matches);
    follow();
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  return isNarrow;
}
