import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from credit_studio import settings
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.ledger.terms import CONSUMED
from credit_studio.operate.bench import book as books
from credit_studio.operate.bench import cluster, floor, measure, report, store
from credit_studio.operate.bench.book import Book
from credit_studio.operate.bench.measure import Measure
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import PROJECT_ROOT

FLOOR = Measure("floor", 1_000)
TINY = """
import sys
from pathlib import Path
from credit_studio.operate.bench import command
from credit_studio.operate.bench.size import Size
size = Size(people=12, rounds=1, floor=("-t", "5"), load_s=0.05, read_s=0.05, runs=2, entries=(48, 96), grants=10, used=(40, 80))
sys.exit(command.main(as_json=True, with_growth=sys.argv[2] == "growth", size=size, docs=Path(sys.argv[1])))
"""


def test_a_gate_on_a_ratio_compares_with_the_floor() -> None:
    assert [Measure("load", value, floor=FLOOR, at_least=1.5).holds for value in (1_499, 1_500, 9_000)] == [False, True, True]


def test_a_gate_on_the_figure_compares_with_nothing_else() -> None:
    assert [Measure("run", value, unit="ms", floor=FLOOR, at_most=60).holds for value in (1, 60, 60.1)] == [True, True, False]


def test_a_ratio_gate_without_a_floor_is_missed() -> None:
    assert not Measure("load", 9_000, at_least=1.5).holds


def test_a_slow_minute_strikes_a_load_and_the_floor_of_its_round() -> None:
    told = measure.middle("load", [30, 300, 33], besides=[10, 100, 10], floor=FLOOR)
    assert (told.value, told.ratio) == (33, 3)


def test_rounds_are_told_by_their_median_and_their_ends() -> None:
    told = measure.middle("load", [3, 100, 1, 2, 4], floor=FLOOR)
    assert (told.value, told.spread, told.ratio) == (3, (1, 100), 0.003)


def test_the_status_is_0_only_when_every_gate_is_met() -> None:
    met, missed = Measure("met", 2_000, floor=FLOOR, at_least=1.5), Measure("missed", 2_000, floor=FLOOR, at_least=5)
    assert measure.status([FLOOR, met]) == 0
    assert measure.status([met, missed]) == 1


def test_the_table_has_the_floor_beside_each_figure_and_says_what_was_missed() -> None:
    missed = Measure("load", 1_234.5, floor=FLOOR, at_least=1.5, spread=(1_000, 2_000))
    lines = measure.table([FLOOR, missed, Measure("run", 12.345, unit="ms", at_most=60)]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert len({len(line) for line in lines}) == 1
    assert cells[2] == ["floor", "1,000/s", "", "", "", ""]
    assert cells[3] == ["load", "1,234/s", "1,000/s to 2,000/s", "floor: 1,000/s", "1.23", "1.50 or more: MISSED"]
    assert cells[4] == ["run", "12.35 ms", "", "", "", "60.00 ms or less: ok"]


def test_a_machine_is_told_the_figures_and_whether_the_gates_are_met() -> None:
    said = json.loads(measure.as_json([FLOOR, Measure("load", 1_600, floor=FLOOR, at_least=1.5)], {"python": "3"}))
    assert said["holds"]
    assert said["machine"] == {"python": "3"}
    assert said["measures"][1] == {
        "name": "load",
        "value": 1_600,
        "unit": "/s",
        "spread": [],
        "floor": "floor",
        "floorValue": 1_000,
        "ratio": 1.6,
        "atLeast": 1.5,
        "atMost": None,
        "holds": True,
    }


def test_each_command_rewrites_its_own_section_of_the_page(tmp_path: Path) -> None:
    for title, value in ((report.GROWTH, 11), (report.GATES, 22), (report.GATES, 33)):
        assert report.write(tmp_path, title, [Measure("load", value)], {"cores": "2"}) == tmp_path / report.PAGE
    page = (tmp_path / report.PAGE).read_text()
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Benchmarks", "## The gates", "## Growth"]
    assert ("11/s" in page, "22/s" in page, "33/s" in page) == (True, False, True)
    report.write(tmp_path, report.GATES, [Measure("load", 33)], {"cores": "2"})
    assert (tmp_path / report.PAGE).read_text() == page


def test_a_place_without_docs_gets_no_page(tmp_path: Path) -> None:
    assert report.write(tmp_path / "docs", report.GATES, [FLOOR], {}) is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
async def floors(database: None) -> AsyncIterator[None]:
    """The floor's tables in the database of the tests, for as long as the test."""
    async with transaction() as tx:
        await store.make_floor(tx)
    yield
    async with transaction() as tx:
        await store.remove_floor(tx)


async def test_a_charge_of_the_floor_takes_from_a_balance_and_leaves_an_entry(floors: None) -> None:
    assert await floor.rate(floor.C8, settings.get(), "-t", "5") > 0
    assert await floor.rate(floor.HOT, settings.get(), "-t", "5") > 0
    async with transaction() as tx:
        taken = await tx.execute(text("SELECT sum(1000000000000 - balance), (SELECT -sum(amount) FROM floor.entry) FROM floor.balance"))
        assert taken.one() == (80, 80)


async def test_a_read_of_the_floor_changes_nothing(floors: None) -> None:
    assert await floor.rate(floor.READ, settings.get(), "-t", "5") > 0
    async with transaction() as tx:
        assert await store.read_floor(tx, 1) == 1_000_000_000_000


async def test_a_floor_that_cannot_be_measured_says_why_in_one_line(database: None) -> None:
    with pytest.raises(CannotStart, match=r"^pgbench did not measure the floor: .*\S$"):
        await floor.rate(floor.C1, settings.get(), "-t", "5")


async def test_a_server_that_may_lose_what_it_acknowledged_is_refused(database: None) -> None:
    assert (await cluster.server_settings())["fsync"] == "on"
    try:
        await _on_every_connection("ALTER ROLE postgres SET synchronous_commit = off")
        with pytest.raises(CannotStart, match="synchronous_commit off"):
            await cluster.server_settings()
    finally:
        await _on_every_connection("ALTER ROLE postgres RESET synchronous_commit")


async def _on_every_connection(change: str) -> None:
    async with transaction() as tx:
        await tx.execute(text(change))
    await db.dispose()


@pytest.fixture
async def opened(book: None) -> AsyncIterator[Book]:
    """A book of four people."""
    made = await books.opened(4)
    yield made
    await made.close()


async def test_people_have_three_grants_and_the_windows_of_two_caps(opened: Book) -> None:
    async with transaction() as tx:
        rows = await tx.execute(
            text("""SELECT (SELECT count(*) FROM "grant" g WHERE g.account_id = a.id AND open), (SELECT sum(used) FROM cap c WHERE c.account_id = a.id),
            (SELECT count(*) FROM cap c WHERE c.account_id = a.id), version, held FROM account a""")
        )
        assert rows.all() == [(3, 2, 2, 5, 0)] * 4


async def test_what_a_load_was_told_is_in_the_book_and_the_book_is_whole(opened: Book) -> None:
    assert min(await opened.in_turns(opened.people, in_flight=8, seconds=0)) > 0
    assert await opened.unkept(opened.people, in_flight=8, seconds=0) > 0
    async with transaction() as tx:
        assert (await tx.execute(text("SELECT count(*), sum(captured) FROM hold WHERE state = 'captured'"))).one() == (4 + 8 * 16 + 4, 4 + 8 * 16 + 4)


async def test_a_load_that_the_book_does_not_do_is_no_measurement(opened: Book) -> None:
    _, made = await opened.hold_each(opened.people[:1], in_flight=1)
    await opened.charge(made, in_flight=1)
    with pytest.raises(RuntimeError, match="the book did not do Capture"):
        await opened.charge(made, in_flight=1)


async def test_a_past_has_the_rows_that_runs_leave_and_the_book_goes_on_after_it(database: None) -> None:
    opened = await books.opened(4)
    await opened.close()
    async with transaction() as tx:
        await store.add_days(tx)
        await store.add_runs(tx, runs=3, before=0, consumed=CONSUMED)
        await store.add_runs(tx, runs=2, before=3, consumed=CONSUMED)
    async with transaction() as tx:
        await store.settle_down(tx)
        counts = await tx.execute(text("SELECT (SELECT count(*) FROM entry WHERE at < now() - interval '1 day'), (SELECT count(*) FROM hold_part)"))
        assert counts.one() == (4 * 5 * 2, 4 * 5 + 4)
    assert min(await opened.in_turns(opened.people, in_flight=8, seconds=0)) > 0
    await opened.close()


@pytest.mark.parametrize(("what", "title"), [("gates", report.GATES), ("growth", report.GROWTH)])
def test_a_bench_in_small_says_json_writes_its_section_and_leaves_nothing_else(what: str, title: str, tmp_path: Path) -> None:
    docs, data = tmp_path / "docs", tmp_path / "data"
    docs.mkdir()
    answer = subprocess.run(
        [sys.executable, "-c", TINY, str(docs), what], cwd=PROJECT_ROOT, env=os.environ | {"DATA_DIR": str(data)}, capture_output=True, text=True, check=False
    )
    assert answer.stdout, answer.stderr
    said = json.loads(answer.stdout)
    assert answer.returncode == (0 if said["holds"] else 1), answer.stderr
    assert [one["holds"] for one in said["measures"] if one["name"].startswith("invariants")] == ([True] if what == "gates" else [])
    assert f"## {title}" in (docs / report.PAGE).read_text()
    assert [one.name for one in data.iterdir()] == ["pg.lock"]
