"""Which modules a module needs, read from their text: all that it imports and that is not Python's own."""

import ast
import functools
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

_OURS = "credit_studio"
_ENTRY_ROOM = "credit_studio.ui.local_run"
_DATA = (".json", ".csv", ".toml", ".txt")
_BY_NAME = re.compile(r"\bimport_module\(|\b__import__\(")
_TESTS = ("conftest", "__main__")
_MAYBE = (ast.Try, ast.FunctionDef, ast.AsyncFunctionDef, ast.If)
"""What an import stands in when the module also works without it."""


def closure(names: set[str]) -> set[str]:
    """These modules and all that they import, packages included; the standard library is in Pyodide already.

    What a library imports only if it can, from outside of itself or compiled, stays out: networkx does without numpy. A tool of ours is packed with
    all that it names, wherever it names it.
    """
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        ahead += _packages_above(name)
        ahead += _needed(name)
    return found


def source(name: str) -> Path:
    """The .py file of a module; raises ImportError when it is compiled or missing."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ImportError(f"{name} is not pure Python: a tool that runs in the browser cannot import it")
    return Path(spec.origin)


def files_of(name: str) -> Iterator[tuple[str, bytes]]:
    """A module's file and the data files that carry its name: `cost.py` may have `cost.json` or `cost_prices.csv` beside it."""
    own = source(name)
    folder = "/".join(name.split(".") if own.name == "__init__.py" else name.split(".")[:-1])
    yield f"{folder}/{own.name}".lstrip("/"), own.read_bytes()
    if own.name == "__init__.py":
        return
    for beside in sorted(own.parent.glob(f"{own.stem}*")):
        if beside.suffix in _DATA:
            yield f"{folder}/{beside.name}".lstrip("/"), beside.read_bytes()


def _packages_above(name: str) -> list[str]:
    """The packages that hold a module, but for namespaces, which have no file; those above the entry stay on the server: it is unpacked without them."""
    if name.startswith(f"{_ENTRY_ROOM}."):
        return []
    parts = name.split(".")
    above = [".".join(parts[:at]) for at in range(1, len(parts))]
    return [package for package in above if not _is_namespace(package)]


@functools.cache
def _needed(name: str) -> tuple[str, ...]:
    said = (one for one, is_sure in _imports(name) if _is_module(one) and (is_sure or _stays_inside(name, one)))
    return (*said, *_neighbours(name))


def _neighbours(name: str) -> list[str]:
    """What stands beside a library's module that imports by names which it makes, as sqlglot does its dialects.

    Our own modules do that for what only the server has.
    """
    own = source(name)
    if name.startswith(f"{_OURS}.") or name == _OURS or not _BY_NAME.search(own.read_text(encoding="utf-8")):
        return []
    package = name if own.name == "__init__.py" else name.rpartition(".")[0]
    beside = (f"{package}.{info.name}" for info in pkgutil.iter_modules([str(own.parent)]) if not info.ispkg and info.name not in _TESTS) if package else ()
    return [one for one in beside if _is_module(one) and _is_pure(one)]


def _stays_inside(name: str, other: str) -> bool:
    top = name.partition(".")[0]
    return top == _OURS or (other.partition(".")[0] == top and _is_pure(other))


def _imports(name: str) -> Iterator[tuple[str, bool]]:
    """Full names of the modules that a module imports anywhere in its text, and whether it cannot do without them."""
    if _is_namespace(name):
        return
    for node, is_sure in _statements(ast.parse(source(name).read_text(encoding="utf-8")), is_sure=True):
        if isinstance(node, ast.Import):
            yield from ((alias.name, is_sure) for alias in node.names)
        else:
            base = _absolute(name, node)
            yield base, is_sure
            yield from ((f"{base}.{alias.name}", is_sure) for alias in node.names if _is_module(f"{base}.{alias.name}"))


def _statements(node: ast.AST, *, is_sure: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_sure
        else:
            yield from _statements(child, is_sure=is_sure and not isinstance(child, _MAYBE))


def _absolute(name: str, node: ast.ImportFrom) -> str:
    package = name if source(name).name == "__init__.py" else name.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package) if node.level else (node.module or "")


@functools.cache
def _is_module(name: str) -> bool:
    """True for a module to pack. One that is not here at all belongs to another Python: its import is conditional, or the tool would not load."""
    if name.split(".", 1)[0] in sys.stdlib_module_names:
        return False
    try:
        return importlib.util.find_spec(name) is not None and not _is_namespace(name)
    except (ModuleNotFoundError, AttributeError, ValueError):
        return False


def _is_namespace(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is None and spec.submodule_search_locations is not None


def _is_pure(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and (spec.origin or "").endswith(".py")
