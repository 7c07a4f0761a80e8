"""Columns in words: what a name most likely means, from its words, its type and what it refers to."""

import json
from pathlib import Path

from credit_studio.tools.data.personal.names import words

_FILE = json.loads(Path(__file__).with_name("wording_words.json").read_text(encoding="utf-8"))
_SHORT: dict[str, str] = _FILE["short"]
_UNITS: dict[str, str] = _FILE["units"]
_KNOWN: dict[str, str] = _FILE["known"]
_AFTER_IS = frozenset({"is", "has", "can", "was", "should", "allow", "allows"})
_IDS = frozenset({"id", "key", "uuid", "guid", "pk"})


def singular(name: str) -> str:
    """Plurals made one: "customers" is customer, "categories" category, "addresses" address; words that only look like plurals stay."""
    if name.endswith("ies") and len(name) > 4:  # noqa: PLR2004 - "ties"
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3 else name  # noqa: PLR2004 - "gas"


def spoken(name: str) -> str:
    """A name in whole words: "cust_addr1" is "customer address 1"."""
    return " ".join(_SHORT.get(word, word) for word in words(name)) or name.strip()


def entity(dataset: str) -> str:
    """What a row of a data set is: "sales.order_lines" is an "order line"."""
    said = spoken(dataset.rpartition(".")[2]).split()
    said = [word for word in said if word not in {"table", "data", "dim", "fact", "stg", "raw", "tbl"}] or said
    return " ".join([*said[:-1], singular(said[-1])]) if said else "record"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def describe(name: str, of: str, kind: str, reference: str) -> str:
    """One sentence on a column called `name` of a data set whose rows are `of`; `reference` is "customers.id" or ""."""
    own = words(name)
    said = spoken(name)
    if reference:
        return f"Which {entity(reference.rpartition('.')[0])} the {of} belongs to ({reference})."
    if said in _KNOWN:
        return f"{_KNOWN[said]} of the {of}."
    if said == of:
        return f"Identifier or name of the {of}."
    if own and own[0] in _AFTER_IS:
        return f"Whether the {of} {' '.join(own)}."
    if own and (own[-1] in _IDS or own == ("id",)):
        rest = " ".join(said.split()[:-1]) or of
        return f"Identifier of the {rest}."
    return _by_ending(own, said, of, kind)


def _by_ending(own: tuple[str, ...], said: str, of: str, kind: str) -> str:
    last, rest = (own[-1] if own else ""), " ".join(said.split()[:-1])
    done = rest if last in {"at", "on"} else said
    if done.endswith("ed") and " " not in done and ("date" in kind or last in {"at", "on"}):
        return f"When the {of} was {done}."
    if last in {"at", "on", "ts", "timestamp", "time", "date", "dt"} and rest and ("date" in kind or kind in {"", "text", "time"}):
        return f"{'Day' if last in {'on', 'date', 'dt'} and 'time' not in kind else 'Time'} of “{rest}” for the {of}."
    if last in {"count", "num", "cnt", "qty", "quantity"} or (own and own[0] in {"num", "count", "no", "total"} and kind == "integer"):
        what = rest if last in {"count", "num", "cnt"} and rest else said.removeprefix("number ").removeprefix("total ")
        return f"Number of {what} of the {of}." if what not in {"quantity", "count"} else f"Quantity of the {of}."
    if last in _UNITS and rest:
        return f"{_capital(rest)} of the {of}, in {_UNITS[last]}."
    if last in {"pct", "perc", "percent"} and rest:
        return f"{_capital(' '.join(own[:-1]))} of the {of}, in per cent."
    return f"{_capital(said)} of the {of}."
