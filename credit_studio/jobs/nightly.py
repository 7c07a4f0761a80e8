"""What is done once a day, by whichever process comes first."""

import asyncio

import structlog

from credit_studio.payments import inbox
from credit_studio.reconciliation import flow as reconciliation
from credit_studio.runs import keeping

_FIRST_S = 60.0
"""After a start: what a crash left behind has been given back by then."""

_EVERY_S = 300.0
_log = structlog.get_logger()


async def clear_results() -> None:
    """Remove the results whose 30 days have passed and those of deleted runs; a fault waits for the next turn."""
    try:
        if gone := await keeping.forget_old():
            _log.info("results.removed", results=gone)
    except Exception:  # noqa: BLE001 - the next turn tries again
        _log.exception("results.not_removed")


async def clear_events() -> None:
    """Empty the payloads of Stripe's events that were worked through a month ago; a fault waits for the next turn."""
    try:
        if emptied := await inbox.forget_old():
            _log.info("events.emptied", events=emptied)
    except Exception:  # noqa: BLE001 - the next turn tries again
        _log.exception("events.not_emptied")


async def keep_checking() -> None:
    """See every few minutes whether the nightly check of the book is due, and make it; remove results past their time. Without end."""
    await asyncio.sleep(_FIRST_S)
    while True:
        try:
            found = await reconciliation.check_when_due()
            if found is not None:
                (_log.info if found.holds else _log.critical)("books.checked", holds=found.holds, found=found.detail)
        except Exception:  # noqa: BLE001 - the next turn tries again
            _log.exception("books.not_checked")
        await clear_results()
        await clear_events()
        await asyncio.sleep(_EVERY_S)
