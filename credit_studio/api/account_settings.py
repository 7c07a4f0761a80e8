"""`/api/account/settings/credits`: a person's caps, alerts, auto-recharge and time zone."""

from typing import Any

from fastapi import APIRouter

from credit_studio.api import auth
from credit_studio.api.openapi import refusals
from credit_studio.api.operator_bodies import MoneyIn
from credit_studio.api.route import PrivateRoute
from credit_studio.api.settings_bodies import AutoRechargeOut, ChannelsOut, CreditSettingsIn, CreditSettingsReply
from credit_studio.catalog.service import catalog
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.limits import flow
from credit_studio.limits.views import ChannelsPart, CreditSettings, Part, RechargePart

router = APIRouter(prefix="/api/account/settings", tags=["Account"], route_class=PrivateRoute)
ROUTERS = (router,)


@router.get("/credits", summary="Your caps, alerts, auto-recharge and time zone", responses=refusals("sign_in_required"))
async def credit_settings(caller: auth.Caller) -> CreditSettingsReply:
    """What PUT takes."""
    return _reply(await flow.settings(caller))


@router.put("/credits", summary="Change some or all of them", responses=refusals("sign_in_required", "no_card", unsafe=True))
async def change_credit_settings(body: CreditSettingsIn, caller: auth.Caller) -> CreditSettingsReply:
    """All or nothing: when a field does not fit, each one that does not is named and nothing is changed. A cap holds from now on. Audited."""
    return _reply(await flow.change(caller, **_part(body)))


def _part(body: CreditSettingsIn) -> Part:
    """What the body names, and nothing that it leaves out."""
    named: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    part: Part = {name: named[name] for name in ("daily_cap", "monthly_cap", "per_run_max", "time_zone") if name in named}  # type: ignore[typeddict-item] # pyright: ignore[reportAssignmentType] - the names of `Part`
    if "alert_thresholds" in named:
        part["alert_thresholds"] = tuple(body.alert_thresholds)
    if "notifications" in named:
        channels = body.notifications
        part["notifications"] = ChannelsPart(**{name: getattr(channels, name) for name in channels.model_fields_set})  # type: ignore[typeddict-item] # pyright: ignore[reportArgumentType] - as above
    if "auto_recharge" in named:
        part["auto_recharge"] = _recharge(body)
    return part


def _recharge(body: CreditSettingsIn) -> RechargePart:
    given = body.auto_recharge
    part: dict[str, Any] = {name: getattr(given, name) for name in given.model_fields_set - {"monthly_ceiling"}}
    if given.monthly_ceiling is not None:
        part["ceiling_amount"] = _amount(given.monthly_ceiling)
    return RechargePart(**part)


def _amount(money: MoneyIn) -> int:
    if money.currency != catalog().currency:
        raise InvalidInputs((FieldError("autoRecharge.monthlyCeiling.currency", f"Must be {catalog().currency}."),), message="Nothing was changed.")
    return money.amount


def _reply(found: CreditSettings) -> CreditSettingsReply:
    return CreditSettingsReply(
        daily_cap=found.daily_cap,
        monthly_cap=found.monthly_cap,
        per_run_max=found.per_run_max,
        alert_thresholds=found.alert_thresholds,
        notifications=ChannelsOut.model_validate(found.notifications),
        auto_recharge=AutoRechargeOut.model_validate(found.auto_recharge),
        time_zone=found.time_zone,
    )
