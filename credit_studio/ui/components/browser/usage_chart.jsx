// Stacked bars, each the way to its runs; the table below has the same links for the keyboard. A phone has room for the last 14.
import { useNavigate } from "react-router";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { showWhole } from "./format.js";
import { useNarrow } from "./use_narrow.js";

const HEIGHT = 300;
const ON_A_PHONE = 14;
const FONT = { fontSize: 12, fill: "var(--cs-muted)" };
const TIP = { background: "var(--cs-panel)", border: "1px solid var(--cs-line-strong)", borderRadius: 8, fontSize: 12, color: "var(--cs-text)" };

export default function UsageChart({ chart }) {
  const isNarrow = useNarrow();
  const navigate = useNavigate();
  const bars = isNarrow ? chart.bars.slice(-ON_A_PHONE) : chart.bars;
  const data = bars.map((bar) => ({ ...bar, ...Object.fromEntries(bar.parts.map((part, index) => [`s${index}`, part])) }));
  return (
    <div className="stack sm">
      {bars.length < chart.bars.length && (
        <p className="small muted">
          Last {ON_A_PHONE} {chart.steps} of {chart.bars.length}. A wider screen shows all.
        </p>
      )}
      <div role="img" aria-label={chart.summary} className="plot usage-plot" style={{ minHeight: HEIGHT }}>
        <ResponsiveContainer width="100%" height={HEIGHT}>
          <BarChart data={data} margin={{ top: 12, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false} barCategoryGap="22%">
            <CartesianGrid vertical={false} stroke="var(--cs-line)" />
            <XAxis dataKey="label" tick={FONT} tickLine={false} axisLine={{ stroke: "var(--cs-line-strong)" }} minTickGap={isNarrow ? 28 : 48} height={32} />
            <YAxis tick={FONT} tickLine={false} axisLine={false} width="auto" allowDecimals={false} niceTicks="snap125" tickFormatter={showWhole} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ fill: "var(--cs-sunk)" }}
              contentStyle={TIP}
              itemStyle={{ color: "var(--cs-text)" }}
              labelFormatter={(_, some) => some?.[0]?.payload?.title ?? ""}
              formatter={(value, name) => (value ? [`${showWhole(value)} ${chart.metric}`, name] : null)}
            />
            {chart.series.map((one, index) => (
              <Bar
                key={one.name}
                dataKey={`s${index}`}
                name={one.name}
                stackId="all"
                fill={one.colour}
                stroke="var(--cs-panel)"
                strokeWidth={1}
                maxBarSize={40}
                isAnimationActive={false}
                onClick={(bar) => navigate(bar.payload.href)}
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
      <ul className="legend">
        {chart.series.map((one) => (
          <li key={one.name}>
            <span className="key" style={{ background: one.colour }} />
            {one.name}
          </li>
        ))}
      </ul>
    </div>
  );
}
