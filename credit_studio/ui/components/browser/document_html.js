// A report as an HTML file that stands alone: escaped, without scripts, readable in light and dark, ready to be printed.
import { isTight } from "./markdown.js";
import { tokensOf } from "./tokens.js";

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

const TOKENS = ["text", "muted", "line-strong", "sunk", "panel", "accent-text"];

function colours(theme) {
  const token = tokensOf(theme);
  return TOKENS.map((name) => `--${name}:${token(name)}`).join(";");
}

const styleOf = () => `:root{color-scheme:light dark;${colours("light")}}
@media (prefers-color-scheme:dark){:root{${colours("dark")}}}
body{margin:0 auto;padding:32px 20px;max-width:76ch;background:var(--panel);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;overflow-wrap:anywhere}
h1{font-size:28px;line-height:1.2}h2{font-size:21px;line-height:1.3;margin-top:1.8em}h3{font-size:17px;margin-top:1.5em}h4,h5,h6{font-size:16px}
a{color:var(--accent-text)}hr{border:0;border-top:1px solid var(--line-strong)}
blockquote{margin:1em 0;padding-left:16px;border-left:3px solid var(--line-strong);color:var(--muted)}
pre,code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;background:var(--sunk);border-radius:4px}code{padding:1px 4px}pre{padding:12px;overflow:auto;white-space:pre-wrap}pre code{padding:0}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4;overflow-wrap:normal}th,td{padding:6px 10px;border:1px solid var(--line-strong);text-align:left;vertical-align:top}th{background:var(--sunk)}
li.do{list-style:none}li.do>p{display:inline}li.do>span:first-child{margin-left:-1.3em;margin-right:.4em}
@media print{body{max-width:none;padding:0;font-size:11pt}h1,h2,h3,h4{break-after:avoid}tr,pre,blockquote{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}}`;

export function htmlOf(title, nodes) {
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
${styleOf()}
</style>
</head>
<body>
<main>
${nodes.map((node) => written(node)).join("\n")}
</main>
</body>
</html>
`;
}

const inside = (node) => node.children.map((child) => written(child)).join("");
const lines = (node) => node.children.map((child) => written(child)).join("\n");

const WRITTEN = {
  text: (node) => escaped(node.value),
  emphasis: (node) => `<em>${inside(node)}</em>`,
  strong: (node) => `<strong>${inside(node)}</strong>`,
  inlineCode: (node) => `<code>${escaped(node.value)}</code>`,
  break: () => "<br>",
  link: (node) => `<a href="${escaped(node.url)}" rel="noopener noreferrer">${inside(node)}</a>`,
  paragraph: (node) => `<p>${inside(node)}</p>`,
  heading: (node) => `<h${Math.min(6, node.level)}>${inside(node)}</h${Math.min(6, node.level)}>`,
  thematicBreak: () => "<hr>",
  blockquote: (node) => `<blockquote>\n${lines(node)}\n</blockquote>`,
  code: (node) => `<pre><code>${escaped(node.value)}</code></pre>`,
  list: (node) => {
    const tag = node.ordered ? "ol" : "ul";
    const start = node.ordered && node.start !== 1 ? ` start="${Number(node.start)}"` : "";
    return `<${tag}${start}>\n${node.children.map((item) => itemOf(item, isTight(node))).join("\n")}\n</${tag}>`;
  },
  table: (node) => {
    const [head, ...rows] = node.children;
    const row = (cells, tag) => `<tr>${cells.children.map((cell, at) => `<${tag}${tag === "th" ? ' scope="col"' : ""}${aligned(node.align[at])}>${inside(cell)}</${tag}>`).join("")}</tr>`;
    return `<div class="wide"><table>\n<thead>${row(head, "th")}</thead>\n<tbody>\n${rows.map((cells) => row(cells, "td")).join("\n")}\n</tbody>\n</table></div>`;
  },
};

const written = (node) => WRITTEN[node.type]?.(node) ?? escaped(node.value ?? "");
const aligned = (side) => (side === "right" || side === "center" ? ` style="text-align:${side}"` : "");

function itemOf(item, isLine) {
  const box = item.done === null ? "" : `<span aria-hidden="true">${item.done ? "\u2611" : "\u2610"}</span>`;
  const content = item.children.map((child) => (isLine && child.type === "paragraph" ? inside(child) : written(child))).join("\n");
  return `<li${box ? ' class="do"' : ""}>${box}${content}</li>`;
}
