"""Reading and changing a person's settings in a given transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from uuid import UUID

from credit_studio.core.actor import Actor
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.db.session import Tx
from credit_studio.engine import gate
from credit_studio.identity import service as identity
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.limits.views import AutoRecharge, Bounds, Channels, ChannelsPart, CreditSettings, Part, RechargePart, Window
from credit_studio.notifications import service as notifications
from credit_studio.notifications.views import NotificationRule
from credit_studio.payments import recharging
from credit_studio.payments.views import Recharge

CAPS: dict[str, Window] = {"daily_cap": "day", "monthly_cap": "month", "per_run_max": "run"}
_FIELDS = {"daily_cap": "dailyCap", "monthly_cap": "monthlyCap", "per_run_max": "perRunMax"}


async def settings_of(tx: Tx, *, person_id: UUID) -> CreditSettings:
    """All that the person has set."""
    caps = await _own_caps(tx, person_id)
    rule = await notifications.rule_of(tx, person_id)
    return CreditSettings(
        daily_cap=caps["day"],
        monthly_cap=caps["month"],
        per_run_max=caps["run"],
        alert_thresholds=rule.thresholds,
        notifications=_channels(rule),
        auto_recharge=_recharge(await recharging.rule_of(tx, person_id=person_id)),
        time_zone=await gate.zone_of(tx, person_id),
    )


async def bounds_of(tx: Tx, *, person_id: UUID) -> Bounds:
    """The most that the person's own caps may be now."""
    plan = {cap.window: cap.limit for cap in await gate.cap_states(tx, person_id=person_id) if cap.scope == "plan"}
    grants = (await ledger.balance(tx, owner_id=person_id)).grants
    own = sum(grant.remaining + grant.held for grant in grants if grant.source != PLAN_SOURCE)
    return Bounds(plan_daily=plan.get("day"), plan_monthly=plan.get("month"), own_credits=own)


async def put(tx: Tx, actor: Actor, *, before: CreditSettings, part: Part) -> None:
    """Write what of `part` is another than `before`. Raises `InvalidInputs` naming every field that does not fit, `Conflict` (no_card)."""
    person_id = actor.require_user()
    wrong: list[FieldError] = []
    if part.get("time_zone", before.time_zone) != before.time_zone:
        with _named(wrong):
            await identity.set_time_zone(tx, person_id=person_id, name=part["time_zone"])  # pyright: ignore[reportTypedDictNotRequiredAccess] - it differs, so it is there
    wrong += await _put_caps(tx, person_id, before, part)
    with _named(wrong):
        await _put_rule(tx, person_id, before, part)
    with _named(wrong, prefix="autoRecharge."):
        await _put_recharge(tx, actor, before.auto_recharge, part.get("auto_recharge", {}))
    if wrong:
        raise InvalidInputs(tuple(wrong), message="Nothing was changed.")


@contextmanager
def _named(wrong: list[FieldError], *, prefix: str = "") -> Iterator[None]:
    """Collect the errors of another room's fields, so that all that do not fit are named at once."""
    try:
        yield
    except InvalidInputs as error:
        wrong += [FieldError(f"{prefix}{one.field}", one.message) for one in error.errors]


async def _put_caps(tx: Tx, person_id: UUID, before: CreditSettings, part: Part) -> list[FieldError]:
    """Set the caps that change; what is wrong with those that do not fit."""
    asked: dict[str, int | None] = {name: part[name] for name in CAPS if name in part and part[name] != getattr(before, name)}  # type: ignore[literal-required] - the names of `Part`
    if not asked:
        return []
    bounds, zone = await bounds_of(tx, person_id=person_id), await gate.zone_of(tx, person_id)
    wrong: list[FieldError] = []
    for name, limit in asked.items():
        fault = cap_fault(limit, CAPS[name], bounds)
        if fault:
            wrong.append(FieldError(_FIELDS[name], fault))
            continue
        await ledger.set_cap(tx, owner_id=person_id, subject="own", label=CAPS[name], limit=gate.NO_CAP if limit is None else limit, zone=zone)
    return wrong


def cap_fault(limit: int | None, window: Window, bounds: Bounds) -> str:
    """What is wrong with an own cap, in words; empty when it fits."""
    most = min(bounds.most(window), MAX_CREDITS - 1)
    if limit is None or 0 <= limit <= most:
        return ""
    return f"Must be from 0 to {most:,}: {made_of(window, bounds)}."


def made_of(window: Window, bounds: Bounds) -> str:
    """What the most that an own cap may be is made of, in words: what the plan allows, and own credits."""
    plan, own = bounds.plan(window), bounds.own_credits
    parts = [f"the plan's {plan[0]:,} {plan[1]}"] if plan else []
    parts += [f"{own:,} credit{'' if own == 1 else 's'} of your own"] if own or not parts else []
    return " and ".join(parts)


async def _put_rule(tx: Tx, person_id: UUID, before: CreditSettings, part: Part) -> None:
    changes: dict[str, Any] = {}
    thresholds = part.get("alert_thresholds", before.alert_thresholds)
    if thresholds != before.alert_thresholds:
        changes["thresholds"] = thresholds
    asked: ChannelsPart = part.get("notifications", {})
    names = {"in_app": "in_app", "email": "email", "sms": "sms_to", "webhook_url": "webhook_url"}
    held = asdict(before.notifications)
    for name, value in asked.items():
        if value != held[name]:
            changes[names[name]] = "" if value is None else value
    if changes:
        await notifications.set_rule(tx, person_id, **changes)


async def _put_recharge(tx: Tx, actor: Actor, before: AutoRecharge, part: RechargePart) -> None:
    held: dict[str, Any] = {"enabled": before.enabled, "below": before.below, "pack_id": before.pack_id, "ceiling_amount": before.monthly_ceiling.amount}
    asked: dict[str, Any] = {name: value for name, value in part.items() if name != "consent"}
    if held | asked != held:
        await recharging.put_rule(tx, actor, consent=part.get("consent", False), **(held | asked))


async def _own_caps(tx: Tx, person_id: UUID) -> dict[Window, int | None]:
    own = {cap.window: cap.limit for cap in await gate.cap_states(tx, person_id=person_id) if cap.scope == "own"}
    return {window: own.get(window) for window in CAPS.values()}


def _channels(rule: NotificationRule) -> Channels:
    return Channels(in_app=rule.in_app, email=rule.email, sms=rule.sms_to or None, webhook_url=rule.webhook_url or None)


def _recharge(rule: Recharge) -> AutoRecharge:
    return AutoRecharge(enabled=rule.enabled, below=rule.below, pack_id=rule.pack_id, monthly_ceiling=rule.ceiling)
