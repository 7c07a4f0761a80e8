"""Packs what local runs need into `assets/local/`: one archive that all share, and small ones that a tool loads when it runs.

`python -m credit_studio.ui.local_run.bundle` runs before the pages are built. Python itself (the npm package `pyodide`) comes with the pages.
`manifest.json` says which archives there are, how large, and which of them each tool needs:

    {"base": {"url", "size"}, "packs": {name: {"url", "size"}}, "tools": {tool id: {"module", "packs": [name]}}}
"""

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

from credit_studio.settings import PROJECT_ROOT
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, all_tools
from credit_studio.ui.local_run import modules

Files = dict[str, bytes]
_ENTRY = "credit_studio.ui.local_run.local"
_BASE = "base"
_ROOM = ("credit_studio", "tools")
_ALWAYS_1980 = (1980, 1, 1, 0, 0, 0)
"""The same files give the same archive, and so the same name."""


def build(target: Path) -> Path:
    """Write `local/manifest.json` and the archives under `target`; quick and harmless when nothing changed. Gives the folder.

    Raises ImportError when a browser tool imports something that is not pure Python.
    """
    folder = target / "local"
    folder.mkdir(parents=True, exist_ok=True)
    tools = {tool.id: module_of(tool) for tool in browser_tools()}
    needs = {tool_id: _packs_of(module) for tool_id, module in tools.items()}
    written = {name: _write(folder, name, files) for name, files in _contents(needs).items()}
    manifest = {
        _BASE: written[_BASE],
        "packs": {name: entry for name, entry in written.items() if name != _BASE},
        "tools": {tool_id: {"module": module, "packs": sorted(needs[tool_id])} for tool_id, module in tools.items()},
    }
    _replace(folder / "manifest.json", json.dumps(manifest).encode())
    _sweep(folder, {entry["url"] for entry in written.values()})
    return folder


def browser_tools() -> list[AnyTool]:
    """The built tools that run in the browser, in the order of the catalogue."""
    return [tool for tool in all_tools() if tool.is_built and tool.mode in (Mode.CLIENT, Mode.HYBRID)]


def module_of(tool: AnyTool) -> str:
    """The module whose `TOOL` this is."""
    for name, module in list(sys.modules.items()):
        if name.startswith("credit_studio.tools.") and getattr(module, "TOOL", None) is tool:
            return name
    raise LookupError(f"no module declares {tool.id}")


def pack_of(name: str) -> str:
    """The pack that a module belongs to: `credit_studio.tools.data.sql.reading` to "data-sql", `networkx.utils` to "networkx", what all share to "base"."""
    parts = tuple(name.split("."))
    if parts[: len(_ROOM)] == _ROOM and len(parts) > len(_ROOM) + 1:
        return "-".join(parts[len(_ROOM) : len(_ROOM) + 2])
    return _BASE if parts[0] == _ROOM[0] else parts[0]


def _packs_of(module: str) -> dict[str, set[str]]:
    """The modules that a tool needs, by their pack; those of the base are there already."""
    found: dict[str, set[str]] = {}
    for name in modules.closure({module}) - _shared():
        found.setdefault(pack_of(name), set()).add(name)
    for name in found.pop(_BASE, set()):  # a module of all tools that only this one imports
        found.setdefault(pack_of(module), set()).add(name)
    return found


def _shared() -> set[str]:
    """What stands in the base: all that the entry imports, and the packages of the studios."""
    return modules.closure({_ENTRY} | {".".join(module_of(tool).split(".")[:-1]) for tool in browser_tools()})


def _contents(needs: dict[str, dict[str, set[str]]]) -> dict[str, Files]:
    """The files of every pack; a module of two tools stands in one pack, whichever of them is run first."""
    names: dict[str, set[str]] = {}
    for packs in needs.values():
        for pack, inside in packs.items():
            names.setdefault(pack, set()).update(inside)
    base: Files = {"local.py": modules.source(_ENTRY).read_bytes()}
    for name in _shared() - {_ENTRY}:
        base |= dict(modules.files_of(name))
    return {_BASE: base} | {pack: dict(file for name in inside for file in modules.files_of(name)) for pack, inside in sorted(names.items())}


def _write(folder: Path, name: str, files: Files) -> dict[str, str | int]:
    packed = _zip(files)
    archive = folder / f"{name.replace('_', '-')}-{hashlib.sha256(packed).hexdigest()[:16]}.zip"
    _replace(archive, packed)
    return {"url": f"/local/{archive.name}", "size": len(packed)}


def _zip(files: Files) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _ALWAYS_1980)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return held.getvalue()


def _replace(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def _sweep(folder: Path, urls: set[str | int]) -> None:
    for old in folder.glob("*.zip"):
        if f"/local/{old.name}" not in urls:
            old.unlink()


if __name__ == "__main__":
    build(PROJECT_ROOT / "assets")
