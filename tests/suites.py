"""A pytest plugin of `make test`: what each suite took of its budget, and the coverage that each room must have.

A suite is a folder of `tests/`. Its budget is in seconds of one process on two cores; going over it is said, not failed, because machines differ.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage

from credit_studio.settings import PROJECT_ROOT

BUDGET_S = {
    "api": 180,
    "browser": 600,
    "contracts": 120,
    "flows": 120,
    "history": 60,
    "identity": 60,
    "ledger": 240,
    "operate": 120,
    "payments": 120,
    "runs": 120,
    "sandbox": 60,
    "subscriptions": 120,
    "tools": 240,
    "ui": 120,
}
OTHER_S = 45
"""The budget of every suite that is not named: pure or one room deep."""
COVERED = {"core": 95, "ledger": 95, "history": 95, "engine": 95, "runs": 95, "identity": 95, "payments": 95, "subscriptions": 95, "offers": 95, "limits": 95}
"""The rooms where money and people are, and the least per cent of lines that tests must reach there."""
TRACED = {*COVERED, "api", "catalog", "db", "flows", "jobs", "notifications", "reconciliation", "token_catalogue"}
"""The suites that count towards it, fuzzing apart: to trace a line costs more than to run it, and who comes by at random has not asked after it."""


class Suites:
    """Times and coverage of one session."""

    def __init__(self, config: pytest.Config) -> None:
        self.took_s: dict[str, float] = defaultdict(float)
        self.enforced = config.pluginmanager.hasplugin("_cov")
        self.coverage: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add a test's set-up, call and tear-down to its suite."""
        self.took_s[_suite(report.nodeid)] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Read what pytest-cov has combined; too little coverage fails the session."""
        if not self.enforced:
            return
        read = Coverage(data_file=str(PROJECT_ROOT / ".coverage"), config_file=str(PROJECT_ROOT / "pyproject.toml"))
        read.load()
        self.coverage = list(_rooms_below(read))
        if self.coverage and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the budgets, and the rooms with too little coverage."""
        terminalreporter.section("suites")
        for suite, took_s in sorted(self.took_s.items()):
            budget_s = BUDGET_S.get(suite, OTHER_S)
            terminalreporter.line(f"{suite:<14}{took_s:7.1f} s of {budget_s:>4} s{'   OVER ITS BUDGET' if took_s > budget_s else ''}")
        for line in self.coverage:
            terminalreporter.line(f"FAILED {line}", red=True)


def _suite(nodeid: str) -> str:
    parts = Path(nodeid.split("::", maxsplit=1)[0]).parts
    return parts[1] if len(parts) > 2 else "root"


def _rooms_below(read: Coverage) -> Iterator[str]:
    for room, least in COVERED.items():
        lines, missed, gaps = 0, 0, []
        for path in sorted((PROJECT_ROOT / "credit_studio" / room).rglob("*.py")):
            _, statements, _, missing, where = read.analysis2(str(path))
            lines, missed = lines + len(statements), missed + len(missing)
            gaps += [f"{path.relative_to(PROJECT_ROOT)}: {where}"] if missing else []
        share = 100 * (lines - missed) / lines if lines else 100.0
        if share < least:
            yield f"coverage of {room}: {share:.1f} %, at least {least} %\n  " + "\n  ".join(gaps)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Trace only the suites that count."""
    for item in items:
        if _suite(item.nodeid) not in TRACED or "fuzz" in item.path.name:
            item.add_marker("no_cover")


def pytest_configure(config: pytest.Config) -> None:
    """Join the session: where the reports of all its processes come together."""
    if hasattr(config, "workerinput"):
        return
    sys.stdout.flush()
    config.pluginmanager.register(Suites(config), "suites-and-coverage")
