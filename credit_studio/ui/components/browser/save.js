// Downloads and the clipboard. Everything is made in the page; nothing is asked of the server.
const CRC = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc >>> 0;
});

export function saveAs(name, content, type = "text/plain;charset=utf-8") {
  const url = URL.createObjectURL(new Blob(Array.isArray(content) ? content : [content], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV injection", full-width signs included); plain numbers stay numbers.
export function csvOf(heads, rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    const text = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) && !/^[+-]?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

export const nameOf = (title, ending) => `${title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "result"}.${ending}`;

function crcOf(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function record(signature, size, fields) {
  const view = new DataView(new ArrayBuffer(size));
  view.setUint32(0, signature, true);
  for (const [at, width, value] of fields) width === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
  return new Uint8Array(view.buffer);
}

// A .zip whose entries are stored as they are (APPNOTE.TXT 4.3), UTF-8 names, dated 1 January 1980: the same files give the same archive.
export function zipOf(files) {
  const encoder = new TextEncoder();
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const file of files) {
    const name = encoder.encode(file.path);
    const data = encoder.encode(file.text);
    const shared = (at) => [[at, 2, 20], [at + 2, 2, 0x0800], [at + 4, 2, 0], [at + 6, 2, 0], [at + 8, 2, 0x21], [at + 10, 4, crcOf(data)], [at + 14, 4, data.length], [at + 18, 4, data.length], [at + 22, 2, name.length]];
    parts.push(record(0x04034b50, 30, shared(4)), name, data);
    directory.push(record(0x02014b50, 46, [[4, 2, 0x0314], ...shared(6), [38, 4, 0o100644 * 0x10000], [42, 4, offset]]), name);
    offset += 30 + name.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record(0x06054b50, 22, [[8, 2, files.length], [10, 2, files.length], [12, 4, size], [16, 4, offset]]);
  return [...parts, ...directory, end];
}
