// Code in few colours: keys and words of the language, strings, numbers; comments stand back. A reader of words and not of grammars: it never changes a character.
const COLOURED_CHARACTERS = 60_000;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const LONG_STRING = /"""[\s\S]{0,5000}?"""|'''[\s\S]{0,5000}?'''/y;
const TEMPLATE = /`(?:[^`\\]|\\.)*`/y;
const NUMBER = /\b\d[\d_]*(?:\.\d+)?\b/y;
const WORD = /[A-Za-z_][\w-]*/y;
const HASH = /#.*/y;
const SLASHES = /\/\/.*|\/\*[\s\S]{0,5000}?\*\//y;
const DASHES = /--.*|\/\*[\s\S]{0,5000}?\*\//y;
const COLON = /["']?\s*:(?=\s|$)/y;
const EQUALS = /\s*=(?!=)/y;

const words = (text) => new Set(text.split(" "));
const LOOKS = {
  json: { words: words("true false null"), key: /\s*:/y },
  yaml: { words: words("true false null"), key: COLON, comment: HASH, isCommentAfterSpace: true },
  toml: { words: words("true false"), key: EQUALS, comment: HASH },
  hcl: { words: words("true false null resource variable output provider module terraform data locals"), key: EQUALS, comment: /(?:#|\/\/).*/y },
  python: {
    words: words("and as assert async await break class continue def del elif else except False finally for from if import in is lambda None not or pass raise return True try while with yield match case"),
    comment: HASH,
    strings: [LONG_STRING, STRING],
  },
  sql: {
    words: words(
      "ADD ALTER AND AS BY CASE CAST CHECK COLUMN CONSTRAINT CREATE DEFAULT DELETE DISTINCT DROP ELSE END EXISTS FOREIGN FROM FULL GENERATED GROUP HAVING IDENTITY IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIMIT NOT NULL ON OR ORDER OUTER OVER PARTITION PRIMARY REFERENCES RENAME RIGHT SELECT SET TABLE THEN TO UNION UNIQUE UPDATE VALUES VIEW WHEN WHERE WITH",
    ),
    isAnyCase: true,
    comment: DASHES,
  },
  shell: { words: words("case do done echo elif else esac export fi for function if in local return set then while"), comment: HASH, isCommentAfterSpace: true },
  script: {
    words: words(
      "any as async await boolean break case catch class const continue default delete do else enum export extends false finally for from function if implements import in instanceof interface let new null number of private public readonly return static string super switch this throw true try type typeof undefined var void while yield",
    ),
    comment: SLASHES,
    strings: [STRING, TEMPLATE],
  },
  docker: { words: words("ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL STOPSIGNAL USER VOLUME WORKDIR AS"), comment: HASH, isCommentAfterSpace: true },
};

const ALSO = { typescript: "script", javascript: "script", dockerfile: "docker" };

// The text as a list of strings and spans.
export function coloured(text, named) {
  const language = ALSO[named] ?? named;
  if (text.length > COLOURED_CHARACTERS) return text;
  if (language === "diff") return byLine(text, DIFF);
  if (language === "markdown") return byLine(text, MARKDOWN);
  if (language === "html") return byPattern(text, HTML);
  return LOOKS[language] ? byWord(text, LOOKS[language]) : text;
}

class Parts {
  list = [];
  plain = "";

  add(kind, piece) {
    if (!kind) {
      this.plain += piece;
      return;
    }
    if (this.plain) this.list.push(this.plain);
    this.plain = "";
    this.list.push(
      <span key={this.list.length} className={kind}>
        {piece}
      </span>,
    );
  }

  done = () => [...this.list, this.plain];
}

function at(pattern, text, index) {
  if (!pattern) return undefined;
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}

function byWord(text, look) {
  const parts = new Parts();
  const strings = look.strings ?? [STRING];
  for (let index = 0; index < text.length; ) {
    const mayComment = !look.isCommentAfterSpace || index === 0 || /\s/.test(text[index - 1]);
    const comment = mayComment ? at(look.comment, text, index) : undefined;
    const string = comment ? undefined : strings.map((one) => at(one, text, index)).find(Boolean);
    const number = comment || string ? undefined : at(NUMBER, text, index);
    const word = comment || string || number ? undefined : at(WORD, text, index);
    const piece = comment ?? string ?? number ?? word ?? text[index];
    const isKey = Boolean(string ?? word) && at(look.key, text, index + piece.length) !== undefined;
    parts.add(kindOf({ comment, string, number, word }, look, isKey), piece);
    index += piece.length;
  }
  return parts.done();
}

// A key is a name or a string with a colon (or a sign of equality) after it.
function kindOf({ comment, string, number, word }, look, isKey) {
  if (comment) return "c";
  if (isKey) return "k";
  if (string) return "s";
  if (number) return "n";
  return word && look.words.has(look.isAnyCase ? word.toUpperCase() : word) ? "k" : "";
}

const DIFF = [
  [/^(?:\+\+\+|---|diff |index )/, "k"],
  [/^@@/, "n"],
  [/^\+/, "s"],
  [/^-/, "del"],
];
const MARKDOWN = [
  [/^#{1,6}\s/, "k"],
  [/^(?:```|~~~|    )/, "s"],
  [/^>/, "c"],
  [/^(?:[-*_]\s*){3,}$/, "c"],
  [/^\s*\|/, "n"],
];

function byLine(text, kinds) {
  const parts = new Parts();
  text.split("\n").forEach((line, index, lines) => {
    parts.add(kinds.find(([pattern]) => pattern.test(line))?.[1] ?? "", line);
    if (index < lines.length - 1) parts.add("", "\n");
  });
  return parts.done();
}

const HTML = [
  [/<!--[\s\S]{0,5000}?-->/y, "c"],
  [/<!?\/?[A-Za-z][\w:-]*|\/?>/y, "k"],
  [/"[^"\n]*"/y, "s"],
  [/&(?:#\w+|\w+);/y, "n"],
];

function byPattern(text, kinds) {
  const parts = new Parts();
  for (let index = 0; index < text.length; ) {
    const found = kinds.map(([pattern, kind]) => [at(pattern, text, index), kind]).find(([piece]) => piece);
    const [piece, kind] = found ?? [text[index], ""];
    parts.add(kind, piece);
    index += piece.length;
  }
  return parts.done();
}

const ENDINGS = {
  json: "json", yaml: "yaml", yml: "yaml", toml: "toml", ini: "toml", cfg: "toml", env: "toml", tf: "hcl", tfvars: "hcl", hcl: "hcl", py: "python", sql: "sql", sh: "shell",
  js: "script", jsx: "script", mjs: "script", cjs: "script", ts: "script", tsx: "script", go: "script", java: "script", html: "html", xml: "html", svg: "html", md: "markdown", diff: "diff", patch: "diff",
};

// The language of a file by its name; "text" for what is not known.
export function languageOf(path) {
  const name = path.split("/").at(-1);
  return /^(Dockerfile|Containerfile)/.test(name) ? "docker" : (ENDINGS[name.split(".").at(-1)] ?? "text");
}
