"""Schema Designer: what JSON documents have in common as JSON Schema 2020-12, types in three forms, and other documents held against it.

Inferring, validating and writing code are in `json_schema/`, in plain Python: it all happens in the browser.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, cast

from annotated_types import Len

from credit_studio.tools.base import InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Figure, KeyFigures, Note, Table
from credit_studio.tools.data.json_schema import coding
from credit_studio.tools.data.json_schema.classes import pascal
from credit_studio.tools.data.json_schema.inferring import Wishes, infer, kind_of
from credit_studio.tools.data.json_schema.reading import documents, single
from credit_studio.tools.data.json_schema.validating import Validator, check_schema

MOST_TEXT, MOST_SCHEMA, MOST_FAULTS, MOST_PATHS, LONGEST_SCHEMA = 200_000, 60_000, 500, 400, 120_000
_CHECK = "Documents to check"


@dataclass(frozen=True)
class Inputs:
    """Samples, or a schema; and documents to check. Raises `InputError` when there is nothing to do."""

    samples: Annotated[str, Len(0, MOST_TEXT)] = ui(
        "JSON samples",
        "One document, several one after the other, JSON Lines, or a list of them: the more, the better the schema. Up to 200,000 characters.",
        default="",
        widget="file",
        accept=".json,.jsonl,.ndjson,.txt",
        placeholder='{"id": 7, "name": "Ada"}',
    )
    split: bool = ui("A list at the top holds documents", "Off: the list itself is the document.", default=True)
    title: Annotated[str, Len(1, 60)] = ui("Title", "What one document is: names the schema and its class.", default="Document", placeholder="Order")
    enums: bool = ui("Enums", "A small set of texts that come again and again is all that may stand there.", default=True)
    maps: bool = ui("Maps", "Objects whose keys are ids, dates or ever other names are maps and have no fixed properties.", default=True)
    ranges: bool = ui("Ranges", "Least and most of numbers and lengths, as seen. Strict: the next document may be larger.", default=False)
    closed: bool = ui("Closed", "No property may stand that was not seen.", default=False)
    checked: Annotated[str, Len(0, MOST_TEXT)] = ui(
        "Documents",
        "Held against the schema, in the same forms as the samples. May stay empty.",
        default="",
        widget="file",
        accept=".json,.jsonl,.ndjson,.txt",
        group=_CHECK,
    )
    schema: Annotated[str, Len(0, MOST_SCHEMA)] = ui(
        "Schema",
        "A JSON Schema of yours (2020-12) to hold them against. Empty: the one made from the samples.",
        default="",
        widget="file",
        accept=".json",
        group=_CHECK,
    )

    def __post_init__(self) -> None:
        if not self.samples.strip() and not (self.schema.strip() and self.checked.strip()):
            raise InputError("samples", "Give samples, or a schema and documents to check.")


@dataclass(frozen=True)
class PathLine:
    """One place of the documents: how often it was there, what stood there, one value of it."""

    path: str
    kinds: str
    present: float
    distinct: int
    example: str


@dataclass(frozen=True)
class FaultLine:
    """Where a document does not fit: its number and line, JSON Pointer, keyword and reason."""

    document: int
    line: int
    pointer: str
    keyword: str
    message: str


@dataclass(frozen=True)
class Output:
    """The schema and the code that it comes to (empty without samples), and the documents that do not fit. Faults are cut at 500."""

    title: str
    documents: int
    schema: str
    typescript: str
    dataclasses: str
    pydantic: str
    paths: tuple[PathLine, ...]
    checked: int
    fitting: int
    is_own_schema: bool
    faults_total: int
    faults: tuple[FaultLine, ...]


def run(inputs: Inputs) -> Output:
    """The schema, the code and the check; raises `InputError` with line and column for text that is no JSON, and for schemas that are not checked here."""
    found = documents(inputs.samples, "samples", split=inputs.split)
    if inputs.samples.strip() and not found:
        raise InputError("samples", "Holds no document.")
    title = " ".join(inputs.title.split()) or "Document"
    report(0.2, "Inferring")
    made = infer([value for _, value in found], pascal(title) or "Document", Wishes(inputs.enums, inputs.ranges, inputs.closed, inputs.maps)) if found else {}
    schema = json.dumps(made, indent=2, ensure_ascii=False)
    if len(schema) > LONGEST_SCHEMA:
        raise InputError(
            "samples", "The documents have too many different properties for one schema. Give some of them, or take maps for what has data as keys."
        )
    report(0.5, "Checking")
    has_own = bool(inputs.schema.strip())
    against: Any = single(inputs.schema, "schema") if has_own else made
    check_schema(against, "schema" if has_own else "samples")
    checked = documents(inputs.checked, "checked", split=inputs.split)
    faults, fitting = _faults(checked, Validator(against, "schema" if has_own else "checked"))
    return Output(
        title=title,
        documents=len(found),
        schema=f"{schema}\n" if found else "",
        typescript=coding.typescript(made) if found else "",
        dataclasses=coding.dataclasses(made) if found else "",
        pydantic=coding.pydantic(made) if found else "",
        paths=tuple(_paths([value for _, value in found])),
        checked=len(checked),
        fitting=fitting,
        is_own_schema=has_own,
        faults_total=len(faults),
        faults=tuple(faults[:MOST_FAULTS]),
    )


def _faults(checked: list[tuple[int, Any]], validator: Validator) -> tuple[list[FaultLine], int]:
    """Every fault of every document, and how many documents have none."""
    found: list[FaultLine] = []
    fitting = 0
    for number, (line, document) in enumerate(checked, start=1):
        faults = validator.faults(document)
        fitting += not faults
        found += [FaultLine(number, line, one.pointer or "/", one.keyword, one.message) for one in faults]
    return found, fitting


def _paths(samples: list[Any]) -> Iterator[PathLine]:
    """The places of the documents in the order in which they are met; the items of a list are one place."""
    kinds: dict[str, Counter[str]] = {}
    holders: dict[str, str] = {}
    texts: dict[str, dict[str, None]] = {}
    ahead: list[tuple[str, str, Any]] = [("", "", value) for value in reversed(samples)]
    while ahead:
        path, holder, value = ahead.pop()
        if path not in kinds and len(kinds) >= MOST_PATHS:
            continue
        kinds.setdefault(path, Counter())[kind_of(value)] += 1
        holders[path] = holder
        if isinstance(value, dict):
            ahead += [(f"{path}.{key}" if path else key, path, item) for key, item in reversed(cast("dict[str, Any]", value).items())]
        elif isinstance(value, list):
            ahead += [(f"{path}[]", f"{path}[]", item) for item in reversed(cast("list[Any]", value))]
        else:
            texts.setdefault(path, {})[json.dumps(value, ensure_ascii=False)[:60]] = None
    for path, seen in kinds.items():
        above = kinds.get(holders[path], seen)
        of = above.total() if holders[path].endswith("[]") else above["object"] or seen.total()
        distinct = texts.get(path, {})
        words = ", ".join(f"{kind}" if len(seen) == 1 else f"{kind} {count:,}" for kind, count in seen.most_common())
        yield PathLine((path or "(document)")[:200], words, min(1.0, seen.total() / max(1, of)), len(distinct), next(iter(distinct), ""))


def present(output: Output) -> tuple[Block, ...]:
    """Key figures and the schema; the check; the code; what was seen at each place."""
    figures = [Figure("Documents", f"{output.documents:,}"), Figure("Places", f"{len(output.paths):,}", "properties and list items")]
    if output.checked:
        figures = [
            *(figures if output.documents else []),
            Figure("Checked", f"{output.checked:,}"),
            Figure("Fit", f"{output.fitting:,}", f"{output.faults_total:,} faults"),
        ]
    blocks: list[Block] = [KeyFigures(tuple(figures)), *_check_blocks(output)]
    if not output.documents:
        return tuple(blocks)
    columns = (Column("Place", "code"), Column("Types"), Column("Present", "percent"), Column("Different values", "integer"), Column("For example", "code"))
    rows = tuple((one.path, one.kinds, one.present, one.distinct, one.example) for one in output.paths)
    cut = f"The first {MOST_PATHS:,} places." if len(rows) == MOST_PATHS else "Present: of the objects or lists that could have it."
    return (
        *blocks,
        Code(f"JSON Schema of {output.title}", "json", output.schema, "schema.json"),
        Table("What stands where?", columns, rows, note=cut, download="places.csv", tab="Places"),
        Code("TypeScript", "typescript", output.typescript, "types.ts", "TypeScript"),
        Code("Python dataclasses, with a loader", "python", output.dataclasses, "types_dataclasses.py", "Dataclasses"),
        Code("pydantic models", "python", output.pydantic, "types_pydantic.py", "pydantic"),
    )


def _check_blocks(output: Output) -> Iterator[Block]:
    if not output.checked:
        return
    against = "your schema" if output.is_own_schema else "the schema made from the samples"
    if not output.faults_total:
        yield Note(f"All {output.checked:,} documents fit {against}." if output.checked > 1 else f"The document fits {against}.", "good", "Valid")
        return
    yield Note(f"{output.checked - output.fitting:,} of {output.checked:,} documents do not fit {against}.", "bad", "Not valid")
    rows = tuple((one.document, one.line or None, one.pointer, one.keyword, one.message) for one in output.faults)
    columns = (Column("Document", "integer"), Column("Line", "integer"), Column("Where", "code"), Column("Keyword", "code"), Column("Why"))
    cut = f"The first {MOST_FAULTS:,} of {output.faults_total:,}." if output.faults_total > MOST_FAULTS else "Where: a JSON Pointer; / is the whole document."
    yield Table("What does not fit?", columns, rows, note=cut, download="faults.csv")


_EXAMPLE = """\
{"id": "3f0c7c1e-5d0b-4f86-9f0a-1c2f5f3b7a10", "placedAt": "2025-03-01T09:30:00Z", "status": "paid", "customer": {"name": "Ada Byron", "email": "ada@example.com"}, "lines": [{"sku": "B-100", "quantity": 2, "price": 12.5}, {"sku": "B-205", "quantity": 1, "price": 8}], "stock": {"2025-03-01": 14, "2025-03-02": 12}, "note": null}
{"id": "8c2b1d55-93f1-4a0e-8a57-6b7c0c9d2e21", "placedAt": "2025-03-01T11:02:10Z", "status": "open", "customer": {"name": "Grace Hopper", "email": "grace@example.com", "phone": "+44 20 7946 0123"}, "lines": [{"sku": "B-100", "quantity": 1, "price": 12.5}], "stock": {"2025-03-01": 3}, "note": "Leave at the door"}
{"id": "0a9e3c77-1b64-4c39-b7de-9f1e2d3c4b52", "placedAt": "2025-03-02T08:15:45Z", "status": "paid", "customer": {"name": "Alan Turing", "email": "alan@example.com"}, "lines": [], "stock": {"2025-03-02": 9}, "note": null, "coupon": "SPRING"}
{"id": "5d4f6a88-2c75-4d4a-a8ef-0a2f3e4d5c63", "placedAt": "2025-03-02T17:40:00Z", "status": "paid", "customer": {"name": "Mary Somerville", "email": "mary@example.com"}, "lines": [{"sku": "C-310", "quantity": 4, "price": 3.2}], "stock": {"2025-03-02": 40}, "note": null}
{"id": "b1c2d3e4-3d86-4e5b-b9f0-1b3f4f5e6d74", "placedAt": "2025-03-03T10:00:00Z", "status": "open", "customer": {"name": "Emmy Noether", "email": "emmy@example.com"}, "lines": [{"sku": "B-205", "quantity": 2, "price": 8}], "stock": {"2025-03-03": 7}, "note": null}
{"id": "c7d8e9f0-4e97-4f6c-8a01-2c4f5a6f7e85", "placedAt": "2025-03-03T12:20:30Z", "status": "open", "customer": {"name": "Ida Rhodes", "email": "ida@example.com"}, "lines": [{"sku": "C-310", "quantity": 1, "price": 3.2}], "stock": {"2025-03-03": 39}, "note": "Gift"}
"""  # noqa: E501 - one document a line
_EXAMPLE_CHECKED = """\
{"id": "d1e2f3a4-5fa8-4a7d-9b12-3d5f6b7a8f96", "placedAt": "2025-03-04T09:00:00Z", "status": "paid", "customer": {"name": "Ada Byron", "email": "ada@example.com"}, "lines": [], "stock": {}, "note": null}
{"id": "17", "placedAt": "4 March 2025", "status": "lost", "customer": {"name": "Nobody"}, "lines": [{"sku": "B-100", "quantity": "2", "price": 12.5}], "stock": {"Monday": 1}, "note": null}
"""  # noqa: E501 - the same

TOOL = Tool(
    id="data-studio-schema",
    title="Schema Designer",
    studio=Studio.DATA,
    mode=Mode.CLIENT,
    cap=0,
    summary="Give JSON documents. Get the JSON Schema that they share, types for TypeScript and Python, and what does not fit in other documents.",
    takes="JSON samples",
    gives="JSON Schema, validation of documents, code",
    inputs=Inputs,
    example=Inputs(samples=_EXAMPLE, title="Order", checked=_EXAMPLE_CHECKED),
    run=run,
    present=present,
    keywords=("JSON Schema", "JSON Lines", "TypeScript", "pydantic", "dataclass", "validation", "infer", "types"),
)
