"""Access logs: lines of Apache and nginx (common, combined, with a request time), and JSON, one object a line."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from statistics import median
from typing import Any, cast

from credit_studio.tools.dev.traffic.samples import Gathering

MOST_LINE = 8_000
_SECONDS_BELOW = 1e10  # as seconds the year 2286, as milliseconds April 1970
_WHEN = re.compile(r"\[\d{1,2}/[A-Za-z]{3}/\d{4}:")
_LINE = re.compile(
    r"\[(?P<when>\d{1,2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(?P<zone> [+-]\d{4})?\] "
    r'"(?P<request>(?:[^"\\]|\\.)*+)" (?P<status>\d{3}|-) (?P<size>\d{1,15}|-)(?P<rest>.*)'
)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_NAMED_TIME = re.compile(r"\b(?:rt|request_time|req_time|response_time|duration|time|took|D)[=:]\"?(\d{1,12}(?:\.\d{1,9})?)")
_DECIMAL = re.compile(r"(?<![\w.:-])\d{1,7}\.\d{1,9}(?![\w.:-])")
_WHOLE = re.compile(r"(?<![\w.:/-])\d{1,12}(?![\w.:/-])")
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905 - reads as what it is


def read_lines(lines: list[str], gathering: Gathering) -> str:
    """Gather the lines of an access log; the unit that its times seem to be in."""
    decimals = 0
    seconds: dict[str, float | None] = {}
    for number, line in enumerate(lines, start=1):
        begins = _WHEN.search(line)
        found = _LINE.match(line[:MOST_LINE], begins.start()) if begins else None
        if found is None:
            if line.strip():
                gathering.skip(number, line)
            continue
        when = found["when"] + (found["zone"] or "")
        if when not in seconds:
            seconds[when] = _second(when)
        value = _time_in(found["rest"], line[: found.start()])
        decimals += value is not None and "." in value
        status, size = found["status"], found["size"]
        gathering.add(
            seconds[when],
            float(value) if value is not None else None,
            int(status) if status != "-" else 0,
            _target(found["request"]),
            size=float(size) if size != "-" else None,
        )
    return "seconds" if decimals else unit_of_whole(gathering.value)


def unit_of_whole(values: list[float]) -> str:
    """The unit of whole numbers: Apache's %D is microseconds, %{ms}T milliseconds, %T seconds. By their median; stated in the result."""
    middle = median([value for value in values if value == value] or [0.0])  # noqa: PLR0124 - NaN is not itself
    return "microseconds" if middle >= 1_000 else "milliseconds" if middle >= 30 else "seconds"  # noqa: PLR2004 - see above


def _second(when: str) -> float | None:
    """Seconds since 1970 of "10/Oct/2026:13:55:36 +0100"; UTC without a zone."""
    day, month, rest = when.split("/", 2)
    year, hour, minute, second = rest[:13].split(":")
    zone = when.partition(" ")[2]
    try:
        moment = datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), min(59, int(second)), tzinfo=UTC).timestamp()
    except (ValueError, KeyError, OverflowError):
        return None
    offset = (int(zone[1:3]) * 3_600 + int(zone[3:5]) * 60) * (1 if zone[0] == "+" else -1) if zone else 0
    return moment - offset


def _time_in(rest: str, before: str) -> str | None:
    """The request time of a line: a named one (rt=0.012), else the first decimal number after the agent, else the first whole one."""
    named = _NAMED_TIME.search(rest)
    if named:
        return named[1]
    bare = _QUOTED.sub('""', rest)
    found = _DECIMAL.search(bare) or _WHOLE.search(bare)
    if found:
        return found[0]
    first = before.split(" ", 1)[0]
    return first if re.fullmatch(r"\d{1,7}\.\d{3}", first) else None


def _target(request: str) -> str:
    """The method and the path of "GET /a HTTP/1.1"; what is no request line is named so."""
    parts = request.split(" ")
    if len(parts) >= 2 and parts[0].isalpha() and parts[0].isupper():  # noqa: PLR2004 - method and target
        return f"{parts[0]} {' '.join(parts[1:-1]) if len(parts) > 2 and parts[-1].startswith('HTTP/') else ' '.join(parts[1:])}"  # noqa: PLR2004 - and version
    return "(no request line)"


# --- JSON lines -------------------------------------------------------------------------------------------------------------

_TIMES = ("@timestamp", "timestamp", "time", "ts", "time_iso8601", "time_local", "datetime", "date", "start_time", "startutc", "starttime", "started_at", "t")
_DURATIONS = (
    *(("duration_ms", "milliseconds"), ("latency_ms", "milliseconds"), ("response_time_ms", "milliseconds"), ("elapsed_ms", "milliseconds")),
    *(("took_ms", "milliseconds"), ("request_time", "seconds"), ("duration_s", "seconds"), ("duration_seconds", "seconds")),
    *(("duration_us", "microseconds"), ("latency_us", "microseconds"), ("duration_ns", "nanoseconds"), ("event.duration", "nanoseconds")),
    *(("response_time", ""), ("responsetime", ""), ("latency", ""), ("elapsed", ""), ("took", ""), ("duration", ""), ("time_taken", "")),
    ("upstream_response_time", "seconds"),
)
_STATUSES = (
    "status",
    "status_code",
    "statuscode",
    "http_status",
    "response_status",
    "downstreamstatus",
    "response.status",
    "http.response.status_code",
    "code",
)
_METHODS = ("method", "request_method", "http_method", "verb", "request.method", "requestmethod", "http.request.method")
_PATHS = ("path", "uri", "request_uri", "url", "request.uri", "request.url", "request.path", "requestpath", "url.path", "http.url", "endpoint", "route")
_SIZES = ("bytes", "size", "body_bytes_sent", "bytes_sent", "response_size", "responsesize", "downstreamcontentsize", "http.response.body.bytes")
_IN_WORDS = re.compile(r"\s*(\d{1,12}(?:\.\d{1,9})?)\s*(ns|us|µs|μs|ms|s|m)?\s*")
_MS = {
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,
    "μs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "seconds": 1e3,
    "milliseconds": 1.0,
    "microseconds": 1e-3,
    "nanoseconds": 1e-6,
}


def read_json_lines(lines: list[str], gathering: Gathering, unit: str) -> str:
    """Gather JSON objects, one a line; values become milliseconds where the name or the text says their unit, else stay as they are."""
    said = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = _object(line)
        status = _first(row, _STATUSES)
        moment = second_of(_first(row, _TIMES))
        value, is_said = _duration(row, unit)
        if not row or (_number(status) is None and value is None) or moment is None:
            gathering.skip(number, line)
            continue
        said += is_said
        gathering.add(moment, value, int(_number(status) or 0), _asked(row), size=_number(_first(row, _SIZES)), failed=None if status is not None else False)
    if said or unit:
        return "milliseconds"
    known = [value for value in gathering.value if value == value]  # noqa: PLR0124 - NaN is not itself
    middle = median(known or [0.0])
    is_broken = any(value != int(value) for value in known)
    return "seconds" if is_broken and middle < 20 else "nanoseconds" if middle >= 1e6 else "milliseconds"  # noqa: PLR2004 - a median of 20 s is no website's


def _object(line: str) -> dict[str, Any]:
    """A line's object, names in small letters, one level of objects within it as "request.method"."""
    try:
        given = json.loads(line) if len(line) <= MOST_LINE * 4 else None
    except (ValueError, RecursionError):
        return {}
    return dict(_flat(cast("dict[str, Any]", given), "")) if isinstance(given, dict) else {}


def _flat(row: Mapping[str, Any], before: str) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        path = f"{before}{name.lower()}"
        if isinstance(value, dict) and path.count(".") < 3:  # noqa: PLR2004 - as deep as any log goes
            yield from _flat(cast("dict[str, Any]", value), f"{path}.")
        else:
            yield path, value


def _first(row: dict[str, Any], names: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    return next((row[name] for name in names if row.get(name) is not None), None)


def _duration(row: dict[str, Any], unit: str) -> tuple[float | None, bool]:
    """The request's duration, and whether it is in milliseconds now (else it is as it was written)."""
    for name, named_unit in _DURATIONS:
        found = _IN_WORDS.fullmatch(str(row[name])[:40]) if isinstance(row.get(name), (int, float, str)) else None
        if found:
            known = found[2] or unit or named_unit or ("nanoseconds" if name == "duration" and "startutc" in row else "")
            return (float(found[1]) * _MS[known], True) if known else (float(found[1]), False)
    return None, False


def _asked(row: dict[str, Any]) -> str:
    method, path, request = _first(row, _METHODS), _first(row, _PATHS), row.get("request")
    if path is None and isinstance(request, str):
        return _target(request[:2_000])
    bare = str(path)[:2_000] if isinstance(path, (str, int)) else "(no path)"
    return f"{method.upper()[:12]} {bare}" if isinstance(method, str) and method.isalpha() else bare


def _number(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """A number, or a text that is one; None for all else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e15 else None  # noqa: PLR2004 - beyond every status and size; NaN is not less, either


def second_of(value: Any) -> float | None:  # noqa: ANN401 - JSON
    """Seconds since 1970 of a number (s, ms, us or ns by its size), an ISO 8601 text or a log's own time; None for what is none."""
    number = _number(value)
    if number is not None:
        return next((number / scale for scale in (1.0, 1e3, 1e6, 1e9) if number / scale < _SECONDS_BELOW), None)
    if not isinstance(value, str):
        return None
    if re.fullmatch(r"\d{1,2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2}(?: [+-]\d{4})?", value):
        return _second(value)
    try:
        moment = datetime.fromisoformat(value[:40].replace(",", "."))
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
