// Findings in files as SARIF 2.1.0 (OASIS), which code hosts and editors read.
import { nameOf } from "./save.js";

const PLACE = /^(.*[^\s:]):(\d+)(?::(\d+))?$/;
const LEVELS = { critical: "error", high: "error", medium: "warning", low: "note", unknown: "note", info: "note" };

// The text of the file, or "" when no finding stands in a line of a file.
export function sarifOf(findings) {
  if (!findings.some((finding) => PLACE.test(finding.where))) return "";
  const rules = new Map();
  for (const finding of findings) rules.set(idOf(finding), ruleOf(finding));
  const ids = [...rules.keys()];
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "Credit Studio", rules: [...rules.values()] } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => resultOf(finding, ids)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const idOf = (finding) => nameOf(finding.title, "").slice(0, 80).replace(/\.$/, "");

const ruleOf = (finding) => ({ id: idOf(finding), shortDescription: { text: finding.title }, ...(finding.fix ? { help: { text: finding.fix } } : {}) });

function resultOf(finding, ids) {
  const place = PLACE.exec(finding.where);
  const region = place && Number(place[2]) > 0 ? { region: { startLine: Number(place[2]), ...(Number(place[3]) > 0 ? { startColumn: Number(place[3]) } : {}) } } : {};
  const file = place ? place[1].replaceAll("\\", "/").replace(/^\/+/, "") : "";
  return {
    ruleId: idOf(finding),
    ruleIndex: ids.indexOf(idOf(finding)),
    level: LEVELS[finding.severity] ?? "note",
    message: { text: [finding.title, finding.detail].filter(Boolean).join("\n") },
    ...(file ? { locations: [{ physicalLocation: { artifactLocation: { uri: file.split("/").map(encodeURIComponent).join("/") }, ...region } }] } : {}),
    properties: { severity: finding.severity, ...(!file && finding.where ? { where: finding.where } : {}) },
  };
}
