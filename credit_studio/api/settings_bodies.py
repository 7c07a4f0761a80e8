"""What goes in and comes out about a person's own settings."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, StrictInt

from credit_studio.api.bodies import In, Out, Text
from credit_studio.api.operator_bodies import MoneyIn
from credit_studio.api.payment_bodies import MoneyOut
from credit_studio.core.credits import MAX_CREDITS

_EXAMPLE: dict[str, Any] = {
    "dailyCap": 200,
    "monthlyCap": None,
    "perRunMax": 20,
    "alertThresholds": [75, 90, 100],
    "notifications": {"inApp": True, "email": True, "sms": None, "webhookUrl": None},
    "autoRecharge": {"enabled": False, "below": 200, "packId": "starter", "monthlyCeiling": {"amount": 3000, "currency": "GBP"}},
    "timeZone": "Europe/London",
}
Cap = Annotated[StrictInt, Field(ge=0, le=MAX_CREDITS)]
Percent = Annotated[StrictInt, Field(ge=1, le=100)]
_OWN = "whole credits; null for none of your own: then the plan's cap alone holds"


class ChannelsOut(Out):
    """How alerts reach you."""

    in_app: bool
    email: bool
    sms: str | None = Field(description="a telephone number like +447700900123, null for none")
    webhook_url: str | None = Field(description="where signed webhooks go, null for nowhere")


class AutoRechargeOut(Out):
    """What is bought by itself when credits run low."""

    enabled: bool
    below: int
    pack_id: str
    monthly_ceiling: MoneyOut


class CreditSettingsReply(Out):
    """Your settings, in the form that PUT takes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    daily_cap: int | None = Field(description=_OWN)
    monthly_cap: int | None = Field(description=_OWN)
    per_run_max: int | None = Field(description=_OWN)
    alert_thresholds: tuple[int, ...] = Field(description="per cent of a cap")
    notifications: ChannelsOut
    auto_recharge: AutoRechargeOut
    time_zone: str


class ChannelsIn(In):
    """Channels to change."""

    in_app: StrictBool = True
    email: StrictBool = True
    sms: Text | None = None
    webhook_url: Text | None = None


class AutoRechargePartIn(In):
    """Figures to change. Whatever turns it on, or changes a figure while it is on, needs `consent`: true."""

    enabled: StrictBool = False
    below: StrictInt = 0
    pack_id: Text = ""
    monthly_ceiling: MoneyIn | None = None
    consent: StrictBool = Field(default=False, description="true: you agree to the sentence of GET /api/billing/auto-recharge for these figures")


class CreditSettingsIn(In):
    """Settings to change; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dailyCap": 200, "timeZone": "Europe/London"}]})

    daily_cap: Cap | None = Field(default=None, description=_OWN)
    monthly_cap: Cap | None = Field(default=None, description=_OWN)
    per_run_max: Cap | None = Field(default=None, description=_OWN)
    alert_thresholds: Annotated[list[Percent], Field(max_length=6)] = Field(default=[], description="some of 25, 50, 75, 80, 90 and 100 per cent of a cap")
    notifications: ChannelsIn = ChannelsIn()
    auto_recharge: AutoRechargePartIn = AutoRechargePartIn()
    time_zone: Text = "UTC"
