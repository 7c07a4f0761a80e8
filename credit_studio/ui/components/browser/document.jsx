// A report: drawn with its structure under the page's own headings, and offered as Markdown, HTML and PDF. Fetched only when a result has one.
import { useMemo, useState } from "react";
import { CopyButton } from "./code.jsx";
import { htmlOf } from "./document_html.js";
import { Icon } from "./icons.jsx";
import { isTight, textOf, treeOf } from "./markdown.js";
import { saveAs } from "./save.js";

const HIGHEST = 4; // under the title of the block, an h3
const CONTENTS = 5; // sections from which a list of them helps
const SHOWN_CHARACTERS = 6_000; // of a long report, to the end of its paragraph

export default function Document({ block }) {
  const nodes = useMemo(() => treeOf(block.markdown), [block.markdown]);
  const [isWhole, setWhole] = useState(false);
  const cut = useMemo(() => cutOf(nodes), [nodes]);
  const shown = isWhole ? nodes : nodes.slice(0, cut);
  const go = (at) => {
    setWhole(true);
    setTimeout(() => {
      document.getElementById(anchor(at))?.focus();
      document.getElementById(anchor(at))?.scrollIntoView();
    });
  };
  return (
    <div className="stack">
      <div className="row between flow">
        <h3>{block.title}</h3>
        <Downloads block={block} nodes={nodes} />
      </div>
      <article className="report" aria-label={block.title}>
        <Contents nodes={nodes} go={go} />
        {shown.map((node, at) => (
          <Node key={at} node={node} at={at} />
        ))}
      </article>
      {shown.length < nodes.length && (
        <p>
          <button type="button" className="btn" onClick={() => go(shown.length)}>
            Show the rest of the report
          </button>
        </p>
      )}
    </div>
  );
}

// Where a long report is cut at first: after so many characters, before the next heading; a short rest is not worth a button.
function cutOf(nodes) {
  let length = 0;
  const far = nodes.findIndex((node) => (length += textOf(node).length) > SHOWN_CHARACTERS);
  const next = far < 0 ? -1 : nodes.findIndex((node, at) => at > far && node.type === "heading");
  if (next < 0) return nodes.length;
  const rest = nodes.slice(next).reduce((sum, node) => sum + textOf(node).length, 0);
  return rest > SHOWN_CHARACTERS / 4 ? next : nodes.length;
}

function Downloads({ block, nodes }) {
  const [said, setSaid] = useState("");
  const pdf = async () => {
    setSaid("Setting the PDF\u2026");
    try {
      const { pdfOf } = await import("./document_pdf.js");
      const { blob, left } = await pdfOf(block.title, nodes);
      saveAs(`${block.filename}.pdf`, blob, "application/pdf");
      setSaid(left ? `The PDF's fonts lack ${left} of its characters; the HTML file has them all.` : "");
    } catch {
      setSaid("The PDF could not be made here. The HTML file prints as well.");
    }
  };
  return (
    <span className="row flow">
      <CopyButton text={block.markdown} what={`${block.title} as Markdown`} />
      <Offer ending="md" onClick={() => saveAs(`${block.filename}.md`, block.markdown, "text/markdown;charset=utf-8")} title={block.title} />
      <Offer ending="html" onClick={() => saveAs(`${block.filename}.html`, htmlOf(block.title, nodes), "text/html;charset=utf-8")} title={block.title} />
      <Offer ending="pdf" onClick={pdf} title={block.title} />
      <span role="status" className="small muted">
        {said}
      </span>
    </span>
  );
}

const NAMES = { md: "Markdown", html: "HTML", pdf: "PDF" };

const Offer = ({ ending, onClick, title }) => (
  <button type="button" className="btn" onClick={onClick} aria-label={`${NAMES[ending]}: download ${title}`}>
    <Icon name="download" />
    {NAMES[ending]}
  </button>
);

const anchor = (at) => `report-${at}`;

function Contents({ nodes, go }) {
  const sections = nodes.map((node, at) => ({ node, at })).filter(({ node }) => node.type === "heading" && node.level === 2);
  if (sections.length < CONTENTS) return null;
  return (
    <details className="contents">
      <summary>Contents, {sections.length} sections</summary>
      <ol>
        {sections.map(({ node, at }) => (
          <li key={at}>
            <a
              href={`#${anchor(at)}`}
              onClick={(event) => {
                event.preventDefault();
                go(at);
              }}
            >
              {textOf(node)}
            </a>
          </li>
        ))}
      </ol>
    </details>
  );
}

const Inside = ({ nodes }) => nodes.map((node, at) => <Node key={at} node={node} at={at} />);

const DRAWN = {
  text: ({ node }) => node.value,
  emphasis: ({ node }) => <em>{<Inside nodes={node.children} />}</em>,
  strong: ({ node }) => <strong>{<Inside nodes={node.children} />}</strong>,
  inlineCode: ({ node }) => <code>{node.value}</code>,
  break: () => <br />,
  link: ({ node }) => (
    <a href={node.url} target="_blank" rel="noopener noreferrer">
      <Inside nodes={node.children} />
    </a>
  ),
  paragraph: ({ node }) => <p>{<Inside nodes={node.children} />}</p>,
  heading: Heading,
  thematicBreak: () => <hr />,
  blockquote: ({ node }) => <blockquote>{<Inside nodes={node.children} />}</blockquote>,
  code: ({ node }) => (
    <pre className="code" role="region" tabIndex={0} aria-label={node.lang ? `Code, ${node.lang}` : "Code"}>
      {node.value}
    </pre>
  ),
  list: List,
  table: Table,
};

function Node({ node, at }) {
  const Drawn = DRAWN[node.type];
  return Drawn ? <Drawn node={node} at={at} /> : (node.value ?? null);
}

function Heading({ node, at }) {
  const Tag = `h${Math.min(6, HIGHEST - 1 + node.level)}`;
  return (
    <Tag id={anchor(at)} tabIndex={-1} className={`level-${Math.min(4, node.level)}`}>
      <Inside nodes={node.children} />
    </Tag>
  );
}

function List({ node }) {
  const Tag = node.ordered ? "ol" : "ul";
  const isLine = isTight(node);
  return (
    <Tag start={node.ordered && node.start !== 1 ? node.start : undefined}>
      {node.children.map((item, at) => (
        <li key={at} className={item.done === null ? undefined : "do"}>
          {item.done !== null && (
            <span className={"tick"} role="img" aria-label={item.done ? "Done:" : "To do:"}>
              {item.done && <Icon name="copied" size="s" />}
            </span>
          )}
          {item.children.map((child, inner) => (isLine && child.type === "paragraph" ? <Inside key={inner} nodes={child.children} /> : <Node key={inner} node={child} at={inner} />))}
        </li>
      ))}
    </Tag>
  );
}

function Table({ node }) {
  const [head, ...rows] = node.children;
  const label = head.children.map(textOf).filter(Boolean).join(", ");
  const side = (at) => (node.align[at] === "right" ? "r" : node.align[at] === "center" ? "centre" : undefined);
  return (
    <div className="scroll" role="region" tabIndex={0} aria-label={`Table: ${label}`}>
      <table>
        <thead>
          <tr>
            {head.children.map((cell, at) =>
              cell.children.length ? (
                <th key={at} scope="col" className={side(at)}>
                  <Inside nodes={cell.children} />
                </th>
              ) : (
                <td key={at} />
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {row.children.map((cell, inner) => (
                <td key={inner} className={side(inner)}>
                  <Inside nodes={cell.children} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
