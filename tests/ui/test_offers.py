"""The States of codes, gifts, invitations and receipts as a stranger drives them: nothing breaks, nothing is read, nothing changes."""

from typing import Any

import pytest
import reflex as rx
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.db.session import transaction
from credit_studio.ledger import service as ledger
from credit_studio.offers import gifts, promos
from credit_studio.subscriptions import flow as subscriptions
from credit_studio.ui.states import forms
from credit_studio.ui.states.gifts import GiftClaim, Gifts
from credit_studio.ui.states.promos import Promos
from credit_studio.ui.states.receipts import Receipts
from credit_studio.ui.states.redeeming import Redeeming
from credit_studio.ui.states.referral import Invitation, Referral
from tests.ui.test_states import _part, _tab

pytestmark = pytest.mark.usefixtures("book")
HANDLERS = (
    (Redeeming, "send", 1),
    (Gifts, "load", 0),
    (Gifts, "give", 1),
    (Gifts, "relink", 1),
    (Gifts, "revoke", 1),
    (GiftClaim, "load", 0),
    (GiftClaim, "claim", 0),
    (Referral, "load", 0),
    (Invitation, "load", 0),
    (Invitation, "accept", 0),
    (Promos, "load", 0),
    (Promos, "make", 1),
    (Promos, "end", 1),
    (Receipts, "load", 0),
    (Receipts, "save", 1),
    (Receipts, "older", 0),
    (Receipts, "newer", 0),
)


async def _ada() -> tuple[Actor, str]:
    """Somebody with 500 bought credits, and their cookie."""
    session = await subscriptions.register(email="ada@example.com", password="orbit-lantern-42-quay", actor=Actor(door="test"))
    async with transaction() as tx:
        await ledger.grant(tx, owner_id=session.person.id, source="purchase", source_ref="p-1", amount=500)
    return Actor(user_id=session.person.id, door="test"), session.token


async def _rows() -> list[int]:
    async with transaction() as tx:
        tables = ("promo_code", "redemption", "gift", "referral", "bill_to", "entry")
        return [(await tx.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one() for name in tables]  # noqa: S608 - names of this list


async def _call(cls: type[Any], name: str, arity: int, value: Any, *, cookie: str = "", path: str = "/") -> rx.State:
    root = _tab(cookie, path)
    await getattr(cls, name).fn(_part(root, cls), *([value] if arity else []))
    return root


async def test_a_stranger_reads_and_changes_nothing_whatever_is_sent() -> None:
    ada, _ = await _ada()
    made = await gifts.make(ada, credits=20)
    code = (await promos.make(credits=5)).code
    before = await _rows()
    hostile: tuple[Any, ...] = (None, 7, [], "x", str(made.gift.id), {}, {"code": code, "credits": "5"}, {"credits": 5, "tax_id": []}, {"code": "\x00" * 50})
    for cls, name, arity in HANDLERS:
        for value in hostile if arity else (None,):
            root = await _call(cls, name, arity, value, path=f"/gifts/{made.token}/")
            part = _part(root, cls)
            assert not getattr(part, "rows", None)
            assert not getattr(part, "signed_in", False)
    assert await _rows() == before


async def test_whoever_has_signed_in_does_what_the_page_offers_with_their_own_only() -> None:
    ada, cookie = await _ada()
    root = await _call(Gifts, "give", 1, {"credits": "1,00", "from": "Ada"}, cookie=cookie)
    mine = _part(root, Gifts)
    assert [(one.credits, one.state) for one in mine.rows] == [("100", "Not claimed")]
    assert mine.link.startswith("/gifts/")
    await _call(Gifts, "revoke", 1, str(ids.new_id()), cookie=cookie)
    assert [one.state for one in await gifts.listing(ada)] == ["open"]
    for wrong in ("0", "-5", "1e3", "9" * 40, "٣"):
        part = _part(await _call(Gifts, "give", 1, {"credits": wrong}, cookie=cookie), Gifts)
        assert part.fault == "Must be a whole number of credits, at least 1."
    denied = _part(await _call(Promos, "make", 1, {"credits": "5"}, cookie=cookie), Promos)
    assert (denied.made, await promos.listing(Actor(door="system"))) == ("", ())
    paper = _part(await _call(Receipts, "save", 1, {"name": "Example Ltd", "tax_id": "GB123456789"}, cookie=cookie), Receipts)
    assert (paper.saved, paper.name) == (True, "Example Ltd")


def test_what_a_form_sends_is_read_whatever_it_is() -> None:
    assert forms.said({"a": "x" * 3_000}, "a") == "x" * 2_000
    assert [forms.said(form, "a") for form in (None, [], {}, {"a": 7}, {"a": None})] == [""] * 5
    assert [forms.whole({"a": value}, "a") for value in ("1,000", " 7 ", "", "-1", "1.5", "٣", "9" * 13)] == [1_000, 7, None, None, None, None, None]
    ends = forms.end_of_day({"a": "2026-12-31"}, "a")
    assert ends is not None
    assert ends.isoformat() == "2027-01-01T00:00:00+00:00"
    assert [forms.end_of_day({"a": value}, "a") for value in ("", "x", "1999-01-01", "2026-13-01", "9999-12-31")] == [None] * 5
