"""The pages compile, as Reflex would build them, without Node."""

import re
from pathlib import Path
from typing import Any

import pytest
import reflex as rx

from credit_studio.settings import PROJECT_ROOT

CALLED = {
    "Account.load",
    "Accuracy.load",
    "Alerts.follow",
    "Alerts.load",
    "Alerts.narrow",
    "Alerts.newer",
    "Alerts.older",
    "Alerts.read_all",
    "Alerts.read_one",
    "Arrival.load",
    "Billing.load",
    "Billing.more",
    "Catalogue.load",
    "Comparison.choose",
    "Credits.load",
    "Demo.load",
    "Demo.set_iterations",
    "Demo.set_risks",
    "GiftClaim.claim",
    "GiftClaim.load",
    "Gifts.give",
    "Gifts.load",
    "Gifts.relink",
    "Gifts.revoke",
    "History.again",
    "History.by_first_day",
    "History.by_kind",
    "History.by_last_day",
    "History.by_tool",
    "History.clear",
    "History.load",
    "History.newer",
    "History.older",
    "History.pick_month",
    "History.search",
    "Invitation.accept",
    "Invitation.load",
    "Kept.delete",
    "Kept.load",
    "Kept.share",
    "Kept.unshare",
    "Limits.channel",
    "Limits.follow",
    "Limits.load",
    "Limits.save",
    "Limits.step",
    "Limits.typed",
    "Limits.undo",
    "Limits.zone_typed",
    "Notice.close",
    "Notice.fault",
    "Orders.ask",
    "Orders.begin",
    "Orders.find",
    "Orders.load",
    "Orders.open",
    "Orders.refunded",
    "Plans.changed",
    "Plans.load",
    "Plans.preview",
    "Price.change",
    "Price.limit",
    "Price.load",
    "Price.run_afresh",
    "Promos.end",
    "Promos.load",
    "Promos.make",
    "Purchase.choose",
    "Purchase.choose_quick",
    "Purchase.load",
    "Purchase.load_quick",
    "Purchase.refresh",
    "Receipt.load",
    "Receipts.load",
    "Receipts.newer",
    "Receipts.older",
    "Receipts.save",
    "Recharging.choose_ceiling",
    "Recharging.choose_pack",
    "Recharging.load",
    "Recharging.set_below",
    "Reconciliation.begin",
    "Reconciliation.compare",
    "Reconciliation.load",
    "Reconciliation.replay",
    "Redeeming.clear",
    "Redeeming.send",
    "Referral.load",
    "Run.cancel",
    "Run.clear",
    "Run.start",
    "Runs.by_first_day",
    "Runs.by_last_day",
    "Runs.by_status",
    "Runs.by_tool",
    "Runs.clear",
    "Runs.delete",
    "Runs.dismiss",
    "Runs.load",
    "Runs.newer",
    "Runs.older",
    "Runs.undo",
    "Session.load",
    "Session.require",
    "Session.welcome",
    "Shared.load",
    "Usage.load",
}
"""Every handler that a page may call, and so may anybody over the socket."""


@pytest.fixture(scope="module")
def studio() -> Any:
    from credit_studio.credit_studio import app  # noqa: PLC0415 - importing it assembles the whole studio, once a process

    return app


def test_every_page_compiles(studio: Any) -> None:
    studio._compile(dry_run=True, use_rich=False)
    assert len(studio._pages) >= 34


def test_a_receipt_offers_the_ledger_as_a_file(studio: Any) -> None:
    page = str(studio._pages[next(path for path in studio._pages if path.startswith("runs/"))].render())
    assert "Download my ledger" in page
    assert "/api/credits/proof" in page


def test_no_page_imports_radix(studio: Any) -> None:
    imported = {name for page in studio._pages.values() for name in page._get_all_imports()}
    assert imported
    assert not [name for name in imported if "radix" in name]


def test_states_are_flat_and_hold_no_personal_default(studio: Any) -> None:
    ours = _ours()
    assert len(ours) >= 8
    for cls in ours:
        assert cls.__bases__ == (rx.State,), cls
        assert not [name for name, value in cls.__fields__.items() if "@" in str(value.default_value())]


def _ours() -> list[type[Any]]:
    return [cls for cls in rx.State.get_substates() if cls.__module__.startswith("credit_studio.")]


def test_only_what_an_event_needs_can_be_called_from_outside(studio: Any) -> None:
    found = {f"{cls.__name__}.{name}" for cls in _ours() for name in cls.event_handlers if name != "setvar"}
    assert found == CALLED


def test_components_and_pages_hold_no_colour_of_their_own() -> None:
    folder = PROJECT_ROOT / "credit_studio" / "ui"
    sources = [file for name in ("components", "pages") for file in (folder / name).rglob("*") if file.suffix in {".py", ".jsx", ".js"}]
    assert len(sources) > 20
    assert not [file.name for file in sources if _has_colour(file)]


def _has_colour(file: Path) -> bool:
    return bool(re.search(r"#[0-9a-fA-F]{6}\b|rgba?\(", file.read_text(encoding="utf-8")))


def test_pages_never_send_a_script_to_be_evaluated() -> None:
    folder = PROJECT_ROOT / "credit_studio"
    calls = re.compile(r"rx\.(call_script|run_script|call_function|toast)\b")
    assert not [file.name for file in (folder / "ui").rglob("*.py") if calls.search(file.read_text(encoding="utf-8"))]
