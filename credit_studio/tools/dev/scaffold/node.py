"""What a project for Node fills its templates with: TypeScript, or JavaScript with the types left out."""

from credit_studio.tools.dev.scaffold.fields import Part
from credit_studio.tools.dev.scaffold.naming import kebab, pascal
from credit_studio.tools.dev.scaffold.plan import Plan
from credit_studio.tools.dev.scaffold.templates import Value, quoted

_INTERFACE = """\
/** What every store of entities can do. */
export interface EntityStore {
  /** Keep it under a new id. */
  add(draft: EntityDraft): Entity;
  /** The one of that id. */
  get(id: number): Entity | undefined;
  /** So many in the order of their ids, after so many. */
  page(limit?: number, offset?: number): Entity[];
  /** Put new values in place of the old ones. */
  replace(id: number, draft: EntityDraft): Entity | undefined;
  /** Forget it; false when it is not there. */
  remove(id: number): boolean;
  /** Give back what is held open. */
  close(): void;
}
"""


def node_values(plan: Plan, flags: frozenset[str]) -> dict[str, Value]:
    """Every placeholder of `templates_node.txt` that is not the same for Python."""
    parts, is_typescript = plan.parts, "typescript" in flags
    interface = _INTERFACE.replace("Entity", pascal(plan.entity)).replace("entities", plan.plural).split("\n")
    dates = [part.js for part in parts if part.kind == "date"]
    return {
        "npm_scripts": _scripts(plan),
        "ts_tests": ', "test"' if plan.has_tests else "",
        "ts_fields": [f"{part.js}: {part.typescript_type()};" for part in parts],
        "store_interface": interface if is_typescript else [],
        "node_reads": [_read(part, is_typescript=is_typescript) for part in parts],
        "node_names": [quoted(part.js) for part in parts],
        "node_sample": [f"{part.js}: {part.sample()}," for part in parts],
        "node_changed": f"{parts[0].js}: {parts[0].other()}",
        "node_required": [quoted(part.js) for part in parts if part.is_required],
        "node_optional": [quoted(part.js) for part in parts if not part.is_required],
        "first_date": dates[0] if dates else "",
        "node_values": [f"Number(draft.{part.js})," if part.kind == "boolean" else f"draft.{part.js}," for part in parts],
        "node_row": [_row(part, is_typescript=is_typescript) for part in parts],
        "open_store": _open(plan),
        "cli_options": [f'"{kebab(part.name)}": {{ type: "{"boolean" if part.kind == "boolean" else "string"}" }},' for part in parts],
        "cli_given": [_given(part) for part in parts],
        "cli_columns": [quoted("id"), *(quoted(part.js) for part in parts)],
    }


def _scripts(plan: Plan) -> list[str]:
    ending = "ts" if plan.language == "typescript" else "js"
    started = {"api": f"node src/main.{ending}", "cli": f"node src/cli.{ending}"}
    scripts = {"start": started[plan.kind]} if plan.kind in started else {}
    if plan.has_tests:
        scripts["test"] = "node --test"
    if plan.has_checks and ending == "ts":
        scripts["check"] = "tsc"
    if plan.kind == "library" and ending == "ts":
        scripts |= {"build": "tsc -p tsconfig.build.json", "prepack": "npm run build"}
    rows = [f"{quoted(name)}: {quoted(command)}" for name, command in scripts.items()]
    return [f"{row}," for row in rows[:-1]] + rows[-1:]


def _read(part: Part, *, is_typescript: bool) -> str:
    if part.is_required:
        return f'{part.js}: read("{part.js}", {part.kind}),'
    if part.kind == "boolean":
        return f'{part.js}: read("{part.js}", boolean, false),'
    generic = f"<{part.typescript_type()}>" if is_typescript else ""
    return f'{part.js}: read{generic}("{part.js}", {part.kind}, null),'


def _row(part: Part, *, is_typescript: bool) -> str:
    if part.kind == "boolean":
        return f"{part.js}: row.{part.name} === 1,"
    return f"{part.js}: row.{part.name}{f' as {part.typescript_type()}' if is_typescript else ''},"


def _open(plan: Plan) -> str:
    if plan.store == "memory":
        return "new MemoryStore()"
    if plan.kind == "api":
        return f'new SqliteStore(process.env.DATABASE_PATH ?? "{kebab(plan.plural)}.db")'
    ending = "db" if plan.store == "sqlite" else "json"
    store = "SqliteStore" if plan.store == "sqlite" else "JsonFileStore"
    return f'new {store}(process.env.{plan.package.upper()}_FILE ?? join(homedir(), ".{plan.name}.{ending}"))'


def _given(part: Part) -> str:
    value = f'values["{kebab(part.name)}"]' if "_" in part.name else f"values.{part.name}"
    return f"{part.js}: asNumber({value})," if part.kind in ("integer", "number") else f"{part.js}: {value},"
