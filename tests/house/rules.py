"""The rules of the house as functions of a source tree: each gives the lines that break it, so that a test can plant one."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

MAX_FUNCTION = 60
MAX_FILE = 400
MAX_PAGE = 250
LEDGER_LINES = 1_500
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
PRIVATE = {"models", "store", "checks"}
READS = {"history": "ledger"}
"""A room that reads the tables of another one, and writes nothing (docs/decisions/0007)."""
SQL_FILES = {"store.py", "checks.py"}
SQL_WORDS = re.compile(r"\s*(SELECT\s|INSERT INTO\s|UPDATE\s+\S+\s+SET\s|DELETE FROM\s|WITH\s+\w+\s+AS\s*\(|TRUNCATE\s|LOCK TABLE\s)")
WRITING_WORDS = re.compile(r"\b(INSERT INTO|UPDATE\s+\S+\s+SET|DELETE FROM|MERGE INTO|TRUNCATE|LOCK TABLE|FOR (NO KEY )?UPDATE|ALTER|CREATE|DROP|COPY)\b")
WRITING = {"insert", "update", "delete", "with_for_update", "notify"}
READABLE = {"", "models", "terms", "chain", "verify", "windows", "views"}
STATEMENTS = {"select", "insert", "update", "delete", "text"}
OWNERS = {"reflex": {"ui", "credit_studio.py"}, "reflex_base": {"ui", "credit_studio.py"}, "stripe": {"payments", "sandbox"}}
UNNAMED = tuple("".join(parts) for parts in (("/work/", "shared"), ("Cla", "ude"), ("Anth", "ropic"), ("sub", "agent")))
"""Words of the workshop and not of the house; put together here so that this file may be read like any other."""
SKIPS = {"skip", "skipif", "xfail", "importorskip"}
TEXTS = {".py", ".md", ".toml", ".txt", ".js", ".jsx", ".css", ".html", ".yaml", ".yml", ".json", ".ini", ".mako", ".svg", ""}
TOP = ("credit_studio", "tests", "alembic", "docs", "assets")
MADE = {"external", "local", "pyodide", "__pycache__"}

Rule = Callable[[Path], Iterator[str]]


def functions_are_short(root: Path) -> Iterator[str]:
    """At most 60 lines, from `def` to the last one."""
    for path in _python(root):
        for node in _functions(_tree(path)):
            if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION:
                yield f"{_at(root, path, node)}: {node.name} has {lines} lines, {MAX_FUNCTION} are the most"


def files_are_short(root: Path) -> Iterator[str]:
    """At most 400 lines, 250 for a page."""
    for path in _python(root):
        most = MAX_PAGE if path.parent == root / "credit_studio" / "ui" / "pages" else MAX_FILE
        if (lines := len(path.read_text().splitlines())) > most:
            yield f"{path.relative_to(root)}: {lines} lines, {most} are the most"


def sql_stays_in_its_files(root: Path) -> Iterator[str]:
    """SQL, as text or as Core statements, stands in `store.py`, `checks.py` and `db/` only. A tool may have SQL as its material."""
    for path in _rooms(root):
        if path.name in SQL_FILES or _room(root, path) in {"db", "tools"}:
            continue
        tree = _tree(path)
        for node in _nodes(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL_WORDS.match(node.value) and node not in _docstrings(tree):
                yield f"{_at(root, path, node)}: SQL outside of a store"
        if path.name != "models.py":
            for node, module, name in _imports(root, path):
                if module in {"sqlalchemy", "sqlmodel"} and name in STATEMENTS:
                    yield f"{_at(root, path, node)}: {module}.{name} outside of a store"


def sql_is_never_put_together(root: Path) -> Iterator[str]:
    """`text()` takes a constant: values are bound, never written into it."""
    for path in _rooms(root):
        for node in _nodes(_tree(path)):
            if isinstance(node, ast.Call) and _called(node) == "text" and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.Call):
                yield f"{_at(root, path, node)}: text() of a string that is put together"


def nobody_commits(root: Path) -> Iterator[str]:
    """Only `db/` commits and rolls back; services and stores work in the transaction that they are given and open none."""
    for path in _rooms(root):
        if _room(root, path) == "db":
            continue
        for node in _nodes(_tree(path)):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "rollback"}:
                yield f"{_at(root, path, node)}: {node.func.attr}() outside of db"
            if path.name in {"service.py", "store.py"} and _called(node) in {"transaction", "snapshot"}:
                yield f"{_at(root, path, node)}: {path.name} opens a transaction of its own"


def packages_have_charters(root: Path) -> Iterator[str]:
    """Every package says what it is in its docstring."""
    for path in _rooms(root):
        if path.name == "__init__.py" and not ast.get_docstring(_tree(path)):
            yield f"{path.relative_to(root)}: a package without a charter"


def names_say_something(root: Path) -> Iterator[str]:
    """No module is called after nothing."""
    for path in _python(root):
        for name in (path.stem, path.parent.name):
            if name in VAGUE:
                yield f"{path.relative_to(root)}: {name} says nothing of what is in it"


def exceptions_have_reasons(root: Path) -> Iterator[str]:
    """Every `noqa` and every `no cover` says why in the same line."""
    for path in _python(root):
        for token in _comments(path.read_text()):
            if re.search(r"#\s*(ruff: )?noqa", token.string) and not re.search(r"noqa: [A-Z]+\d+(, ?[A-Z]+\d+)* - \S", token.string):
                yield f"{path.relative_to(root)}:{token.start[0]}: noqa without a code and a reason"
            if "pragma: no cover" in token.string and not re.search(r"no cover - \S", token.string):
                yield f"{path.relative_to(root)}:{token.start[0]}: no cover without a reason"


def tests_are_never_skipped(root: Path) -> Iterator[str]:
    """A test that does not run is no test."""
    for path in _python(root):
        for node in _nodes(_tree(path)):
            if isinstance(node, ast.Attribute) and node.attr in SKIPS and ast.unparse(node.value) in {"pytest", "pytest.mark", "mark"}:
                yield f"{_at(root, path, node)}: {node.attr}"


def tests_assert_something(root: Path) -> Iterator[str]:
    """Every test asserts, expects an error, or calls a function that does: one of its own file, or one that it imports from `tests`."""
    files = sorted((root / "tests").rglob("*.py"))
    does = {path: {node.name for node in _functions(_tree(path)) if _asserts(node, set())} for path in files}
    for path in (path for path in files if path.name.startswith("test_")):
        tree, asserting = _tree(path), set(does[path])
        for _node, module, name in _imports(root, path):
            if name in does.get(root / f"{module.replace('.', '/')}.py", ()):
                asserting.add(name)
        for node in _functions(tree):
            if node.name.startswith("test_") and not _asserts(node, asserting):
                yield f"{_at(root, path, node)}: {node.name} asserts nothing"


def tables_are_their_own(root: Path) -> Iterator[str]:
    """A concept's models, store and checks are imported by itself and by `schema.py` only; a room that reads another's tables takes its models."""
    for path in _rooms(root):
        if path.name == "schema.py":
            continue
        for node, module, name in _imports(root, path):
            parts = [*module.split("."), name]
            if parts[1:3] == [READS.get(_room(root, path)), "models"]:
                continue
            if parts[0] == "credit_studio" and len(parts) > 2 and parts[2] in PRIVATE and parts[1] != _room(root, path):
                yield f"{_at(root, path, node)}: {'.'.join(parts[:3])} is {parts[1]}'s own"


def the_ledger_is_small(root: Path) -> Iterator[str]:
    """What can lose money fits in a head: the ledger has fewer than 1,500 lines of code (blank lines, comments and docstrings are not code)."""
    code = {path: len(_lines_of_code(path)) for path in (root / "credit_studio" / "ledger").rglob("*.py")}
    if sum(code.values()) >= LEDGER_LINES:
        longest = sorted(code, key=lambda path: -code[path])
        yield from (f"{path.relative_to(root)}: {code[path]} of the ledger's {sum(code.values())} lines of code" for path in longest)


def readers_write_nothing(root: Path) -> Iterator[str]:
    """A room that reads another's tables has no statement that writes or locks, and takes of that room only what cannot."""
    for path in (path for path in _rooms(root) if _room(root, path) in READS):
        tree = _tree(path)
        for node in _nodes(tree):
            if isinstance(node, ast.Call) and _called(node) in WRITING:
                yield f"{_at(root, path, node)}: {_called(node)}() in a room that only reads"
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and WRITING_WORDS.search(node.value) and node not in _docstrings(tree):
                yield f"{_at(root, path, node)}: SQL that writes, in a room that only reads"
        for node, module, name in _imports(root, path):
            top, room, inner = (*module.split("."), name, "", "")[:3]
            if name in WRITING or (top == "credit_studio" and room == READS[_room(root, path)] and inner not in READABLE):
                yield f"{_at(root, path, node)}: {module}.{name} in a room that only reads"


def libraries_have_their_room(root: Path) -> Iterator[str]:
    """Only `ui` and the root know Reflex, only `payments` and the sandbox that stands in for Stripe know Stripe."""
    for path in _rooms(root):
        for node, module, _name in _imports(root, path):
            library = module.split(".")[0]
            if library in OWNERS and _room(root, path) not in OWNERS[library]:
                yield f"{_at(root, path, node)}: {library} belongs to {', '.join(sorted(OWNERS[library]))}"


def decisions_are_pure(root: Path) -> Iterator[str]:
    """`core` and every `rules.py` import the standard library, core, and files of their own room that are as pure. One id generator apart."""
    for path in _rooms(root):
        if path.name == "rules.py" or _room(root, path) == "core":
            yield from _impure(root, path, frozenset())


def nothing_names_the_workshop(root: Path) -> Iterator[str]:
    """The project speaks of itself only."""
    for path in _texts(root):
        text = path.read_text(errors="replace")
        for word in UNNAMED:
            if word.lower() in text.lower():
                yield f"{path.relative_to(root)}: names {word}"


ALL: tuple[Rule, ...] = (
    functions_are_short,
    files_are_short,
    sql_stays_in_its_files,
    sql_is_never_put_together,
    nobody_commits,
    packages_have_charters,
    names_say_something,
    exceptions_have_reasons,
    tests_are_never_skipped,
    tests_assert_something,
    tables_are_their_own,
    the_ledger_is_small,
    readers_write_nothing,
    libraries_have_their_room,
    decisions_are_pure,
    nothing_names_the_workshop,
)


_KINDS_OF_ID = {"uuid_utils", "asyncpg.pgproto.pgproto"}
"""What an id is made of: values without any I/O."""


def _impure(root: Path, path: Path, seen: frozenset[Path]) -> Iterator[str]:
    room = _room(root, path)
    for node, module, name in _imports(root, path):
        if module.split(".")[0] in sys.stdlib_module_names or (path.name == "ids.py" and module in _KINDS_OF_ID):
            continue
        if module == "credit_studio.core" or module.startswith("credit_studio.core."):
            continue
        own = [root / f"{target.replace('.', '/')}.py" for target in (module, f"{module}.{name}") if target.startswith(f"credit_studio.{room}")]
        inner = next((file for file in own if file.exists()), None)
        if inner is None:
            yield f"{_at(root, path, node)}: {module} in a pure file"
        elif inner not in seen:
            yield from _impure(root, inner, seen | {path})


def _lines_of_code(path: Path) -> set[int]:
    tree, lines = _tree(path), path.read_text().splitlines()
    words = (node for node in _docstrings(tree) if isinstance(node, ast.Constant))
    told = {line for node in words for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    return {number for number, line in enumerate(lines, start=1) if line.strip() and not line.strip().startswith("#")} - told


def _asserts(function: ast.AST, known: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = _called(node)
            if name in known or name in {"raises", "warns", "fail", "expect"} or name.startswith("assert_"):
                return True
    return False


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in _nodes(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _imports(root: Path, path: Path) -> Iterator[tuple[ast.AST, str, str]]:
    """(where, module, name) of every import, at any depth of the file; relative ones resolved."""
    package = path.relative_to(root).parent.parts
    for node in _nodes(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, "") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*above, *((node.module,) if node.module else ())))
            yield from ((node, module, alias.name) for alias in node.names)


@cache
def _docstrings(tree: ast.AST) -> set[ast.AST]:
    return {node.value for node in _nodes(tree) if isinstance(node, ast.Expr)}


@cache
def _comments(text: str) -> tuple[tokenize.TokenInfo, ...]:
    return tuple(token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT)


@cache
def _tree_of(text: str) -> ast.Module:
    return ast.parse(text)


def _tree(path: Path) -> ast.Module:
    """By what it says and not by where it stands: a copy of the house is read once with the house."""
    return _tree_of(path.read_text())


@cache
def _nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree))


def _room(root: Path, path: Path) -> str:
    return path.relative_to(root / "credit_studio").parts[0]


def _rooms(root: Path) -> list[Path]:
    return sorted((root / "credit_studio").rglob("*.py"))


def _python(root: Path) -> list[Path]:
    return [path for path in (*_rooms(root), *sorted((root / "tests").rglob("*.py")), root / "rxconfig.py") if path.exists()]


def _texts(root: Path) -> Iterator[Path]:
    yield from (path for path in sorted(root.iterdir()) if path.is_file() and path.suffix in TEXTS)
    for top in TOP:
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and path.suffix in TEXTS and not MADE & set(path.relative_to(root).parts):
                yield path


def _at(root: Path, path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(root)}:{getattr(node, 'lineno', 1)}"
