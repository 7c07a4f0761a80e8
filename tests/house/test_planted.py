"""Each rule is shown to bite: a copy of the house, one violation planted in it, and the rule must name the place."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from credit_studio.settings import PROJECT_ROOT
from tests.house import rules
from tests.house.floors import broken_floors

LONG = "def endless() -> int:\n    '''Too long.'''\n    x = 0\n" + "    x += 1\n" * 76 + "    return x\n"
RESERVED = "no" + "qa"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("house")
    for name in ("credit_studio", "tests", "docs", "alembic"):
        shutil.copytree(PROJECT_ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in ("pyproject.toml", "rxconfig.py"):
        shutil.copy(PROJECT_ROOT / name, copy / name)
    return copy


@pytest.fixture
def plant(house: Path) -> Iterator["Plant"]:
    planted = Plant(house)
    yield planted
    planted.pull_out()


class Plant:
    """Adds text to files of the copy, and takes it out again."""

    def __init__(self, house: Path) -> None:
        self.house = house
        self.former: dict[Path, str | None] = {}

    def add(self, name: str, text: str) -> None:
        """Append `text` to the file, made when there is none."""
        path = self.house / name
        self.former[path] = path.read_text() if path.exists() else None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((self.former[path] or "") + "\n" + text)

    def pull_out(self) -> None:
        """Put every file back."""
        for path, text in self.former.items():
            if text is None:
                path.unlink()
            else:
                path.write_text(text)


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (rules.functions_are_short, "credit_studio/ledger/service.py", LONG),
        (rules.files_are_short, "credit_studio/ledger/long.py", "x = 1\n" * 401),
        (rules.files_are_short, "credit_studio/ui/pages/planted.py", "x = 1\n" * 251),
        (rules.the_ledger_is_small, "credit_studio/ledger/planted.py", "x = 1\n" * 300),
        (rules.sql_stays_in_its_files, "credit_studio/ledger/service.py", 'PLANTED = "SELECT balance FROM account"\n'),
        (rules.sql_stays_in_its_files, "credit_studio/identity/service.py", "from sqlalchemy import update\n"),
        (rules.sql_is_never_put_together, "credit_studio/identity/store.py", 'def planted(name):\n    return text(f"SELECT {name}")\n'),
        (rules.nobody_commits, "credit_studio/identity/service.py", "async def planted(tx):\n    await tx.conn.commit()\n"),
        (rules.nobody_commits, "credit_studio/identity/service.py", "async def planted():\n    async with transaction() as tx:\n        pass\n"),
        (rules.packages_have_charters, "credit_studio/planted/__init__.py", ""),
        (rules.names_say_something, "credit_studio/ledger/helpers.py", "x = 1\n"),
        (rules.exceptions_have_reasons, "credit_studio/core/money.py", f"import os  # {RESERVED}: F401\n"),
        (rules.exceptions_have_reasons, "credit_studio/core/money.py", f"import os  # {RESERVED}\n"),
        (rules.tests_are_never_skipped, "tests/ledger/test_planted.py", "@pytest.mark.skip\ndef test_planted():\n    assert 1\n"),
        (rules.tests_assert_something, "tests/ledger/test_planted.py", "def test_planted():\n    print(1)\n"),
        (rules.tables_are_their_own, "credit_studio/runs/planted.py", "from credit_studio.identity.models import Person\n"),
        (rules.tables_are_their_own, "credit_studio/runs/planted.py", "from credit_studio.identity import store\n"),
        (rules.tables_are_their_own, "credit_studio/ui/pages/planted.py", "import credit_studio.ledger.models\n"),
        (rules.tables_are_their_own, "credit_studio/history/planted.py", "from credit_studio.runs.models import Run\n"),
        (rules.tables_are_their_own, "credit_studio/history/planted.py", "from credit_studio.ledger import store\n"),
        (rules.readers_write_nothing, "credit_studio/history/store.py", "from sqlalchemy.dialects.postgresql import insert\n"),
        (rules.readers_write_nothing, "credit_studio/history/store.py", "PLANTED = ENTRY.table.delete()\n"),
        (rules.readers_write_nothing, "credit_studio/history/store.py", "PLANTED = select(ENTRY).with_for_update()\n"),
        (rules.readers_write_nothing, "credit_studio/history/checks.py", 'PLANTED = "WITH gone AS (DELETE FROM entry RETURNING id) SELECT id FROM gone"\n'),
        (rules.readers_write_nothing, "credit_studio/history/service.py", "from credit_studio.ledger import service as ledger\n"),
        (rules.libraries_have_their_room, "credit_studio/ledger/service.py", "import reflex as rx\n"),
        (rules.libraries_have_their_room, "credit_studio/runs/planted.py", "from stripe import StripeClient\n"),
        (rules.decisions_are_pure, "credit_studio/engine/rules.py", "import httpx\n"),
        (rules.decisions_are_pure, "credit_studio/core/money.py", "from credit_studio import settings\n"),
        (rules.nothing_names_the_workshop, "docs/guide/planted.md", f"See {rules.UNNAMED[0]}/design.\n"),
    ],
)
def test_a_planted_violation_is_named(plant: Plant, rule: rules.Rule, name: str, text: str) -> None:
    before = set(rule(plant.house))
    plant.add(name, text)
    found = set(rule(plant.house)) - before
    assert any(line.startswith(name) for line in found), found


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("credit_studio/core/money.py", "from credit_studio.ledger import views", "credit_studio.core.money -> credit_studio.ledger.views"),
        ("credit_studio/ledger/views.py", "from credit_studio.engine import service", "credit_studio.ledger.views -> credit_studio.engine.service"),
        ("credit_studio/identity/views.py", "from credit_studio.catalog import service", "credit_studio.identity.views -> credit_studio.catalog.service"),
        ("credit_studio/identity/store.py", "from credit_studio.identity import flow", "credit_studio.identity.store -> credit_studio.identity.flow"),
        ("credit_studio/tools/base.py", "from credit_studio import settings", "credit_studio.tools.base -> credit_studio.settings"),
        ("credit_studio/payments/rules.py", "from credit_studio.sandbox import cards", "credit_studio.payments.rules -> credit_studio.sandbox.cards"),
        ("credit_studio/sandbox/cards.py", "from credit_studio.core import clock", "credit_studio.sandbox.cards -> credit_studio.core.clock"),
        ("credit_studio/shed/__init__.py", '"""A room that nobody drew."""', "shed"),
    ],
)
def test_a_planted_import_is_named(plant: Plant, name: str, text: str, named: str) -> None:
    plant.add(name, f"{text}\n")
    assert named in " ".join(broken_floors(plant.house).split())
