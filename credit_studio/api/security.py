"""The outermost layer of the whole studio, pages, socket and API alike: a request id, the guards, safe headers, and no stack trace for anybody.

Pure ASGI: Starlette's own middleware base does not see websockets.
"""

import functools
import re
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from credit_studio import settings
from credit_studio.api import context, csp, errors, guards
from credit_studio.api.context import Context
from credit_studio.core.errors import StudioError
from credit_studio.settings import Settings

log = structlog.get_logger()

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SHARED = "/shared/"
_LINKS = (SHARED, "/gifts/", f"/api{SHARED}", "/api/credits/gifts/")
_UNLISTED = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}
"""What only those who were given a link are to find: no search engine, and no site that it leads to, learns of it."""

_HSTS = "max-age=31536000"
_HASHED = re.compile(r"/assets/.+-[A-Za-z0-9_-]{8}\.[a-z0-9]{2,5}|/local/.+-[0-9a-f]{16}\.zip")
"""What is named after its content, by Vite and by the bundle of tools for the browser: may be kept for ever."""

_BAD_ORIGIN = 4403
_OK = 200


def layers(chosen: Settings) -> tuple[Callable[[ASGIApp], ASGIApp], ...]:
    """What goes around the whole studio, inner first, for `rx.App(api_transformer=...)`."""
    return (functools.partial(secure, chosen=chosen),)


def secure(app: ASGIApp, chosen: Settings | None = None) -> ASGIApp:
    """`app` behind everything that every request must pass; by the settings of the process unless others are given."""

    async def secured(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _http(app, scope, receive, send, chosen or settings.get())
        elif scope["type"] == "websocket":
            await _websocket(app, scope, receive, send, chosen or settings.get())
        else:
            await app(scope, receive, send)

    return secured


async def _http(app: ASGIApp, scope: Scope, receive: Receive, send: Send, chosen: Settings) -> None:
    known = context.begin(scope, chosen)
    reply = _Reply(scope, send, known, chosen)
    with structlog.contextvars.bound_contextvars(request_id=known.request_id):
        try:
            guards.check(scope, chosen)
            await app(scope, guards.counted(receive, scope), reply.send)
        except StudioError as error:
            await reply.instead(errors.problem(error, Request(scope)), receive)
        except Exception:
            log.exception("request failed", method=scope["method"], path=scope["path"])
            await reply.instead(errors.crash(Request(scope)), receive)


async def _websocket(app: ASGIApp, scope: Scope, receive: Receive, send: Send, chosen: Settings) -> None:
    known = context.begin(scope, chosen)
    if not guards.may_connect(scope, chosen):
        await receive()
        await send({"type": "websocket.close", "code": _BAD_ORIGIN})
        return
    with structlog.contextvars.bound_contextvars(request_id=known.request_id):
        await app(scope, receive, send)


class _Reply:
    """Sends a response with our headers, once."""

    def __init__(self, scope: Scope, send: Send, known: Context, chosen: Settings) -> None:
        self._scope, self._send, self._known, self._settings = scope, send, known, chosen
        self._is_started = False

    async def send(self, message: Message) -> None:
        """Pass a message on; the first gets the headers that are not there yet."""
        if message["type"] == "http.response.start":
            self._is_started = True
            message = {**message, "headers": self._headers(message)}
        elif self._scope["method"] == "HEAD" and message.get("body"):
            message = {**message, "body": b""}
        await self._send(message)

    async def instead(self, response: ASGIApp, receive: Receive) -> None:
        """Answer with `response` when nothing was answered yet."""
        if not self._is_started:
            await response(self._scope, receive, self.send)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        given = [(bytes(name), self._relative(bytes(name), bytes(value))) for name, value in message.get("headers", ())]
        present = {name.lower() for name, _ in given}
        ours = headers_of(self._scope["path"], message["status"], self._settings) | self._known.reply
        ours["X-Request-Id"] = self._known.request_id
        return given + [(name.lower().encode(), value.encode("latin-1")) for name, value in ours.items() if name.lower().encode() not in present]

    def _relative(self, name: bytes, value: bytes) -> bytes:
        """A redirect to this very host without scheme and host: what a proxy in front has made of those is not known here."""
        host = context.header(self._scope, "host")
        here = f"http://{host}".encode("latin-1")
        return value.removeprefix(here) if name.lower() == b"location" and host and value.startswith(here + b"/") else value


def headers_of(path: str, status: int, chosen: Settings) -> dict[str, str]:
    """What a response on `path` carries unless it says otherwise itself."""
    headers = dict(_ALWAYS)
    if chosen.is_https:
        headers["Strict-Transport-Security"] = _HSTS
    if path.startswith(_LINKS):
        headers |= _UNLISTED
    if path.startswith("/api/") or path in {"/api", "/healthz", "/readyz", "/metrics"}:
        return headers | {"Content-Security-Policy": csp.API, "Cache-Control": "no-store"}
    headers["Content-Security-Policy"] = csp.page(path)
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if status == _OK and _HASHED.fullmatch(path) else "no-cache"
    return headers
