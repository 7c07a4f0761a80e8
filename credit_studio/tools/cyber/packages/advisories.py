"""The bundled snapshot of the PyPI advisory database, by package.

Events are read as the OSV schema says (https://ossf.github.io/osv-schema/#evaluation): affected from `introduced` (included) to
`fixed` (excluded) or `last_affected` (included), versions ordered by PEP 440, packages named by PEP 503.
"""

import functools
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvss import CVSS3, CVSS4  # pyright: ignore[reportMissingTypeStubs] - it ships none
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

SOURCE = "PyPI advisory database (github.com/pypa/advisory-database, commit 3ccb612)"
LICENCE = "CC-BY 4.0"
SNAPSHOT_DATE = "2024-10-10"
_SNAPSHOT = Path(__file__).with_name("pypi-advisories-2024-10.jsonl.gz")


@dataclass(frozen=True)
class Advisory:
    """An advisory as it concerns one package. `events` are in order; the version None is the beginning of time."""

    id: str
    names: frozenset[str]
    published: str
    vectors: tuple[str, ...]
    events: tuple[tuple[Version | None, str], ...]
    versions: frozenset[Version]
    unreadable: str = ""

    def affects(self, version: Version) -> bool:
        """Whether that version lies in a range or is named."""
        affected = version in self.versions
        for at, kind in self.events:
            if at is not None and (at > version or (kind == "last_affected" and at == version)):
                break
            affected = kind == "introduced"
        return affected


@functools.cache
def snapshot() -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """How many advisories there are, and their rows by package; read once."""
    by_package: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(_SNAPSHOT, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        for affected in row["affected"]:
            by_package[canonicalize_name(affected["package"])].append(row | affected)
    return len(rows), dict(by_package)


@functools.cache
def advisories_on(package: str) -> tuple[Advisory, ...]:
    """The advisories on a package, by its PEP 503 name."""
    return tuple(_advisory(row) for row in snapshot()[1].get(package, []))


def _advisory(row: dict[str, Any]) -> Advisory:
    unreadable = ""
    events: list[tuple[Version | None, str]] = []
    for kind, at in (event for ranged in row["ranges"] for event in ranged):
        try:
            events.append((None if at == "0" else Version(at), kind))
        except InvalidVersion:
            unreadable = at
    events.sort(key=lambda event: (event[0] is not None, event[0] or Version("0"), event[1] == "introduced"))
    names = frozenset((row["id"], *row["aliases"]))
    vectors = tuple(one["score"] for one in row["severity"])
    return Advisory(row["id"], names, row["published"], vectors, tuple(events), frozenset(map(Version, row.get("versions", []))), unreadable)


def by_alias(advisories: Iterable[Advisory]) -> list[list[Advisory]]:
    """Advisories that share an id or an alias stand together: they describe one vulnerability."""
    group_of: dict[str, list[Advisory]] = {}
    for advisory in advisories:
        group = [advisory]
        for other in {id(group_of[name]): group_of[name] for name in sorted(advisory.names) if name in group_of}.values():
            group = [*other, *group]
        group_of |= {name: group for member in group for name in member.names}
    return list({id(group): group for group in group_of.values()}.values())


def first_clean(version: Version, advisories: Iterable[Advisory]) -> str | None:
    """The lowest fixed version above the installed one that none of the advisories affects; a pre-release only when nothing else is left."""
    readable = [one for one in advisories if not one.unreadable]
    fixed = {at for one in readable for at, kind in one.events if at is not None and kind == "fixed" and at > version}
    clean = (at for at in sorted(fixed, key=lambda at: (at.is_prerelease, at)) if not any(one.affects(at) for one in readable))
    return str(first) if (first := next(clean, None)) is not None else None


@functools.cache
def rated(vector: str) -> tuple[float, str, str]:
    """Base score, rating in lower case and the vector, by the CVSS library."""
    library = CVSS4 if vector.startswith("CVSS:4") else CVSS3
    scored: Any = library(vector)
    return float(scored.base_score), str(scored.severities()[0] if library is CVSS3 else scored.severity).lower(), vector
