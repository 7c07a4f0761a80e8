// Code in a monospaced well, with three colours at most: keys, strings, numbers.
import { useState } from "react";
import { IconButton } from "./icons.jsx";
import { saveAs } from "./save.js";

const COLOURED_CHARACTERS = 60_000;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const NUMBER = /\b\d[\d_]*(?:\.\d+)?\b/y;
const WORD = /[A-Za-z_][\w-]*/y;
const WORDS = {
  python: "and as assert async await break class continue def del elif else except False finally for from if import in is lambda None not or pass raise return True try while with yield",
  sql: "ADD ALTER AND AS BY CASE CAST CREATE DEFAULT DELETE DISTINCT DROP ELSE END EXISTS FOREIGN FROM GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIMIT NOT NULL ON OR ORDER OUTER PRIMARY REFERENCES RIGHT SELECT SET TABLE THEN UNION UNIQUE UPDATE VALUES VIEW WHEN WHERE WITH",
  shell: "case do done echo elif else esac export fi for function if in set then while",
  json: "true false null",
};

// The text as a list of strings and spans. A key of JSON or YAML is a name or a string with a colon after it.
function coloured(text, language) {
  if (text.length > COLOURED_CHARACTERS || language === "text") return text;
  const words = new Set((WORDS[language] ?? "").split(" "));
  const hasKeys = language === "json" || language === "yaml";
  const parts = [];
  let plain = "";
  const add = (kind, piece) => {
    if (plain) parts.push(plain);
    plain = "";
    parts.push(
      <span key={parts.length} className={kind}>
        {piece}
      </span>,
    );
  };
  const at = (pattern, index) => {
    pattern.lastIndex = index;
    return pattern.exec(text)?.[0];
  };
  for (let index = 0; index < text.length; ) {
    const string = at(STRING, index);
    const number = string ? undefined : at(NUMBER, index);
    const word = string || number ? undefined : at(WORD, index);
    const piece = string ?? number ?? word ?? text[index];
    const isKey = hasKeys && (string || word) && text[index + piece.length] === ":";
    if (isKey) add("k", piece);
    else if (string) add("s", piece);
    else if (number) add("n", piece);
    else if (word && (words.has(word) || (language === "sql" && words.has(word.toUpperCase())))) add("k", piece);
    else plain += piece;
    index += piece.length;
  }
  return [...parts, plain];
}

const LANGUAGES = { json: "json", yaml: "yaml", yml: "yaml", py: "python", sql: "sql", sh: "shell" };
export const languageOf = (path) => LANGUAGES[path.split(".").at(-1)] ?? "text";

export function Well({ label, language, text }) {
  return (
    <pre className="code" role="region" tabIndex={0} aria-label={label}>
      {coloured(text, language)}
    </pre>
  );
}

export function CopyButton({ text, what }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    const isCopied = await write(text);
    setSaid(isCopied ? "Copied." : "Not copied: the browser does not allow it.");
    setTimeout(() => setSaid(""), 4000);
  };
  return (
    <>
      <span role="status" className="small muted">
        {said}
      </span>
      <IconButton icon={said === "Copied." ? "copied" : "copy"} label={`Copy ${what}`} onClick={copy} />
    </>
  );
}

// The clipboard needs https or localhost.
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

export function CodeBlock({ block }) {
  return (
    <div className="stack sm">
      <div className="row between">
        <h3>{block.title}</h3>
        <span className="row">
          <CopyButton text={block.text} what={block.title} />
          {block.filename && <IconButton icon="download" label={`Download ${block.filename}`} onClick={() => saveAs(block.filename, block.text)} />}
        </span>
      </div>
      <Well label={block.title} language={block.language} text={block.text} />
    </div>
  );
}
