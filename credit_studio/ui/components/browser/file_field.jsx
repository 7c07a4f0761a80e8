// A text that is pasted or comes from a file: drop zone, button, name, size and limit. The file is read here, in the page.
// An encoded field takes any file and no pasted text: its value is a data URL that carries the file's name.
import { useRef, useState } from "react";
import { showBytes } from "./format.js";
import { Icon } from "./icons.jsx";
import { TextArea } from "./inputs.jsx";
import { asDataUrl, bytesOf, encodedBytes, encodedLimit, FILE_BYTES, isLarge, mostBytes, nameInDataUrl, TEXT_BYTES } from "./uploads.js";

// A longer text is not put into a text area: typing there would be slow.
const SHOWN_CHARACTERS = 200_000;

export function FileField({ field, form, id, value, onValue, onBlur, className, ...described }) {
  const picker = useRef(null);
  const [over, setOver] = useState(false);
  const text = typeof value === "string" ? value : "";
  const name = field.encoded ? nameInDataUrl(text) : form.names[field.name];
  const size = field.encoded ? encodedBytes(text) : bytesOf(text);
  const most = field.encoded ? mostBytes(field) : FILE_BYTES;
  const needsAccount = isLarge(text) && form.spec.mode !== "client_only" && !form.isSignedIn;

  const wiring = { id, tabIndex: -1, ...described };

  const take = async (file) => {
    setOver(false);
    if (!file) return;
    if (file.size > most) return form.refuse(field.name, `Is ${showBytes(file.size)}; a file may have at most ${showBytes(most)}.`);
    if (field.encoded) return onValue(await asDataUrl(file));
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
          <button type="button" className="btn" {...(field.encoded ? { id, ...described } : {})} onClick={() => picker.current.click()}>
            <Icon name="upload" />
            Choose a file
          </button>
          <span className="muted small">
            {text ? `${name ? `${name}, ` : ""}${showBytes(size)}` : field.encoded ? "or drop it here" : "or drop it here, or paste the text below"}
          </span>
        </span>
        <span className="muted small">{limitOf(form, Math.min(most, field.encoded ? most : (field.maxLength ?? most)), field.encoded)}</span>
        <input ref={picker} type="file" hidden tabIndex={-1} accept={field.accept || undefined} aria-label={`${field.label}, file`} onChange={(event) => take(event.target.files[0]).then(() => (event.target.value = ""))} />
      </div>
      {field.encoded && !text ? null : field.encoded || text.length > SHOWN_CHARACTERS ? (
        <div className="row between" {...(field.encoded ? {} : wiring)}>
          <span className="row">
            <Icon name="file" />
            <span>
              {name ?? "Text"}, {showBytes(size)}.{!field.encoded && " Too long to edit here."}
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
      {isLarge(text) && form.isSignedIn && form.spec.mode !== "client_only" && (
        <p className="small muted">For a run on the server it is uploaded, and deleted there once the run has it. Another run uploads it again.</p>
      )}
      {needsAccount && (
        <p className="small">
          <a href={form.signInUrl}>Sign in</a> to upload more than 1 MB.
        </p>
      )}
    </div>
  );
}

function limitOf(form, most, isEncoded) {
  if (form.spec.mode === "client_only") return `up to ${showBytes(most)}, stays in this page`;
  const without = Math.min(most, isEncoded ? encodedLimit(TEXT_BYTES) : TEXT_BYTES);
  return form.isSignedIn || without === most ? `up to ${showBytes(most)}` : `up to ${showBytes(without)}; ${showBytes(most)} when signed in`;
}
