"""Replies that are files: streamed in parts, to be saved under a name."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

ATTACHED = {"Content-Disposition": {"description": "the name to save it under", "schema": {"type": "string"}}}
"""For the OpenAPI document."""


def attachment(name: str) -> dict[str, str]:
    """The header that makes a browser save the reply."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def streamed(first: str, parts: AsyncGenerator[str]) -> AsyncIterator[str]:
    """The first part was read before the reply began, so that a refusal can still be one."""
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part
