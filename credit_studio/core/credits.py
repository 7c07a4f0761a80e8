"""Credits: whole, positive, bounded numbers."""

from dataclasses import dataclass

MAX_CREDITS = 1_000_000_000
"""The most credits one command may move: far above any pack, far below what a bigint column can hold."""


def is_amount(value: object) -> bool:
    """True for a whole number of credits from 1 to `MAX_CREDITS`; booleans and floats are no amounts."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_CREDITS


@dataclass(frozen=True)
class Rates:
    """What a server run costs, as the catalogue sets it: whole credits, ms of CPU and GB x ms of memory that one credit buys.

    With `tokens_per_run` every server run counts just so many tokens, whatever it measured, and is priced by them.
    """

    base: int
    cpu_ms_per_credit: int
    gb_ms_per_credit: int
    minimum: int
    tokens_per_credit: int
    minimum_tokens: int
    tokens_per_run: int | None = None
