// A report as a PDF file, set by pdfmake in Roboto (Latin, Greek, Cyrillic). Fetched, with its fonts, only when somebody asks for one.
import pdfMake from "pdfmake/build/pdfmake.min.js";
import courier from "pdfmake/build/standard-fonts/Courier.js";
import roboto from "pdfmake/build/vfs_fonts.js";
import { isTight, textOf } from "./markdown.js";
import { tokensOf } from "./tokens.js";

const SIZES = [20, 14.5, 12, 11, 10.5, 10.5];
const CODE_CHARACTERS = 92; // of a line of code, at its size, between the margins
const LONG_WORD = 24;
const NARROW_TABLE = 5; // columns from which a table is set smaller

// What all four cuts of pdfmake's Roboto have; read from their character maps.
const KNOWN =
  "\\n\\t\\u0020-\\u007e\\u00a0-\\u017f\\u018f\\u0192\\u01a0-\\u01a1\\u01af-\\u01b0\\u01f0\\u01fa-\\u01ff\\u0218-\\u021b\\u0237\\u0259\\u02bc\\u02c6-\\u02c7\\u02c9\\u02d8-\\u02dd\\u02f3\\u0300-\\u0301\\u0303\\u0309\\u030f\\u0323\\u0384-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03ce\\u0400-\\u0486\\u0488-\\u0513\\u1e80-\\u1e85\\u1e9e\\u1ea0-\\u1ef9\\u2000-\\u200b\\u2010-\\u2011\\u2013-\\u2015\\u2017-\\u201e\\u2020-\\u2022\\u2025-\\u2027\\u2030\\u2032-\\u2033\\u2039-\\u203a\\u203c\\u2044\\u2070\\u2074-\\u208e\\u20a3-\\u20a4\\u20a6-\\u20ac\\u20b1\\u20b9-\\u20ba\\u20bc-\\u20bd\\u2105\\u2113\\u2116\\u2122\\u2126\\u212e\\u215b-\\u215e\\u2202\\u2206\\u220f\\u2211-\\u2212\\u221a\\u221e\\u222b\\u2248\\u2260\\u2264-\\u2265\\u25a0\\u25ca-\\u25cb\\u25cf";
const UNKNOWN = new RegExp(`[^${KNOWN}]`, "gu");
const LIKE = { "\u2192": "->", "\u2190": "<-", "\u2194": "<->", "\u21d2": "=>", "\u2713": "yes", "\u2714": "yes", "\u2717": "no", "\u2718": "no", "\u202f": "\u00a0", "\ufe0f": "", "\u00ad": "" };
const LATIN = /^[\n\t\x20-\x7e\u00a0-\u00ff]*$/; // what the standard font Courier surely has

// Gives {blob, left}: the file in the colours of the light theme, and how many characters its fonts do not have ("?" stands for each).
export async function pdfOf(title, nodes) {
  const told = { left: 0, ink: tokensOf("light") };
  const content = nodes.map((node) => set(node, told)).filter(Boolean);
  pdfMake.addVirtualFileSystem(roboto);
  pdfMake.addFontContainer(courier);
  pdfMake.setUrlAccessPolicy(() => false); // nothing is ever fetched for a report
  const blob = await pdfMake.createPdf(sheet(known(title, told), content, told.ink)).getBlob();
  return { blob, left: told.left };
}

function sheet(title, content, ink) {
  return {
    info: { title, producer: "Credit Studio", creator: "Credit Studio" },
    language: "en-GB",
    displayTitle: true,
    pageSize: "A4",
    pageMargins: [56, 56, 56, 60],
    defaultStyle: { font: "Roboto", fontSize: 10, lineHeight: 1.3, color: ink("text") },
    content,
    footer: (page, pages) => ({ margin: [56, 18, 56, 0], fontSize: 8, color: ink("muted"), columns: [{ text: title, width: "*", noWrap: false }, { text: `${page} / ${pages}`, alignment: "right", width: 60 }] }),
    // A heading never stands alone at the foot of a page.
    pageBreakBefore: (node, others) => Boolean(node.headlineLevel) && others.getFollowingNodesOnPage().length === 0,
  };
}

function known(text, told) {
  return text.replace(UNKNOWN, (character) => {
    if (character in LIKE) return LIKE[character];
    told.left += 1;
    return "?";
  });
}

// A long word may be broken, or it would leave its cell.
const breakable = (text) => text.replace(new RegExp(`\\S{${LONG_WORD},}`, "gu"), (word) => word.match(new RegExp(`.{1,${LONG_WORD / 2}}`, "gu")).join("\u200b"));

// The words of a paragraph as pdfmake's runs.
function runs(nodes, told, look = {}) {
  return nodes.flatMap((node) => {
    if (node.type === "break") return [{ text: "\n", ...look }];
    if (node.type === "strong") return runs(node.children, told, { ...look, bold: true });
    if (node.type === "emphasis") return runs(node.children, told, { ...look, italics: true });
    if (node.type === "link") return runs(node.children, told, { ...look, link: node.url, color: told.ink("accent-text"), decoration: "underline" });
    if (node.type === "inlineCode") return [{ text: breakable(known(node.value, told)), ...look, background: told.ink("sunk") }];
    return node.children ? runs(node.children, told, look) : [{ text: breakable(known(node.value ?? "", told)), ...look }];
  });
}

const SET = {
  paragraph: (node, told) => ({ text: runs(node.children, told), margin: [0, 0, 0, 7] }),
  heading: (node, told) => ({
    text: runs(node.children, told),
    fontSize: SIZES[Math.min(6, node.level) - 1],
    bold: true,
    lineHeight: 1.15,
    headlineLevel: node.level,
    margin: [0, node.level === 1 ? 0 : 10, 0, node.level === 1 ? 10 : 5],
  }),
  thematicBreak: (_, told) => ({ canvas: [{ type: "line", x1: 0, y1: 0, x2: 483, y2: 0, lineWidth: 0.5, lineColor: told.ink("line-strong") }], margin: [0, 6, 0, 10] }),
  blockquote: (node, told) => ({ stack: node.children.map((child) => set(child, told)).filter(Boolean), margin: [12, 0, 0, 4], color: told.ink("muted") }),
  code: codeOf,
  list: (node, told) => {
    const items = node.children.map((item) => itemOf(item, isTight(node), told));
    return { [node.ordered ? "ol" : "ul"]: items, ...(node.ordered ? { start: node.start ?? 1 } : {}), margin: [0, 0, 0, 7] };
  },
  table: tableOf,
};

const set = (node, told) => SET[node.type]?.(node, told);

function codeOf(node, told) {
  const lines = node.value.replaceAll("\t", "    ").split("\n").flatMap((line) => line.match(new RegExp(`.{1,${CODE_CHARACTERS}}`, "gu")) ?? [""]);
  const text = lines.join("\n");
  const font = LATIN.test(text) ? { font: "Courier" } : {};
  return { table: { widths: ["*"], body: [[{ text: font.font ? text : known(text, told), ...font, fontSize: 8.2, preserveLeadingSpaces: true, fillColor: told.ink("sunk"), margin: [6, 5, 6, 4] }]] }, layout: "noBorders", margin: [0, 0, 0, 8] };
}

function itemOf(item, isLine, told) {
  const box = item.done === null ? [] : [{ text: item.done ? "[x] " : "[ ] " }];
  const parts = item.children.map((child, at) => {
    if (child.type !== "paragraph") return set(child, told);
    return { text: [...(at === 0 ? box : []), ...runs(child.children, told)], margin: [0, 0, 0, isLine ? 2 : 6] };
  });
  return parts.length === 1 ? parts[0] : { stack: parts.filter(Boolean) };
}

function tableOf(node, told) {
  const columns = node.children[0].children.length;
  const cell = (from, at, isHead) => ({
    text: from ? runs(from.children, told) : "",
    alignment: { right: "right", center: "center" }[node.align[at]] ?? "left",
    ...(isHead ? { bold: true, fillColor: told.ink("sunk") } : {}),
  });
  const body = node.children.map((row, index) => Array.from({ length: columns }, (_, at) => cell(row.children[at], at, index === 0)));
  return {
    table: { headerRows: 1, dontBreakRows: true, widths: widthsOf(node, columns), body },
    fontSize: columns > NARROW_TABLE ? 7.5 : 9,
    lineHeight: 1.2,
    layout: { hLineWidth: () => 0.5, vLineWidth: () => 0.5, hLineColor: () => told.ink("line-strong"), vLineColor: () => told.ink("line-strong"), paddingTop: () => 3, paddingBottom: () => 2 },
    margin: [0, 2, 0, 10],
  };
}

// Columns share the width by the length of their texts: the longest counts, within bounds, and no column is narrower than its longest word.
function widthsOf(node, columns) {
  const weights = Array.from({ length: columns }, (_, at) => {
    const texts = node.children.map((row) => (row.children[at] ? textOf(row.children[at]) : ""));
    const longestWord = Math.max(...texts.flatMap((text) => text.split(/\s+/).map((word) => Math.min(LONG_WORD / 2 + 2, word.length))));
    return Math.max(4, longestWord, Math.min(44, Math.max(...texts.map((text) => text.length)) * 0.7));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const room = 483 - columns * 8.5 - 0.5; // of A4, less margins, paddings and lines
  return weights.map((weight) => (room * weight) / sum);
}
