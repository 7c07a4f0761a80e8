"""What a person designs: resources, their fields and operations; the rows of the form, and what they come to when they fit each other."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import InputError, ui

MOST_RESOURCES, MOST_FIELDS, DEEPEST = 15, 150, 3
LONGEST_TEXT, LONGEST_MOCK = 100_000, 500

FieldType = Literal["string", "integer", "number", "boolean", "date", "date-time", "email", "uri", "uuid", "enum", "reference", "object"]
Access = Literal["both", "read", "write"]
OPERATIONS = ("list", "create", "get", "replace", "update", "delete")
TYPES: tuple[tuple[str, str], ...] = (
    ("string", "Text"),
    ("integer", "Whole number"),
    ("number", "Number"),
    ("boolean", "Yes or no"),
    ("date", "Date"),
    ("date-time", "Date and time"),
    ("email", "E-mail address"),
    ("uri", "Web address"),
    ("uuid", "UUID"),
    ("enum", "One of some values"),
    ("reference", "Another resource"),
    ("object", "Free object"),
)
_ACCESS = (("both", "Read and write"), ("read", "Read only"), ("write", "Write only"))
_RESOURCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*\Z")
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*\Z")
_RANGE = re.compile(r"(-?[0-9]{1,13}(?:\.[0-9]{1,6})?)?\.\.(-?[0-9]{1,13}(?:\.[0-9]{1,6})?)?\Z")
_IRREGULAR = {"person": "people", "child": "children", "man": "men", "woman": "women", "mouse": "mice", "datum": "data", "medium": "media"}
_UNCOUNTABLE = {"equipment", "information", "series", "news", "staff", "media", "data", "feedback", "software", "inventory"}


@dataclass(frozen=True)
class Resource:
    """One kind of thing that the API holds, and what may be done with it."""

    name: Annotated[str, Len(1, 40)] = ui("Resource", "One of the things, in the singular.", placeholder="Order line")
    parent: Annotated[str, Len(0, 40)] = ui("Belongs to", "The resource whose path it stands under. May stay empty.", default="")
    path: Annotated[str, Len(0, 40)] = ui("Path", "The last part of its path. Empty: the plural of the name.", default="")
    description: Annotated[str, Len(0, 200)] = ui("Description", "What it is, in a sentence.", default="")
    can_list: bool = ui("List", "GET on the collection.", default=True, column_group="Operations")
    can_create: bool = ui("Create", "POST on the collection.", default=True, column_group="Operations")
    can_get: bool = ui("Get", "GET of one by its id.", default=True, column_group="Operations")
    can_replace: bool = ui("Replace", "PUT of a whole one.", default=False, column_group="Operations")
    can_update: bool = ui("Update", "PATCH of some fields.", default=True, column_group="Operations")
    can_delete: bool = ui("Delete", "DELETE of one by its id.", default=True, column_group="Operations")


@dataclass(frozen=True)
class Field:
    """One field of a resource."""

    resource: Annotated[str, Len(1, 40)] = ui("Resource", "The name of the resource that it is a field of.")
    name: Annotated[str, Len(1, 40)] = ui("Field", "Its name in JSON: letters, digits, _ and -.", placeholder="totalPence")
    type: FieldType = ui("Type", "What it holds.", default="string", choices=TYPES)
    required: bool = ui("Required", "It must be given when one is created.", default=False)
    is_list: bool = ui("List", "It holds several of these.", default=False)
    range: Annotated[str, Len(0, 40)] = ui(
        "Range", "Of a number its values, of a text its length: 1..200, or 0.. without an end.", default="", placeholder="1..200"
    )
    values: Annotated[str, Len(0, 400)] = ui("Values", "The values to choose from, with commas between; or the resource it refers to.", default="")
    access: Access = ui("Access", "Read only: the server sets it. Write only: it is never sent back.", default="both", choices=_ACCESS)
    can_filter: bool = ui("Filter", "The list can be narrowed by it.", default=False)
    description: Annotated[str, Len(0, 150)] = ui("Description", "What it means, in a sentence.", default="")

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of an enum."""
        return tuple(one.strip() for one in self.values.split(",") if one.strip())

    @property
    def least(self) -> float | None:
        """The lower end of the range; None when it has none."""
        return _end(self.range, 1)

    @property
    def most(self) -> float | None:
        """The upper end of the range; None when it has none."""
        return _end(self.range, 2)


def _end(text: str, which: int) -> float | None:
    found = _RANGE.match(text.replace(" ", ""))
    return float(found[which]) if found and found[which] else None


@dataclass(frozen=True)
class Entity:
    """A resource that fits: `name` in PascalCase, `plural` in words, `collection` and `item` its paths, `parents` from the outermost inwards.

    `refers` maps a field's name to the entity that it names.
    """

    name: str
    words: str
    plural: str
    description: str
    collection: str
    item: str
    parents: tuple[str, ...]
    operations: frozenset[str]
    fields: tuple[Field, ...]
    refers: dict[str, str]

    @property
    def id_name(self) -> str:
        """Its id where another one names it: "bookId"."""
        return f"{self.name[0].lower()}{self.name[1:]}Id"

    @property
    def key(self) -> str:
        """Its collection as a JSON name: "orderLines"."""
        return joined(self.plural)


def joined(words: str) -> str:
    """Words as one camelCase name: "order lines" is "orderLines"."""
    first, *rest = words.split(" ")
    return first + "".join(part.title() for part in rest)


def in_words(name: str) -> str:
    """A name in lower-case words: "OrderLine", "order_line" and "order line" are all "order line"."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"[ _-]+", " ", parts).strip().lower()


def plural(words: str) -> str:
    """The English plural of a noun's words."""
    *before, noun = words.split(" ")
    return " ".join((*before, _plural(noun)))


def _plural(noun: str) -> str:
    if noun in _UNCOUNTABLE:
        return noun
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "z", "ch", "sh")) else f"{noun}s"


def entities(resources: tuple[Resource, ...], fields: tuple[Field, ...]) -> tuple[Entity, ...]:
    """The resources with their fields, in the order given; raises `InputError` where rows do not fit each other."""
    names = _names(resources)
    by_name = {joined(in_words(resource.name)): at for at, resource in enumerate(resources)}
    owned: list[list[Field]] = [[] for _ in resources]
    for place, field in enumerate(fields):
        owner = by_name.get(joined(in_words(field.resource)))
        if owner is None:
            raise InputError(f"fields.{place}.resource", f"There is no resource of this name. Resources: {', '.join(names)}."[:400])
        _check_field(field, place, owned[owner], by_name)
        owned[owner].append(field)
    made: list[Entity] = []
    for at in range(len(resources)):
        made.append(_entity(at, resources, names, _chain(at, resources, by_name), tuple(owned[at]), by_name))
        twin = next((one for one in made[:-1] if one.collection.lower() == made[-1].collection.lower() or one.key == made[-1].key), None)
        if twin is not None:
            raise InputError(f"resources.{at}.path", f"{made[-1].collection} is the path of {twin.name} as well, or reads like its plural; name one otherwise.")
    return tuple(made)


def _names(resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """The names in PascalCase; raises `InputError` for one that is no name, or from which another one's schemas take theirs."""
    taken = {"problem": "the error schema"}
    names: list[str] = []
    for at, resource in enumerate(resources):
        if not _RESOURCE_NAME.match(resource.name):
            raise InputError(f"resources.{at}.name", "Begin with a letter; then letters, digits, and single spaces, _ or - between words.")
        name = "".join(part[0].upper() + part[1:] for part in in_words(resource.name).split(" "))
        wanted = {f"{name}{ending}".lower() for ending in ("", "Input", "Patch", "Page")}
        clash = next((taken[one] for one in sorted(wanted) if one in taken), None)
        if clash is not None:
            raise InputError(f"resources.{at}.name", f"Stands too close to {clash}: their schemas would have the same name.")
        taken |= dict.fromkeys(wanted, name)
        names.append(name)
        if resource.path and not _SEGMENT.match(resource.path):
            raise InputError(f"resources.{at}.path", "One part of a path: letters, digits, and . _ ~ - after the first; no slash.")
        if not any(getattr(resource, f"can_{operation}") for operation in OPERATIONS):
            raise InputError(f"resources.{at}.canList", "Needs at least one operation.")
    return tuple(names)


def _chain(at: int, resources: tuple[Resource, ...], by_name: dict[str, int]) -> tuple[int, ...]:
    """The places of a resource's parents, outermost first."""
    chain: list[int] = []
    now = at
    while resources[now].parent.strip():
        above = by_name.get(joined(in_words(resources[now].parent)))
        if above is None:
            raise InputError(f"resources.{now}.parent", "There is no resource of this name. Leave it empty for one that stands alone.")
        if above == at or above in chain:
            raise InputError(f"resources.{at}.parent", "Belongs to itself in the end. Leave the parent of one of them empty.")
        chain.append(above)
        if len(chain) >= DEEPEST:
            raise InputError(f"resources.{at}.parent", f"Paths go {DEEPEST} resources deep at most. Give it a path of its own and a reference instead.")
        now = above
    return tuple(reversed(chain))


def _entity(
    at: int, resources: tuple[Resource, ...], names: tuple[str, ...], chain: tuple[int, ...], fields: tuple[Field, ...], by_name: dict[str, int]
) -> Entity:
    resource = resources[at]
    above = "".join(f"/{_segment(resources[one])}/{{{_id_name(names[one])}}}" for one in chain)
    collection = f"{above}/{_segment(resource)}"
    return Entity(
        name=names[at],
        words=in_words(resource.name),
        plural=plural(in_words(resource.name)),
        description=" ".join(resource.description.split()),
        collection=collection,
        item=f"{collection}/{{{_id_name(names[at])}}}",
        parents=tuple(names[one] for one in chain),
        operations=frozenset(one for one in OPERATIONS if getattr(resource, f"can_{one}")),
        fields=fields,
        refers={field.name: names[by_name[joined(in_words(field.values))]] for field in fields if field.type == "reference"},
    )


def _segment(resource: Resource) -> str:
    return resource.path or plural(in_words(resource.name)).replace(" ", "-")


def _id_name(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}Id"


def _check_field(field: Field, place: int, before: list[Field], by_name: dict[str, int]) -> None:
    path = f"fields.{place}"
    if not _FIELD_NAME.match(field.name):
        raise InputError(f"{path}.name", "Begin with a letter or _; then letters, digits, _ and -.")
    if field.name == "id":
        raise InputError(f"{path}.name", "Every resource has an id of its own; leave this line out.")
    if any(one.name == field.name for one in before):
        raise InputError(f"{path}.name", "The resource has a field of this name already.")
    if field.type == "reference" and joined(in_words(field.values)) not in by_name:
        raise InputError(f"{path}.values", "Name the resource that it refers to, as it stands in the list of resources.")
    if field.type == "enum" and (not field.choices or len(set(field.choices)) < len(field.choices)):
        raise InputError(f"{path}.values", "Give the values with commas between them, each once.")
    if field.type not in {"enum", "reference"} and field.values.strip():
        raise InputError(f"{path}.values", "Only fields that are one of some values or another resource take this. Leave it empty.")
    if field.can_filter and (field.is_list or field.type == "object" or field.access == "write"):
        raise InputError(f"{path}.canFilter", "Lists, free objects and write-only fields cannot narrow a list.")
    _check_bounds(field, path)


def _check_bounds(field: Field, path: str) -> None:
    if not field.range.strip():
        return
    ends = [end for end in (field.least, field.most) if end is not None]
    if not ends:
        raise InputError(f"{path}.range", "Give it as 1..200, 0.. or ..99, with a point for decimals.")
    if field.type not in {"string", "integer", "number"}:
        raise InputError(f"{path}.range", "Only text and numbers have a range. Leave it empty.")
    if field.type != "number" and any(end != int(end) for end in ends):
        raise InputError(f"{path}.range", "Must be whole numbers for this type.")
    if field.type == "string" and not all(0 <= end <= LONGEST_TEXT for end in ends):
        raise InputError(f"{path}.range", f"A text is 0 to {LONGEST_TEXT:,} characters long.")
    if field.type == "string" and (field.least or 0) > LONGEST_MOCK:
        raise InputError(
            f"{path}.range", f"A text that must be longer than {LONGEST_MOCK} characters makes no readable mock data. Begin at {LONGEST_MOCK} at most."
        )
    if ends[0] > ends[-1]:
        raise InputError(f"{path}.range", "The second number must not be less than the first.")
