"""What a change in the middle of a period gives back and asks for, to the second, as Stripe computes it.

The part of the old price that was not used is given back, the rest of the period at the new price is asked for: two lines, each rounded by itself.
"""


def share(full: int, start: int, end: int, moment: int) -> int:
    """The part of a period's full price, in minor units, for the time from the moment to the end; the nearest whole unit, a half goes up."""
    length, ahead = end - start, end - min(end, max(start, moment))
    return (2 * full * ahead + length) // (2 * length)
