"""The `Idempotency-Key` header: checked here, kept with the run that it names."""

import re
from typing import Annotated

from fastapi import Depends, Header
from starlette.requests import Request

from credit_studio.api import context
from credit_studio.core.errors import InvalidRequest

_KEY = re.compile(r"[!-~]{1,255}")


def mark_replayed(request: Request) -> None:
    """Say in the reply that it is a stored one."""
    context.of(request).reply["Idempotency-Replayed"] = "true"


def _key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 255 visible ASCII characters, kept for 24 hours: the same key and body answer with the stored reply, charged once.",
        ),
    ] = None,
) -> str | None:
    given = request.headers.getlist("idempotency-key")
    if len(given) > 1 or (given and not _KEY.fullmatch(given[0])):
        raise InvalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters, once. Nothing was charged.", action="Send a key of that form.")
    return idempotency_key


Key = Annotated[str | None, Depends(_key)]
