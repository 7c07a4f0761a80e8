"""The files of a project: what was asked for as flags and values, the templates filled in with them, the imports put in order."""

import re

from credit_studio.tools.dev.pipelines.github import CHECKOUT, SETUP
from credit_studio.tools.dev.scaffold import licences
from credit_studio.tools.dev.scaffold.fields import Part, python_value, word_of
from credit_studio.tools.dev.scaffold.naming import camel, kebab, pascal, snake, with_article
from credit_studio.tools.dev.scaffold.node import node_values
from credit_studio.tools.dev.scaffold.plan import STORES, Plan, settings_of
from credit_studio.tools.dev.scaffold.python import import_order, python_values
from credit_studio.tools.dev.scaffold.templates import Value, quoted, render

_USED = {"checkout": CHECKOUT, "setup_python": SETUP["python"], "setup_node": SETUP["node"]}
ACTIONS: dict[str, Value] = {name: f"{action.text} # {action.comment}" for name, action in _USED.items()}
_LINE = 120
_IMPORT = re.compile(r"^from ([\w.]+) import ([\w, ]+)$", re.MULTILINE)


def build(plan: Plan) -> dict[str, str]:
    """The project's files by path, README first, then as a person would look at them."""
    flags = flags_of(plan)
    values = _values(plan, flags)
    own = render("python" if plan.is_python else "node", flags, values)
    made = render("shared", flags, values) | own | {"LICENSE": licences.text_of(plan.licence, plan.year, plan.author)}
    return {path: _tidy(path, made[path]) for path in sorted(made, key=lambda path: (path != "README.md", "/" in path, path))}


def flags_of(plan: Plan) -> frozenset[str]:
    """What the templates' conditions ask about."""
    kinds = {part.kind for part in plan.parts}
    asked = {
        "tests": plan.has_tests,
        "checks": plan.has_checks,
        "container": plan.has_container and plan.kind != "library",
        "compose": plan.has_container and plan.kind == "api",
        "fastapi": plan.framework == "fastapi",
        "required": any(part.is_required for part in plan.parts),
        "optional": not all(part.is_required for part in plan.parts),
        "dev_packages": plan.language == "typescript" and (plan.has_checks or plan.kind == "library"),
    }
    return frozenset({plan.language, plan.kind, plan.store, plan.ci, *kinds, *(name for name, holds in asked.items() if holds)})


def _values(plan: Plan, flags: frozenset[str]) -> dict[str, Value]:
    own = python_values(plan, flags) if plan.is_python else node_values(plan, flags)
    return {**_names(plan), **ACTIONS, **_shared_values(plan), **_readme_values(plan), **_statements(plan), **own}


def _names(plan: Plan) -> dict[str, Value]:
    entity, entities = plan.entity, plan.plural
    return {
        "name": plan.name,
        "package": plan.package,
        "description": plan.description,
        "author": plan.author,
        "year": str(plan.year),
        "entity": entity,
        "entities": entities,
        "Entity": pascal(entity),
        "Entities_words": entities[:1].upper() + entities[1:],
        "an_entity": with_article(entity),
        "An_entity": with_article(entity).capitalize(),
        "An_entity_title": with_article(entity).capitalize(),
        "an_entity_snake": snake(with_article(entity)),
        "entity_var": snake(entity),
        "table": snake(entities) if plan.is_python else camel(entities),
        "path": kebab(entities),
    }


def _shared_values(plan: Plan) -> dict[str, Value]:
    first = plan.parts[0]
    variable = "DATABASE_PATH" if plan.kind == "api" else f"{plan.package.upper()}_FILE"
    return {
        "Store": STORES[plan.store],
        "port": "8000",
        "path_variable": variable,
        "data_file": f"{kebab(plan.plural)}.{'db' if plan.store == 'sqlite' else 'json'}",
        "env_words": {"sqlite": f", {variable}", "postgresql": ", DATABASE_URL"}.get(plan.store, ""),
        "test_store": ("" if plan.is_python else "new ") + ('SqliteStore(":memory:")' if plan.store == "sqlite" else "MemoryStore()"),
        "spdx": licences.spdx(plan.licence),
        "npm_licence": "UNLICENSED" if plan.licence == "Proprietary" else plan.licence,
        "licence_words": licences.words_of(plan.licence, plan.year, plan.author),
        "cli_sample": [f"{quoted(one)}," for part in plan.parts for one in _arguments(part)],
        "cli_sample_line": " ".join(one if one.startswith("--") else _shell(one) for part in plan.parts for one in _arguments(part)),
        "cli_usage": " ".join(_usage(part) for part in plan.parts),
        "first_sample_word": _shown(first),
        "required_rows": [f"{quoted(part.name)}," for part in plan.parts if part.is_required],
        "optional_rows": [f"{quoted(part.name)}," for part in plan.parts if not part.is_required],
        "tests_folder": (" tests" if plan.has_tests else ""),
        "ext": {"typescript": "ts", "javascript": "js"}.get(plan.language, "py"),
    }


def _arguments(part: Part) -> list[str]:
    return [part.flag] if part.kind == "boolean" else [part.flag, word_of(part.sample())]


def _shell(word: str) -> str:
    return f"'{word}'" if " " in word else word


def _usage(part: Part) -> str:
    shown = part.flag if part.kind == "boolean" else f"{part.flag} {part.kind.upper()}"
    return shown if part.is_required else f"[{shown}]"


def _shown(part: Part) -> str:
    """How the command line's table shows the sample of a field."""
    return "yes" if part.kind == "boolean" else word_of(part.sample())


def _readme_values(plan: Plan) -> dict[str, Value]:
    javascript = not plan.is_python
    sample = ", ".join(f'"{part.js if javascript else part.name}": {part.sample()}' for part in plan.parts)
    return {
        "sample_json": f"{{{sample}}}",
        "field_table": [f"| `{part.js if javascript else part.name}` | {part.of.words} | {'yes' if part.is_required else 'no'} |" for part in plan.parts],
        "settings_intro": "Everything is set through the environment:" if plan.kind == "api" else "One variable, from the environment:",
        "settings_table": [f"| `{name}` | {what} | {default} |" for name, what, default in settings_of(plan)],
        "command": plan.name if plan.is_python else f"node src/cli.{'ts' if plan.language == 'typescript' else 'js'}",
        "library_example": _library_example(plan),
        "build_words": ", and none of the tests needs a package" if plan.has_tests else "",
        "run_arguments": " --help" if plan.kind == "cli" else "",
    }


def _library_example(plan: Plan) -> list[str]:
    entity, store = pascal(plan.entity), STORES[plan.store]
    opened = {"sqlite": f'"{kebab(plan.plural)}.db"', "postgresql": '"postgresql://localhost/postgres"'}.get(plan.store, "")
    if plan.is_python:
        sample = [f'    "{part.name}": {python_value(part.sample())},' for part in plan.parts]
        body = [
            f"from {plan.package} import {store}, Invalid{entity}, dump, read_draft",
            "",
            f"store = {store}({opened})",
            "given = {",
            *sample,
            "}",
            "try:",
            "    stored = store.add(read_draft(given))",
            f"except Invalid{entity} as error:",
            "    print(error.errors)",
            'print("\\n".join(dump(store.page())))',
        ]
        return ["```python", *body, "```"]
    sample = ", ".join(f"{part.js}: {part.sample()}" for part in plan.parts)
    body = [
        f'import {{ dump, {store}, readDraft }} from "{plan.name}";',
        "",
        f"const store = new {store}({opened});",
        f"const stored = store.add(readDraft({{ {sample} }}));",
        "console.log(stored.id, dump(store.page()));",
    ]
    return ["```js", *body, "```"]


def _statements(plan: Plan) -> dict[str, Value]:
    """The SQL of a store, as constants of its module."""
    mark = "%s" if plan.store == "postgresql" else "?"
    table = f'"{snake(plan.plural)}"'
    names = [f'"{part.name}"' for part in plan.parts]
    shown = ", ".join(["id", *names])
    sql = {
        "INSERT": [f"INSERT INTO {table} ({', '.join(names)})", f"VALUES ({', '.join([mark] * len(names))})", f"RETURNING {shown}"],
        "SELECT_ONE": [f"SELECT {shown}", f"FROM {table} WHERE id = {mark}"],
        "SELECT_PAGE": [f"SELECT {shown}", f"FROM {table} ORDER BY id LIMIT {mark} OFFSET {mark}"],
        "UPDATE": [f"UPDATE {table} SET {', '.join(f'{name} = {mark}' for name in names)}", f"WHERE id = {mark}", f"RETURNING {shown}"],  # noqa: S608 - names that were checked, into a file and not into a database
        "DELETE": [f"DELETE FROM {table} WHERE id = {mark}"],  # noqa: S608 - the same
    }
    columns = [(part, f'"{part.name}"', " NOT NULL" if not part.may_be_null else "") for part in plan.parts]
    comma = [","] * (len(columns) - 1) + [""]
    return {
        "sql_table": table,
        "py_statements": [line for name, lines in sql.items() for line in (f'_{name} = """', *lines, '"""')],
        "node_statements": [f"const {name} = `{' '.join(lines)}`;" for name, lines in sql.items()],
        "sqlite_columns": [f"{name} {part.of.sqlite}{needed}{end}" for (part, name, needed), end in zip(columns, comma, strict=True)],
        "postgres_columns": [f"{name} {part.of.postgres}{needed}{end}" for (part, name, needed), end in zip(columns, comma, strict=True)],
    }


def _tidy(path: str, text: str) -> str:
    """Blank lines as the language's formatter has them, and imported names in their order."""
    if path.endswith(".py"):
        return _IMPORT.sub(_ordered_import, re.sub(r"\n{4,}", "\n\n\n", text))
    return re.sub(r"\n{3,}", "\n\n", text) if path.endswith((".md", ".ts", ".js")) else text


def _ordered_import(found: re.Match[str]) -> str:
    names = sorted((name.strip() for name in found[2].split(",")), key=import_order)
    line = f"from {found[1]} import {', '.join(names)}"
    return line if len(line) <= _LINE else "\n".join([f"from {found[1]} import (", *(f"    {name}," for name in names), ")"])
