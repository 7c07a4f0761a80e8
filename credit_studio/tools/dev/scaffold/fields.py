"""What a field of a record is in each language: its type, how it is read and kept, and a sample of it."""

from dataclasses import dataclass

from credit_studio.tools.dev.scaffold.naming import camel, kebab
from credit_studio.tools.dev.scaffold.templates import quoted


@dataclass(frozen=True)
class Kind:
    """One kind of field: the readers have its name. `sample` and `other` are two values in JSON; `words` is what the README says."""

    python: str
    pydantic: str
    typescript: str
    sqlite: str
    postgres: str
    sample: str
    other: str
    words: str


KINDS = {
    "text": Kind("str", "Text", "string", "TEXT", "text", "", "", "text, at most 2000 characters"),
    "integer": Kind("int", "Integer", "number", "INTEGER", "bigint", "3", "4", "a whole number"),
    "number": Kind("float", "Number", "number", "REAL", "double precision", "2.5", "3.5", "a number"),
    "boolean": Kind("bool", "Boolean", "boolean", "INTEGER", "boolean", "true", "false", "true or false"),
    "date": Kind("datetime.date", "datetime.date", "string", "TEXT", "date", '"2026-01-31"', '"2026-02-28"', "a date such as 2026-01-31"),
}
PYDANTIC_TYPES = {
    "text": "Text = Annotated[str, Field(min_length=1, max_length=2_000)]",
    "integer": "Integer = Annotated[int, Field(strict=True, ge=-(2**53) + 1, le=2**53 - 1)]",
    "number": "Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]",
    "boolean": "Boolean = Annotated[bool, Field(strict=True)]",
}


@dataclass(frozen=True)
class Part:
    """One field of the record: its snake_case name, the name of its kind, whether it must be given."""

    name: str
    kind: str
    is_required: bool

    @property
    def of(self) -> Kind:
        """Its kind in each language."""
        return KINDS[self.kind]

    @property
    def js(self) -> str:
        """Its name in JavaScript."""
        return camel(self.name)

    @property
    def flag(self) -> str:
        """Its name on the command line."""
        return f"--{kebab(self.name)}"

    @property
    def may_be_null(self) -> bool:
        """True when it is None or null where it is not given; a boolean is false instead."""
        return not self.is_required and self.kind != "boolean"

    def sample(self) -> str:
        """A value in JSON: the name of a text says what it is."""
        return self.of.sample or quoted(f"Some {self.name.replace('_', ' ')}")

    def other(self) -> str:
        """Another value in JSON."""
        return self.of.other or quoted(f"Another {self.name.replace('_', ' ')}")

    def python_type(self, *, pydantic: bool = False) -> str:
        """The annotation with its default: "str", "int | None = None", "bool = False"."""
        bare = self.of.pydantic if pydantic else self.of.python
        if self.is_required:
            return bare
        return f"{bare} | None = None" if self.may_be_null else f"{bare} = False"

    def typescript_type(self) -> str:
        """The type: "string", "number | null"."""
        return f"{self.of.typescript} | null" if self.may_be_null else self.of.typescript


def python_value(json_value: str) -> str:
    """A JSON scalar as Python writes it."""
    return {"true": "True", "false": "False"}.get(json_value, json_value)


def word_of(json_value: str) -> str:
    """A JSON scalar as a command line takes it."""
    return json_value.strip('"')
