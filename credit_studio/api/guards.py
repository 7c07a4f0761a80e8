"""What every request and every websocket must pass before the studio looks at it. Pure decisions over an ASGI scope, and a counted `receive`."""

import asyncio
import re
from urllib.parse import urlsplit

from starlette.types import Message, Receive, Scope

from credit_studio.api.context import header
from credit_studio.core.errors import Forbidden, InvalidRequest, StudioError, TooLarge, UnsupportedMedia
from credit_studio.identity import cookies
from credit_studio.settings import Settings
from credit_studio.uploads.rules import MAX_BYTES

MAX_BODY = 1024 * 1024
MAX_UPLOAD_BODY = MAX_BYTES + 16 * 1024
"""An upload and the multipart lines around it."""

BODY_PATIENCE_S = 30.0
"""How long the next piece of a body may take, and a whole body of 1 MB; an upload has a minute for each 4 MB."""

UPLOADS = "/api/uploads"
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def check(scope: Scope, settings: Settings) -> None:
    """Raise why a request is not let in: `Forbidden` (bad_origin), `UnsupportedMedia`, `TooLarge` or `InvalidRequest`."""
    fault = _origin_fault(scope, settings) or _type_fault(scope) or _length_fault(scope)
    if fault is not None:
        raise fault


def may_connect(scope: Scope, settings: Settings) -> bool:
    """True when a websocket comes from a page of ours: the Origin must be there and be our own."""
    origin = header(scope, "origin")
    return origin is not None and is_own(origin, scope, settings)


def is_own(origin: str, scope: Scope, settings: Settings) -> bool:
    """True when `origin` is this studio: PUBLIC_URL when it is set, else the host that the request was sent to."""
    seen = _place(origin)
    if seen is None:
        return False
    if settings.public_url:
        return seen == _place(settings.public_url) and urlsplit(origin).scheme == urlsplit(settings.public_url).scheme
    host = header(scope, "host")
    return host is not None and seen == _place(f"{urlsplit(origin).scheme}://{host}")


def counted(receive: Receive, scope: Scope) -> Receive:
    """`receive` that raises `TooLarge` past the limit and `InvalidRequest` when the body stalls."""
    limit = _limit(scope)
    patience_s = BODY_PATIENCE_S if limit == MAX_BODY else BODY_PATIENCE_S + 60 * MAX_UPLOAD_BODY / (4 * 1024 * 1024)
    taken, is_done, deadline = 0, False, asyncio.get_running_loop().time() + patience_s

    async def take() -> Message:
        nonlocal taken, is_done
        if is_done:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline), asyncio.timeout(BODY_PATIENCE_S):
                message = await receive()
        except TimeoutError:
            raise InvalidRequest("The body did not arrive in time. Nothing was charged.", action="Try again.") from None
        taken += len(message.get("body", b""))
        is_done = message["type"] != "http.request" or not message.get("more_body", False)
        if taken > limit:
            raise _too_large(limit)
        return message

    return take


def _origin_fault(scope: Scope, settings: Settings) -> StudioError | None:
    if scope["method"] in _SAFE or not cookies.is_sent(header(scope, "cookie"), settings):
        return None
    origin = header(scope, "origin")
    if origin is None or is_own(origin, scope, settings):
        return None
    return Forbidden("This request comes from another site's page. Nothing was changed.", code="bad_origin", action="Use the studio's own pages.")


def _type_fault(scope: Scope) -> StudioError | None:
    if scope["method"] in _SAFE or not scope["path"].startswith("/api/") or not _has_body(scope):
        return None
    wanted = "multipart/form-data" if scope["path"] == UPLOADS else "application/json"
    given = (header(scope, "content-type") or "").partition(";")[0].strip().lower()
    if given == wanted:
        return None
    return UnsupportedMedia(f"This route takes {wanted}. Nothing was charged.", action=f"Send Content-Type: {wanted}.")


def _length_fault(scope: Scope) -> StudioError | None:
    length = header(scope, "content-length")
    if length is None:
        return None
    if not re.fullmatch(r"\d{1,18}", length):
        return InvalidRequest("Content-Length is no number.")
    return _too_large(_limit(scope)) if int(length) > _limit(scope) else None


def _too_large(limit: int) -> TooLarge:
    mega = limit // (1024 * 1024)
    return TooLarge(f"The body is larger than {mega} MB. Nothing was charged.", action="Send less; a file of up to 20 MB goes to POST /api/uploads.")


def _limit(scope: Scope) -> int:
    return MAX_UPLOAD_BODY if scope["path"] == UPLOADS else MAX_BODY


def _has_body(scope: Scope) -> bool:
    return header(scope, "transfer-encoding") is not None or (header(scope, "content-length") or "0").strip() != "0"


def _place(url: str) -> tuple[str, int] | None:
    """Host and port of a URL; None for what is none ("null")."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
