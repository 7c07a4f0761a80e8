"""A catalogue for other programs and for readers: Frictionless Data Package, DCAT, CSV and a Markdown data dictionary. None holds a cell of the data."""

import csv
import io
import json
import re
from typing import Any, Protocol

from credit_studio.tools.data.inventory.entries import CatalogColumn, CatalogDataset, CatalogHint, CatalogLink, CatalogTerm

_TYPES = {
    "integer": "integer",
    "number": "number",
    "true or false": "boolean",
    "date": "date",
    "date and time": "datetime",
    "time": "time",
}
_FORMATS = {"email": "email", "url": "uri", "uuid": "uuid"}
_DECLARED: tuple[tuple[str, str], ...] = (
    (r"(?:BIG|SMALL|TINY|MEDIUM)?INT|SERIAL|ROWID|NUMBER\(\d+\)", "integer"),
    (r"DECIMAL|NUMERIC|NUMBER|FLOAT|DOUBLE|REAL|MONEY", "number"),
    (r"BOOL|BIT$", "boolean"),
    (r"TIMESTAMP|DATETIME", "datetime"),
    (r"DATE", "date"),
    (r"TIME", "time"),
    (r"JSON|MAP|STRUCT", "object"),
)
_MEDIA = {"CSV": "text/csv", "JSON": "application/json", "DDL": "application/sql"}
_MARKUP = re.compile(r"[\\`*\[\]<>|~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^(?:[#+=-]|[0-9]{1,9}(?=[.)]))")


class Catalogue(Protocol):
    """What the exports need of a catalogue."""

    @property
    def title(self) -> str: ...  # noqa: D102 - as in the output
    @property
    def datasets(self) -> tuple[CatalogDataset, ...]: ...  # noqa: D102 - the same
    @property
    def columns(self) -> tuple[CatalogColumn, ...]: ...  # noqa: D102 - the same
    @property
    def links(self) -> tuple[CatalogLink, ...]: ...  # noqa: D102 - the same
    @property
    def terms(self) -> tuple[CatalogTerm, ...]: ...  # noqa: D102 - the same
    @property
    def hints(self) -> tuple[CatalogHint, ...]: ...  # noqa: D102 - the same


def frictionless(catalogue: Catalogue) -> str:
    """A Data Package (v1) with a Table Schema for each data set, as JSON."""
    names = _slugs(catalogue)
    resources = [_resource(one, catalogue, names) for one in catalogue.datasets]
    package = {"profile": "tabular-data-package", "name": _slug(catalogue.title), "title": catalogue.title, "resources": resources}
    return json.dumps(package, ensure_ascii=False, indent=2) + "\n"


def _slugs(catalogue: Catalogue) -> dict[str, str]:
    names: dict[str, str] = {}
    for one in catalogue.datasets:
        slug = _slug(one.name)
        while slug in names.values():
            slug += "-2"
        names[one.name] = slug
    return names


def _slug(name: str) -> str:
    return re.sub(r"\.{2,}", ".", re.sub(r"[^a-z0-9._]+", "-", name.lower())).strip("-.") or "data"


def _resource(one: CatalogDataset, catalogue: Catalogue, names: dict[str, str]) -> dict[str, Any]:
    columns = [column for column in catalogue.columns if column.dataset == one.name]
    schema: dict[str, Any] = {"fields": [_field(column, is_key=column.name in one.key) for column in columns], "missingValues": [""]}
    if one.key:
        schema["primaryKey"] = list(one.key)
    links = [link for link in catalogue.links if link.dataset == one.name and link.to_dataset in names and link.to_column]
    if links:
        keys = [_foreign(link, "" if link.to_dataset == one.name else names[link.to_dataset]) for link in links]
        schema["foreignKeys"] = keys
    ending = "csv" if one.format != "JSON" else "json"
    made: dict[str, Any] = {"profile": "tabular-data-resource", "name": names[one.name], "title": one.name, "description": one.description}
    return made | {"path": f"{names[one.name]}.{ending}", "schema": schema}


def _foreign(link: CatalogLink, resource: str) -> dict[str, Any]:
    return {"fields": link.column, "reference": {"resource": resource, "fields": link.to_column}}


def _field(column: CatalogColumn, *, is_key: bool) -> dict[str, Any]:
    kind = plain_type(column)
    made: dict[str, Any] = {"name": column.name, "type": kind, "description": column.description}
    if column.type in _FORMATS:
        made["format"] = _FORMATS[column.type]
    constraints: dict[str, Any] = {}
    if not column.nullable or is_key:
        constraints["required"] = True
    if column.unique:
        constraints["unique"] = True
    if constraints:
        made["constraints"] = constraints
    if column.personal:
        made["personalData"] = [{"kind": tag.kind, "class": tag.law or "ordinary", "confidence": tag.confidence} for tag in column.personal]
    return made


def plain_type(column: CatalogColumn) -> str:
    """The type of Table Schema that a column has, by its cells or by its definition."""
    if column.rows is not None or column.type in _TYPES:
        return _TYPES.get(column.type, "string")
    return next((kind for pattern, kind in _DECLARED if re.match(pattern, column.type, re.IGNORECASE)), "string")


def dcat(catalogue: Catalogue) -> str:
    """A dcat:Catalog in JSON-LD (DCAT 3), with the columns of each data set as a CSVW table schema."""
    context = {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "csvw": "http://www.w3.org/ns/csvw#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    }
    names = _slugs(catalogue)
    datasets = [_dcat_dataset(one, catalogue, names[one.name]) for one in catalogue.datasets]
    made = {"@context": context, "@type": "dcat:Catalog", "@id": "urn:catalogue", "dct:title": catalogue.title}
    said = f"{_many(len(datasets), 'data set')} with {_many(len(catalogue.columns), 'column')}."
    return json.dumps(made | {"dct:description": said, "dcat:dataset": datasets}, ensure_ascii=False, indent=2) + "\n"


def _dcat_dataset(one: CatalogDataset, catalogue: Catalogue, slug: str) -> dict[str, Any]:
    columns = [column for column in catalogue.columns if column.dataset == one.name]
    kinds = sorted({tag.label for column in columns for tag in column.personal})
    shape = [{"@type": "csvw:Column", "csvw:name": column.name, "dct:description": column.description} for column in columns]
    return {
        "@type": "dcat:Dataset",
        "@id": f"urn:dataset:{slug}",
        "dct:title": one.name,
        "dct:description": one.description,
        "dcat:keyword": ["personal data", *kinds] if kinds else ["no personal data found"],
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dct:title": f"{one.name} ({one.format})",
                "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{_MEDIA[one.format]}"},
                "csvw:tableSchema": {"@type": "csvw:Schema", "csvw:column": shape},
            }
        ],
    }


def columns_csv(catalogue: Catalogue) -> str:
    """One line a column; cells that a spreadsheet would take for a formula begin with an apostrophe."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(["dataset", "column", "type", "key", "nullable", "refers_to", "personal_data", "confidence", "description"])
    for one in catalogue.columns:
        tags, sure = "; ".join(tag.label for tag in one.personal), max((tag.confidence for tag in one.personal), default="")
        cells = [one.dataset, one.name, one.type, one.key, "yes" if one.nullable else "no", one.refers_to, tags, sure, one.description]
        writer.writerow([_harmless(cell) for cell in cells])
    return held.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(lambda sign: f"\\{sign[0]}" if not sign[0].isdigit() else f"{sign[0]}\\", " ".join(text.split()))


def dictionary(catalogue: Catalogue) -> str:
    """The data dictionary in Markdown: a chapter for each data set."""
    lines = [
        f"# {escaped(catalogue.title)}",
        "",
        f"{_many(len(catalogue.datasets), 'data set')}, {_many(len(catalogue.columns), 'column')}. Descriptions are suggested from names.",
    ]
    for one in catalogue.datasets:
        rows = "" if one.rows is None else f", {one.rows:,} rows"
        lines += [
            "",
            f"## {escaped(one.name)}",
            "",
            f"{escaped(one.description)} Read from {one.format}{rows}.",
            "",
            "| Column | Type | Key | Description | Personal data |",
        ]
        lines += ["|---|---|---|---|---|", *(_line(column) for column in catalogue.columns if column.dataset == one.name)]
    shared = [term for term in catalogue.terms if term.kind == "shared name"]
    if shared:
        lines += ["", "## Glossary", ""]
        lines += [f"- **{escaped(term.term)}**: {escaped(term.meaning)}{f' It {escaped(term.conflict)}.' if term.conflict else ''}" for term in shared]
    return "\n".join(lines) + "\n"


def _line(column: CatalogColumn) -> str:
    key = column.key if column.key == "primary" else f"refers to {column.refers_to}" if column.refers_to else column.key
    tags = ", ".join(f"{tag.label} ({tag.confidence:.0%})" for tag in column.personal)
    cells = (column.name, column.type + ("" if column.nullable else ", filled"), key, column.description, tags)
    return f"| {' | '.join(map(escaped, cells))} |"
