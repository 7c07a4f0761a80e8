import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.dev import performance
from credit_studio.tools.dev.performance import PerformanceInputs
from credit_studio.tools.dev.traffic import figures
from credit_studio.tools.dev.traffic.result import Profile
from credit_studio.tools.dev.traffic.samples import endpoint_of
from credit_studio.tools.validation import parse
from tests.contracts import drawing

LINE = '192.0.2.1 - - [10/Oct/2026:13:55:{second:02d} +0000] "{request}" {status} 2326 "-" "Firefox/145"{rest}'


def profile(text: str, **more: object) -> Profile:
    """Run on a file; what comes out must be drawable, and small enough."""
    output = performance.run(replace(PerformanceInputs(log=text), **more))  # type: ignore[arg-type]
    made = performance.present(output)
    assert [fault for block in made for fault in drawing.faults(block)] == []
    assert len(json.dumps(jsonable(output), allow_nan=False).encode()) < 1_000_000
    assert len(json.dumps(blocks.to_json(made), allow_nan=False).encode()) < 1_000_000
    return output


def access(*rows: tuple[int, str, int, str]) -> str:
    return "".join(LINE.format(second=second, request=f"{asked} HTTP/1.1", status=status, rest=rest) + "\n" for second, asked, status, rest in rows)


def times(output: Profile) -> list[float]:
    return sorted(slow.ms for slow in output.slowest)


def titles(output: Profile) -> set[str]:
    return {getattr(block, "title", "") for block in performance.present(output)}


# --- access logs ---------------------------------------------------------------------------------------------------------------


def test_a_log_counted_by_hand() -> None:
    waits = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 2.1, 2.5)
    rows = [(second, f"GET /users/{second}", 503 if second == 8 else 200, f" {wait:.3f}") for second, wait in enumerate(waits)]
    output = profile(access(*rows) + "upstream timed out\n\n")
    assert (output.format, output.unit, output.requests, output.failed, output.unread_total) == ("access", "seconds", 10, 1, 1)
    assert (output.unread[0].line, output.unread[0].text) == (11, "upstream timed out")
    found = output.times
    assert (found.minimum, found.p50, found.p90, found.p95, found.p99, found.maximum) == pytest.approx((100, 500, 2_100, 2_500, 2_500, 2_500))
    assert found.mean == pytest.approx(820)
    # Up to 500 ms: five satisfied; up to 2,000 ms: three tolerating; 2.1 s failed and 2.5 s is beyond 4T.
    assert output.apdex == pytest.approx((5 + 3 / 2) / 10)
    assert [(one.name, one.requests) for one in output.endpoints] == [("GET /users/{id}", 10)]
    assert output.span == 10
    assert output.capacity is not None
    assert output.capacity.mean_rate == pytest.approx(1.0)
    assert output.capacity.mean_concurrency == pytest.approx(0.82), "Little: 1 a second x 0.82 s"
    assert output.times_ok.measured == 9
    assert output.times_failed.maximum == pytest.approx(2_100)


@pytest.mark.parametrize(
    ("rest", "unit", "ms"),
    [
        (" 0.250", "seconds", 250),
        (" 250000", "microseconds", 250),
        (" 250", "milliseconds", 250),
        (" 3", "seconds", 3_000),
        (" rt=0.250 uct=0.001 urt=0.240", "seconds", 250),
        (" 512 0.250 [default-shop-80] [] 10.2.0.7:8080 55 0.240 200 6f1e", "seconds", 250),
        (' "10.0.0.1:3000" 0.250', "seconds", 250),
    ],
)
def test_the_request_time_is_found_where_servers_put_it(rest: str, unit: str, ms: float) -> None:
    output = profile(access((1, "GET /", 200, rest), (2, "GET /", 200, rest)))
    assert output.unit == unit
    assert times(output) == pytest.approx([ms, ms])


def test_the_unit_may_be_said() -> None:
    assert times(profile(access((1, "GET /", 200, " 250")), unit="microseconds")) == pytest.approx([0.25])


COMMON = """\
203.0.113.5 - alice [09/Oct/2026:23:59:58 -0200] "GET /a?x=1 HTTP/1.0" 200 100
shop.example:443 203.0.113.5 - - [10/Oct/2026:01:59:59 +0000] "POST /b HTTP/2.0" 404 50 "https://x/\\"y\\"" "agent"
203.0.113.6 - - [10/Oct/2026:02:00:00 +0000] "\\x16\\x03" 400 -
203.0.113.6 - - [10/Oct/2026:02:00:03 +0000] "-" 408 -
"""


def test_a_log_without_times_still_tells_of_requests_and_errors() -> None:
    output = profile(COMMON, errors_from="400")
    assert (output.requests, output.failed, output.bytes, output.span) == (4, 3, 150, 6)
    assert output.apdex is None
    assert output.times.measured == 0
    assert output.first == "10 Oct 2026, 01:59:58 UTC"
    assert {one.name for one in output.endpoints} == {"GET /a", "POST /b", "(no request line)"}
    assert {(one.status, one.requests) for one in output.statuses} == {(200, 1), (404, 1), (400, 1), (408, 1)}
    assert "It holds no response times" in str(performance.present(output))
    assert "Response times" not in titles(output)


def test_a_log_of_days_is_charted_over_its_dates() -> None:
    begun = datetime(2026, 10, 10, 6, tzinfo=UTC)
    times = [begun + timedelta(hours=6 * at) for at in range(80)]
    rows = "".join(f'192.0.2.1 - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET / HTTP/1.1" 200 5 "-" "-" 0.1\n' for when in times)
    charts = [block for block in performance.present(profile(rows)) if isinstance(block, blocks.Chart) and block.kind == "line"]
    assert {(chart.x.format, chart.series[0].points[0][0]) for chart in charts} == {("date", begun.timestamp() / 86_400)}


def test_the_example_tells_of_load_and_capacity() -> None:
    assert performance.TOOL.example is not None
    output = profile(performance.TOOL.example.log, threshold_ms=1_000, goal_ms=3_000)
    assert (output.requests, output.unread_total, output.failed) == (372, 1, 4)
    assert output.capacity is not None
    assert output.capacity.scaling is not None
    assert output.capacity.scaling.best_rate == pytest.approx(3.5, abs=0.3)
    assert output.capacity.trend is not None
    assert output.capacity.trend.is_sure
    assert output.endpoints[0].name == "GET /search"
    assert {"Where does the time go?", "How far would it scale?", "Where demand is going", "Lines that could not be read"} <= titles(output)


@pytest.mark.parametrize(
    ("target", "endpoint"),
    [
        ("GET /users/17/orders?page=2", "GET /users/{id}/orders"),
        ("GET https://shop.example/a/7#x", "GET /a/{id}"),
        ("GET https://shop.example", "GET /"),
        ("DELETE /f/123e4567-e89b-12d3-a456-426614174000", "DELETE /f/{id}"),
        ("GET /c/9f86d081884c7d65", "GET /c/{id}"),
        ("GET /t/eyJhbGciOiJIUzI1NiJ9Ab", "GET /t/{id}"),
        ("GET /blog/ten-best-lamps-of-2026-for-students", "GET /blog/ten-best-lamps-of-2026-for-students"),
        ("GET /u/ada@example.com", "GET /u/{id}"),
        ("GET /feedface/v2", "GET /feedface/v2"),
        ("Home Page", "Home Page"),
    ],
)
def test_ids_are_folded_and_words_are_not(target: str, endpoint: str) -> None:
    assert endpoint_of(target) == endpoint


def test_folding_may_be_left_out() -> None:
    text = access((1, "GET /u/1?x", 200, " 0.1"), (2, "GET /u/2", 200, " 0.1"))
    assert {one.name for one in profile(text, fold=False).endpoints} == {"GET /u/1", "GET /u/2"}


# --- JSON lines ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "ms"),
    [
        ({"ts": 1_760_000_000.5, "request": {"method": "GET", "uri": "/a"}, "status": 200, "duration": 0.25, "size": 9}, 250),
        ({"time": "2026-10-10T13:55:36Z", "method": "get", "path": "/a", "status": 200, "duration_ms": 250}, 250),
        (
            {"@timestamp": "2026-10-10T13:55:36.123+02:00", "http": {"request": {"method": "GET"}, "response": {"status_code": 200}}}
            | {"url": {"path": "/a"}, "event": {"duration": 250_000_000}},
            250,
        ),
        ({"time_local": "10/Oct/2026:13:55:36 +0000", "request": "GET /a HTTP/1.1", "status": "200", "request_time": "0.250"}, 250),
        ({"StartUTC": "2026-10-10T13:55:36.1234567Z", "RequestMethod": "GET", "RequestPath": "/a", "DownstreamStatus": 200, "Duration": 250_000_000}, 250),
        ({"timestamp": 1_760_000_000_000, "method": "GET", "url": "https://x.example/a?b", "statusCode": 200, "responseTime": 250}, 250),
        ({"time": "2026-10-10T13:55:36Z", "method": "GET", "path": "/a", "code": 200, "latency": "250ms"}, 250),
    ],
)
def test_json_lines_of_many_writers_are_read(row: dict[str, object], ms: float) -> None:
    output = profile(json.dumps(row) + "\n" + json.dumps(row) + "\nnot json\n")
    assert (output.format, output.requests, output.unread_total) == ("jsonl", 2, 1)
    assert times(output) == pytest.approx([ms, ms])
    assert output.endpoints[0].name == "GET /a"
    assert output.statuses[0].status == 200


# --- load tests ------------------------------------------------------------------------------------------------------------------


JTL = """\
timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,Latency
1760000000000,120,Home Page,200,OK,t 1-1,true,1000,100
1760000001000,340,"Search, all",200,OK,t 1-2,true,2000,300
1760000002500,5000,Home Page,Non HTTP response code: java.net.SocketTimeoutException,x,t 1-1,false,0,0
1760000003000,80,Home Page,200,OK,t 1-2,false,10,70
what,is,this
"""


def test_a_jmeter_csv_says_itself_what_failed() -> None:
    output = profile(JTL)
    assert (output.format, output.requests, output.failed, output.unread_total) == ("jtl", 4, 2, 1)
    assert {(one.name, one.requests, one.failed) for one in output.endpoints} == {("Home Page", 3, 2), ("Search, all", 1, 0)}
    assert output.span == pytest.approx(3.001), "the clock of the test counts milliseconds"
    assert output.capacity is not None
    assert output.capacity.trend is None, "a load test sets its own demand"


def test_a_jmeter_xml_counts_samples_and_not_their_parts() -> None:
    text = """<?xml version="1.0" encoding="UTF-8"?>
<testResults version="1.2">
<httpSample t="120" lt="100" ts="1760000000000" s="true" lb="Home" rc="200" by="1000">
  <httpSample t="40" ts="1760000000010" s="true" lb="Home-css" rc="200"/>
</httpSample>
<sample t="30" ts="1760000000500" s="false" lb="Login" rc="500"/>
<httpSample lb="no time"/>
</testResults>"""
    output = profile(text)
    assert (output.requests, output.failed, output.unread_total) == (2, 1, 1)
    assert times(output) == [30, 120]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE t [<!ENTITY a "b">]><testResults><sample t="1" ts="1760000000000" lb="&a;" s="true"/></testResults>',
        "<testResults><sample",
        "<a>" * 200,
        "<html></html>",
    ],
)
def test_xml_that_means_harm_or_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        profile(text)
    assert refused.value.field == "log"


K6 = """\
metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags
http_reqs,1760000000,1,,,,true,,GET,https://t.example/a/1,HTTP/2.0,default,,200,,,https://t.example/a/1,
http_req_duration,1760000000,130.5,,,,true,,GET,https://t.example/a/1,HTTP/2.0,default,,200,,,https://t.example/a/1,
http_req_duration,1760000001,60000,,request timeout,1050,false,,POST,https://t.example/b,,default,,0,,,https://t.example/b,
vus,1760000001,2,,,,,,,,,,,,,,,
http_req_duration,1760000002,,,,,true,,GET,https://t.example/a/2,HTTP/2.0,default,,200,,,https://t.example/a/2,
"""


def test_k6_rows_of_one_measure_are_requests() -> None:
    output = profile(K6)
    assert (output.format, output.requests, output.failed, output.unread_total) == ("k6", 2, 1, 1)
    assert {one.name for one in output.endpoints} == {"GET /a/{id}", "POST /b"}
    assert times(output) == [130.5, 60_000]


# --- HAR -------------------------------------------------------------------------------------------------------------------------


def entry(at: str, ms: float, url: str, **timings: float) -> dict[str, object]:
    phases = {"blocked": -1, "dns": -1, "connect": -1, "ssl": -1, "send": 0, "wait": 0, "receive": 0} | timings
    return {
        "startedDateTime": f"2026-10-10T13:55:{at}Z",
        "time": ms,
        "request": {"method": "GET", "url": url},
        "response": {"status": 200, "_transferSize": 500, "content": {"mimeType": "text/html; charset=utf-8", "size": 900}},
        "timings": phases,
    }


def test_an_archive_tells_what_requests_waited_for() -> None:
    entries = [
        entry("36.000", 200, "https://shop.example/", dns=20, connect=80, ssl=50, wait=90, receive=10),
        entry("36.150", 60, "https://cdn.example/app.js?v=1", wait=40, receive=20),
        {"request": "broken"},
    ]
    log = {"log": {"version": "1.2", "pages": [{"title": "Shop", "pageTimings": {"onContentLoad": 410.5, "onLoad": -1}}], "entries": entries}}
    output = profile(json.dumps(log, indent=2))
    assert (output.format, output.requests, output.unread_total, output.bytes) == ("har", 2, 1, 1_000)
    assert output.phase_totals == (0, 20, 30, 50, 0, 130, 30), "the time of TLS is taken out of connect"
    assert [(one.name, one.host, one.kind) for one in output.entries] == [("shop.example", "shop.example", "html"), ("app.js", "cdn.example", "html")]
    assert (output.pages[0].content_ms, output.pages[0].load_ms) == (410.5, None)
    waterfall = next(block for block in performance.present(output) if getattr(block, "title", "") == "When does each request begin and end?")
    assert isinstance(waterfall, blocks.Chart)
    assert dict(waterfall.series[0].points) == pytest.approx({"1. shop.example": 0, "2. app.js": 150})
    assert output.capacity is None
    assert profile(json.dumps(log)).requests == 2, "in one line, too"


# --- figures against numpy and by hand -------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.sampled_from([50, 90, 95, 99]))
def test_percentiles_are_those_of_numpys_inverted_distribution(values: list[float], percent: int) -> None:
    ranked = np.sort(np.array(values))
    assert figures.nearest_rank(ranked, percent) == np.percentile(ranked, percent, method="inverted_cdf")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 5_000), st.sampled_from([200, 404, 500])), min_size=1, max_size=120))
def test_buckets_shares_and_endpoints_hold_every_request_once(rows: list[tuple[int, int, int]]) -> None:
    head = "timeStamp,elapsed,label,responseCode\n"
    output = profile(head + "".join(f"{1_760_000_000_000 + at * 1_000},{ms},e{ms % 5},{status}\n" for at, ms, status in rows))
    assert sum(one.requests for one in output.buckets) == sum(one.requests for one in output.endpoints) == output.requests == len(rows)
    assert sum(count for _, _, count in output.shares) == len(rows)
    assert sum(one.failed for one in output.buckets) == output.failed == sum(status == 500 for *_, status in rows)
    assert sum(one.covered for one in output.buckets) == pytest.approx(output.span)
    assert len(output.buckets) <= 120
    assert sum(one.busy_ms for one in output.buckets) == pytest.approx(sum(ms for _, ms, _ in rows))


def test_the_distribution_has_round_edges() -> None:
    assert figures.distribution(np.array([0.5, 1, 1.9, 7, 2_000, np.nan]))[:2] == ((0.0, 1.0, 1), (1.0, 2.0, 2))
    assert sum(count for *_, count in figures.distribution(np.array([5e9, 6e9]))) == 2
    assert figures.distribution(np.array([np.nan])) == ()


# --- what is wrong ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "format_", "said"),
    [
        ("hello\nworld\n", "auto", "0 requests and 2 lines"),
        ('{"log": {}}', "har", "no list log.entries"),
        ('{"log": {"entries": [}}', "har", "line 1, column 22"),
        ("[" * 100_000, "har", "HAR"),
        ('{"log": {"entries": []}}', "har", "0 requests"),
        ("a,b\n1,2\n", "jtl", "timeStamp and elapsed"),
        ("a,b\n1,2\n", "k6", "metric_name and metric_value"),
        ('timeStamp,elapsed\n"' + "x" * 200_000, "auto", "no CSV"),
        (access((1, "GET /", 200, " 0.1")) + "x\n" * 9, "auto", "1 request and 9 lines"),
    ],
)
def test_what_cannot_be_read_names_the_field(text: str, format_: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        profile(text, format=format_)
    assert refused.value.field == "log"


def test_wrong_inputs_are_refused_by_name() -> None:
    raw = {"log": "", "format": "pcap", "unit": "hours", "thresholdMs": 0, "goalMs": 0.5, "errorsFrom": "300", "capacity": -1}
    with pytest.raises(InvalidInputs) as refused:
        parse(performance.TOOL, raw)
    assert {error.field for error in refused.value.errors} == set(raw)


def test_a_known_capacity_is_what_the_trend_is_held_against() -> None:
    assert performance.TOOL.example is not None
    output = profile(performance.TOOL.example.log, capacity=4.0)
    assert output.capacity is not None
    assert output.capacity.trend is not None
    assert output.capacity.trend.full_in_s == pytest.approx((4.0 - output.capacity.trend.now) / output.capacity.trend.an_hour * 3_600)
    assert "the capacity that you gave" in str(performance.present(output))


def test_a_single_request_is_a_profile() -> None:
    output = profile(access((1, "GET /", 200, " 0.1")))
    assert (output.requests, output.span, len(output.buckets)) == (1, 1, 1)


def test_times_out_of_all_reason_are_taken_as_missing() -> None:
    rows = "".join(f"{when},{ms},a,200,true\n" for when, ms in ((1e30, 5), (-4, 5), (1_760_000_000_000, -5), (1_760_000_000_000, 1e14), ("inf", 5)))
    output = profile("timeStamp,elapsed,label,responseCode,success\n" + rows)
    assert (output.requests, output.span, output.times.measured) == (3, None, 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["", "{", "<", "timeStamp,elapsed\n", "metric_name,metric_value\n", '{"log":{"entries":[{"time":']), st.text(max_size=200))
def test_any_text_is_read_or_refused(head: str, text: str) -> None:
    try:
        assert profile((head + text) or "x").requests > 0
    except InputError as error:
        assert error.field == "log"  # noqa: PT017 - the other outcome is as good
