"""The card that a person's one-click purchases go by: what is kept of it, and whether it can be charged. In a given transaction."""

from uuid import UUID

from credit_studio.db.session import Tx
from credit_studio.payments import rules, service, store
from credit_studio.payments.events import CardChanged
from credit_studio.payments.facts import Card
from credit_studio.payments.views import SavedCard


async def saved_card(tx: Tx, *, person_id: UUID) -> SavedCard | None:
    """The person's saved card, with its trouble in words; None without one."""
    row = await store.customer(tx, person_id)
    if row is None or row["card_pm"] is None:
        return None
    advice = rules.advice(row["card_trouble"]) if row["card_trouble"] else None
    said, action = (advice.said, advice.action) if advice else ("", "")
    return SavedCard(row["card_brand"], row["card_last4"], row["card_expires"], said, action)


async def keep(tx: Tx, *, customer_id: str, card: Card | None) -> None:
    """Write down which card the customer pays by; another one, or one that was renewed, has no trouble. Nothing for an unknown customer."""
    row = await store.lock_customer(tx, stripe_id=customer_id)
    if row is None:
        return
    now = _columns(card)
    if all(row[name] == value for name, value in now.items()):
        return
    await store.change_customer(tx, stripe_id=customer_id, values={**now, "card_trouble": None})
    await _tell(tx, row["person_id"], last4=now["card_last4"] or "", trouble="")


async def note_charge(tx: Tx, *, customer_id: str | None, card: Card | None, failure: str) -> None:
    """Write down what a charge has shown of the saved card: one that paid is the saved one and has no trouble; a hard decline is trouble."""
    if customer_id is None or card is None or card.customer_id != customer_id:
        return
    if not failure:
        await keep(tx, customer_id=customer_id, card=card)
    trouble = failure if failure and rules.advice(failure).trouble else None
    row = await store.lock_customer(tx, stripe_id=customer_id)
    if row is None or row["card_pm"] != card.pm_id or row["card_trouble"] == trouble or (failure and trouble is None):
        return
    await store.change_customer(tx, stripe_id=customer_id, values={"card_trouble": trouble})
    await _tell(tx, row["person_id"], last4=card.last4, trouble=trouble or "")


async def note_decline(tx: Tx, *, person_id: UUID, code: str) -> None:
    """Write down that the saved card was declined, when the reason lies in the card itself."""
    row = await store.customer(tx, person_id)
    if row is None or row["card_pm"] is None or row["card_trouble"] == code or not rules.advice(code).trouble:
        return
    await store.change_customer(tx, stripe_id=row["stripe_id"], values={"card_trouble": code})
    await _tell(tx, person_id, last4=row["card_last4"], trouble=code)


async def forget(tx: Tx, *, customer_id: str) -> None:
    """The customer is gone at Stripe: the next purchase makes another one."""
    person_id = await store.drop_customer(tx, stripe_id=customer_id)
    if person_id is not None:
        await _tell(tx, person_id, last4="", trouble="")


async def _tell(tx: Tx, person_id: UUID, *, last4: str, trouble: str) -> None:
    await tx.emit(CardChanged(person_id=person_id, last4=last4, trouble=trouble))
    await service.ring(tx, person_id, card=last4, trouble=trouble)


def _columns(card: Card | None) -> dict[str, str | None]:
    names = ("card_pm", "card_brand", "card_last4", "card_expires", "card_fingerprint")
    values = (None,) * len(names) if card is None else (card.pm_id, card.brand, card.last4, card.expires, card.fingerprint or None)
    return dict(zip(names, values, strict=True))
