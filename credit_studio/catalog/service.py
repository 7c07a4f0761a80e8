"""Reading the catalogue: once a process, with the line and the reason when the file is wrong."""

import functools
import json
import re
import tomllib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from credit_studio import settings
from credit_studio.catalog.views import Catalog

_ADAPTER = TypeAdapter(Catalog)


class BadCatalog(ValueError):
    """The catalogue cannot be used: its file, the line and the reason."""


@functools.cache
def catalog() -> Catalog:
    """The catalogue of this process; raises `BadCatalog`."""
    return load(settings.get().catalog_file)


def load(path: Path) -> Catalog:
    """Read and check one file; raises `BadCatalog` with the line and the reason."""
    try:
        text = path.read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadCatalog(f"{path}: {error}") from error
    try:
        return _ADAPTER.validate_json(json.dumps(raw, default=str))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadCatalog(f"{path}, line {_line(text, first['loc'])}: {_path(first['loc'])}{first['msg']}") from error


def _path(loc: tuple[int | str, ...]) -> str:
    return "".join(f"{part}: " if index == len(loc) - 1 else f"{part}." for index, part in enumerate(loc))


def _line(text: str, loc: tuple[int | str, ...]) -> int:
    """The line at which `loc` stands: the table's head, then the key under it; the head's line when the key is missing."""
    lines, at = text.splitlines(), 0
    table = str(loc[0]) if loc else ""
    nth = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else 0
    heads = [number for number, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{re.escape(table)}\s*\]", line)]
    at = heads[nth] if len(heads) > nth else 0
    key = str(loc[-1]) if loc else ""
    for number in range(at, len(lines)):
        if number > at and heads and lines[number].lstrip().startswith("["):
            break
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[number]):
            return number + 1
    return at + 1
