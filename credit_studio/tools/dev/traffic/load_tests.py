"""Results of load tests: JMeter's JTL as CSV or XML, and k6's CSV."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, cast

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.traffic.samples import Gathering

_DEEPEST = 40
_K6_DURATION = "http_req_duration"


def read_jtl(text: str, gathering: Gathering) -> str:
    """Gather a JTL of either kind; the unit of its times. Raises `InputError` on "log"."""
    if text.lstrip()[:1] == "<":
        _read_jtl_xml(text, gathering)
    else:
        _read_csv(text, gathering, ("timeStamp", "elapsed"), _jtl_row)
    return "milliseconds"


def read_k6(text: str, gathering: Gathering) -> str:
    """Gather k6's CSV: the rows of `http_req_duration`, the others are other measures of the same requests. The unit of its times."""
    _read_csv(text, gathering, ("metric_name", "metric_value"), _k6_row)
    return "milliseconds"


def _read_csv(text: str, gathering: Gathering, needed: tuple[str, ...], take: Callable[[dict[str, str], Gathering], bool]) -> None:
    rows = csv.reader(io.StringIO(text), delimiter=next((sign for sign in ",;\t" if sign in text[: text.find("\n")]), ","))
    try:
        names = [name.strip() for name in next(rows, cast("list[str]", []))]
        if not set(needed) <= set(names):
            raise InputError("log", f"The first line must name the columns {' and '.join(needed)}.")
        for cells in rows:
            if cells and not take(dict(zip(names, cells, strict=False)), gathering):
                gathering.skip(rows.line_num, ",".join(cells))
    except csv.Error as error:
        raise InputError("log", f"Line {rows.line_num:,} is no CSV: {error}.") from None


def _jtl_row(row: dict[str, str], gathering: Gathering) -> bool:
    start, elapsed = _number(row.get("timeStamp")), _number(row.get("elapsed"))
    if start is None or elapsed is None:
        return False
    target, code = row.get("label") or row.get("URL") or "(no label)", row.get("responseCode", "")
    status = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0  # noqa: PLR2004 - an HTTP status
    failed = row["success"].strip().lower() != "true" if row.get("success") else None
    gathering.add(start / 1_000, elapsed, status, target, size=_number(row.get("bytes")), failed=failed)
    return True


def _k6_row(row: dict[str, str], gathering: Gathering) -> bool:
    if row.get("metric_name") != _K6_DURATION:
        return bool(row.get("metric_name"))
    start, value = _number(row.get("timestamp")), _number(row.get("metric_value"))
    if start is None or value is None:
        return False
    status = int(_number(row.get("status")) or 0)
    expected = row.get("expected_response", "")
    failed = expected == "false" or bool(row.get("error_code")) if expected else None
    method = row.get("method", "")
    target = f"{method} {row.get('name') or row.get('url') or '(no name)'}".strip()
    gathering.add(start if start < 1e10 else start / 1_000, value, status, target, failed=failed)  # noqa: PLR2004 - seconds, or milliseconds
    return True


def _read_jtl_xml(text: str, gathering: Gathering) -> None:
    try:
        for number, sample in enumerate(_samples(text), start=1):
            row = {"timeStamp": sample.get("ts"), "elapsed": sample.get("t"), "label": sample.get("lb"), "responseCode": sample.get("rc") or ""}
            row |= {"success": sample.get("s"), "bytes": sample.get("by")}
            if not _jtl_row(row, gathering):
                gathering.skip(number, f"sample {number}: {sample.get('lb') or ''}")
    except DefusedXmlException:
        raise InputError("log", "The XML declares entities or a document type: take them out.") from None
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError("log", f"Is no JMeter XML: {str(error)[:200]}.") from None


def _samples(text: str) -> Iterator[Any]:
    """The samples that stand directly in `testResults`; those within others are parts of them."""
    depth, root = 0, None
    for event, element in ElementTree.iterparse(io.BytesIO(text.encode()), events=("start", "end"), forbid_dtd=True):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise ValueError(f"elements deeper than {_DEEPEST}")
        root = element if root is None else root
        if event == "end" and depth == 1:
            if element.tag in {"httpSample", "sample"}:
                yield element
            root.clear()


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 1e16 else None  # noqa: PLR2004 - beyond every time; NaN is not less, either
