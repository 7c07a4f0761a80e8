"""What offers decide without asking anybody: pure."""

import unicodedata
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of codes that are made here: no letter that looks like a digit."""

CODE_LENGTH = (4, 24)
MADE_LENGTH = 10
TOKEN_LENGTH = 43
MAX_SENDER, MAX_MESSAGE, MAX_NOTE = 40, 200, 200
MOST_OPEN = 20
"""Gifts that one person may have open at once."""

ACCEPT_WITHIN = timedelta(days=30)
"""How long after sign-up an invitation can be accepted."""

SHARED_CARD = "Both accounts have paid with the same card."
SHARED_PLACE = "Both accounts have signed in with the same browser from the same address."
ENOUGH = "Whoever invited has earned every bonus that one person can."


def code_key(text: str) -> str:
    """A code as it is compared: letters and digits in capitals, without the spaces and hyphens that people type; "" for what can be none."""
    plain = unicodedata.normalize("NFKC", text[:200]).upper()
    bare = "".join(sign for sign in plain if not sign.isspace() and sign not in "-\u2010\u2011\u2013_")
    fits = CODE_LENGTH[0] <= len(bare) <= CODE_LENGTH[1] and bare.isascii() and bare.isalnum()
    return bare if fits else ""


def why_over(*, now: datetime, used: int, most_uses: int | None, expires_at: datetime | None, ended_at: datetime | None) -> str:
    """Why a code brings nothing any more; empty while it does."""
    if ended_at is not None:
        return "This code was ended."
    if expires_at is not None and expires_at <= now:
        return "This code is past its time."
    if most_uses is not None and used >= most_uses:
        return "This code was redeemed as often as it can be."
    return ""


def why_gift_over(state: str, *, until: datetime, now: datetime) -> str:
    """Why a gift cannot be claimed any more; empty while it can."""
    said = {"claimed": "This gift was claimed already.", "revoked": "This gift was taken back.", "expired": "This gift is past its time."}
    return said.get(state) or (said["expired"] if until <= now else "")


def why_not_invited(*, is_self: bool, joined: datetime, referrer_joined: datetime, now: datetime, has_bought: bool, is_known: bool) -> str:
    """Why somebody cannot accept an invitation; empty when they can. An older account invites a newer one, so no two can invite each other."""
    if is_self:
        return "This invitation is your own."
    if is_known:
        return "You have accepted an invitation already."
    if referrer_joined >= joined:
        return "An invitation is for somebody who signs up after it: your account is the older one."
    if joined + ACCEPT_WITHIN <= now:
        return f"An invitation can be accepted within {ACCEPT_WITHIN.days} days of signing up."
    if has_bought:
        return "An invitation can be accepted before the first purchase only."
    return ""


def why_no_bonus(*, same_card: bool, places: AbstractSet[object], others: AbstractSet[object], rewarded: int, most: int) -> str:
    """Why a first purchase earns no bonus; empty when it does. Signs that both accounts are one person's come first."""
    if same_card:
        return SHARED_CARD
    if places & others:
        return SHARED_PLACE
    return ENOUGH if rewarded >= most else ""
