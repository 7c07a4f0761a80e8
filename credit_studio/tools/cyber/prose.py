"""Markdown put together from texts of people: every value stands as text, whatever is in it. No tool; several of this studio write reports with it."""

import re
from collections.abc import Iterable

from credit_studio.tools.base import InputError

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$^])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)](?=\s|$))")


def plain(text: str) -> str:
    """A person's text as Markdown that shows exactly this text, on one line."""
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", _SPECIAL.sub(r"\\\1", " ".join(text.split())))


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; cells are escaped here, so give them as they are. Empty text for no rows."""
    lines = [_row(row) for row in rows]
    titles = list(heads)
    return "\n".join([_row(titles), "|" + " --- |" * len(titles), *lines]) + "\n" if lines else ""


def bullets(items: Iterable[str]) -> str:
    """A list of items that are Markdown already."""
    return "".join(f"- {item}\n" for item in items)


def steps(items: Iterable[str]) -> str:
    """A numbered list of items that are Markdown already."""
    return "".join(f"{number}. {item}\n" for number, item in enumerate(items, start=1))


def slug(text: str, otherwise: str) -> str:
    """A file name of small letters, digits and hyphens out of a title; `otherwise` when nothing is left of it."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:60].strip("-") or otherwise


def said(items: Iterable[str], word: str = "and") -> str:
    """A list in words: "a", "a and b", "a, b and c"."""
    listed = list(items)
    return f" {word} ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its word: "1 threat", "3 threats"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def check_name(field: str, text: str) -> None:
    """Raise `InputError` for a name that nobody could read: blank, or with control characters in it."""
    if not text.strip():
        raise InputError(field, "Needs a name.")
    check_text(field, text)


def check_text(field: str, text: str) -> None:
    """Raise `InputError` for text with control or invisible characters."""
    if not text.isprintable():
        raise InputError(field, "Holds a control character or a line break. Type it anew on one line.")


def check_unique(field: str, names: Iterable[str], column: str = "name") -> None:
    """Raise `InputError` on the first row whose name stands before it already; letter case does not tell names apart."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name.casefold() in seen:
            raise InputError(f"{field}.{place}.{column}", f"{name!r} stands twice. Give each a name of its own.")
        seen.add(name.casefold())


def check_known(field: str, name: str, names: Iterable[str], what: str) -> None:
    """Raise `InputError` when a row refers to a name that is not there."""
    listed = list(names)
    if name not in listed:
        raise InputError(field, f"There is no {what} {name!r}. Known: {', '.join(listed[:12])}{' ...' if len(listed) > 12 else ''}.")  # noqa: PLR2004 - a line


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(plain(str(cell)) for cell in cells) + " |"
