"""The session cookie: its name, its attributes, and how it is read from a raw header (pages have nothing else)."""

import re
from datetime import datetime

from credit_studio.core import clock
from credit_studio.settings import Settings

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""256 bits in URL-safe base64 without padding."""


def name(settings: Settings) -> str:
    """The cookie's name; on https the `__Host-` prefix binds it to this host, path "/" and Secure."""
    return "__Host-cs_session" if settings.is_https else "cs_session"


def read(header: str | None, settings: Settings) -> str | None:
    """The token in a `Cookie` header, or None when there is none that could be ours."""
    wanted = name(settings)
    for part in (header or "").split(";"):
        key, _, value = part.strip().partition("=")
        if key == wanted and _TOKEN.fullmatch(value):
            return value
    return None


def is_sent(header: str | None, settings: Settings) -> bool:
    """True when the header carries a cookie of our name, whatever its value."""
    wanted = name(settings)
    return any(part.strip().partition("=")[0] == wanted for part in (header or "").split(";"))


def issue(token: str, expires_at: datetime, settings: Settings) -> str:
    """The `Set-Cookie` value that hands a browser its token."""
    seconds = max(0, int((expires_at - clock.now()).total_seconds()))
    return f"{name(settings)}={token}; Max-Age={seconds}; {_attributes(settings)}"


def clear(settings: Settings) -> str:
    """The `Set-Cookie` value that takes the token away."""
    return f"{name(settings)}=; Max-Age=0; {_attributes(settings)}"


def _attributes(settings: Settings) -> str:
    return "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if settings.is_https else "")
