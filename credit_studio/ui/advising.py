"""What is looked up of a person so that the overview can suggest something."""

from datetime import datetime, timedelta

from credit_studio.analytics.views import Forecast
from credit_studio.core import clock
from credit_studio.db.session import Tx
from credit_studio.engine import gate
from credit_studio.engine.views import CapState
from credit_studio.identity.views import Person
from credit_studio.ledger.views import Balance
from credit_studio.notifications import service as alerts
from credit_studio.payments import cards, recharging
from credit_studio.ui import widget, words
from credit_studio.ui.advice import LOOK_BACK_DAYS, Facts, Favourite


async def facts_of(tx: Tx, person: Person, *, book: Balance, forecast: Forecast, spent: int, tool: Favourite | None) -> Facts:
    """The facts about a person now; what the page has read already is given."""
    now = clock.now()
    caps = await gate.cap_states(tx, person_id=person.id)
    card = await cards.saved_card(tx, person_id=person.id)
    recharge = await recharging.rule_of(tx, person_id=person.id)
    has_trouble = card is not None and bool(card.trouble)
    return Facts(
        look=widget.shape(book, caps, person.time_zone, now=now, has_card_trouble=has_trouble).look,
        today=now.astimezone(words.zone(person.time_zone)).date(),
        forecast=forecast,
        available=book.available,
        own_credits=widget.bought(book.grants),
        spent=spent,
        reached=await _reached(tx, person, caps, now),
        is_topped_up=recharge.enabled,
        has_card=card is not None and not has_trouble,
        low=(await alerts.rule_of(tx, person.id)).low_balance,
        tool=tool,
    )


async def _reached(tx: Tx, person: Person, caps: tuple[CapState, ...], now: datetime) -> tuple[str, ...]:
    """Whose daily caps were reached lately, once for each time, of those that hold now; as alerts tell."""
    told = await alerts.list_alerts(tx, person.id, kind="cap_reached")
    hold = {cap.scope for cap in caps if cap.window == "day"}
    since = now - timedelta(days=LOOK_BACK_DAYS)
    subjects = [str(one.data["subject"]) for one in told.items if one.at >= since and one.data["label"] == "day"]
    return tuple(one for one in subjects if one in hold)
