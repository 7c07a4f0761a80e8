"""Data Catalog Builder: data sets and definitions as a catalogue, with types, statistics, keys, personal data and what is odd.

Reading, profiles, keys and words are in `inventory/`, personal data in `personal/`; this file declares the tool, joins and shows. Cells of columns that
hold personal data are masked wherever they are shown, and have no extremes and no common values.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block
from credit_studio.tools.data.inventory.datasets import MOST_COLUMNS, MOST_DATASETS, Dataset, Field, clean, format_of, read
from credit_studio.tools.data.inventory.entries import CatalogColumn, CatalogDataset, CatalogHint, CatalogLink, CatalogTerm, CommonValue, PersonalTag
from credit_studio.tools.data.inventory.exports import plain_type
from credit_studio.tools.data.inventory.keys import Known, Link, candidates, links, primary
from credit_studio.tools.data.inventory.profiling import Profile, profile, shown
from credit_studio.tools.data.inventory.showing import blocks_of
from credit_studio.tools.data.inventory.wording import describe, entity, spoken
from credit_studio.tools.data.personal.detection import Tag, tags_of
from credit_studio.tools.data.tabular.reading import size_of

MOST_CHARACTERS = 5_000_000
_SEVERITIES = ("high", "medium", "low")
_DDL_WEIGHT = 20  # a character of SQL takes as long to read as twenty of CSV
_COLUMN_WEIGHT = 12_000  # a column is looked at for personal data, however many rows it has

Dialect = Literal["postgres", "mysql", "sqlite", "tsql", "oracle", "snowflake", "bigquery", "redshift", "spark", "duckdb", "ansi"]
_DIALECTS = (
    ("postgres", "PostgreSQL"),
    ("mysql", "MySQL"),
    ("sqlite", "SQLite"),
    ("tsql", "SQL Server (T-SQL)"),
    ("oracle", "Oracle"),
    ("snowflake", "Snowflake"),
    ("bigquery", "BigQuery"),
    ("redshift", "Redshift"),
    ("spark", "Spark SQL"),
    ("duckdb", "DuckDB"),
    ("ansi", "ANSI SQL"),
)
Data = Annotated[str, Len(0, 2_000_000)]
Name = Annotated[str, Len(0, 80)]
_ACCEPT = ".csv,.tsv,.json,.jsonl,.ndjson,.sql,.ddl,.txt"
_HELP = "CSV with a header, JSON, JSON Lines or CREATE TABLE statements; which of them is found out. Up to 2,000,000 characters."


@dataclass(frozen=True)
class CatalogInputs:
    """Up to four texts, each one or more data sets."""

    data_1: Annotated[str, Len(1, 2_000_000)] = ui("Data", _HELP, widget="file", accept=_ACCEPT, group="First source", placeholder="id,name,email")
    name_1: Name = ui(
        "Name", "What the data set is called; tables of SQL and lists within a JSON object have their own names.", default="data", group="First source"
    )
    data_2: Data = ui("Data", _HELP, default="", widget="file", accept=_ACCEPT, group="Second source")
    name_2: Name = ui("Name", "What the second data set is called.", default="data 2", group="Second source")
    data_3: Data = ui("Data", _HELP, default="", widget="file", accept=_ACCEPT, group="Third source")
    name_3: Name = ui("Name", "What the third data set is called.", default="data 3", group="Third source")
    data_4: Data = ui("Data", _HELP, default="", widget="file", accept=_ACCEPT, group="Fourth source")
    name_4: Name = ui("Name", "What the fourth data set is called.", default="data 4", group="Fourth source")
    title: Annotated[str, Len(1, 100)] = ui(
        "Title of the catalogue", "Stands on the data dictionary and in the exports.", default="Data catalogue", group="Catalogue"
    )
    dialect: Dialect = ui("SQL dialect", "The database that CREATE TABLE statements are written for.", default="postgres", choices=_DIALECTS, group="Catalogue")


@dataclass(frozen=True)
class CatalogOutput:
    """The catalogue. Columns stand in the order of their data sets."""

    title: str
    datasets: tuple[CatalogDataset, ...]
    columns: tuple[CatalogColumn, ...]
    links: tuple[CatalogLink, ...]
    terms: tuple[CatalogTerm, ...]
    hints: tuple[CatalogHint, ...]


def run(inputs: CatalogInputs) -> CatalogOutput:
    """The catalogue of all sources; raises `InputError` on "data1" to "data4" with the line, or on a name that stands twice."""
    known = _profiled(_datasets(inputs))
    report(0.8, "Looking for keys")
    found = links(known)
    columns = tuple(column for one in known for column in _columns(one, found))
    return CatalogOutput(
        title=clean(inputs.title),
        datasets=tuple(_dataset(one, columns) for one in known),
        columns=columns,
        links=tuple(CatalogLink(*(getattr(link, name) for name in CatalogLink.__dataclass_fields__)) for link in found),
        terms=_terms(known, columns),
        hints=tuple(sorted(_hints(known, found, columns), key=lambda hint: _SEVERITIES.index(hint.severity))),
    )


def _sources(inputs: CatalogInputs) -> list[tuple[str, str, str]]:
    """(field, name, text) of each source that is given."""
    every = [(f"data{number}", getattr(inputs, f"name_{number}"), getattr(inputs, f"data_{number}")) for number in range(1, 5)]
    return [(where, clean(name) if name.strip() else f"data {where[-1]}", text) for where, name, text in every if text.strip()]


def _datasets(inputs: CatalogInputs) -> list[Dataset]:
    sources = _sources(inputs)
    if not sources:
        raise InputError("data1", "Holds no data: give CSV, JSON or CREATE TABLE statements.")
    if sum(len(text) for _, _, text in sources) > MOST_CHARACTERS:
        raise InputError(sources[-1][0], f"Takes at most {MOST_CHARACTERS:,} characters in all sources together. Take a sample of the rows.")
    found: list[Dataset] = []
    for where, name, text in sources:
        report(0.05, f"Reading {name}")
        for one in read(text, name, "" if inputs.dialect == "ansi" else inputs.dialect, where):
            if any(one.name.lower() == other.name.lower() for other in found):
                at = f"name{where[-1]}" if one.name == name else where
                raise InputError(at, f"Two data sets are called {one.name[:60]!r}: give this one another name.")
            found.append(one)
        if len(found) > MOST_DATASETS or sum(len(one.fields) for one in found) > MOST_COLUMNS:
            raise InputError(where, f"Takes at most {MOST_DATASETS} data sets and {MOST_COLUMNS} columns in one catalogue.")
    return found


def _profiled(datasets: list[Dataset]) -> list[Known]:
    known: list[Known] = []
    for number, one in enumerate(datasets, start=1):
        report(0.2 + 0.5 * number / len(datasets), f"Profiling {one.name}")
        known.append(Known(one, tuple(None if one.rows is None else profile(column) for column in one.fields)))
    return known


# --- entries ------------------------------------------------------------------------------------------------------------------


def _columns(known: Known, found: list[Link]) -> list[CatalogColumn]:
    keys, able = primary(known), set(candidates(known))
    by_column = {link.column: link for link in found if link.dataset == known.data.name}
    of = entity(known.data.name)
    made: list[CatalogColumn] = []
    for one, figures in known.columns():
        link = by_column.get(one.name)
        target = f"{link.to_dataset}.{link.to_column}" if link and link.to_column else link.to_dataset if link else ""
        tags = tags_of(one.name, list(figures.counts) if figures else [])
        blank = _blank(known, one, figures, target)
        made.append(
            replace(
                blank,
                key="primary" if one.name in keys else "candidate" if one.name in able else "",
                description=one.comment or describe(one.name, of, blank.type if figures else "", target),
                personal=tuple(map(_tag, tags)),
                **(_figures(figures, is_private=bool(tags)) if figures else {}),
            )
        )
    return made


def _blank(known: Known, one: Field, figures: Profile | None, target: str) -> CatalogColumn:
    """An entry without statistics, as a definition alone gives it."""
    kind = figures.kind if figures else one.declared or "not declared"
    nullable = not one.is_required if figures is None else figures.filled < figures.rows
    return CatalogColumn(known.data.name, one.name, kind, nullable=nullable, unique=figures.is_unique if figures else one.is_unique, refers_to=target)


def _tag(tag: Tag) -> PersonalTag:
    return PersonalTag(tag.kind, tag.label, tag.family, tag.law, tag.severity, tag.confidence, tag.why, tag.examples)


def _figures(figures: Profile, *, is_private: bool) -> dict[str, object]:
    """The statistics of an entry; of private columns no cell is told."""
    counted: dict[str, object] = {
        "rows": figures.rows,
        "filled": figures.filled,
        "distinct": figures.distinct,
        "shortest": figures.shortest,
        "longest": figures.longest,
        "pattern": figures.pattern,
    }
    if is_private:
        return counted | {"is_masked": True}
    example = next(iter(figures.counts), "")
    return counted | {
        "minimum": figures.minimum if not isinstance(figures.minimum, str) else shown(figures.minimum),
        "maximum": figures.maximum if not isinstance(figures.maximum, str) else shown(figures.maximum),
        "mean": figures.mean,
        "median": figures.median,
        "deviation": figures.deviation,
        "common": tuple(CommonValue(shown(cell), count) for cell, count in figures.common()),
        "example": shown(example),
    }


def _dataset(known: Known, columns: tuple[CatalogColumn, ...]) -> CatalogDataset:
    own = [column for column in columns if column.dataset == known.data.name]
    of, keys = entity(known.data.name), primary(known)
    said = known.data.comment or (f"One {of} a row" + (f", identified by {' and '.join(keys)}." if keys else "; no key was found."))
    cells = sum(column.rows or 0 for column in own)
    filled = sum(column.filled or 0 for column in own) / cells if cells else None
    personal = sum(1 for column in own if column.personal)
    return CatalogDataset(known.data.name, known.data.format, known.data.rows, len(own), keys, said, filled, personal, known.data.part_of)


def _terms(known: list[Known], columns: tuple[CatalogColumn, ...]) -> tuple[CatalogTerm, ...]:
    """What the rows of each data set are, and each name that several data sets share, with the types that it has there."""
    things = [CatalogTerm(entity(one.data.name), "thing", f"What a row of {one.data.name} is.", (one.data.name,), "") for one in known]
    shared: dict[str, list[CatalogColumn]] = {}
    for column in columns:
        shared.setdefault(spoken(column.name), []).append(column)
    names: list[CatalogTerm] = []
    for term, uses in sorted(shared.items()):
        if len({one.dataset for one in uses}) > 1 and term not in {"id", "key", "value"}:
            kinds = sorted({one.type for one in uses})
            conflict = "" if len(set(map(plain_type, uses))) == 1 else f"has several types: {', '.join(kinds[:4])}"
            names.append(CatalogTerm(term, "shared name", uses[0].description, tuple(f"{one.dataset}.{one.name}" for one in uses[:12]), conflict))
    return (*things, *names)


def _hints(known: list[Known], found: list[Link], columns: tuple[CatalogColumn, ...]) -> list[CatalogHint]:
    """What is odd; of columns with personal data without the cells that stand behind the colon."""
    said: list[CatalogHint] = []
    private = {(column.dataset, column.name) for column in columns if column.personal}
    for one in known:
        if not primary(one) and one.data.rows != 0:
            said.append(CatalogHint("medium", one.data.name, "", "No column, and no two, tell one row from another."))
        for column, figures in one.columns():
            if figures and not figures.filled:
                said.append(CatalogHint("medium", one.data.name, column.name, "Every cell is empty."))
            elif figures:
                cut = (one.data.name, column.name) in private
                texts = [(severity, f"{text.partition(':')[0].rstrip('.')}." if cut else text) for severity, text in figures.odd]
                said += [CatalogHint(severity, one.data.name, column.name, text) for severity, text in texts]
    for link in found:
        if link.orphans:
            text = f"{link.orphans:,} {'cell has' if link.orphans == 1 else 'cells have'} no match in {link.to_dataset}.{link.to_column}."
            said.append(CatalogHint("high", link.dataset, link.column, text))
    return said


def present(output: CatalogOutput) -> tuple[Block, ...]:
    """Key figures, picture, data sets, personal data; columns, statistics, quality, glossary, dictionary and exports on their tabs."""
    return blocks_of(output)


# --- the tool -----------------------------------------------------------------------------------------------------------------


def _units(inputs: CatalogInputs) -> int:
    """Characters of CSV and JSON, SQL twenty times over, and a fixed sum for each column that the first line shows."""
    total = 0
    for _, _, text in _sources(inputs):
        if format_of(text[:20_000]) == "DDL":
            total += _DDL_WEIGHT * len(text)
        else:
            total += len(text) + _COLUMN_WEIGHT * _columns_seen(text)
    return total


def _columns_seen(text: str) -> int:
    start = text.lstrip()[:20_000]
    if start[:1] in {"{", "["}:
        return min(MOST_COLUMNS, len({part.rpartition('"')[2] for part in start.split('":')}))
    return min(MOST_COLUMNS, size_of(text[:20_000], "auto", has_header=True)[1])


def _describe(inputs: CatalogInputs) -> str:
    sources = _sources(inputs)
    characters = sum(len(text) for _, _, text in sources)
    return f"{characters:,} characters in {len(sources)} source{'' if len(sources) == 1 else 's'}"


_CUSTOMERS = """\
id,full_name,email,phone,date_of_birth,postcode,country,newsletter,notes
1,Ada Byron,ada.byron@example.com,+44 20 7946 0101,1985-12-10,SW1A 1AA,UK,yes,
2,Charles Dodgson,charles@example.org,+44 20 7946 0102,1979-01-27,OX1 1DP,UK,no,Prefers letters to the office on Mondays
3,Emmy Noether,emmy@example.net,+49 30 901820,1990-03-23,EH1 1YZ,UK,yes,
4,Sofia Kovalevskaya,sofia@example.com,+46 8 123 456 78,1988-01-15,CB2 1TN,uk,yes,Write to sofia.k@example.com about the order of May
5,Blaise Pascal,blaise@example.org,+33 1 99 00 12 34,1993-06-19,M1 1AE,N/A,no,
6,Mary Somerville,mary@example.net,+44 131 496 0106,1981-12-26,EH8 9YL,UK,yes,
7,Carl Gauss,carl@example.com,+49 551 3900,1977-04-30,B1 1BB,UK,no,
8,Hypatia Alexander,hypatia@example.org,+44 20 7946 0108,1995-11-02,LS1 4AP,UK,yes,
"""
_ORDERS = """\
{"order": "SO-1001", "customer_id": 1, "placed": "2026-03-02T09:15Z", "total": 120.5, "card": "4111 1111 1111 1111", "lines": [{"sku": "TEA-01", "qty": 2}]}
{"order": "SO-1002", "customer_id": 2, "placed": "2026-03-02T10:02Z", "total": 89.99, "card": "5555 5555 5555 4444", "lines": [{"sku": "MUG-07", "qty": 1}]}
{"order": "SO-1003", "customer_id": 1, "placed": "2026-03-03T16:40Z", "total": 240, "card": "4111 1111 1111 1111", "lines": [{"sku": "TEA-01", "qty": 6}]}
{"order": "SO-1004", "customer_id": 9, "placed": "2026-03-04T08:21Z", "total": 75.25, "card": "4012 8888 8888 1881", "lines": [{"sku": "POT-02", "qty": 1}]}
{"order": "SO-1005", "customer_id": 4, "placed": "2026-03-05T12:00Z", "total": 15, "card": "4012 8888 8888 1881", "lines": [{"sku": "MUG-07", "qty": 3}]}
{"order": "SO-1006", "customer_id": 3, "placed": "2026-03-05T18:30Z", "total": 62, "card": "5105 1051 0510 5100", "lines": [{"sku": "POT-02", "qty": 2}]}
"""
_PRODUCTS = """\
CREATE TABLE products (
    sku varchar(12) PRIMARY KEY,
    title text NOT NULL,
    unit_price numeric(10, 2) NOT NULL,
    weight_g integer,
    supplier_id bigint REFERENCES suppliers (id)
);
COMMENT ON COLUMN products.sku IS 'Stock keeping unit, as printed on the shelf';

CREATE TABLE suppliers (
    id bigserial PRIMARY KEY,
    company text NOT NULL,
    contact_email text,
    iban text
);
"""

TOOL: Tool[CatalogInputs, CatalogOutput] = Tool(
    id="data-studio-catalog",
    title="Data Catalog Builder",
    studio=Studio.DATA,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="What your data sets hold: types, statistics, keys and personal data, column by column.",
    takes="CSV, DDL or JSON",
    gives="columns with types, statistics, personal-data tags",
    inputs=CatalogInputs,
    example=CatalogInputs(data_1=_CUSTOMERS, name_1="customers", data_2=_ORDERS, name_2="orders", data_3=_PRODUCTS, name_3="shop", title="Tea shop"),
    cost=Cost(units=_units, describe=_describe, lower="data1", cpu_us_per_unit=0.3, cpu_ms_base=15.0, mem_bytes_per_unit=14.0, mem_mb_base=12.0, spread=1.8),
    run=run,
    present=present,
    preload=("sqlglot", "sqlglot.dialects.dialect"),
    keywords=("metadata", "data dictionary", "PII", "GDPR", "schema", "profiling", "DCAT", "Frictionless", "glossary", "CSV", "JSON", "SQL"),
)
