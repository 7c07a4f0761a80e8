// Texts over 1 MB go to the server as a file of their own, once for each run; what is sent then is {"uploadId": ...}.
export const TEXT_BYTES = 1_000_000;
export const FILE_BYTES = 20_000_000;
const sent = new Map();

export const bytesOf = (text) => (text.length > TEXT_BYTES / 4 ? new Blob([text]).size : text.length);
export const isLarge = (value) => typeof value === "string" && value.length > TEXT_BYTES / 4 && bytesOf(value) > TEXT_BYTES;

// A data URL (RFC 2397) with the file's name in its head: "data:application/zip;name=shop.zip;base64,UEsD...". Four characters stand for three bytes.
const HEAD_CHARACTERS = 1_000;
const bodyOf = (url) => url.slice(url.indexOf(",") + 1);
export const encodedLimit = (characters) => Math.floor((characters - HEAD_CHARACTERS) / 4) * 3;
export const encodedBytes = (url) => Math.floor(((url.length - url.indexOf(",") - 1) * 3) / 4) - (url.endsWith("==") ? 2 : url.endsWith("=") ? 1 : 0);
export const mostBytes = (field) => encodedLimit(Math.min(FILE_BYTES, field.maxLength ?? FILE_BYTES));

export function nameInDataUrl(url) {
  const found = url.slice(0, HEAD_CHARACTERS).match(/^data:[^,]*;name=([^;,]*)/);
  try {
    return found ? decodeURIComponent(found[1]) : undefined;
  } catch {
    return undefined;
  }
}

export async function asDataUrl(file) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(file.type) ? file.type : "application/octet-stream";
  return `data:${type};name=${encodeURIComponent(file.name.slice(-60))};base64,${bodyOf(url)}`;
}

// The values as the server takes them. Throws {field, message} when an upload is refused.
export async function forServer(spec, values, names, isSignedIn) {
  const ready = { ...values };
  for (const field of spec.fields.filter((one) => one.kind === "file" && isLarge(values[one.name]))) {
    if (!isSignedIn) throw { field: field.name, message: "Sign in to upload more than 1 MB." };
    const upload = await once(values[field.name], names[field.name] ?? `${field.name}.txt`, field.name);
    ready[field.name] = { uploadId: upload.uploadId };
  }
  return ready;
}

// A run has taken its files, and the server has deleted them: whoever asks again sends them again.
export function spent(spec, values) {
  for (const field of spec.fields) sent.delete(values[field.name]);
}

function once(text, name, field) {
  const known = sent.get(text);
  if (known) return known;
  const going = send(text, name).catch((error) => {
    sent.delete(text);
    throw { field, message: error.said ?? "The upload did not arrive: the connection failed. Try again." };
  });
  sent.set(text, going);
  // Uploads rest for an hour on the server: ask anew a little earlier.
  setTimeout(() => sent.delete(text), 50 * 60 * 1000);
  return going;
}

async function send(text, name) {
  const body = new FormData();
  body.append("file", new Blob([text], { type: "text/plain" }), name);
  const reply = await fetch("/api/uploads", { method: "POST", body, credentials: "same-origin" });
  const answer = await reply.json().catch(() => ({}));
  if (reply.ok) return answer;
  throw { said: refusal(reply.status, answer) };
}

function refusal(status, answer) {
  if (status === 401) return "Sign in to upload more than 1 MB.";
  if (status === 413) return "Is larger than 20 MB, the most that one upload may have.";
  if (status === 429) return "Too many uploads for the moment. Wait a minute, then run again.";
  return answer.detail ?? answer.title ?? "The upload was refused.";
}
