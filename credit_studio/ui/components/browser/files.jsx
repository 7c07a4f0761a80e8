// Files of a result: the tree left, a preview right, one .zip made in the page.
import { useMemo, useState } from "react";
import { CopyButton, Well } from "./code.jsx";
import { showBytes } from "./format.js";
import { languageOf } from "./highlight.jsx";
import { Icon, IconButton } from "./icons.jsx";
import { saveAs, zipOf } from "./save.js";

export function FilesBlock({ block }) {
  const lines = useMemo(() => treeOf(block.files), [block]);
  const archive = useMemo(() => zipOf(block.files), [block]);
  const [chosen, setChosen] = useState(block.files[0]?.path);
  const file = block.files.find((one) => one.path === chosen) ?? block.files[0];
  const [folded, setFolded] = useState(() => new Set());
  const fold = (path) => setFolded((now) => new Set(now.has(path) ? [...now].filter((one) => one !== path) : [...now, path]));
  const shown = lines.filter((line) => ![...folded].some((path) => line.path !== path && line.path.startsWith(path)));
  const size = archive.reduce((sum, part) => sum + part.length, 0);
  if (!file) return <p className="muted">No files.</p>;
  return (
    <div className="stack">
      <div className="row between">
        <h3>{block.title}</h3>
        <button type="button" className="btn" onClick={() => saveAs(block.archive, archive, "application/zip")}>
          <Icon name="download" />
          .zip, {showBytes(size)}
        </button>
      </div>
      <div className="grid files">
        <div className="tree-well" role="region" tabIndex={0} aria-label={`${block.title}, ${block.files.length} files`}>
          <ul className="tree">
            {shown.map((line) => (
              <li key={line.path} style={{ "--depth": line.depth }}>
                <Icon name={line.isFolder ? "folder" : "file"} />
                {line.isFolder ? (
                  <button type="button" aria-expanded={!folded.has(line.path)} onClick={() => fold(line.path)}>
                    {line.name}
                  </button>
                ) : (
                  <button type="button" aria-pressed={line.path === file.path} onClick={() => setChosen(line.path)}>
                    {line.name}
                  </button>
                )}
              </li>
            ))}
          </ul>
        </div>
        <div className="stack sm">
          <div className="row between">
            <span className="mono muted wrap-any">{file.path}</span>
            <span className="row">
              <CopyButton text={file.text} what={file.path} />
              <IconButton icon="download" label={`Download ${file.path}`} onClick={() => saveAs(file.path.split("/").at(-1), file.text)} />
            </span>
          </div>
          <Well label={file.path} language={languageOf(file.path)} text={file.text} />
        </div>
      </div>
    </div>
  );
}

// A folder with nothing but one folder in it is one line with it: "src/main".
function joined([name, folder]) {
  if (folder.files.length || folder.folders.size !== 1) return [name, folder];
  const [inner] = folder.folders;
  return joined([`${name}/${inner[0]}`, inner[1]]);
}

// Folders stand once, before what is in them; files of a folder come after its folders.
function treeOf(files) {
  const root = { folders: new Map(), files: [] };
  for (const file of files) {
    const steps = file.path.split("/");
    const folder = steps.slice(0, -1).reduce((at, step) => {
      if (!at.folders.has(step)) at.folders.set(step, { folders: new Map(), files: [] });
      return at.folders.get(step);
    }, root);
    folder.files.push({ name: steps.at(-1), path: file.path });
  }
  const list = (folder, depth, prefix) => [
    ...[...folder.folders].map(joined).flatMap(([name, inner]) => [{ name, path: `${prefix}${name}/`, depth, isFolder: true }, ...list(inner, depth + 1, `${prefix}${name}/`)]),
    ...folder.files.map((file) => ({ ...file, depth, isFolder: false })),
  ];
  return list(root, 0, "");
}
