"""What a result looks like and what can be taken from it: reports, clouds of points, trees of files, diagrams, findings. Blocks are handed to a real page."""

import csv
import io
import json
import re
import zlib
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft7Validator
from playwright.async_api import Browser, Page, Route, expect

from credit_studio.tools import blocks
from tests.browser import axe
from tests.browser.conftest import PASSWORD, ZONE, settled
from tests.studios import Place

pytestmark = pytest.mark.browser

REPORT = """# Access policy \u2013 M\u00fcller & S\u00f6hne

Owner **Jane <script>alert(1)</script> O'Neil**, fee \u00a31,200 or \u20ac1,400, \u0141\u00f3d\u017a, \u039b\u03b1, \u041c\u043e.

## Scope

> Quoted words

- one `code <b>`
- two
  1. inner

+ [ ] to do
+ [x] done

<div onclick="alert(1)">raw</div>

![a picture](https://example.com/x.png) [bad](javascript:alert(1)) [good](https://example.com/a?b=1&c=2)

#### Jumped

| Control | Score |
|:--|--:|
| A.5.1 | 1,234 |
| A.5.2 \\| b | 5 |

```python
x = 1  # don't
```
"""
LONG = "# Long report\n\n" + "\n\n".join(f"## Part {part}\n\n{'Some words of this part. ' * 30}" for part in range(1, 21))
PATHS = [f"src/main/java/app/{folder}/{name}.java" for folder in ("api", "service", "store", "web") for name in ("Account", "Customer", "Invoice", "Order")]
PATHS += [f"infra/k8s/base/part-{part}.yaml" for part in range(12)] + [f"docs/page-{part}.md" for part in range(11)] + ["Dockerfile"]
NAMES = ("Customer identity and access management", "Orders", "Very-long-name-without-any-space-in-it", "Payment gateway", "Invoices", "Mail")
NODES = tuple(blocks.Node(f"{zone}-{row}", NAMES[row], "process", zone, row * 2, ("PostgreSQL 18",)) for zone in range(5) for row in range(6))
EDGES = tuple(blocks.Edge(f"{zone}-{row}", f"{zone + 1}-{(row + 2) % 6}", f"HTTPS, {NAMES[row]}") for zone in range(4) for row in range(6))
ZONES = tuple(blocks.Zone(f"Zone {zone}", tuple(f"{zone}-{row}" for row in range(6))) for zone in range(5))
CLOUD = blocks.Chart(
    "How do size and time relate?",
    "scatter",
    blocks.Axis("Size", "bytes"),
    blocks.Axis("Time", "ms"),
    (blocks.Series("GET", tuple((at * 10.0, at % 90) for at in range(120))), blocks.Series("POST", tuple((at * 7.0, at % 70) for at in range(2_000)))),
    "They do not.",
    marks=(blocks.Mark("y", 50.0, "Target 50 ms"),),
)
BARS = blocks.Chart(
    "Which files?",
    "bar",
    blocks.Axis("File", "text"),
    blocks.Axis("Findings", "integer"),
    (blocks.Series("all", tuple((f"src/app/services/{name}.py", float(at + 1)) for at, name in enumerate(("authentication", "payments", "orders", "db")))),),
    "The last.",
)
OCTOBER = 20_727  # the 1st, in 2026
DATES = blocks.Chart(
    "When?",
    "line",
    blocks.Axis("Day", "date", "day"),
    blocks.Axis("Requests", "integer"),
    (blocks.Series("all", tuple((OCTOBER + at / 2, float(at)) for at in range(60))),),
    "Ever more.",
    tab="Charts",
)
BESIDE = blocks.Chart(
    "Which is larger?",
    "bar",
    blocks.Axis("Region", "text"),
    blocks.Axis("Mean", "decimal"),
    (blocks.Series("Web", (("North", 5.0), ("South", 6.0))), blocks.Series("Phone", (("North", 4.0), ("South", 8.0)))),
    "South by phone.",
    is_grouped=True,
    tab="Charts",
)
LAW = blocks.Chart(
    "Does it fit?",
    "scatter",
    blocks.Axis("Load"),
    blocks.Axis("Rate"),
    (blocks.Series("Law", tuple((float(at), at**0.5) for at in range(8)), is_line=True), blocks.Series("Seen", ((1.0, 1.1), (4.0, 1.9)))),
    "It does.",
    tab="Charts",
)
FINDINGS = blocks.Findings(
    "Findings",
    (
        blocks.Finding("critical", "SQL from input", "src/app/db.py:42", "A value is put into it.", "Bind it."),
        blocks.Finding("low", "An assert", "src/a b/x.py:3"),
        blocks.Finding("info", "A package", "requests 2.1"),
    ),
    "12 files",
)
DRAWN = (
    blocks.KeyFigures((blocks.Figure("Findings", "3"),)),
    FINDINGS,
    CLOUD,
    BARS,
    blocks.Code("Change", "diff", "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n", tab="Code"),
    blocks.Code("Notes", "markdown", "# Title\n\n> quote\n", tab="Code"),
    blocks.Code("Page", "html", '<p class="a">x &amp; y</p>\n', filename="page.html", tab="Code"),
    blocks.Document("Access policy", REPORT, "access-policy", tab="Report"),
    blocks.Document("Long", LONG, "long", tab="Long"),
    blocks.Files("Project", tuple(blocks.File(path, f"# {path}\n") for path in PATHS), "project.zip", tab="Files"),
    blocks.Diagram("Flows", NODES, EDGES, "30 parts in 5 zones.", ZONES, tab="Diagram"),
    blocks.Table("Formulas", (blocks.Column("Name"), blocks.Column("Value", "decimal")), (("=1+1", -2.5), ("\uff1dcmd", 1.0), ("-4", 2.0)), tab="Table"),
    DATES,
    BESIDE,
    LAW,
    blocks.Code("Types", "typescript", "export const a = `b`; // c\n", tab="Code"),
)


@pytest.fixture(scope="module")
async def result(browser: Browser, place: Place) -> AsyncIterator[Page]:
    """A tool's page whose stored result is the blocks above."""
    async with httpx.AsyncClient(base_url=place.url) as http:
        answer = await http.post("/api/auth/register", json={"email": f"{uuid4().hex[:12]}@example.com", "password": PASSWORD, "timeZone": ZONE})
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id=ZONE, accept_downloads=True)
    context.set_default_timeout(10_000)
    await context.add_cookies([{"name": "cs_session", "value": answer.cookies["cs_session"], "url": place.url}])
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    body = json.dumps({"blocks": blocks.to_json(DRAWN)})

    async def answer_blocks(route: Route) -> None:
        await route.fulfill(status=200, content_type="application/json", body=body)

    await page.route("**/api/runs/*/blocks*", answer_blocks)
    await settled(page, f"{place.url}/cyber-studio/vulnerability-scanner/")
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("link", name="Why this charge?").wait_for()
    yield page
    await context.close()
    assert faults == []


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name, exact=True).click()


async def _taken(page: Page, tab: str, button: str) -> tuple[str, bytes]:
    await _tab(page, tab)
    async with page.expect_download() as download:
        await page.get_by_role("button", name=button, exact=True).click()
    taken = await download.value
    return taken.suggested_filename, (await taken.path()).read_bytes()


async def test_a_report_stands_under_the_headings_of_the_page_and_leaves_no_level_out(result: Page) -> None:
    await _tab(result, "Report")
    await expect(result.locator(".report h4")).to_have_text("Access policy \u2013 M\u00fcller & S\u00f6hne")
    tags = await result.locator(".report :is(h4, h5, h6)").evaluate_all("(all) => all.map((one) => one.tagName)")
    assert tags == ["H4", "H5", "H6"]
    await expect(result.locator(".report table td.r")).to_have_text(["1,234", "5"])
    await expect(result.locator(".report li ol li")).to_have_text("inner")


async def test_a_report_is_text_and_never_markup(result: Page) -> None:
    await _tab(result, "Report")
    report = result.locator(".report")
    assert await report.locator("script, img, iframe, div[onclick]").count() == 0
    await expect(report).to_contain_text("<script>alert(1)</script>")
    await expect(report).to_contain_text('<div onclick="alert(1)">raw</div>')
    links = await report.locator("a").evaluate_all("(all) => all.map((one) => [one.getAttribute('href'), one.rel])")
    assert links == [["https://example.com/a?b=1&c=2", "noopener noreferrer"]]


async def test_a_report_is_taken_as_the_markdown_that_it_is(result: Page) -> None:
    assert await _taken(result, "Report", "Markdown: download Access policy") == ("access-policy.md", REPORT.encode())


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_a_report_as_html_stands_alone_and_is_escaped(result: Page) -> None:
    name, content = await _taken(result, "Report", "HTML: download Access policy")
    read = _Tags()
    read.feed(content.decode())
    assert name == "access-policy.html"
    assert not {"script", "img", "link", "iframe", "div" if 'onclick="' in content.decode() else ""} & set(read.seen)
    assert {"h1", "h2", "h3", "table", "blockquote", "pre", "ol", "ul"} <= set(read.seen)
    assert "Jane <script>alert(1)</script> O'Neil" in read.text
    assert b"default-src 'none'" in content
    assert b"prefers-color-scheme:dark" in content


async def test_a_report_as_pdf_is_a_real_file_with_all_its_letters(result: Page) -> None:
    name, content = await _taken(result, "Report", "PDF: download Access policy")
    assert name == "access-policy.pdf"
    assert content.startswith(b"%PDF-1.")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    maps = b"".join(_unpacked(content))
    for letter in "\u00a3\u20ac\u0141\u039b\u041c\u00fc\u2013":
        assert f"{ord(letter):04x}".encode() in maps.lower()


def _unpacked(pdf: bytes) -> list[bytes]:
    """The streams of a PDF that map its glyphs to letters."""
    streams = [zlib.decompress(packed) for packed in re.findall(rb"FlateDecode\s*>>\s*stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)]
    return [stream for stream in streams if b"beginbfchar" in stream or b"beginbfrange" in stream]


async def test_a_long_report_is_shown_in_part_first_and_its_contents_lead_on(result: Page) -> None:
    await _tab(result, "Long")
    parts = result.locator(".report h5")
    first = await parts.count()
    assert 5 < first < 20
    await result.get_by_text("Contents, 20 sections").click()
    await result.locator(".contents").get_by_role("link", name="Part 19").click()
    await expect(parts).to_have_count(20)
    await expect(result.get_by_role("heading", name="Part 19")).to_be_focused()
    assert (await _taken(result, "Long", "PDF: download Long"))[1].startswith(b"%PDF")


async def test_a_cloud_is_points_without_a_line_and_says_what_it_leaves_out(result: Page) -> None:
    await _tab(result, "Summary")
    await expect(result.locator(".recharts-scatter")).to_have_count(2)
    assert await result.locator(".recharts-scatter-symbol").count() == 120 + 1_000
    await expect(result.get_by_text("1,120 of 2,120 points are drawn")).to_be_visible()
    await expect(result.get_by_text("Target 50 ms")).to_be_visible()


async def test_bars_with_long_names_lie(result: Page) -> None:
    await _tab(result, "Summary")
    bars = await result.locator(".recharts-bar-rectangle path").evaluate_all(
        "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => [box.width, box.height])"
    )
    assert len(bars) == 4
    assert bars[-1][0] > 3 * bars[0][0]
    assert max(height for _, height in bars) < 30


async def test_days_stand_on_an_axis_of_dates_and_are_taken_as_dates(result: Page) -> None:
    await _tab(result, "Charts")
    drawn = result.locator("figure", has_text="When?").locator("svg.recharts-surface").first
    await expect(drawn).to_contain_text("5 Oct")
    await expect(drawn).to_contain_text("Day, 2026")
    _, content = await _taken(result, "Charts", "Download the figures of When? as CSV")
    assert list(csv.reader(io.StringIO(content.decode())))[1:3] == [["all", "2026-10-01", "0"], ["all", "2026-10-01T12:00:00", "1"]]


async def test_figures_that_do_not_add_up_stand_side_by_side(result: Page) -> None:
    await _tab(result, "Charts")
    figure = result.locator("figure", has_text="Which is larger?")
    await expect(figure.locator(".recharts-bar-rectangle path")).to_have_count(4)
    feet = await figure.locator(".recharts-bar-rectangle path").evaluate_all("(all) => all.map((one) => Math.round(one.getBoundingClientRect().bottom))")
    assert len(set(feet)) == 1


async def test_a_law_is_a_line_among_what_was_seen(result: Page) -> None:
    await _tab(result, "Charts")
    figure = result.locator("figure", has_text="Does it fit?")
    await expect(figure.locator(".recharts-scatter-line path")).to_have_count(1)
    await expect(figure.locator(".recharts-scatter-symbol path")).to_have_count(2)


async def test_findings_in_files_are_taken_as_sarif(result: Page) -> None:
    name, content = await _taken(result, "Summary", "SARIF: download Findings")
    log = json.loads(content)
    schema = json.loads((Path(__file__).parent.parent / "tools" / "dev" / "samples" / "sarif-2.1.0.schema.json").read_text())
    assert name == "findings.sarif"
    assert list(Draft7Validator(schema).iter_errors(log)) == []
    first, second, third = log["runs"][0]["results"]
    assert (first["level"], first["locations"][0]["physicalLocation"]["region"]) == ("error", {"startLine": 42})
    assert second["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/a%20b/x.py"
    assert "locations" not in third


async def test_a_table_taken_as_csv_has_no_formulas(result: Page) -> None:
    _, content = await _taken(result, "Table", "Download Formulas as CSV")
    assert list(csv.reader(io.StringIO(content.decode())))[1:] == [["'=1+1", "-2.5"], ["'\uff1dcmd", "1"], ["-4", "2"]]


async def test_code_is_coloured_and_stays_what_it_is(result: Page) -> None:
    await _tab(result, "Code")
    for title, kinds, text in (
        ("Change", ["k", "k", "n", "del", "s"], DRAWN[4]),
        ("Notes", ["k", "c"], DRAWN[5]),
        ("Page", ["k", "s", "k", "n", "k", "k"], DRAWN[6]),
        ("Types", ["k", "k", "s", "c"], DRAWN[-1]),
    ):
        well = result.get_by_role("region", name=title, exact=True)
        assert await well.locator("span").evaluate_all("(all) => all.map((one) => one.className)") == kinds
        assert isinstance(text, blocks.Code)
        assert await well.evaluate("(one) => one.textContent") == text.text


async def test_folders_of_a_tree_fold_and_chains_of_them_are_one_line(result: Page) -> None:
    await _tab(result, "Files")
    tree = result.locator(".tree")
    await expect(tree.get_by_role("button", name="src/main/java/app", exact=True)).to_have_attribute("aria-expanded", "true")
    before = await tree.get_by_role("listitem").count()
    await tree.get_by_role("button", name="infra/k8s/base", exact=True).click()
    await expect(tree.get_by_role("listitem")).to_have_count(before - 12)
    await tree.get_by_role("button", name="Dockerfile", exact=True).click()
    await expect(result.get_by_role("region", name="Dockerfile", exact=True)).to_contain_text("# Dockerfile")


async def test_a_crowded_diagram_numbers_its_arrows_and_nothing_leaves_it(result: Page) -> None:
    await _tab(result, "Diagram")
    await result.get_by_text("The 24 arrows by number").click()
    await expect(result.locator("figure ol li").first).to_contain_text("HTTPS, Customer identity")
    outside = await result.locator("svg.diagram").evaluate(
        """(svg) => { const [x, y, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
        return [...svg.querySelectorAll("rect, text, path")].map((one) => one.getBBox())
          .filter((box) => box.x < x || box.y < y || box.x + box.width > x + width || box.y + box.height > y + height).length; }"""
    )
    assert outside == 0
    await result.get_by_role("button", name="Fit to width").click()
    scrolls = await result.get_by_role("region", name="Flows", exact=True).evaluate("(one) => one.scrollWidth - one.clientWidth")
    assert scrolls <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_every_block_is_accessible_and_nothing_scrolls_the_page_sideways(result: Page, scheme: str, width: int) -> None:
    await result.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    await result.set_viewport_size({"width": width, "height": 900})
    faults: list[str] = []
    for name in ("Summary", "Charts", "Code", "Report", "Long", "Files", "Diagram", "Table"):
        await _tab(result, name)
        await result.locator("[role=tabpanel] h3").first.wait_for()
        faults += [f"{name}: {one}" for one in await axe.violations(result)]
        wide = await result.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"{name}: {wide} px too wide"] if wide > 0 else []
    await result.set_viewport_size({"width": 1280, "height": 900})
    assert faults == []
