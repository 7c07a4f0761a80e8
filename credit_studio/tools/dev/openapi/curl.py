"""One curl command for each operation, as lines of a POSIX shell script that takes the server and the credentials from its environment."""

import json
import re
import shlex
from typing import Any
from urllib.parse import quote, urlencode

from credit_studio.tools.dev.openapi.design import Entity
from credit_studio.tools.dev.openapi.document import Operation, Style

_CREDENTIALS = {"bearer": '--header "Authorization: Bearer $TOKEN"', "api_key": '--header "X-API-Key: $API_KEY"', "basic": '--user "$USERNAME:$PASSWORD"'}
_VARIABLES = {"bearer": ("TOKEN",), "api_key": ("API_KEY",), "basic": ("USERNAME", "PASSWORD"), "none": ()}
_FIRST_PAGE = {"page": {"page": 1, "pageSize": 20}, "offset": {"limit": 20, "offset": 0}, "cursor": {"pageSize": 20}, "none": {}}
Records = dict[str, list[dict[str, Any]]]


def script(made: tuple[Operation, ...], entities: tuple[Entity, ...], style: Style, data: Records, bodies: dict[str, dict[str, Any]]) -> str:
    """The commands, each under its summary; ids and bodies are those of the mock data."""
    by_name = {one.name: one for one in entities}
    needed = "".join(f': "${{{name}:?Set {name} first}}"\n' for name in _VARIABLES[style.auth] if any(one.needs_login for one in made))
    head = f"#!/bin/sh\n# {style.title} {style.version}: one command for each operation.\n" if made else ""
    base = f'BASE_URL="${{BASE_URL:-{style.server}}}"\n'
    return head + base + needed + "".join(f"\n# {one.summary}\n{command(one, by_name[one.entity], style, data, bodies)}\n" for one in made)


def command(operation: Operation, one: Entity, style: Style, data: Records, bodies: dict[str, dict[str, Any]]) -> str:
    """The command of one operation, over several lines."""
    parts = [f"curl --request {operation.method} {_url(operation, one, style, data)}"]
    if operation.kind != "delete":
        parts.append("--header 'Accept: application/json'")
    if operation.needs_login:
        parts.append(_CREDENTIALS[style.auth])
    body = _body(operation, one, bodies)
    if body is not None:
        kind = "merge-patch+json" if operation.kind == "update" else "json"
        parts += [f"--header 'Content-Type: application/{kind}'", f"--data {shlex.quote(json.dumps(body, ensure_ascii=False))}"]
    return " \\\n  ".join(parts)


def _url(operation: Operation, one: Entity, style: Style, data: Records) -> str:
    owners = {f"{name[0].lower()}{name[1:]}Id": name for name in (*one.parents, one.name)}
    path = re.sub(r"\{(\w+)\}", lambda found: quote(str(data[owners[found[1]]][0]["id"]), safe=""), operation.path)
    query = urlencode(_FIRST_PAGE[style.paging]) if operation.kind == "list" else ""
    return f'"$BASE_URL{path}{"?" if query else ""}{query}"'


def _body(operation: Operation, one: Entity, bodies: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """A whole body, or for a change its first field that is no reference."""
    whole = bodies[one.name]
    if operation.kind in {"create", "replace"}:
        return whole
    if operation.kind == "update":
        names = [name for name in whole if name not in one.refers] or list(whole)
        return {name: whole[name] for name in names[:1]}
    return None
