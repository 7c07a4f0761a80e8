"""The Content Security Policies: one for the API, one for the pages with the hashes of the inline scripts that Reflex builds into them."""

import base64
import functools
import hashlib
import re
from pathlib import Path

from credit_studio.settings import PROJECT_ROOT

BUILD = PROJECT_ROOT / ".web" / "build" / "client"
"""Where the built pages are; each has its own inline scripts, so that each path has its own policy."""

API = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DOCS = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

# Reflex runs what a handler sends it (toasts, downloads, scripts) with eval, and Pyodide compiles WebAssembly: 'unsafe-eval' for both.
# Radix and emotion write style attributes and style elements: 'unsafe-inline' for styles.
_PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_SCRIPT = re.compile(rb"<script([^>]*)>(.*?)</script>", re.DOTALL)
_FALLBACKS = ("404.html", "__spa-fallback.html", "index.html")
"""What is served for a path without a file of its own."""


def page(path: str, build: Path = BUILD) -> str:
    """The policy of the page at `path`."""
    return _PAGE.format(hashes="".join(f" '{one}'" for one in _hashes(_name(path), build)))


def inline_hashes(html: bytes) -> tuple[str, ...]:
    """The CSP hashes of the inline scripts of a document, sorted, each once."""
    found = {hashlib.sha256(body).digest() for attributes, body in _SCRIPT.findall(html) if not re.search(rb"\bsrc\s*=", attributes)}
    return tuple(sorted(f"sha256-{base64.b64encode(digest).decode()}" for digest in found))


def _name(path: str) -> str:
    return path.strip("/").removesuffix(".html").removesuffix("index").strip("/")


def _hashes(name: str, build: Path) -> tuple[str, ...]:
    pages = _pages(build)
    return pages.get(name, pages["*"])


@functools.cache
def _pages(build: Path) -> dict[str, tuple[str, ...]]:
    """The hashes by page, read once a process; "*" is for every other path."""
    files = sorted(build.rglob("*.html")) if build.is_dir() else []
    known = {_name(str(file.relative_to(build))): inline_hashes(file.read_bytes()) for file in files}
    others = {one for name in _FALLBACKS for one in known.get(_name(name), ())}
    return known | {"*": tuple(sorted(others))}
