"""Cells made unreadable for reports: enough is left to see what they are, and not whose."""

import re

_SHOWN = 24
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"[0-9]")
_EMAIL = re.compile(r"([^@\s])[^@\s]*@([^@\s])[^@\s]*(\.[A-Za-z]{2,24})")
_TAIL = frozenset({"payment_card", "iban"})


def mask(text: str, kind: str = "") -> str:
    """Letters as x and digits as 9, 24 characters at most; of an email address the first letters and the ending, of a card or an IBAN the last four."""
    flat = " ".join(text.split())
    if kind == "email" and (found := _EMAIL.fullmatch(flat[:254])):
        return f"{found[1]}***@{found[2]}***{found[3]}"[:_SHOWN]
    if kind in _TAIL and len(flat) > 8:  # noqa: PLR2004 - else the last four are half of it
        return f"{'*' * 4} {flat[-4:]}"
    hidden = _DIGIT.sub("9", _LETTER.sub("x", flat[:_SHOWN]))
    return "".join(one if one.isprintable() else "\ufffd" for one in hidden) + ("…" if len(flat) > _SHOWN else "")
