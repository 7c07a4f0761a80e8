// A report as a tree: CommonMark with tables (see tools/blocks.py, Document). What is not text with its structure (HTML, images) becomes the text that was written.
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";

const SAFE = /^(https?:\/\/|mailto:)/i;
const TICK = /^\[([ xX])\]\s+/;

// The tree: mdast (github.com/syntax-tree/mdast) of few kinds. Headings have `level`: 1 is the highest, and no level is left out on the way down.
export function treeOf(markdown) {
  const root = fromMarkdown(markdown, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
  const links = new Map();
  collect(root, links);
  return levelled(plain(root, links)[0].children);
}

function collect(node, links) {
  if (node.type === "definition") links.set(node.identifier, node.url);
  for (const child of node.children ?? []) collect(child, links);
}

const FLOW = new Set(["root", "blockquote", "listItem"]);
const text = (value) => ({ type: "text", value });
const paragraph = (...children) => ({ type: "paragraph", children });

// What stands among paragraphs: loose text is one, and so is a heading inside of a quote or an item, which heads nothing.
function block(node, parent) {
  if (node.type === "text") return paragraph(node);
  return node.type === "heading" && parent.type !== "root" ? paragraph({ type: "strong", children: node.children }) : node;
}

// One node without what is not drawn, as a list: nothing, itself or its children.
function plain(node, links) {
  const within = (node.children ?? []).flatMap((child) => plain(child, links));
  const children = FLOW.has(node.type) ? within.map((child) => block(child, node)) : within;
  if (node.type === "definition") return [];
  if (node.type === "image" || node.type === "imageReference") return node.alt ? [text(node.alt)] : [];
  if (node.type === "html") return [text(node.value)];
  if (node.type === "link" || node.type === "linkReference") {
    const url = node.url ?? links.get(node.identifier) ?? "";
    return SAFE.test(url) ? [{ type: "link", url, children }] : children;
  }
  if (node.type === "listItem") return [ticked({ ...node, children })];
  return [node.children ? { ...node, children } : node];
}

// "[ ] Do this" of a list of things to do: `done` is false, true, or null for any other item.
function ticked(item) {
  const first = item.children[0]?.type === "paragraph" ? item.children[0].children[0] : null;
  const mark = first?.type === "text" ? TICK.exec(first.value) : null;
  if (!mark) return { ...item, done: null };
  const rest = { ...item.children[0], children: [text(first.value.slice(mark[0].length)), ...item.children[0].children.slice(1)] };
  return { ...item, done: mark[1] !== " ", children: [rest, ...item.children.slice(1)] };
}

function levelled(nodes) {
  const above = [];
  return nodes.map((node) => {
    if (node.type !== "heading") return node;
    while (above.length && above.at(-1) >= node.depth) above.pop();
    above.push(node.depth);
    return { ...node, level: above.length };
  });
}

export const textOf = (node) => node.value ?? (node.type === "break" ? " " : (node.children ?? []).map(textOf).join(""));

// The items of a tight list are lines and not paragraphs.
export const isTight = (list) => !list.spread && list.children.every((item) => !item.spread);
