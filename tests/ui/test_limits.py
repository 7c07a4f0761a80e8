"""The State of limits as a page drives it, and as a stranger does."""

from typing import Any

import pytest
import reflex as rx

from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.limits import flow
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states.limits import Limits
from tests.ui.test_states import _part, _tab

pytestmark = pytest.mark.usefixtures("book")
CALLS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("load", ()),
    ("follow", ()),
    ("typed", ("daily_cap", "7")),
    ("typed", (None, [])),
    ("zone_typed", ("Asia/Kolkata",)),
    ("zone_typed", ({},)),
    ("save", ({"name": "daily_cap", "value": "7"},)),
    ("save", (None,)),
    ("step", (50, True)),
    ("step", ("50", "yes")),
    ("channel", ("email", False)),
    ("channel", ([], None)),
    ("undo", ("daily_cap",)),
    ("undo", ({},)),
)


async def _ada() -> tuple[Actor, str]:
    session = await subscriptions.register(email="ada@example.com", password="orbit-lantern-42-quay", actor=Actor(door="test"))
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=session.person.id, source="purchase", source_ref="p-1", amount=500)
    return Actor(user_id=session.person.id, door="test"), session.token


async def _open(cookie: str) -> tuple[rx.State, Any]:
    root = _tab(cookie, "/account/settings/credits/")
    page = _part(root, Limits)
    await Limits.load.fn(page)
    return root, page


def _cap(page: Any, name: str) -> Any:
    return next(one for one in page.caps if one.name == name)


async def _set(page: Any, handler: str, what: object, *, to: bool) -> None:
    await getattr(Limits, handler).fn(page, what, to)


async def test_a_stranger_reads_and_changes_nothing_and_gets_no_word_back() -> None:
    ada, _ = await _ada()
    before = await flow.settings(ada)
    page = _part(_tab("", "/account/settings/credits/"), Limits)
    for name, given in CALLS:
        done = getattr(Limits, name).fn(page, *given)
        if done is not None:
            await done
        assert (page.ready, page.caps, page.texts, page.zone_says, page.blocked, set(page.wrong.values())) == (False, [], {}, "", [], {""}), name
    assert await flow.settings(ada) == before


async def test_a_cap_is_explained_while_typed_saved_by_itself_and_taken_back() -> None:
    ada, cookie = await _ada()
    _, page = await _open(cookie)
    assert _cap(page, "daily_cap").says == "No cap of your own. 0 credits spent today."
    await Limits.typed.fn(page, "daily_cap", "1,2")
    assert _cap(page, "daily_cap").says.startswith("It leaves 12 credits for the rest of today. It resets at 00:00 UTC")
    assert (await flow.settings(ada)).daily_cap is None
    await Limits.save.fn(page, {"name": "daily_cap", "value": "120"})
    assert (page.done["daily_cap"], page.undoes["daily_cap"]) == ("Saved. Daily cap: 120, before none.", True)
    assert (await flow.settings(ada)).daily_cap == 120
    for wrong, said in (("12.5", "Must be a whole number"), ("531", "Must be from 0 to 530"), ("٣", "Must be a whole number")):
        await Limits.save.fn(page, {"name": "daily_cap", "value": wrong})
        assert page.wrong["daily_cap"].startswith(said)
        assert page.wrong["daily_cap"].endswith("Nothing was changed.")
    await Limits.undo.fn(page, "daily_cap")
    assert ((await flow.settings(ada)).daily_cap, page.done["daily_cap"], page.undoes["daily_cap"]) == (None, "Set back to what it was.", False)
    assert (_cap(page, "daily_cap").value, _cap(page, "daily_cap").turn) == ("", 1)


async def test_alerts_and_the_zone_are_saved_and_taken_back_and_the_header_follows() -> None:
    ada, cookie = await _ada()
    _, page = await _open(cookie)
    await _set(page, "step", 50, to=True)
    assert 50 in (await flow.settings(ada)).alert_thresholds
    await _set(page, "channel", "email", to=False)
    assert (await flow.settings(ada)).notifications.email is False
    await Limits.undo.fn(page, "channels")
    assert (await flow.settings(ada)).notifications.email is True
    Limits.zone_typed.fn(page, "Asia/Kolkata")
    assert "Asia/Kolkata (IST)" in page.zone_says
    await Limits.save.fn(page, {"name": "time_zone", "value": "Asia/Nowhere"})
    assert page.wrong["time_zone"].startswith("Must be the name of a time zone")
    await Limits.save.fn(page, {"name": "time_zone", "value": "Asia/Kolkata"})
    assert (page.texts["time_zone"], page.zone_says, page.done["time_zone"]) == ("Asia/Kolkata", "", "Saved. Time zone changed.")
    assert page._zone == "Asia/Kolkata"
    await Limits.save.fn(page, {"name": "webhook_url", "value": "http://10.0.0.1/x"})
    assert page.wrong["webhook_url"]
    await _set(page, "step", 33, to=True)
    assert 33 not in (await flow.settings(ada)).alert_thresholds
