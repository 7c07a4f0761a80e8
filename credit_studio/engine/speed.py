"""How fast this studio's workers are: one factor, 1.0 for the reference machine, 2.0 for one that takes twice as long.

Measured by each worker at its start; the slowest living worker counts, because any of them may take the run.
"""

_BOUNDS = (0.05, 50.0)
_factor = 1.0


def factor() -> float:
    """The factor that estimates use now."""
    return _factor


def set_factor(measured: float) -> None:
    """Take over a measured factor, within sane bounds."""
    global _factor  # noqa: PLW0603 - one factor a process, refreshed from the workers' rows
    _factor = min(max(measured, _BOUNDS[0]), _BOUNDS[1])
