"""A person's own words, made fit to be shown to somebody else."""

import unicodedata


def one_line(text: str, most: int) -> str:
    """One line of at most `most` signs: composed, without control characters and signs that turn the line round, spaces in ones."""
    plain = unicodedata.normalize("NFC", text[: most * 4])
    kept = "".join(" " if sign.isspace() else sign for sign in plain if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join(kept.split())[:most]


def some_lines(text: str, most: int, *, lines: int) -> str:
    """At most so many lines of at most `most` signs each; empty ones are left out."""
    said = (one_line(line, most) for line in text[: most * 4 * lines].splitlines())
    return "\n".join([line for line in said if line][:lines])
