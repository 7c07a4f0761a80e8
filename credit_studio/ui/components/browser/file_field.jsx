// A text that is pasted or comes from a file: drop zone, button, name, size and limit. The file is read here, in the page.
import { useRef, useState } from "react";
import { showBytes } from "./format.js";
import { Icon } from "./icons.jsx";
import { TextArea } from "./inputs.jsx";
import { bytesOf, FILE_BYTES, isLarge, TEXT_BYTES } from "./uploads.js";

// A longer text is not put into a text area: typing there would be slow.
const SHOWN_CHARACTERS = 200_000;

export function FileField({ field, form, id, value, onValue, onBlur, className, ...described }) {
  const picker = useRef(null);
  const [over, setOver] = useState(false);
  const text = typeof value === "string" ? value : "";
  const name = form.names[field.name];
  const needsAccount = isLarge(text) && form.spec.mode !== "client_only" && !form.isSignedIn;

  const take = async (file) => {
    setOver(false);
    if (!file) return;
    if (file.size > FILE_BYTES) return form.refuse(field.name, `Is ${showBytes(file.size)}; a file may have at most ${showBytes(FILE_BYTES)}.`);
    const read = await file.text();
    if (read.includes("\u0000")) return form.refuse(field.name, "Is not a text file.");
    form.name(field.name, file.name);
    onValue(read);
  };

  return (
    <div
      className={`drop ${over ? "over" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer.files[0]);
      }}
    >
      <div className="row between flow">
        <span className="row flow">
          <button type="button" className="btn" onClick={() => picker.current.click()}>
            <Icon name="upload" />
            Choose a file
          </button>
          <span className="muted small">
            {text ? `${name ? `${name}, ` : ""}${showBytes(bytesOf(text))}` : "or drop it here, or paste the text below"}
          </span>
        </span>
        <span className="muted small">{limitOf(form)}</span>
        <input ref={picker} type="file" hidden tabIndex={-1} accept={field.accept || undefined} aria-label={`${field.label}, file`} onChange={(event) => take(event.target.files[0]).then(() => (event.target.value = ""))} />
      </div>
      {text.length > SHOWN_CHARACTERS ? (
        <div className="row between" id={id} tabIndex={-1} {...described}>
          <span className="row">
            <Icon name="file" />
            <span>
              {name ?? "Text"}, {showBytes(bytesOf(text))}. Too long to edit here.
            </span>
          </span>
          <button
            type="button"
            className="btn"
            onClick={() => {
              form.name(field.name, undefined);
              onValue("");
            }}
          >
            Remove
          </button>
        </div>
      ) : (
        <TextArea field={field} id={id} className={className} value={text} onValue={onValue} onBlur={onBlur} {...described} />
      )}
      {needsAccount && (
        <p className="small">
          <a href={form.signInUrl}>Sign in</a> to upload more than 1 MB.
        </p>
      )}
    </div>
  );
}

function limitOf(form) {
  if (form.spec.mode === "client_only") return `up to ${showBytes(FILE_BYTES)}, stays in this page`;
  return form.isSignedIn ? `up to ${showBytes(FILE_BYTES)}` : `up to ${showBytes(TEXT_BYTES)}; ${showBytes(FILE_BYTES)} when signed in`;
}
