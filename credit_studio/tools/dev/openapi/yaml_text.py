"""JSON-like data as YAML 1.2 text that YAML 1.1 readers take alike: whatever could be read as something else stands in double quotes."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

_PLAIN = re.compile(r"[A-Za-z_/$][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./(][A-Za-z0-9_./(),-]*)*\Z")
_NOT_TEXT = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])  # in either YAML version, in any case
_MOST_PLAIN = 400
# JSON writes these as they are; YAML does not print them (5.1, "Character Set"), or breaks lines at them (5.4).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def to_yaml(value: Any) -> str:  # noqa: ANN401 - any JSON
    """The YAML text of JSON-like data (dicts with text keys, lists, scalars), indented by two, in the order given."""
    return "".join(f"{line}\n" for line in _lines(value, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and value:
        for key, item in cast("dict[str, Any]", value).items():
            yield from _entry(f"{indent}{_text(key)}:", item, f"{indent}  ")
    elif isinstance(value, list) and value:
        for item in cast("list[Any]", value):
            yield from _item(item, indent)
    else:
        yield f"{indent}{_scalar(value)}"


def _entry(head: str, item: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(item, (dict, list)) and item:
        yield head
        yield from _lines(item, indent)
    else:
        yield f"{head} {_scalar(item)}"


def _item(item: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """One item of a list: the dash takes the place of its first line's indent."""
    inner = _lines(item, f"{indent}  ")
    yield f"{indent}- {next(inner)[len(indent) + 2 :]}"
    yield from inner


def _scalar(value: Any) -> str:  # noqa: ANN401 - a scalar, or an empty list or object
    if isinstance(value, str):
        return _text(value)
    written = json.dumps(value, allow_nan=False)
    # YAML 1.1 takes an exponent for one only behind a point.
    return written.replace("e", ".0e") if isinstance(value, float) and "." not in written else written


def _text(text: str) -> str:
    if len(text) <= _MOST_PLAIN and _PLAIN.match(text) and text.lower() not in _NOT_TEXT:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
