"""Reading a JSON body that may be hostile: no doubled keys, no deep nests, no NaN, no text that a database cannot keep."""

import json
import math
from typing import Any

from credit_studio.core.errors import FieldError, InvalidInputs, InvalidRequest

MAX_DEPTH = 32
"""Levels of lists and objects. The deepest input of any tool has four."""

_SUSPECT = (b"NaN", b"Infinity", b"\\u", b"\x00", b"e", b"E")


def read_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The value that `body` spells.

    Raises `InvalidRequest` for what is no JSON in UTF-8, has a key twice in one object or nests deeper than `MAX_DEPTH`, and
    `InvalidInputs` naming the field for a number that is not finite and for text with NUL or lone surrogates.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_object)
    except RecursionError:
        raise _malformed(f"is nested deeper than {MAX_DEPTH} levels") from None
    except UnicodeDecodeError:
        raise _malformed("is not in UTF-8") from None
    except json.JSONDecodeError as error:
        raise _malformed(f"is no JSON at line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise _malformed("has a number with too many digits") from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH or any(part in body for part in _SUSPECT):
        _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _malformed(f"has the key {twice[:40]!r} twice in one object")
    return made


def _check(root: Any) -> None:  # noqa: ANN401 - any JSON
    """Walk without recursion, so that depth cannot hurt."""
    todo: list[tuple[tuple[str, ...], Any]] = [((), root)]
    while todo:
        path, value = todo.pop()
        if len(path) >= MAX_DEPTH and isinstance(value, dict | list):
            raise _malformed(f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            _check_texts(path, value)
            todo.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            todo.extend(((*path, str(index)), item) for index, item in enumerate(value) if not isinstance(item, int))
        elif isinstance(value, float) and not math.isfinite(value):
            raise _misfit(path, "Must be a finite number.")
        elif isinstance(value, str):
            _check_texts(path, (value,))


def _check_texts(path: tuple[str, ...], texts: Any) -> None:  # noqa: ANN401 - a dict or a tuple of strings
    for text in texts:
        if "\0" in text or not _is_unicode(text):
            raise _misfit(path, "Must be text without NUL characters and lone surrogates.")


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _misfit(path: tuple[str, ...], said: str) -> InvalidInputs:
    inside = path[1:] if path[:1] == ("inputs",) and len(path) > 1 else path
    return InvalidInputs((FieldError(".".join(_printable(part) for part in inside) or "body", said),))


def _printable(part: str) -> str:
    return part.encode("ascii", "backslashreplace").decode()[:80]


def _malformed(what: str) -> InvalidRequest:
    return InvalidRequest(f"The body {what}. Nothing was charged.", action="Send one JSON object in UTF-8.")
