// The menus of the header, and the forms that sign in, sign up and sign out over HTTP.
// After each of them the page is loaded anew: a websocket keeps the headers that it was opened with.
import { Children, useEffect, useId, useRef, useState } from "react";
import { CircleAlert, LogOut } from "lucide-react";

export function Menu({ label, look, children }) {
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const button = useRef(null);
  const id = useId();
  const [face, ...entries] = Children.toArray(children);

  useEffect(() => {
    if (!open) return undefined;
    const away = (event) => {
      if (!root.current?.contains(event.target)) setOpen(false);
    };
    const keys = (event) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    document.addEventListener("keydown", keys);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
      document.removeEventListener("keydown", keys);
    };
  }, [open]);

  return (
    <div className="menu" ref={root}>
      <button
        ref={button}
        type="button"
        className={look}
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {face}
      </button>
      <div className="menu-list" id={id} hidden={!open} onClick={(event) => event.target.closest("a") && setOpen(false)}>
        {entries}
      </div>
    </div>
  );
}

export function SignOut() {
  const [said, setSaid] = useState("");
  const leave = async () => {
    const answer = await send("/api/auth/logout", {});
    if (answer.ok || answer.status === 401) window.location.assign("/");
    else setSaid(answer.said);
  };
  return (
    <>
      <button type="button" onClick={leave}>
        <LogOut className="ic" aria-hidden="true" />
        Sign out
      </button>
      {said && (
        <p className="menu-said" role="alert">
          {said}
        </p>
      )}
    </>
  );
}

async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return { ok: true, status: answer.status };
    const problem = await answer.json().catch(() => ({}));
    return { ok: false, status: answer.status, errors: problem.errors ?? [], said: inWords(answer, problem) };
  } catch {
    return { ok: false, status: 0, errors: [], said: "The studio cannot be reached. Check the connection and try again." };
  }
}

function inWords(answer, problem) {
  if (answer.status === 429) {
    const wait = Math.max(1, Math.ceil(Number(answer.headers.get("Retry-After")) || 60));
    return `Too many attempts. Try again in ${wait < 90 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`}.`;
  }
  const said = problem.error ?? problem.detail ?? "The studio could not do this. Try again.";
  return problem.action && !said.includes(problem.action) ? `${said} ${problem.action}` : said;
}

// A path of this host: one slash, no backslash. Anything else goes to the overview.
function nextPath() {
  const wanted = new URLSearchParams(window.location.search).get("next") ?? "";
  const own = wanted.startsWith("/") && !wanted.startsWith("//") && !/[\\\u0000-\u001f\u007f]/.test(wanted);
  return own ? wanted : "/account/";
}

const FIELDS = {
  login: [
    { name: "email", label: "Email", type: "email", complete: "username" },
    { name: "password", label: "Password", type: "password", complete: "current-password" },
  ],
  register: [
    { name: "email", label: "Email", type: "email", complete: "email" },
    { name: "displayName", label: "Name", type: "text", complete: "name", optional: true, help: "Shown to you only. May stay empty." },
    {
      name: "password",
      label: "Password",
      type: "password",
      complete: "new-password",
      help: "At least 10 characters, and not one of the 10,000 most common ones.",
    },
  ],
};

function check(kind, field, value) {
  if (!value && !field.optional) return field.name === "email" ? "Enter the email address of the account." : "Enter a password.";
  if (field.name === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) return "Must be an email address, like name@example.com.";
  if (kind === "register" && field.name === "password" && value.length < 10) return `Must have at least 10 characters; it has ${value.length}.`;
  return "";
}

export function AuthForm({ kind }) {
  const fields = FIELDS[kind];
  const [values, setValues] = useState({});
  const [errors, setErrors] = useState({});
  const [said, setSaid] = useState("");
  const [busy, setBusy] = useState(false);
  const [other, setOther] = useState("");
  const form = useRef(null);
  const summary = useRef(null);

  // The page that one came from goes along to the other form; read after mounting, so that the prerendered page is the same.
  useEffect(() => setOther(window.location.search), []);

  const show = (found, message) => {
    setErrors(found);
    setSaid(message);
    const first = fields.find((field) => found[field.name]);
    requestAnimationFrame(() => (first ? form.current?.elements[first.name]?.focus() : summary.current?.focus()));
  };

  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const data = Object.fromEntries(new FormData(form.current));
    const found = {};
    for (const field of fields) {
      const wrong = check(kind, field, data[field.name] ?? "");
      if (wrong) found[field.name] = wrong;
    }
    if (Object.keys(found).length) return show(found, "");
    setBusy(true);
    const body = { email: data.email, password: data.password };
    if (kind === "register") {
      if (data.displayName) body.displayName = data.displayName;
      body.timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
    const answer = await send(`/api/auth/${kind}`, body);
    if (answer.ok) return window.location.assign(nextPath());
    setBusy(false);
    const known = Object.fromEntries(
      (answer.errors ?? []).filter((one) => fields.some((field) => field.name === one.field)).map((one) => [one.field, one.message]),
    );
    return show(known, Object.keys(known).length ? "" : answer.said);
  };

  return (
    <form className="stack" ref={form} onSubmit={submit} method="post" noValidate>
      {said && (
        <div className="note b" role="alert" tabIndex={-1} ref={summary}>
          <CircleAlert className="ic" aria-hidden="true" />
          <div>{said}</div>
        </div>
      )}
      {fields.map((field) => {
        const error = errors[field.name];
        const about = [field.help && `${field.name}-help`, error && `${field.name}-error`].filter(Boolean).join(" ");
        return (
          <div className="field" key={field.name}>
            <label htmlFor={field.name}>{field.label}</label>
            <input
              id={field.name}
              name={field.name}
              type={field.type}
              className="in"
              autoComplete={field.complete}
              required={!field.optional}
              maxLength={field.name === "password" ? 1024 : 254}
              value={values[field.name] ?? ""}
              aria-invalid={error ? true : undefined}
              aria-describedby={about || undefined}
              onChange={(event) => setValues({ ...values, [field.name]: event.target.value })}
              onBlur={(event) => event.target.value && setErrors({ ...errors, [field.name]: check(kind, field, event.target.value) })}
            />
            {field.help && (
              <p className="help" id={`${field.name}-help`}>
                {field.help}
              </p>
            )}
            {error && (
              <p className="err" id={`${field.name}-error`}>
                <CircleAlert className="ic s" aria-hidden="true" />
                {error}
              </p>
            )}
          </div>
        );
      })}
      <button className="btn pri lg full" type="submit" aria-disabled={busy || undefined}>
        {busy ? "One moment" : kind === "login" ? "Sign in" : "Create account"}
      </button>
      <p className="muted">
        {kind === "login" ? "No account yet? " : "An account already? "}
        <a href={(kind === "login" ? "/register/" : "/login/") + other}>{kind === "login" ? "Create one" : "Sign in"}</a>
      </p>
    </form>
  );
}
