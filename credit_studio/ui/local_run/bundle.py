"""Packs what a local run needs into `assets/local/`: every tool that runs in the browser, with all that it imports, as one archive.

`python -m credit_studio.ui.local_run.bundle` runs before the pages are built. Python itself (the npm package `pyodide`) comes with the pages.
"""

import ast
import hashlib
import importlib
import importlib.util
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from credit_studio.settings import PROJECT_ROOT
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, all_tools

_ENTRY = "credit_studio.ui.local_run.local"
_ALWAYS_1980 = (1980, 1, 1, 0, 0, 0)
"""The same files give the same archive, and so the same name."""
_DATA = (".json", ".csv", ".toml", ".txt")


def build(target: Path) -> Path:
    """Write `local/manifest.json` and the archive under `target`; quick and harmless when nothing changed. Gives the archive's path.

    Raises ImportError when a browser tool imports something that is not pure Python.
    """
    folder = target / "local"
    folder.mkdir(parents=True, exist_ok=True)
    packed = _archive()
    archive = folder / f"tools-{hashlib.sha256(packed).hexdigest()[:16]}.zip"
    if not archive.exists():
        archive.write_bytes(packed)
    manifest = json.dumps({"url": f"/local/{archive.name}", "size": len(packed)})
    if _text(folder / "manifest.json") != manifest:
        (folder / "manifest.json").write_text(manifest)
    for old in folder.glob("tools-*.zip"):
        if old != archive:
            old.unlink()
    return archive


def browser_tools() -> list[AnyTool]:
    """The built tools that run in the browser, in the order of the catalogue."""
    return [tool for tool in all_tools() if tool.is_built and tool.mode in (Mode.CLIENT, Mode.HYBRID)]


def _archive() -> bytes:
    modules = {tool.id: _module_of(tool) for tool in browser_tools()}
    files = {"tools.json": json.dumps(modules).encode(), "local.py": _source(_ENTRY).read_bytes()}
    for name in sorted(_closure({*modules.values(), _ENTRY}) - {_ENTRY}):
        files |= dict(_files_of(name))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _ALWAYS_1980)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return held.getvalue()


def _module_of(tool: AnyTool) -> str:
    """The module whose `TOOL` this is."""
    for name, module in list(sys.modules.items()):
        if name.startswith("credit_studio.tools.") and getattr(module, "TOOL", None) is tool:
            return name
    raise LookupError(f"no module declares {tool.id}")


def _closure(names: set[str]) -> set[str]:
    """These modules and all that they import, packages included; the standard library is in Pyodide already."""
    found: set[str] = set()
    ahead = list(names)
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        ahead += _packages_above(name)
        ahead += [one for one in _imports(name) if _is_module(one)]
    return found


def _packages_above(name: str) -> list[str]:
    """The packages that hold a module; those above the entry stay on the server, since it is unpacked without them."""
    parts = name.split(".")
    return [] if name == _ENTRY else [".".join(parts[:at]) for at in range(1, len(parts))]


def _imports(name: str) -> Iterator[str]:
    """Full names of the modules that a module imports anywhere in its text."""
    for node in ast.walk(ast.parse(_source(name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(name, node)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if _is_module(f"{base}.{alias.name}"))


def _absolute(name: str, node: ast.ImportFrom) -> str:
    package = name if _source(name).name == "__init__.py" else name.rpartition(".")[0]
    return importlib.util.resolve_name("." * node.level + (node.module or ""), package) if node.level else (node.module or "")


def _is_module(name: str) -> bool:
    """True for a module to pack. One that is not here at all belongs to another Python: its import is conditional, or the tool would not load."""
    if name.split(".", 1)[0] in sys.stdlib_module_names:
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _source(name: str) -> Path:
    """The .py file of a module; raises ImportError when it is compiled or missing."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        raise ImportError(f"{name} is not pure Python: a tool that runs in the browser cannot import it")
    return Path(spec.origin)


def _files_of(name: str) -> Iterator[tuple[str, bytes]]:
    """A module's file and the data files that carry its name: `cost.py` may have `cost.json` or `cost_prices.csv` beside it."""
    source = _source(name)
    folder = "/".join(name.split(".") if source.name == "__init__.py" else name.split(".")[:-1])
    yield f"{folder}/{source.name}".lstrip("/"), source.read_bytes()
    if source.name == "__init__.py":
        return
    for beside in sorted(source.parent.glob(f"{source.stem}*")):
        if beside.suffix in _DATA:
            yield f"{folder}/{beside.name}".lstrip("/"), beside.read_bytes()


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    build(PROJECT_ROOT / "assets")
