"""The kinds of personal data, read from `kinds.toml`: by which names and contents each is known, how much harm it can do, what the law calls it.

`severity` is 1 to 4 on the scale of CNIL's "Privacy impact assessment: knowledge bases" (negligible, limited, significant, maximum): what a person may suffer
when this datum is abused. `law` is "special" (Article 9), "criminal" (Article 10) or "". `ccpa` is the letter of Cal. Civ. Code 1798.140(v)(1); `is_sensitive`
follows 1798.140(ae). `role`: a "direct" identifier names one person, a "quasi" identifier does so together with others, an "attribute" describes.
"""

import functools
import ipaddress
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from credit_studio.tools.data.personal import checksums

Check = Callable[[str], bool]
SEVERITY = ("", "negligible", "limited", "significant", "maximum")
_OLDEST, _FIRST_YEAR, _MONTHS = 120, 1900, 12
_PHONE_DIGITS = range(8, 16)  # ITU-T E.164 allows 15
_NO_PHONE = re.compile(r"[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}|[0-9]+\.[0-9]+|(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9]{3}-[0-9]{2}-[0-9]{4}")
_BORN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].{0,20})?|([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_STREET = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|court|way|square|place|terrace|gardens|boulevard|blvd|rue|via|calle|plaza|laan)\b"
    r"|stra(?:ss|\u00df)e|str\.|weg\b|gasse\b|straat",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """One kind. `names` are words that a column's name may hold, `form` is what a cell looks like, `check` what makes it a real one.

    `strength` is how far contents alone convince (0 to 1), `chance` the share of unrelated cells of that form that would pass, `expected` the
    share of real cells that a list of words knows; `proof` says in words what was checked.
    """

    id: str
    label: str
    family: str
    names: tuple[str, ...]
    severity: int
    role: str = "attribute"
    law: str = ""
    ccpa: str = "A"
    is_sensitive: bool = False
    form: re.Pattern[str] | None = None
    check: Check | None = None
    strength: float = 0.0
    chance: float = 0.0
    expected: float = 1.0
    proof: str = ""


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@functools.cache
def words_of(vocabulary: str) -> frozenset[str]:
    """The words of a list of `kinds_vocabulary.json`, in small letters."""
    lists: dict[str, list[str]] = json.loads(_read("kinds_vocabulary.json"))
    return frozenset(" | ".join(lists[vocabulary]).split(" | "))


@functools.cache
def _known_names() -> frozenset[str]:
    return words_of("given_names") | words_of("surnames")


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order in which equally good guesses are taken."""
    return tuple(map(_kind, tomllib.loads(_read("kinds.toml"))["kind"]))


@functools.cache
def kind_by_id() -> dict[str, Kind]:
    """All kinds by their id."""
    return {kind.id: kind for kind in kinds()}


def _kind(row: dict[str, Any]) -> Kind:
    names: str | list[str] = row.pop("names", "")
    joined = "|".join(names) if isinstance(names, list) else names
    form, check = row.pop("form", ""), row.pop("check", "")
    return Kind(
        names=tuple(one for one in joined.split("|") if one),
        form=re.compile(form) if form else None,
        check=_check(check) if check else None,
        **row,
    )


def _check(name: str) -> Check:
    if name.startswith("listed:"):
        words = words_of(name.removeprefix("listed:"))
        return lambda text: text.lower() in words
    return _CHECKS.get(name) or getattr(checksums, name)


def _is_ip(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:  # noqa: PLR2004 - the dots of IPv4, the colons of IPv6
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    return sum(map(str.isdigit, text)) in _PHONE_DIGITS and not _NO_PHONE.fullmatch(text)


def _is_written_phone(text: str) -> bool:
    return _is_phone(text) and (text[0] in "+(" or " " in text)


def _is_birth_date(text: str) -> bool:
    """A year, or a real day since 1900, with the year first or last; the month may stand first as in the United States."""
    if len(text) == 4:  # noqa: PLR2004 - a year
        return True
    found = _BORN.fullmatch(text)
    if not found:
        return False
    year, month, day = (int(found[at]) for at in ((1, 2, 3) if found[1] else (6, 5, 4)))
    month, day = (day, month) if not found[1] and month > _MONTHS else (month, day)
    try:
        return date(year, month, day).year >= _FIRST_YEAR
    except ValueError:
        return False


def _is_age(text: str) -> bool:
    return all(int(number) <= _OLDEST for number in re.findall(r"[0-9]{1,9}", text))


def _is_point(text: str) -> bool:
    latitude, longitude = (float(part) for part in text.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees


def _is_name(text: str) -> bool:
    parts = [part.strip(".,").lower() for part in text.split()]
    known = _known_names()
    return len(parts) > 1 and any(part in known for part in parts)


_CHECKS: dict[str, Check] = {
    "ip": _is_ip,
    "phone": _is_phone,
    "written_phone": _is_written_phone,
    "birth_date": _is_birth_date,
    "age": _is_age,
    "point": _is_point,
    "degrees": lambda text: abs(float(text)) <= 180,  # noqa: PLR2004 - degrees
    "name": _is_name,
    "street": lambda text: _STREET.search(text) is not None,
}
