// The result of a tool: the strip of the run, what has changed since, and the blocks, from the server's JSON or from this page's own run.
import { useEffect, useState } from "react";
import { Blocks } from "./blocks.jsx";
import { useChannel } from "./channel.js";
import { showDecimal } from "./format.js";
import { Icon } from "./icons.jsx";
import { cancelLocal } from "./local_run.js";

// `src` is the address of {"blocks": [...]}; `children` is the strip of a server run, shown while `active`.
export function ResultPanel({ toolId, src, active, children }) {
  const { local, changed } = useChannel(toolId);
  const isLocal = local.phase !== "idle";
  if (!isLocal && !active && !src) return null;
  return (
    <section className="card result" aria-labelledby="result-title">
      <h2 id="result-title" className="vh">
        Result
      </h2>
      {isLocal ? <LocalStrip local={local} /> : children}
      {(local.blocks || src) && <Changed labels={changed} />}
      {isLocal && local.blocks ? <Blocks blocks={local.blocks} /> : src && <Fetched src={src} />}
    </section>
  );
}

function Changed({ labels }) {
  if (!labels.length) return null;
  const shown = labels.slice(0, 4).join("; ");
  const more = labels.length > 4 ? ` and ${labels.length - 4} more` : "";
  return (
    <div className="note flat" role="status">
      <Icon name="info" />
      <div>
        You have changed {labels.length === 1 ? "one input" : `${labels.length} inputs`} since this result:{" "}
        <b className="strong">
          {shown}
          {more}
        </b>
        . <span className="muted">Run again to include {labels.length === 1 ? "it" : "them"}.</span>
      </div>
    </div>
  );
}

// Blocks of a stored result, fetched with the session's cookie.
export function Fetched({ src }) {
  const [state, setState] = useState({ phase: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState({ phase: "loading" });
    fetchBlocks(src, stop.signal).then(setState, (error) => stop.signal.aborted || setState({ phase: "failed", message: error.said ?? "The connection failed." }));
    return () => stop.abort();
  }, [src, attempt]);
  if (state.phase === "done") return <Blocks blocks={state.blocks} />;
  if (state.phase === "loading") return <Skeleton />;
  return (
    <div className="bd">
      <div className="note b" role="alert">
        <Icon name="alert" />
        <div>
          <b className="strong">The result could not be fetched.</b>
          <br />
          {state.message} The run and its charge are not changed by this.
        </div>
        <button type="button" className="btn" onClick={() => setAttempt(attempt + 1)}>
          Try again
        </button>
      </div>
    </div>
  );
}

async function fetchBlocks(src, signal) {
  const reply = await fetch(src, { credentials: "same-origin", signal, headers: { Accept: "application/json" } });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) throw { said: answer.detail ?? answer.title ?? `The server answered ${reply.status}.` };
  return { phase: "done", blocks: answer.blocks ?? [] };
}

const Skeleton = () => (
  <div className="bd stack late" aria-busy="true">
    <span className="vh">Loading the result</span>
    <span className="skel" style={{ width: "60%", height: 28 }} />
    <span className="skel" style={{ height: 160 }} />
    <span className="skel" style={{ width: "80%", height: 14 }} />
  </div>
);

function LocalStrip({ local }) {
  const Drawn = STRIPS[local.phase];
  return (
    <div className="strip" aria-live="polite">
      <Drawn local={local} />
    </div>
  );
}

const LocalBadge = () => (
  <span className="badge g">
    <Icon name="local" size="s" />
    Local mode
  </span>
);

const Line = ({ children }) => <div className="done flat">{children}</div>;

function Loading({ local }) {
  const share = local.total ? local.loaded / local.total : 0;
  const percent = Math.round(share * 100);
  const what = local.what === "tool" ? "Loading this tool" : "Loading Python";
  const megabytes = (bytes) => showDecimal(bytes / 1e6, 1);
  return (
    <>
      <Line>
        <LocalBadge />
        <span>{local.total ? `${what}, ${megabytes(local.loaded)} of ${megabytes(local.total)}\u00a0MB` : what}</span>
      </Line>
      <div className="bd">
        <div className="stack sm">
          <div className="meter" role="meter" aria-label={`Loading, ${percent} %`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
            <i style={{ width: `${percent}%` }} />
          </div>
          <div className="row between">
            <p className="muted">Once per browser. Later runs start at once.</p>
            <CancelButton />
          </div>
        </div>
      </div>
    </>
  );
}

function Running({ local }) {
  const elapsed = useElapsed(local.startedAt);
  const percent = local.share === null || local.share === undefined ? null : Math.round(local.share * 100);
  return (
    <>
      <Line>
        <span className="badge i">
          <span className="spin small" aria-hidden="true" />
          Running
        </span>
        <span>{local.doing || "In this browser"}</span>
        <span className="muted small end" aria-live="off">
          {showDecimal(elapsed / 1000, 0)} s
        </span>
      </Line>
      <div className="bd">
        <div className="stack sm">
          {percent !== null && (
            <div className="meter" role="meter" aria-label={`Run progress, ${percent} %`} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
              <i style={{ width: `${percent}%` }} />
            </div>
          )}
          <div className="row between">
            <span className="muted">0 credits. Nothing is sent.</span>
            <CancelButton />
          </div>
        </div>
      </div>
    </>
  );
}

const CancelButton = () => (
  <button type="button" className="btn" onClick={cancelLocal}>
    Cancel
  </button>
);

const Done = ({ local }) => (
  <Line>
    <span className="badge g">
      <Icon name="done" size="s" />
      Done
    </span>
    <span>
      <b className="strong">0 credits.</b> Ran in this page. Nothing was sent.
    </span>
    <span className="muted small end">{showDecimal(local.elapsedMs / 1000, 1)} s</span>
  </Line>
);

const Failed = ({ local }) => (
  <>
    <Line>
      <span className="badge b">
        <Icon name="failed" size="s" />
        Failed
      </span>
      <span>
        <b className="strong">Not charged.</b> <span className="muted">Local runs cost 0 credits.</span>
      </span>
    </Line>
    <div className="bd">
      <p className="muted">{local.message}</p>
    </div>
  </>
);

const Cancelled = () => (
  <Line>
    <span className="badge">
      <Icon name="ban" size="s" />
      Cancelled
    </span>
    <span>
      <b className="strong">Not charged.</b> <span className="muted">Local runs cost 0 credits.</span>
    </span>
  </Line>
);

const STRIPS = { loading: Loading, running: Running, done: Done, failed: Failed, cancelled: Cancelled };

function useElapsed(startedAt) {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, now - (startedAt ?? now));
}

