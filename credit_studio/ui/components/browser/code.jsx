// Code in a monospaced well with a copy button and a download.
import { useState } from "react";
import { coloured } from "./highlight.jsx";
import { IconButton } from "./icons.jsx";
import { saveAs } from "./save.js";

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
