"""The plans, the one that is held, and what a change would do. Choosing goes over HTTP."""

import reflex as rx

from credit_studio.core.errors import StudioError
from credit_studio.db import rates
from credit_studio.db.rates import Rate
from credit_studio.identity.views import Person
from credit_studio.subscriptions import changing
from credit_studio.ui import planning
from credit_studio.ui.planning import Change, PlanRow, Standing
from credit_studio.ui.states.privacy import actor_for, person_of, private


@private
class Plans(rx.State):
    """`asked` is the change that a dialog asks about, `refused` why there is none; `said` is what came of the last one."""

    ready: bool = False
    rows: list[PlanRow] = []  # noqa: RUF012 - Reflex copies defaults
    standing: Standing = Standing()
    asked: Change = Change()
    refused: str = ""
    said: str = ""

    @rx.event
    async def load(self) -> None:
        """A page with plans opens, or something was told of the person's money."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        await self._read(person)

    @rx.event
    async def preview(self, plan_id: str) -> None:
        """Say what choosing a plan would do. Nothing is done."""
        person = await person_of(self)
        self.asked, self.refused, self.said = Change(), "", ""
        if person is None or not isinstance(plan_id, str):
            return
        actor = actor_for(self, person)
        try:
            await rates.enforce(Rate.OTHER, actor)
            offers = {one.id: one for one in await changing.offers(actor)}
            seen = await changing.preview_change(actor, plan_id)
            self.asked = planning.change(seen, offers[seen.before], offers[seen.after], person.time_zone)
        except StudioError as error:
            self.refused = f"{error.message} {error.action}".strip()

    @rx.event
    async def changed(self) -> None:
        """The change that was asked about is done."""
        person = await person_of(self)
        if person is None:
            return
        self.said = self.asked.done
        await self._read(person)

    async def _read(self, person: Person) -> None:
        actor, zone = actor_for(self, person), person.time_zone
        offers, view = await changing.offers(actor), await changing.standing(actor)
        self.rows = [planning.row(one, view, zone) for one in offers]
        names = {one.id: one.name for one in offers}
        self.standing = planning.standing(view, names.get(view.next_plan_id or "", offers[0].name), zone)
        self.ready = True
