"""A catalogue as blocks: what it holds, what is personal in it, its columns, and the files to take away."""

from credit_studio.tools.blocks import Block, Column, Diagram, Document, Figure, File, Files, Finding, Findings, KeyFigures, Note, Table
from credit_studio.tools.data.inventory.entries import CatalogColumn
from credit_studio.tools.data.inventory.exports import Catalogue, columns_csv, dcat, dictionary, frictionless
from credit_studio.tools.data.inventory.picture import picture_of


def blocks_of(output: Catalogue) -> tuple[Block, ...]:
    """Key figures, picture, data sets, personal data; columns, statistics, quality, glossary, dictionary and exports on their tabs."""
    personal = [column for column in output.columns if column.personal]
    special = sum(1 for column in personal if any(tag.law for tag in column.personal))
    rows = sum(one.rows or 0 for one in output.datasets)
    worst = sum(1 for hint in output.hints if hint.severity == "high")
    figures = (
        Figure("Data sets", f"{len(output.datasets):,}", f"{rows:,} rows" if rows else "definitions only"),
        Figure("Columns", f"{len(output.columns):,}"),
        Figure("Personal data", f"{len(personal):,} {'column' if len(personal) == 1 else 'columns'}", f"{special:,} of a special category" if special else ""),
        Figure("Quality hints", f"{len(output.hints):,}", f"{worst:,} high" if worst else ""),
    )
    return (
        KeyFigures(figures),
        *_picture(output),
        _dataset_table(output),
        *_personal(output),
        *_columns_tab(output),
        *_links_tab(output),
        _quality_tab(output),
        _glossary_tab(output),
        Document("Data dictionary", dictionary(output), "data-dictionary", tab="Dictionary"),
        *_exports_tab(output),
    )


def _picture(output: Catalogue) -> tuple[Diagram, ...]:
    return (picture_of(output.datasets, output.columns, output.links),) if len(output.datasets) > 1 else ()


def _dataset_table(output: Catalogue) -> Table:
    columns = (Column("Data set"), Column("Read from"), Column("Rows", "integer"), Column("Columns", "integer"), Column("Filled", "percent"))
    columns = (*columns, Column("Personal", "integer", bar=True), Column("Key"), Column("What it holds"))
    rows = tuple((one.name, one.format, one.rows, one.columns, one.filled, one.personal, ", ".join(one.key), one.description) for one in output.datasets)
    return Table("Data sets", columns, rows, download="datasets.csv")


def _personal(output: Catalogue) -> tuple[Block, ...]:
    columns = (
        Column("Data set"),
        Column("Column"),
        Column("Holds"),
        Column("Confidence", "percent"),
        Column("Class"),
        Column("Why"),
        Column("Masked cells", "code"),
    )
    law = {"special": "special category (GDPR Art. 9)", "criminal": "criminal offences (GDPR Art. 10)", "": "personal data"}
    rows = tuple(
        (column.dataset, column.name, tag.label, tag.confidence, law[tag.law], tag.why, "; ".join(tag.examples))
        for column in output.columns
        for tag in column.personal
    )
    note = (
        "Confidence = 1 - (1 - name)(1 - contents), tagged from 50\u00a0%: names weigh 0.45 to 0.75, contents by the share of up to 200 cells that pass "
        "the check named, less what passes by chance. Letters are shown as x, digits as 9. A tag is a reason to look, not a legal finding."
    )
    if rows:
        return (Table("Personal data", columns, rows, sort=(3, True), note=note, download="personal-data.csv"),)
    return (Note("No column looks like personal data, by its name or by its cells.", tone="good", title="Personal data"),)


def _columns_tab(output: Catalogue) -> tuple[Block, ...]:
    columns = (Column("Data set"), Column("Column"), Column("Type"), Column("Key"), Column("May be empty"), Column("Refers to"), Column("Description"))
    rows = tuple((one.dataset, one.name, one.type, one.key, "yes" if one.nullable else "no", one.refers_to, one.description) for one in output.columns)
    blocks: list[Block] = [Table("Columns", columns, rows, download="columns.csv", tab="Columns")]
    profiled = [one for one in output.columns if one.rows is not None]
    if profiled:
        integers = ("Filled", "Empty", "Distinct"), ("Shortest", "Longest")
        stats = (Column("Data set"), Column("Column"), *(Column(name, "integer") for name in integers[0]), Column("Least"), Column("Greatest"))
        stats = (*stats, *(Column(name, "decimal") for name in ("Mean", "Median", "Std deviation")), *(Column(name, "integer") for name in integers[1]))
        stats = (*stats, Column("Pattern", "code"), Column("Most common"))
        blocks.append(Table("Statistics", stats, tuple(map(_statistics, profiled)), note=_STATISTICS_NOTE, download="statistics.csv", tab="Columns"))
    return tuple(blocks)


_STATISTICS_NOTE = (
    "A type is that of 95\u00a0% of the filled cells. Columns with personal data show no cells, extremes or means. A pattern fits nine cells of ten."
)


def _statistics(one: CatalogColumn) -> tuple[str | int | float | None, ...]:
    common = "masked" if one.is_masked else ", ".join(f"{value.value} ({value.count:,})" for value in one.common[:3])
    empty = (one.rows or 0) - (one.filled or 0)
    return (
        *(one.dataset, one.name, one.filled, empty, one.distinct, one.minimum, one.maximum, one.mean, one.median, one.deviation),
        *(one.shortest, one.longest, one.pattern, common),
    )


def _links_tab(output: Catalogue) -> tuple[Table, ...]:
    basis = {"declared": "declared", "contents": "seen in the data", "name": "told by its name"}
    columns = (Column("Data set"), Column("Column"), Column("Refers to"), Column("Known because"), Column("Values found there", "percent"))
    columns = (*columns, Column("Cells without a match", "integer"))
    rows = tuple((one.dataset, one.column, f"{one.to_dataset}.{one.to_column}".rstrip("."), basis[one.basis], one.covered, one.orphans) for one in output.links)
    note = "Seen in the data: the name says so and at least half of the different values stand in the key, or texts of ten values or more all do."
    return (Table("References", columns, rows, note=note, download="references.csv", tab="Columns"),) if rows else ()


def _quality_tab(output: Catalogue) -> Findings:
    found = tuple(Finding(one.severity, one.text, f"{one.dataset}.{one.column}".rstrip(".")) for one in output.hints)
    checked = "Looked at: keys, references, empty and constant columns, words for nothing, mixed types and dates, numbers as text, blanks, spelling, encoding."
    return Findings("Quality hints", found, checked, tab="Quality")


def _glossary_tab(output: Catalogue) -> Table:
    columns = (Column("Term"), Column("Kind"), Column("Meaning, suggested"), Column("Used in"), Column("Conflict"))
    rows = tuple((one.term, one.kind, one.meaning, ", ".join(one.used_in), one.conflict) for one in output.terms)
    return Table(
        "Glossary", columns, rows, note="Suggested from names: a person who knows the data should confirm it.", download="glossary.csv", tab="Glossary"
    )


def _exports_tab(output: Catalogue) -> tuple[Block, ...]:
    files = (
        File("data-dictionary.md", dictionary(output)),
        File("columns.csv", columns_csv(output)),
        File("datapackage.json", frictionless(output)),
        File("catalog.jsonld", dcat(output)),
    )
    about = "datapackage.json follows Frictionless Data Package v1 with Table Schema; catalog.jsonld is DCAT 3 in JSON-LD. Neither holds a cell of the data."
    return (
        Files("Exports", files, "data-catalog.zip", tab="Exports"),
        Note(about, tab="Exports"),
    )
