"""HTTP archives of a browser (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/): requests, and what each waited for."""

import json
from typing import Any, cast

from credit_studio.tools.base import InputError
from credit_studio.tools.dev.traffic.access_logs import second_of
from credit_studio.tools.dev.traffic.result import PHASES, Entry, Page
from credit_studio.tools.dev.traffic.samples import MOST_MS, Gathering

MOST_ENTRIES = 20_000


def read(text: str, gathering: Gathering) -> tuple[tuple[Entry, ...], tuple[Page, ...]]:
    """Gather the entries of an archive (values in ms); raises `InputError` on "log"."""
    log = _dict(_dict(_parsed(text)).get("log"))
    given = log.get("entries")
    if not isinstance(given, list):
        raise InputError("log", "Is no HAR: there is no list log.entries.")
    rows = cast("list[Any]", given)
    if len(rows) > MOST_ENTRIES:
        raise InputError("log", f"Holds {len(rows):,} entries; {MOST_ENTRIES:,} are the most.")
    entries = [entry for number, row in enumerate(rows, start=1) if (entry := _entry(_dict(row), number, gathering))]
    pages = log.get("pages")
    return tuple(entries), tuple(_page(_dict(page)) for page in cast("list[Any]", pages)[:20]) if isinstance(pages, list) else ()


def _parsed(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except ValueError as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError("log", f"Is no HAR: it is not valid JSON{where}.") from None
    except RecursionError:
        raise InputError("log", "Is no HAR: it is nested too deeply.") from None


def _entry(row: dict[str, Any], number: int, gathering: Gathering) -> Entry | None:
    request, response, timings = (_dict(row.get(name)) for name in ("request", "response", "timings"))
    ms, start, url = _ms(row.get("time")), second_of(row.get("startedDateTime")), request.get("url")
    if ms is None or start is None or not isinstance(url, str):
        gathering.skip(number, f"entry {number}: {url if isinstance(url, str) else 'no address'}")
        return None
    method, status = request.get("method"), response.get("status")
    content = _dict(response.get("content"))
    size = next((one for name, of in (("_transferSize", response), ("bodySize", response), ("size", content)) if (one := _ms(of.get(name)))), 0.0)
    code = int(status) if isinstance(status, int) and 0 <= status <= 999 else 0  # noqa: PLR2004 - an HTTP status
    gathering.add(start, ms, code, f"{method if isinstance(method, str) else 'GET'} {url[:2_000]}", size=size)
    host, _, path = url.partition("://")[2].partition("/")
    name = path.partition("?")[0].rstrip("/").rpartition("/")[2] or host or url
    return Entry(name[:60], host[:100], _kind(row, content), size, start, ms, _phases(timings))


def _phases(timings: dict[str, Any]) -> tuple[float, ...]:
    """-1 means that a phase does not apply. The time of TLS is a part of connect: it is taken out, so that phases add up."""
    found = {name: _ms(timings.get(name)) or 0.0 for name in PHASES}
    found["connect"] = max(0.0, found["connect"] - found["ssl"])
    return tuple(found[name] for name in PHASES)


def _kind(row: dict[str, Any], content: dict[str, Any]) -> str:
    kind, mime = row.get("_resourceType"), content.get("mimeType")
    if isinstance(kind, str) and kind:
        return kind[:20]
    return mime.partition(";")[0].rpartition("/")[2][:20] or "other" if isinstance(mime, str) else "other"


def _page(page: dict[str, Any]) -> Page:
    timings, title = _dict(page.get("pageTimings")), page.get("title")
    return Page(title[:120] if isinstance(title, str) else "", _ms(timings.get("onContentLoad")), _ms(timings.get("onLoad")))


def _ms(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """A number from 0 to a billion, else None."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MOST_MS else None


def _dict(value: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
