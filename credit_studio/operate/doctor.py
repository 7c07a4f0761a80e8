"""Does the book agree with itself? All invariants in one snapshot, so that the answer is right under load."""

import json
from collections.abc import Sequence
from typing import Protocol

from credit_studio.db import session
from credit_studio.history import service as history


class Finding(Protocol):
    """What was found of one invariant: its name, whether it holds, and what speaks against it."""

    @property
    def name(self) -> str:
        """The invariant."""
        ...

    @property
    def holds(self) -> bool:
        """True when nothing speaks against it."""
        ...

    @property
    def detail(self) -> str:
        """What was found, in words."""
        ...


async def examine() -> Sequence[Finding]:
    """Every invariant of the book, asked at one instant."""
    try:
        async with session.snapshot() as tx:
            return await history.doctor(tx)
    finally:
        await session.dispose()


def as_json(checks: Sequence[Finding]) -> str:
    """The findings for a machine."""
    return json.dumps(
        {"holds": all(check.holds for check in checks), "checks": [{"name": check.name, "holds": check.holds, "detail": check.detail} for check in checks]},
        indent=2,
    )


def as_lines(checks: Sequence[Finding]) -> str:
    """The findings for a person: one line each, the broken ones with what was found."""
    width = max((len(check.name) for check in checks), default=0)
    lines = [f"{'holds ' if check.holds else 'BROKEN'}  {check.name:<{width}}  {check.detail}".rstrip() for check in checks]
    broken = sum(not check.holds for check in checks)
    lines.append(f"{len(checks)} invariants, all hold." if not broken else f"{broken} of {len(checks)} invariants are BROKEN.")
    return "\n".join(lines)
