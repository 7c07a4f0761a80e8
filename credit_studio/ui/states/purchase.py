"""Buying, as the header and the credits page ask for it: what is for sale, what is chosen, which card is saved. Paying goes over HTTP."""

import reflex as rx

from credit_studio import settings
from credit_studio.payments import flow, service
from credit_studio.tools.registry import get_tool
from credit_studio.ui import selling
from credit_studio.ui.components.tool_list import price_of
from credit_studio.ui.selling import PackCard
from credit_studio.ui.states.privacy import actor_for, person_of, private

_USES = (("security scans", "dev-studio-security"), ("risk registers", "cyber-studio-risk-register"), ("workflows", "code-studio-start-workflow"))


def packs() -> list[PackCard]:
    """The packs as choices, with what they are enough for at the studio's prices of now."""
    typical = tuple((plural, price_of(get_tool(tool_id))["typical"]) for plural, tool_id in _USES)
    return [selling.pack_card(pack, typical) for pack in service.pack_offers()]


@private
class Purchase(rx.State):
    """`chosen` is the pack of the credits page, `quick` that of the header's dialog, which sells by one click only. `card` is in words, empty without one."""

    ready: bool = False
    sells: bool = False
    is_play: bool = False
    packs: list[PackCard] = []  # noqa: RUF012 - Reflex copies defaults
    quick_packs: list[PackCard] = []  # noqa: RUF012 - as above
    chosen: PackCard = PackCard()
    quick: PackCard = PackCard()
    card: str = ""
    last4: str = ""
    trouble: str = ""
    trouble_action: str = ""

    @rx.event
    async def load(self) -> None:
        """The page that sells opens: what is for sale, nothing chosen yet."""
        self.chosen = PackCard()
        await self._read()

    @rx.event
    async def load_quick(self) -> None:
        """The header's dialog opens: the smallest pack is its offer again."""
        self.quick = PackCard()
        await self._read()

    @rx.event
    async def refresh(self) -> None:
        """Something was told of orders or the card while it is open: what is chosen stays."""
        await self._read()

    async def _read(self) -> None:
        """What is for sale, and which card is saved."""
        person = await person_of(self)
        if person is None:
            self.reset()
            return
        card = await flow.card(actor_for(self, person))
        chosen = settings.get()
        self.sells, self.is_play = chosen.sells, chosen.sells_for_nothing
        self.card, self.last4 = (selling.card_words(card), card.last4) if card else ("", "")
        self.trouble, self.trouble_action = (card.trouble, card.action) if card else ("", "")
        self._offer(packs())
        self.ready = True

    @rx.event
    def choose(self, pack_id: str) -> None:
        """Another pack is the order."""
        self.chosen = next((pack for pack in self.packs if pack.id == pack_id), self.chosen)

    @rx.event
    def choose_quick(self, pack_id: str) -> None:
        """Likewise in the header's dialog."""
        self.quick = next((pack for pack in self.quick_packs if pack.id == pack_id), self.quick)

    def _offer(self, every: list[PackCard]) -> None:
        """Show these packs; the middle one is chosen, and for one click the smallest, unless others are."""
        self.packs, self.quick_packs = every, [pack for pack in every if pack.one_click]
        middle = every[len(every) // 2] if every else PackCard()
        self.chosen = next((pack for pack in every if pack.id == self.chosen.id), middle)
        self.quick = next((pack for pack in self.quick_packs if pack.id == self.quick.id), self.quick_packs[0] if self.quick_packs else PackCard())
