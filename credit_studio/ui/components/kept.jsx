// What is done with a kept result: a question before something is lost, and a link to copy.
import { useId, useLayoutEffect, useRef, useState } from "react";
import { Check, Copy } from "lucide-react";

// A button that asks before it does: focus starts on the safe answer, Escape is the safe answer too.
export function Confirm({ label, look, question, detail, verb, keep, onConfirm, children }) {
  const dialog = useRef(null);
  const id = useId();
  const answer = (isYes) => {
    dialog.current.close();
    if (isYes) onConfirm?.();
  };
  return (
    <>
      <button type="button" className={look} aria-label={label} title={label} aria-haspopup="dialog" onClick={() => dialog.current.showModal()}>
        {children}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby={id}>
        <h2 id={id}>{question}</h2>
        <p className="muted">{detail}</p>
        <div className="row answers">
          <button type="button" className="btn" autoFocus onClick={() => answer(false)}>
            {keep}
          </button>
          <button type="button" className="btn danger" onClick={() => answer(true)}>
            {verb}
          </button>
        </div>
      </dialog>
    </>
  );
}

// The address of this studio with `path`, to copy.
export function CopyLink({ path, label }) {
  const field = useRef(null);
  const id = useId();
  const [url, setUrl] = useState(path);
  const [said, setSaid] = useState("");
  useLayoutEffect(() => setUrl(window.location.origin + path), [path]); // before it is seen: half an address must not be copied
  const copy = async () => {
    field.current.select();
    try {
      await navigator.clipboard.writeText(url);
      setSaid("Copied.");
    } catch {
      setSaid("Not copied: the browser does not allow it. The link is selected.");
    }
  };
  const Drawn = said === "Copied." ? Check : Copy;
  return (
    <div className="stack sm">
      <label htmlFor={id} className="small">
        {label}
      </label>
      <div className="row">
        <input id={id} ref={field} className="in mono" readOnly value={url} onFocus={(event) => event.target.select()} />
        <button type="button" className="btn" onClick={copy}>
          <Drawn className="ic" aria-hidden="true" />
          Copy
        </button>
      </div>
      <p className="small muted" role="status">
        {said}
      </p>
    </div>
  );
}
