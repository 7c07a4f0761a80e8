"""How much is measured, and how long: small enough for a test, or enough to say something."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`floor` is what pgbench is told, `load_s` and `read_s` are seconds a round; growth: entries in the large book, open grants on one account."""

    people: int = 10_000
    rounds: int = 5
    floor: tuple[str, str] = ("-T", "3")
    load_s: float = 2.0
    read_s: float = 1.5
    runs: int = 60
    entries: tuple[int, ...] = (1_000_000, 10_000_000)
    grants: int = 1_000
    used: tuple[int, ...] = (50_000, 5_000_000)


FULL = Size()
