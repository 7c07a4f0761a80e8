"""What is known of a request before anybody looks at it: its id, its network address, and the headers that its reply will carry."""

import ipaddress
import re
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.types import Scope

from credit_studio.core import ids
from credit_studio.settings import Settings

_KEY = "credit_studio.context"
_PORT = re.compile(r"^(?:\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+)$")
"""How some proxies write an address: with its port, IPv6 in brackets."""


@dataclass
class Context:
    """Made by the outermost layer; `reply` is added to the response whatever it will be."""

    request_id: str
    address: str
    reply: dict[str, str] = field(default_factory=dict)


def begin(scope: Scope, settings: Settings) -> Context:
    """Make the context of a request or websocket and leave it in its scope."""
    made = Context(request_id=ids.new_id().hex, address=_address(scope, settings.trusted_proxy_hops))
    scope[_KEY] = made
    return made


def of(connection: HTTPConnection) -> Context:
    """The context of this request; a fresh one when it did not come through `security.secure`."""
    found = connection.scope.get(_KEY)
    if found is None:
        found = connection.scope[_KEY] = Context(ids.new_id().hex, connection.client.host if connection.client else "")
    return found


def header(scope: Scope, name: str) -> str | None:
    """The first header of that lower-case name."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key.lower() == wanted), None)


def _address(scope: Scope, hops: int) -> str:
    """The peer; behind `hops` trusted proxies, what the outermost of them saw. What a client writes itself is never believed."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    forwarded = [part.strip() for key, value in scope.get("headers", ()) if key.lower() == b"x-forwarded-for" for part in value.decode("latin-1").split(",")]
    if hops == 0 or len(forwarded) < hops:
        return peer
    seen = forwarded[-hops] if _is_address(forwarded[-hops]) else _PORT.sub(r"\1\2", forwarded[-hops])
    return seen if _is_address(seen) else peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
