// Draws the result language of tools/blocks.py. Text is text: nothing a tool returns is ever taken as markup.
import { lazy, memo, Suspense, useId, useState } from "react";
import { CodeBlock } from "./code.jsx";
import { DiagramBlock, diagramTable } from "./diagram.jsx";
import { FilesBlock } from "./files.jsx";
import { FindingsBlock } from "./findings.jsx";
import { dateOf } from "./format.js";
import { Icon, IconButton } from "./icons.jsx";
import { csvOf, nameOf, saveAs } from "./save.js";
import { TableBlock } from "./table.jsx";

const Chart = lazy(() => import("./chart.jsx"));
const Document = lazy(() => import("./document.jsx"));

// Drawn anew only for other blocks: the page changes at every keystroke, a result does not.
export const Blocks = memo(function Blocks({ blocks }) {
  const id = useId();
  const tabs = tabsOf(blocks);
  const [chosen, setChosen] = useState(tabs[0]?.title);
  const tab = tabs.find((one) => one.title === chosen) ?? tabs[0];
  const hasSarif = blocks.some((block) => /\.sarif(\.json)?$/.test(block.filename ?? ""));
  if (!tab) return <p className="bd muted">This run gave no blocks to show.</p>;
  return (
    <div className="blocks">
      <div className="tabrow">
        <Tabs id={id} tabs={tabs} chosen={tab.title} choose={setChosen} />
        <span className="row tools">
          <IconButton icon="download" label="Download result as JSON" onClick={() => saveAs("result.json", `${JSON.stringify(blocks, null, 2)}\n`, "application/json")} />
        </span>
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tabs.indexOf(tab)}`} tabIndex={0}>
        {pairs(tab.blocks).map((pair, index) =>
          pair.length === 2 ? (
            <div key={`${tab.title}-${index}`} className="bd grid split">
              {pair.map((block, at) => (
                <Block key={at} block={block} isPaired />
              ))}
            </div>
          ) : (
            <Block key={`${tab.title}-${index}`} block={pair[0]} hasSarif={hasSarif} />
          ),
        )}
      </div>
    </div>
  );
});

// Each diagram has the same content as a table; it goes under Data unless the tool put one there itself.
function tabsOf(blocks) {
  const hasData = blocks.some((block) => block.tab === "Data" && block.block === "table");
  const tables = hasData ? [] : blocks.filter((block) => block.block === "diagram").map(diagramTable);
  const tabs = [];
  for (const block of [...blocks, ...tables]) {
    const tab = tabs.find((one) => one.title === block.tab);
    if (tab) tab.blocks.push(block);
    else tabs.push({ title: block.tab, blocks: [block] });
  }
  return tabs;
}

// A chart and a heat map that follow each other stand side by side.
function pairs(blocks) {
  const found = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (block.block === "heatMap" && last?.length === 1 && last[0].block === "chart") last.push(block);
    else found.push([block]);
  }
  return found;
}

function Tabs({ id, tabs, chosen, choose }) {
  const go = (event) => {
    const at = tabs.findIndex((tab) => tab.title === chosen);
    const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at - 1 + tabs.length) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(tabs[to].title);
    event.currentTarget.querySelectorAll('[role="tab"]')[to].focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Result views" onKeyDown={go}>
      {tabs.map((tab, index) => (
        <button key={tab.title} type="button" role="tab" id={`${id}-${index}`} aria-selected={tab.title === chosen} aria-controls={`${id}-panel`} tabIndex={tab.title === chosen ? 0 : -1} onClick={() => choose(tab.title)}>
          {tab.title}
        </button>
      ))}
    </div>
  );
}

const DRAWN = {
  keyFigures: KeyFigures,
  table: TableBlock,
  chart: ChartBlock,
  heatMap: HeatMap,
  diagram: DiagramBlock,
  code: CodeBlock,
  document: DocumentBlock,
  files: FilesBlock,
  findings: FindingsBlock,
  note: NoteBlock,
};

function Block({ block, isPaired = false, hasSarif = false }) {
  const Drawn = DRAWN[block.block];
  if (!Drawn) return null;
  const isFlush = isPaired || ["keyFigures", "table", "findings"].includes(block.block);
  return isFlush ? <Drawn block={block} hasSarif={hasSarif} /> : <div className="bd">{<Drawn block={block} />}</div>;
}

function KeyFigures({ block }) {
  return (
    <dl className="kpis">
      {block.figures.map((figure) => (
        <div key={figure.label} className="kpi">
          <dt>{figure.label}</dt>
          <dd>{figure.value}</dd>
          {figure.note && <dd>{figure.note}</dd>}
        </div>
      ))}
    </dl>
  );
}

function ChartBlock({ block }) {
  return (
    <figure className="stack sm">
      <figcaption className="row between">
        <h3>{block.title}</h3>
        <IconButton icon="download" label={`Download the figures of ${block.title} as CSV`} onClick={() => saveSeries(block)} />
      </figcaption>
      <Suspense fallback={<span className="skel" style={{ height: 300 }} />}>
        <Chart block={block} />
      </Suspense>
    </figure>
  );
}

function DocumentBlock({ block }) {
  return (
    <Suspense fallback={<span className="skel" style={{ height: 400 }} />}>
      <Document block={block} />
    </Suspense>
  );
}

function saveSeries(block) {
  const place = (x) => (block.x.format === "date" ? dateOf(x).toISOString().slice(0, x % 1 ? 19 : 10) : x);
  const rows = block.series.flatMap((series) => series.points.map(([x, y]) => [series.name, place(x), y]));
  saveAs(nameOf(block.title, "csv"), csvOf(["series", block.x.label, block.y.label], rows), "text/csv;charset=utf-8");
}

const LEVELS = [
  ["", "h1"],
  ["m", "h2"],
  ["h", "h3"],
  ["c", "h4"],
];

function HeatMap({ block }) {
  const columns = block.columnLabels.length;
  return (
    <figure className="stack sm">
      <figcaption className="row between flow">
        <h3>{block.title}</h3>
        {block.note && <span className="small muted">{block.note}</span>}
      </figcaption>
      <div className="scroll" tabIndex={0} role="region" aria-label={block.title}>
        <div className={block.isFilled ? "heat filled" : "heat"} role="img" aria-label={block.summary} style={{ gridTemplateColumns: `auto repeat(${columns}, minmax(min-content, 1fr))` }}>
          {block.rowLabels.flatMap((label, row) => [
            <span key={label} className="y">
              {label}
            </span>,
            ...block.levels[row].map((level, column) => (
              <span key={`${row}-${column}`} className={`cell ${LEVELS[level]?.[0] ?? ""}`}>
                {block.items
                  .filter((item) => item.row === row && item.column === column)
                  .map((item) => (
                    <b key={item.label}>{item.label}</b>
                  ))}
              </span>
            )),
          ])}
          <span />
          {block.columnLabels.map((label) => (
            <span key={label}>{label}</span>
          ))}
        </div>
      </div>
      <ul className="legend">
        {LEVELS.map(
          ([, ground], level) =>
            block.levelNames[level] && (
              <li key={ground}>
                <span className="key" style={{ background: `var(--cs-${ground})` }} />
                {block.levelNames[level]}
              </li>
            ),
        )}
      </ul>
    </figure>
  );
}

const TONES = { info: ["", "info"], good: ["g", "done"], warn: ["w", "warn"], bad: ["b", "alert"] };

function NoteBlock({ block }) {
  const [tone, icon] = TONES[block.tone] ?? TONES.info;
  return (
    <div className={`note ${tone}`}>
      <Icon name={icon} />
      <div>
        {block.title && (
          <>
            <b className="strong">{block.title}</b>
            <br />
          </>
        )}
        {block.text}
      </div>
    </div>
  );
}
