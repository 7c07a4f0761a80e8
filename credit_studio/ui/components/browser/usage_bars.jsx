// Use over time, as stacked bars; recharts is fetched only when there are some.
import { lazy, Suspense } from "react";

const Bars = lazy(() => import("./usage_chart.jsx"));

export function UsageBars({ chart }) {
  if (!chart?.bars) return null;
  return (
    <Suspense fallback={<span className="skel" style={{ width: "100%", height: "300px" }} />}>
      <Bars chart={chart} />
    </Suspense>
  );
}
