"""Redeeming a code."""

from typing import Any

import reflex as rx

from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.offers import promos
from credit_studio.ui import words
from credit_studio.ui.states.forms import said
from credit_studio.ui.states.privacy import actor_for, person_of, private


@private
class Redeeming(rx.State):
    """The form: what is wrong with the code, or what it has brought."""

    fault: str = ""
    head: str = ""
    tail: str = ""

    @rx.event
    def clear(self) -> None:
        """The page opens."""
        self.reset()

    @rx.event
    async def send(self, form: dict[str, Any]) -> None:
        """Redeem the code that was typed."""
        self.reset()
        person = await person_of(self)
        try:
            actor = actor_for(self, person)
            await rates.enforce(Rate.OTHER, actor)
            done = await promos.redeem(actor, said(form, "code"))
        except StudioError as error:
            self.fault = f"{error.message} {error.action}".strip()
            return
        self.head = f"{words.credits_of(done.credits)} added."
        zone = person.time_zone if person else "UTC"
        self.tail = f"They end on {words.moment(done.expires_at, zone)}." if done.expires_at else "They do not end."
