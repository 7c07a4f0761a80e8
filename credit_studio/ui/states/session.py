"""Who is signed in, as every page's header shows it. Rebuilt from the cookie each time a page opens."""

from urllib.parse import quote

import reflex as rx
from reflex.event import EventSpec

from credit_studio.core import clock
from credit_studio.core.actor import Role
from credit_studio.identity.views import Person
from credit_studio.ui import live, words
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.privacy import forget, has_cookie, person_of, private


def own_path(target: str) -> str:
    """`target` when it is a path of this host, else the overview: one slash, no backslash, no control character."""
    is_own = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if is_own else "/account/"


@private
class Session(rx.State):
    """The person in words for the header and the footer; empty for a visitor."""

    ready: bool = False
    signed_in: bool = False
    email: str = ""
    name: str = ""
    initial: str = ""
    zone: str = ""
    is_operator: bool = False

    @rx.event
    async def load(self) -> None:
        """Every page: look up who this is and show their balance."""
        await self._load()

    @rx.event
    async def require(self) -> EventSpec | None:
        """Pages of an account: as `load`, and a visitor is asked to sign in first."""
        if await self._load():
            return None
        url = self.router.url
        here = url.path + (f"?{url.query}" if url.query else "")
        return rx.redirect(f"/login/?next={quote(own_path(here), safe='')}", replace=True)

    @rx.event
    async def welcome(self) -> EventSpec | None:
        """Sign-in and sign-up pages: who is signed in already goes where they wanted to go."""
        if not await self._load():
            return None
        return rx.redirect(own_path(str(self.router.url.query_parameters.get("next", ""))), replace=True)

    async def _load(self) -> Person | None:
        person = await person_of(self)
        if person is None:
            if has_cookie(self):  # of a session that has ended; without one the guard has emptied the tab before
                await forget(self)
        else:
            self._show(person)
            tab = self.router.session
            live.watch(person, token=tab.client_token, connection=tab.session_id)
            await (await self.get_state(Balance))._refresh(person)  # noqa: SLF001 - `_` keeps it from the door
        self.ready = True
        return person

    def _show(self, person: Person) -> None:
        self.signed_in = True
        self.email = person.email
        self.name = person.display_name or person.email
        self.initial = self.name[:1].upper()
        self.zone = words.zone_label(person.time_zone, clock.now())
        self.is_operator = person.role is Role.ADMIN
