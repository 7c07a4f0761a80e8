"""Stripe's form encoding: `a[b][0][c]=x` to nested values. Everything is text here; `parameters` makes types of it."""

import re
from urllib.parse import parse_qsl

from credit_studio.sandbox.errors import Body, invalid

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_DEEPEST = 12
_MOST = 2_000


def decode(text: str) -> Body:
    """The values of a body or a query; raises `ApiError` when it cannot be read."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict", max_num_fields=_MOST)
    except ValueError as problem:
        raise invalid("Invalid request body: it is not form-encoded.") from problem
    tree: Body = {}
    for key, value in pairs:
        _put(tree, _path(key), value, key)
    return {name: _lists(value, name) for name, value in tree.items()}


def _path(key: str) -> list[str]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise invalid(f"Invalid parameter name: {key}", param=key, code="parameter_unknown")
    path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    if len(path) > _DEEPEST:
        raise invalid(f"Parameters are nested too deeply: {key}", param=key)
    return path


def _put(tree: Body, path: list[str], value: str, key: str) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name or str(len(tree)), {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid hash: {key}", param=key)
    name = path[-1] or str(len(tree))
    if isinstance(tree.get(name), dict):
        raise invalid(f"Invalid string: {key}", param=key)
    tree[name] = value


def _lists(value: object, name: str) -> object:
    """Numbered names are a list, but for metadata, whose names are the caller's own."""
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(item, key) for key, item in value.items()}
    if name != "metadata" and inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
