"""Mock records that fit the schemas: the same seed gives the same records. What a field is called decides what its values look like.

Only `random()` of a seeded generator is used, which is identical in every Python. Telephone numbers are of the range that Ofcom keeps for
drama, addresses of the domains that RFC 2606 keeps for examples.
"""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from credit_studio.tools.dev.openapi.design import Entity, Field, in_words, joined
from credit_studio.tools.dev.openapi.document import parent_ids, plain

Record = dict[str, Any]
_WORDS: dict[str, list[str]] = json.loads(Path(__file__).with_name("mocks_words.json").read_text())
_DAYS = (date(2024, 1, 1), date(2025, 11, 30))  # of what a field's name does not place
_USUAL_DAYS: tuple[tuple[str, tuple[date, date]], ...] = (
    (r"\b(born|birth|birthday|dob)\b", (date(1950, 1, 1), date(2004, 12, 31))),
    (r"\b(published|released|founded|built|opened)\b", (date(1995, 1, 1), date(2025, 11, 30))),
    (r"\b(due|expires?|expiry|ends?|until|valid|renews)\b", (date(2026, 1, 1), date(2027, 12, 31))),
)
_PERSON = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+\Z")
_PEOPLE = r"\b(user|customer|person|people|member|author|employee|contact|patient|student|teacher|guest|driver|owner|client|player)\b"
_MOST_IN_LIST = 3
_OPTIONAL_GIVEN = 0.85
_MOST_TEXT = 60  # of a text that nothing asks to be longer
LARGEST = 150_000
"""So many characters of mock data; fewer records are made when each is large."""


class Source:
    """A seeded source of choices."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - mock data

    def share(self) -> float:
        """From 0 to 1, 1 left out."""
        return self._random.random()

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends taken."""
        return least + int(self.share() * (most - least + 1))

    def one(self, kind: str) -> str:
        """One word of a list of `mocks_words.json`."""
        words = _WORDS[kind]
        return words[self.whole(0, len(words) - 1)]

    def uuid(self) -> str:
        """A random UUID of version 4 (RFC 9562)."""
        digits = [f"{self.whole(0, 15):x}" for _ in range(32)]
        digits[12], digits[16] = "4", f"{self.whole(8, 11):x}"
        text = "".join(digits)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def records(entities: tuple[Entity, ...], count: int, seed: int, ids: str) -> tuple[dict[str, list[Record]], dict[str, Record]]:
    """By the name of each entity: its records as they are sent back, and the body that creates the first."""
    source = Source(seed)
    keys = {one.name: [_id(one, number, ids, source) for number in range(count)] for one in entities}
    made: dict[str, list[Record]] = {one.name: [] for one in entities}
    bodies: dict[str, Record] = {}
    left = LARGEST
    for number in range(count):
        for one in entities if left > 0 else ():
            given = _record(one, number, keys, source)
            hidden = {field.name for field in one.fields if field.access == "write"}
            set_by_server = {field.name for field in one.fields if field.access == "read"} | {"id", *parent_ids(one)}
            bodies.setdefault(one.name, {name: value for name, value in given.items() if name not in set_by_server})
            made[one.name].append({name: value for name, value in given.items() if name not in hidden})
            left -= len(json.dumps(given)) + 100
    return made, bodies


def _id(one: Entity, number: int, ids: str, source: Source) -> str | int:
    if ids == "integer":
        return number + 1
    return source.uuid() if ids == "uuid" else f"{one.words.replace(' ', '-')}-{number + 1}"


def _record(one: Entity, number: int, keys: dict[str, list[Any]], source: Source) -> Record:
    """The first record of an entity has all fields; later ones lack an optional one now and then."""
    given: Record = {"id": keys[one.name][number]}
    given |= {name: keys[one.parents[-1]][number % len(keys[one.parents[-1]])] for name in parent_ids(one)}
    for field in one.fields:
        if field.required or number == 0 or source.share() < _OPTIONAL_GIVEN:
            given[field.name] = _value(field, one, keys, source)
    person = next((value for value in given.values() if isinstance(value, str) and _PERSON.match(value)), None)
    if person is not None and re.search(_PEOPLE, one.words):
        address = f"{person.replace(' ', '.').lower()}@example.com"
        given |= {field.name: address for field in one.fields if field.type == "email" and isinstance(given.get(field.name), str)}
    return given


def _value(field: Field, one: Entity, keys: dict[str, list[Any]], source: Source) -> Any:  # noqa: ANN401 - any JSON
    if not field.is_list:
        return _single(field, one, keys, source)
    several = [_single(field, one, keys, source) for _ in range(source.whole(1, _MOST_IN_LIST))]
    return [value for place, value in enumerate(several) if value not in several[:place]]


def _single(field: Field, one: Entity, keys: dict[str, list[Any]], source: Source) -> Any:  # noqa: ANN401 - any JSON
    if field.type == "reference":
        known = keys[one.refers[field.name]]
        return known[source.whole(0, len(known) - 1)]
    if field.type == "enum":
        return field.choices[source.whole(0, len(field.choices) - 1)]
    return _MAKERS[field.type](field, one, source)


def _whole_number(field: Field, _one: Entity, source: Source) -> int:
    least, most = _range(field)
    return source.whole(int(least), int(most))


def _number(field: Field, _one: Entity, source: Source) -> float:
    least, most = _range(field)
    value = least + source.share() * (most - least)
    rounded = round(value, 2)
    return plain(rounded if least <= rounded <= most else value)


_USUAL: tuple[tuple[str, tuple[float, float]], ...] = (
    (r"\byear\b", (1950, 2025)),
    (r"\bage\b", (18, 80)),
    (r"\b(rating|stars|score)\b", (1, 5)),
    (r"\b(quantity|count|pieces|copies|seats|guests)\b", (1, 20)),
    (r"\b(latitude|lat)\b", (-60, 70)),
    (r"\b(longitude|lng|lon)\b", (-180, 180)),
    (r"\b(percent|percentage|share|discount|progress)\b", (0, 100)),
    (r"\b(pence|cents|minor)\b", (199, 9_999)),
    (r"\b(price|amount|total|cost|balance|fee|salary)\b", (1, 999)),
    (r"\b(temperature)\b", (-10, 35)),
    (r"\b(size|bytes|length)\b", (1, 10_000)),
)


def _range(field: Field) -> tuple[float, float]:
    """The bounds of a number; what is not said is what such a field usually holds, as far as it fits."""
    words = in_words(field.name)
    low, high = next((usual for pattern, usual in _USUAL if re.search(pattern, words)), (1.0, 100.0))
    low = low if field.least is None else max(low, field.least)
    high = high if field.most is None else min(high, field.most)
    if low <= high:
        return low, high
    least = (field.most or 0) - 100 if field.least is None else field.least
    return least, least + 100 if field.most is None else field.most


def _flag(_field: Field, _one: Entity, source: Source) -> bool:
    return source.share() < 0.5  # noqa: PLR2004 - as often as not


def _day(field: Field, _one: Entity, source: Source) -> str:
    words = in_words(field.name)
    first, last = next((days for pattern, days in _USUAL_DAYS if re.search(pattern, words)), _DAYS)
    return (first + timedelta(days=source.whole(0, (last - first).days))).isoformat()


def _moment(field: Field, one: Entity, source: Source) -> str:
    return f"{_day(field, one, source)}T{source.whole(6, 21):02}:{source.whole(0, 59):02}:{source.whole(0, 59):02}Z"


def _email(_field: Field, _one: Entity, source: Source) -> str:
    return f"{source.one('first')}.{source.one('last')}@example.com".lower()


def _uri(field: Field, one: Entity, source: Source) -> str:
    ending = ".jpg" if re.search(r"\b(image|photo|picture|avatar|cover|logo|thumbnail)\b", in_words(field.name)) else ""
    return f"https://example.com/{one.plural.replace(' ', '-')}/{source.one('noun')}-{source.whole(1, 999)}{ending}"


def _uuid(_field: Field, _one: Entity, source: Source) -> str:
    return source.uuid()


def _free(_field: Field, _one: Entity, source: Source) -> Record:
    return {source.one("noun"): source.one("adjective"), source.one("noun"): source.whole(1, 100)}


def _text(field: Field, one: Entity, source: Source) -> str:
    words = in_words(field.name)
    maker = next((maker for pattern, maker in _TEXTS if re.search(pattern, words)), _phrase)
    return _fitted(maker(one, source), field, source)


def _fitted(text: str, field: Field, source: Source) -> str:
    """The text lengthened with words, or cut, until it has its length."""
    least = int(field.least or 0)
    most = int(field.most if field.most is not None else max(_MOST_TEXT, least, len(text)))
    while len(text) < least:
        text = f"{text} {source.one('noun')}".strip()
    cut = text[:most]
    return cut if cut == cut.rstrip() else f"{cut.rstrip()}{'.' * (len(cut) - len(cut.rstrip()))}"


def _phrase(_one: Entity, source: Source) -> str:
    return f"{source.one('adjective')} {source.one('noun')}".capitalize()


def _sentence(_one: Entity, source: Source) -> str:
    first = f"The {source.one('adjective')} {source.one('noun')} {source.one('verb')} the {source.one('noun')}."
    return f"{first} {_phrase(_one, source)}s {source.one('doing')}."


def _title(_one: Entity, source: Source) -> str:
    return f"The {source.one('adjective')} {source.one('noun')}".title()


def _person(_one: Entity, source: Source) -> str:
    return f"{source.one('first')} {source.one('last')}"


def _name(one: Entity, source: Source) -> str:
    if re.search(_PEOPLE, one.words):
        return _person(one, source)
    if re.search(r"\b(company|organisation|organization|supplier|vendor|publisher|brand|team|account|tenant)\b", one.words):
        return f"{source.one('last')} {source.one('company')}"
    return _phrase(one, source)


def _code(one: Entity, source: Source) -> str:
    return f"{joined(one.words)[:3].upper()}-{source.whole(1000, 9999)}"


def _isbn(_one: Entity, source: Source) -> str:
    """An ISBN-13 with its check digit (ISO 2108)."""
    digits = [9, 7, 8, *(source.whole(0, 9) for _ in range(9))]
    check = -sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    return "".join(map(str, (*digits, check)))


def _listed(kind: str) -> Callable[[Entity, Source], str]:
    return lambda _one, source: source.one(kind)


_TEXTS: tuple[tuple[str, Callable[[Entity, Source], str]], ...] = (
    (r"\b(first name|given name|forename)\b", _listed("first")),
    (r"\b(last name|family name|surname)\b", _listed("last")),
    (r"\b(full name|display name|contact name|customer name|author|recipient)\b", _person),
    (r"\b(user ?name|login|handle)\b", lambda _one, source: f"{source.one('first')}{source.whole(1, 99)}".lower()),
    (r"\b(phone|mobile|telephone)\b", lambda _one, source: f"+44 20 7946 0{source.whole(0, 999):03}"),
    (r"\bisbn\b", _isbn),
    (r"\b(postcode|postal code|zip|zip code)\b", lambda _one, source: f"{source.one('postal')}{source.whole(1, 19)} {source.whole(1, 9)}AA"),
    (r"\b(street|address|address line|line1)\b", lambda _one, source: f"{source.whole(1, 180)} {source.one('street')}"),
    (r"\b(city|town)\b", _listed("city")),
    (r"\bcountry\b", _listed("country")),
    (r"\bcurrency\b", _listed("currency")),
    (r"\b(language|locale)\b", _listed("language")),
    (r"\b(colour|color)\b", _listed("colour")),
    (r"\b(company|organisation|organization|supplier|publisher|brand|employer)\b", lambda _one, source: f"{source.one('last')} {source.one('company')}"),
    (r"\b(description|summary|body|text|comment|note|notes|message|content|bio|reason|details?)\b", _sentence),
    (r"\b(password|secret|token)\b", lambda _one, source: f"{source.one('noun')}-{source.one('adjective')}-{source.whole(1000, 9999)}"),
    (r"\b(code|sku|number|reference|ref|serial)\b", _code),
    (r"\b(slug|tags?|label|category|genre|topic|keyword)\b", _listed("noun")),
    (r"\b(title|subject|headline)\b", _title),
    (r"\bname\b", _name),
)
_MAKERS: dict[str, Callable[[Field, Entity, Source], Any]] = {
    "string": _text,
    "integer": _whole_number,
    "number": _number,
    "boolean": _flag,
    "date": _day,
    "date-time": _moment,
    "email": _email,
    "uri": _uri,
    "uuid": _uuid,
    "object": _free,
}
