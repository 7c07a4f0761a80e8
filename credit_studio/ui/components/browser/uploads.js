// Texts over 1 MB go to the server as a file of their own, once each; what is sent then is {"uploadId": ...}.
export const TEXT_BYTES = 1_000_000;
export const FILE_BYTES = 20_000_000;
const sent = new Map();

export const bytesOf = (text) => (text.length > TEXT_BYTES / 4 ? new Blob([text]).size : text.length);
export const isLarge = (value) => typeof value === "string" && value.length > TEXT_BYTES / 4 && bytesOf(value) > TEXT_BYTES;

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
