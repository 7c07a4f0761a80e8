// What buys and changes: over HTTP, so that the cookie says who it is and one key stands for one purchase, however often it is clicked.
import { Children, useEffect, useId, useRef, useState } from "react";
import { Ban, CircleCheck, X } from "lucide-react";

const UNCLEAR = "It is not known whether this went through: the studio cannot be reached. Trying again here charges nothing twice.";

// A key of one purchase; `randomUUID` is not there on plain http.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `page-${Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("")}`;
}

async function ask(path, body, key, method = "POST") {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key },
      body: JSON.stringify(body ?? {}),
    });
  } catch {
    return { isUnclear: true, head: UNCLEAR, tail: "" };
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return { ...said, isDone: true };
  const isUnclear = answer.status >= 500 || said.code === "idempotency_in_progress";
  return { isUnclear, code: said.code, head: said.error ?? said.detail ?? UNCLEAR, tail: said.action ?? "" };
}

const grouped = (value) => (value ?? 0).toLocaleString("en-GB");

function inWords(answer, done) {
  if (answer.status === "processing" || answer.status === "open") return "The payment is being processed. The credits arrive by themselves.";
  return done || `${grouped(answer.credits)} credit${answer.credits === 1 ? "" : "s"} arrived.`;
}

// Opens as a modal: the focus starts on what is marked as safe.
function show(dialog) {
  dialog.showModal();
  dialog.querySelector("[data-safe]")?.focus();
}

// A button that asks the studio for something that costs, once. With a `question` it asks in a dialog first, whose content are the children.
// Where the answer is an address (Stripe's checkout, the bank), the browser goes there.
export function Pay({ path, body, label, look, question, verb, keep, done, danger, onDone, children }) {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState(null);
  const key = useRef("");
  const running = useRef(false);
  const dialog = useRef(null);
  const id = useId();
  const wanted = JSON.stringify(body);

  useEffect(() => {
    key.current = "";
    setSaid(null);
  }, [path, wanted]);
  useEffect(() => {
    const back = (event) => {
      if (!event.persisted) return;
      running.current = false;
      setBusy(false);
    };
    window.addEventListener("pageshow", back);
    return () => window.removeEventListener("pageshow", back);
  }, []);

  const pay = async () => {
    if (running.current) return;
    dialog.current?.close();
    running.current = true;
    setBusy(true);
    setSaid(null);
    key.current ||= newKey();
    const answer = await ask(path, body, key.current);
    if (!answer.isUnclear) key.current = "";
    if (answer.isDone && answer.url) return window.location.assign(answer.url);
    running.current = false;
    setBusy(false);
    setSaid(answer.isDone ? { isDone: true, head: inWords(answer, done), tail: "" } : answer);
    if (answer.isDone) onDone?.();
    return undefined;
  };

  const face = busy ? (
    <>
      <span className="spin small" aria-hidden="true" />
      One moment
    </>
  ) : (
    label
  );
  return (
    <div className="stack sm pay">
      <button
        type="button"
        className={look}
        disabled={busy}
        aria-haspopup={question ? "dialog" : undefined}
        onClick={question ? () => show(dialog.current) : pay}
      >
        {face}
      </button>
      <div role="status">
        {said?.isDone && (
          <p className="said good row">
            <CircleCheck className="ic" aria-hidden="true" />
            {said.head}
          </p>
        )}
      </div>
      <div role="alert">
        {said && !said.isDone && (
          <div className="note b">
            <Ban className="ic" aria-hidden="true" />
            <div>
              <b className="strong">{said.head}</b> {said.tail}
            </div>
          </div>
        )}
      </div>
      {question && (
        <dialog ref={dialog} className="dialog" aria-labelledby={id}>
          <h2 id={id}>{question}</h2>
          {children}
          <div className="row flow answers">
            <button type="button" className="btn" data-safe="" onClick={() => dialog.current.close()}>
              {keep}
            </button>
            <button type="button" className={danger ? "btn danger" : "btn pri"} onClick={pay}>
              {verb}
            </button>
          </div>
        </dialog>
      )}
    </div>
  );
}

// A button that opens a dialog: the first child is its face, the others are what stands in it.
export function Opens({ label, look, question, onOpen, children }) {
  const dialog = useRef(null);
  const id = useId();
  const [turn, setTurn] = useState(0);
  const [face, ...content] = Children.toArray(children);
  const open = () => {
    setTurn(turn + 1); // what was said at the last purchase does not stand there
    onOpen?.();
    show(dialog.current);
  };
  return (
    <>
      <button type="button" className={look} aria-label={label || undefined} aria-haspopup="dialog" onClick={open}>
        {face}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby={id} onClick={(event) => event.target.closest("a[href]") && dialog.current.close()}>
        <div className="row between">
          <h2 id={id}>{question}</h2>
          <button type="button" className="btn icon ghost" data-safe="" aria-label="Close" title="Close" onClick={() => dialog.current.close()}>
            <X className="ic" aria-hidden="true" />
          </button>
        </div>
        <div className="stack" key={turn}>
          {turn > 0 && content}
        </div>
      </dialog>
    </>
  );
}

// A switch that is turned on by agreeing to what its dialog says (the children), and off at once. `may` is false while there is nothing to agree to.
export function Switched({ path, on, bodyOn, bodyOff, label, said, question, verb, may, onOpen, onDone, children }) {
  const dialog = useRef(null);
  const id = useId();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const [turn, setTurn] = useState(0);

  const put = async (body) => {
    setBusy(true);
    setRefused("");
    const answer = await ask(path, body, newKey(), "PUT");
    setBusy(false);
    if (!answer.isDone) return setRefused(`${answer.head} ${answer.tail}`.trim());
    dialog.current?.close();
    return onDone?.();
  };
  const open = () => {
    setTurn(turn + 1);
    setRefused("");
    onOpen?.();
    show(dialog.current);
  };
  const trouble = refused && (
    <p className="err" role="alert">
      {refused}
    </p>
  );
  return (
    <div className="stack sm">
      <div className="row between flow">
        <label className="row" htmlFor={`${id}-on`}>
          <input
            id={`${id}-on`}
            className="switch"
            type="checkbox"
            role="switch"
            checked={on}
            disabled={busy}
            aria-describedby={`${id}-said`}
            onChange={() => (on ? put(bodyOff) : open())}
          />
          <span className="strong">{label}</span>
        </label>
        <p className="muted" id={`${id}-said`}>
          {said}{" "}
          <button type="button" className="linklike" aria-haspopup="dialog" aria-label={`Change: ${label}`} onClick={open}>
            Change
          </button>
        </p>
      </div>
      {trouble}
      <dialog ref={dialog} className="dialog" aria-labelledby={`${id}-asks`}>
        <h2 id={`${id}-asks`}>{question}</h2>
        {turn > 0 && <div key={turn}>{children}</div>}
        {trouble}
        <div className="row flow answers">
          <button type="button" className="btn" data-safe="" onClick={() => dialog.current.close()}>
            Not now
          </button>
          {may && (
            <button type="button" className="btn pri" disabled={busy} onClick={() => put(bodyOn)}>
              {verb}
            </button>
          )}
        </div>
      </dialog>
    </div>
  );
}

// Calls `onChange` when `value` has become another one since the page was opened.
export function Follows({ value, onChange }) {
  const seen = useRef(value);
  useEffect(() => {
    if (seen.current === value) return;
    seen.current = value;
    onChange?.();
  }, [value]);
  return null;
}

// The links of the account; where they are a row of tabs, the current one is scrolled into view.
export function Side({ children }) {
  const list = useRef(null);
  useEffect(() => {
    const nav = list.current;
    const show = () => {
      const here = nav.querySelector("[aria-current]");
      if (here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
    };
    show();
    const later = new MutationObserver(show); // an operator's entries come once it is known who is there
    later.observe(nav, { childList: true, subtree: true });
    return () => later.disconnect();
  }, []);
  return (
    <nav className="side" aria-label="Account" ref={list}>
      <ul>{children}</ul>
    </nav>
  );
}
