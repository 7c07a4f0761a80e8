"""What the cells of a column are: type, counts, extremes, patterns, and what is odd about them."""

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from credit_studio.tools.data.inventory.datasets import Field
from credit_studio.tools.data.tabular.checks import kind_of

OF_ITS_TYPE = 0.95
_SHOWN, _SAMPLED, _PATTERN_SHARE = 40, 400, 0.9
_MISSING = frozenset({"na", "n/a", "null", "none", "nil", "nan", "-", "--", "?", "#n/a", "unknown", "missing", "tbd", "xxx", "(null)", "undefined", "\\n"})
_STAND_INS = frozenset({"9999", "99999", "999999", "-999", "-9999", "1900-01-01", "1970-01-01", "9999-12-31", "0000-00-00"})
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("uuid", re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")),
    ("url", re.compile(r"https?://[^\s]{1,2000}")),
    ("time", re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?")),
    ("local date", re.compile(r"[0-3]?[0-9]([/.-])[0-3]?[0-9]\1(?:[0-9]{4}|[0-9]{2})(?: [0-9:]{4,8})?")),
    ("money", re.compile(r"[-+]?[£$€] ?[0-9]{1,15}(?:[,.][0-9]{1,3}){0,5}|[0-9]{1,15}(?:[,.][0-9]{1,3}){0,5} ?(?:[£$€]|GBP|EUR|USD)")),
    ("grouped number", re.compile(r"[-+]?[0-9]{1,3}(?:,[0-9]{3}){1,5}(?:\.[0-9]{1,9})?|[-+]?[0-9]{1,3}(?:\.[0-9]{3}){1,5},[0-9]{1,9}")),
    ("decimal comma", re.compile(r"[-+]?[0-9]{1,15},[0-9]{1,9}")),
    ("percent", re.compile(r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})? ?%")),
)
_TYPES = {
    "boolean": "true or false",
    "datetime": "date and time",
    "local date": "date, not ISO 8601",
    "money": "money as text",
    "grouped number": "number as text",
    "decimal comma": "number as text",
    "percent": "percent as text",
}
_LETTERS = re.compile(r"[A-Z]+|[a-z]+|[0-9]+|[^A-Za-z0-9]")
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")
_BAD_READ = re.compile("Ã[\u0080-\u00bf]|â€|\ufffd")  # the usual signs of UTF-8 read as Latin-1


@dataclass
class Profile:
    """A column's cells in figures. `kind` is what 95 % of them are; numbers have quartiles and the standard deviation of the population."""

    rows: int
    filled: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    kind: str = "empty"
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    shortest: int = 0
    longest: int = 0
    pattern: str = ""
    odd: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def distinct(self) -> int:
        """How many different filled cells there are."""
        return len(self.counts)

    @property
    def is_unique(self) -> bool:
        """True when every row has a cell and no two are the same."""
        return self.rows > 1 and self.filled == self.rows == self.distinct

    def common(self, most: int = 5) -> list[tuple[str, int]]:
        """The most common cells that stand more than once, in a fixed order."""
        repeated = [item for item in self.counts.items() if item[1] > 1]
        return sorted(repeated, key=lambda item: (-item[1], item[0]))[:most]


def profile(column: Field) -> Profile:
    """The figures of a column that has cells."""
    cells = [cell for cell in column.cells if cell is not None]
    found = Profile(len(column.cells), len(cells), Counter(cells))
    if not cells:
        return found
    kinds = {cell: _kind(cell.strip()) for cell in found.counts}
    for cell, count in found.counts.items():
        found.kinds[kinds[cell]] += count
    found.kind = _type(found.kinds)
    lengths = list(map(len, found.counts))
    found.shortest, found.longest = min(lengths), max(lengths)
    _extremes(found, kinds)
    is_telling = found.kind == "text" or (found.kind == "integer" and found.longest > 4)  # noqa: PLR2004 - short numbers have no form
    found.pattern = _pattern(list(found.counts)) if is_telling else ""
    found.odd = [said for look in _LOOKS if (said := look(column, found, kinds))]
    return found


def _kind(text: str) -> str:
    if text.lower() in _MISSING:
        return "missing"
    kind = kind_of(text)
    if kind != "text" or len(text) > 2_000:  # noqa: PLR2004 - no form is longer
        return kind
    return next((name for name, form in _FORMS if form.fullmatch(text)), "text")


def _type(kinds: Counter[str]) -> str:
    known = sum(kinds.values()) - kinds["missing"]
    if not known:
        return "empty"
    shares = _by_type(kinds)
    if kinds["number"]:
        shares["number"] += shares.pop("integer", 0)
    if kinds["datetime"]:
        shares["date and time"] += shares.pop("date", 0)
    name, count = max(shares.items(), key=lambda item: (item[1], item[0]))
    return name if count >= OF_ITS_TYPE * known else "text"


def _by_type(kinds: Counter[str]) -> Counter[str]:
    """Kinds counted by the type that they make, without words for nothing."""
    shares: Counter[str] = Counter()
    for kind, count in kinds.items():
        shares[_TYPES.get(kind, kind)] += count
    del shares["missing"]
    return shares


def _extremes(found: Profile, kinds: dict[str, str]) -> None:
    numbers = sorted((float(cell), count) for cell, count in found.counts.items() if kinds[cell] in {"integer", "number"})
    if found.kind in {"integer", "number"} and numbers:
        found.minimum, found.maximum = _whole(numbers[0][0], found.kind), _whole(numbers[-1][0], found.kind)
        _moments(found, numbers)
    elif found.kind in {"date", "date and time"}:
        days = [cell.strip() for cell in found.counts if kinds[cell] in {"date", "datetime"}]
        found.minimum, found.maximum = min(days), max(days)


def _whole(number: float, kind: str) -> float:
    return int(number) if kind == "integer" and abs(number) < 2**53 else number


def _moments(found: Profile, numbers: list[tuple[float, int]]) -> None:
    many = sum(count for _, count in numbers)
    try:
        found.mean = math.fsum(value * count for value, count in numbers) / many
        found.deviation = math.sqrt(math.fsum((value - found.mean) ** 2 * count for value, count in numbers) / many)
    except (OverflowError, ValueError):
        found.mean = found.deviation = None
    if found.mean is not None and not math.isfinite(found.mean + (found.deviation or 0)):
        found.mean = found.deviation = None
    seen = 0
    for value, count in numbers:
        seen += count
        if seen * 2 >= many:
            found.median = value
            return


def _pattern(cells: list[str]) -> str:
    """What nine of ten cells look like, as an expression: "[A-Z]{2}[0-9]{4}"; "" when they have no one form."""
    sample = cells[:: max(1, len(cells) // _SAMPLED)]
    forms = Counter(_form(cell.strip()) for cell in sample if len(cell) <= _SHOWN)
    if not forms or len(sample) < 3:  # noqa: PLR2004 - two cells make no rule
        return ""
    form, count = max(forms.items(), key=lambda item: (item[1], item[0]))
    return form if count >= _PATTERN_SHARE * len(sample) and any(sign in form for sign in "0[") else ""


def _form(text: str) -> str:
    parts: list[str] = []
    for run in _LETTERS.findall(text):
        name = (
            "[A-Z]" if run.isascii() and run.isalpha() and run.isupper() else "[a-z]" if run.isascii() and run.isalpha() else "[0-9]" if run.isdigit() else ""
        )
        parts.append(f"{name}{{{len(run)}}}" if name and len(run) > 1 else name or _SPECIAL.sub(r"\\\g<0>", run))
    return "".join(parts)[:80]


# --- what is odd --------------------------------------------------------------------------------------------------------------

_Said = tuple[str, str] | None


def _empty_share(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    empty = found.rows - found.filled
    return ("low", f"{empty:,} of {found.rows:,} cells are empty.") if empty > 0.3 * found.rows else None


def _stand_ins(_column: Field, found: Profile, kinds: dict[str, str]) -> _Said:
    missing = [cell for cell in found.counts if kinds[cell] == "missing"]
    if missing:
        many = sum(found.counts[cell] for cell in missing)
        return "medium", f"{_cells(many)} with a word for nothing ({', '.join(sorted(missing)[:4])}): leave them empty."
    odd = [cell for cell in found.counts if cell.strip() in _STAND_INS and found.counts[cell] > 1 and found.kind != "text"]
    return ("medium", f"{_cells(found.counts[odd[0]])} are {odd[0].strip()}: perhaps a stand-in for an unknown value.") if odd else None


def _mixed(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    known, kinds = _by_type(found.kinds), found.kinds
    if kinds["local date"] and kinds["date"] + kinds["datetime"]:
        return "high", f"Dates are written in two ways: {kinds['date'] + kinds['datetime']:,} as in ISO 8601, {kinds['local date']:,} not."
    name, count = max(known.items(), key=lambda item: item[1]) if known else ("text", 0)
    rest = sum(known.values()) - count - (known["integer"] if name == "number" else known["number"] if name == "integer" else 0)
    if name in {"text", "true or false"} or not rest or rest > 0.3 * sum(known.values()):
        return None
    return "medium", f"{_cells(rest)} unlike the others, which are of the type “{name}”."


def _as_text(column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    if found.kind.endswith("as text") or found.kind == "date, not ISO 8601":
        said = "Dates are not written as in ISO 8601 (2026-11-20): 03/04/2026 can be read in two ways." if found.kind.startswith("date") else None
        return "medium", said or "Numbers are written with signs, groups or decimal commas: programs read them as text."
    if column.json_types == {"text"} and found.kind in {"integer", "number"}:
        return "low", "Numbers are kept as JSON strings."
    return ("medium", f"JSON types are mixed: {', '.join(sorted(column.json_types))}.") if len(column.json_types) > 1 else None


def _spaced(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    many = sum(count for cell, count in found.counts.items() if cell != cell.strip())
    return ("low", f"{_cells(many)} with blanks at the beginning or end.") if many else None


def _alike(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    """Categories that differ in capitals or blanks only."""
    if found.kind != "text" or found.distinct > min(500, found.filled // 2):
        return None
    folded = Counter(" ".join(cell.split()).casefold() for cell in found.counts)
    twice = [name for name, count in folded.items() if count > 1]
    return ("medium", f"Written in several ways that differ in capitals or blanks only: {_few(twice)}.") if twice else None


def _few(names: list[str]) -> str:
    return ", ".join(shown(name) for name in names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")  # noqa: PLR2004 - three are enough to find them


def _cells(many: int) -> str:
    return "1 cell" if many == 1 else f"{many:,} cells"


def _constant(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    return ("low", "Every filled cell holds the same value.") if found.distinct == 1 and found.filled > 2 else None  # noqa: PLR2004 - two may be chance


def _misread(_column: Field, found: Profile, _kinds: dict[str, str]) -> _Said:
    many = sum(count for cell, count in found.counts.items() if _BAD_READ.search(cell))
    return ("high", f"{_cells(many)} with signs of a wrong character encoding.") if many else None


_LOOKS: tuple[Callable[[Field, Profile, dict[str, str]], _Said], ...] = (_empty_share, _stand_ins, _mixed, _as_text, _spaced, _alike, _constant, _misread)


def shown(cell: str) -> str:
    """A cell as it is shown: 40 printable characters at most."""
    plain = "".join(one if one.isprintable() else "\ufffd" for one in cell[: _SHOWN + 1])
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"
