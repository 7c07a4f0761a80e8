// A labelled field: label above, help below, the error under it.
import { FileField } from "./file_field.jsx";
import { Icon } from "./icons.jsx";
import { Control, idOf, Slider } from "./inputs.jsx";

export const isWide = (field) => ["rows", "lines", "textarea", "file"].includes(field.kind);

export function FieldError({ id, message, label = "" }) {
  return (
    <p className="err" id={id}>
      <Icon name="alert" size="s" />
      <span>
        {label && `${label}: `}
        {message}
      </span>
    </p>
  );
}

// `form` is what tool_form.jsx hands to all its parts: values, errors, changed paths, set, leave.
export function Field({ field, form }) {
  const path = field.name;
  const id = idOf(path);
  const error = form.errors[path];
  const described = [field.help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const wiring = {
    id,
    field,
    value: form.values[path],
    className: form.changed.has(path) ? "changed" : "",
    onValue: (value) => form.set(path, value),
    onBlur: () => form.leave(path),
    "aria-invalid": error ? true : undefined,
    "aria-describedby": described,
  };
  return (
    <div className={`field kind-${field.kind}`}>
      <label htmlFor={id}>
        {field.label}
        {field.serverOnly && <span className="muted small"> server runs only</span>}
      </label>
      {field.kind === "file" ? <FileField {...wiring} form={form} /> : <WithUnit field={field}>{<Control {...wiring} />}</WithUnit>}
      {field.slider && <Slider field={field} value={wiring.value} onValue={wiring.onValue} label={field.label} />}
      {error && <FieldError id={`${id}-error`} message={error} />}
      {field.help && (
        <p className="help" id={`${id}-help`}>
          {field.help}
        </p>
      )}
    </div>
  );
}

function WithUnit({ field, children }) {
  if (!field.unit) return children;
  if (field.unitBefore) {
    return (
      <div className="pre">
        <span aria-hidden="true">{field.unit}</span>
        {children}
      </div>
    );
  }
  return (
    <div className="post">
      {children}
      <span aria-hidden="true">{field.unit}</span>
    </div>
  );
}
