"""The licences on offer, with their whole texts: SPDX names, and who holds the copyright since when."""

from pathlib import Path

from credit_studio.tools.dev.scaffold.templates import markdown

LICENCES = (
    ("MIT", "MIT: short and permissive"),
    ("Apache-2.0", "Apache 2.0: permissive, with a patent grant"),
    ("BSD-3-Clause", "BSD 3-Clause: permissive, no use of your name"),
    ("ISC", "ISC: the shortest permissive one"),
    ("GPL-3.0-or-later", "GPL 3 or later: what is passed on stays open"),
    ("Proprietary", "None: all rights reserved"),
)
_WHOLE = {"Apache-2.0": "apache", "GPL-3.0-or-later": "gpl3"}
_NAMED = {"Apache-2.0": "Apache License 2.0", "GPL-3.0-or-later": "GNU General Public License, version 3 or later", "Proprietary": "All rights reserved"}


def text_of(licence: str, year: int, author: str) -> str:
    """The text of the LICENSE file. The long ones are unchanged: they name no holder, the README does."""
    if licence in _WHOLE:
        return _read(_WHOLE[licence]).lstrip("\n")
    for part in _read("short").split("@@@ ")[1:]:
        name, _, text = part.partition("\n")
        if name == licence:
            return text.replace("@@year@@", str(year)).replace("@@author@@", author)
    raise KeyError(licence)


def words_of(licence: str, year: int, author: str) -> str:
    """The line of the README, in Markdown."""
    return f"{_NAMED.get(licence, licence)}, see [LICENSE](LICENSE). Copyright {year} {markdown(author)}."


def spdx(licence: str) -> str:
    """The SPDX expression for package metadata."""
    return "LicenseRef-Proprietary" if licence == "Proprietary" else licence


def _read(name: str) -> str:
    return Path(__file__).with_name(f"licences_{name}.txt").read_text(encoding="utf-8")
