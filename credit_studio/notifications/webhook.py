"""Webhooks, signed as Standard Webhooks has it: to addresses that people give, and so to none of our own network.

A name is looked up once, every address that it leads to must be one of the internet, and the connection goes to the one that was looked at.
Redirects are not followed, and an answer's body is not read.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from typing import Any

import httpcore

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.notifications import rules
from credit_studio.notifications.errors import Undelivered

_WAIT_S = 10.0
_OK, _GONE = range(200, 300), 410
_SocketOption = tuple[int, int, int | bytes] | tuple[int, int, None, int]


class Guarded(httpcore.AsyncNetworkBackend):
    """Opens connections to public addresses only."""

    def __init__(self, *, may_be_private: bool) -> None:
        self._may_be_private = may_be_private
        self._inner: Any = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Look the name up, refuse it when any address of it is not public, and connect to the first. Raises `Undelivered`."""
        addresses = await _addresses(host, port)
        if not self._may_be_private and not all(rules.is_public(one) for one in addresses):
            raise Undelivered("The address leads to a private network.", is_final=True)
        return await self._inner.connect_tcp(addresses[0], port, timeout=timeout, local_address=local_address, socket_options=socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait between the library's own tries."""
        await asyncio.sleep(seconds)


async def send(payload: Mapping[str, Any], *, url: str, secret: str, message_id: str) -> str:
    """Post a payload: what the receiver answered. `message_id` stays the same for every try, so that they can tell a double. Raises `Undelivered`."""
    private = settings.get().webhooks_to_private
    if fault := rules.url_fault(url, may_be_private=private):
        raise Undelivered(fault, is_final=True)
    body = json.dumps(payload, separators=(",", ":")).encode()
    stamp = str(int(clock.now().timestamp()))
    headers = {
        "content-type": "application/json",
        "user-agent": "credit-studio",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, message_id=message_id, stamp=stamp, body=body),
    }
    status = await _post(url, body, headers, may_be_private=private)
    if status == _GONE:
        raise Undelivered("The receiver answered 410: it wants nothing more.", is_closed=True)
    if status not in _OK:
        raise Undelivered(f"The receiver answered {status}.")
    return str(status)


def signature(secret: str, *, message_id: str, stamp: str, body: bytes) -> str:
    """The value of `webhook-signature`: HMAC-SHA256 over "id.timestamp.body", with the secret after its "whsec_"."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def _post(url: str, body: bytes, headers: Mapping[str, str], *, may_be_private: bool) -> int:
    backend = Guarded(may_be_private=may_be_private)
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    waits = dict.fromkeys(("connect", "read", "write", "pool"), _WAIT_S)
    try:
        async with (
            asyncio.timeout(2 * _WAIT_S),
            httpcore.AsyncConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool,
            pool.stream("POST", url, headers=lines, content=body, extensions={"timeout": waits}) as answer,
        ):
            return answer.status
    except (TimeoutError, OSError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, ssl.SSLError) as problem:
        raise Undelivered(f"The receiver could not be reached: {type(problem).__name__}.") from problem


async def _addresses(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise Undelivered("The name of the address is not known.") from problem
    return [str(one[4][0]) for one in found]
