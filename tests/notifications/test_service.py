from uuid import UUID

import pytest

from credit_studio.core import ids
from credit_studio.core.errors import InvalidInputs, InvalidRequest
from credit_studio.db.session import transaction
from credit_studio.notifications import service
from credit_studio.notifications.views import AlertPage, NotificationRule
from tests.makers.people import someone


async def _tell(person_id: UUID, dedupe: str, kind: str = "low_balance") -> bool:
    data = {"left": 9, "below": 30} if kind == "low_balance" else {"credits": 500, "amount": "£10.00"}
    async with transaction() as tx:
        return await service.tell(tx, person_id, kind, dedupe=dedupe, data=data)


async def _list(person_id: UUID, kind: str | None = None, cursor: str | None = None, *, unread: bool = False, limit: int = 50) -> AlertPage:
    async with transaction() as tx:
        return await service.list_alerts(tx, person_id, kind=kind, unread=unread, cursor=cursor, limit=limit)


async def test_a_rule_that_was_never_changed_warns_of_caps_and_of_a_low_balance(database: None) -> None:
    person = await someone()
    async with transaction() as tx:
        assert await service.rule_of(tx, person.id) == NotificationRule((75, 90, 100), 30, in_app=True, email=True, sms_to="", webhook_url="")


async def test_a_change_leaves_the_rest_as_it_was(database: None) -> None:
    person = await someone()
    async with transaction() as tx:
        await service.set_rule(tx, person.id, thresholds=[100, 25], low_balance=None)
        rule = await service.set_rule(tx, person.id, email=False)
    assert (rule.thresholds, rule.low_balance, rule.email, rule.in_app) == ((25, 100), None, False, True)


async def test_an_address_for_webhooks_gets_a_secret_of_its_own(database: None) -> None:
    person = await someone()
    async with transaction() as tx:
        first = await service.set_rule(tx, person.id, webhook_url="https://example.com/a")
        again = await service.set_rule(tx, person.id, webhook_url="https://example.com/a", email=False)
        other = await service.set_rule(tx, person.id, webhook_url="https://example.com/b")
        none = await service.set_rule(tx, person.id, webhook_url="")
    assert first.webhook_secret == again.webhook_secret != other.webhook_secret
    assert first.webhook_secret.startswith("whsec_")
    assert first.webhook_secret not in repr(first)
    assert none.webhook_secret == ""


async def test_every_field_that_does_not_fit_is_named_and_nothing_changes(database: None) -> None:
    person = await someone()
    async with transaction() as tx:
        with pytest.raises(InvalidInputs) as refused:
            await service.set_rule(tx, person.id, thresholds=[33], low_balance=0, sms_to="0770", webhook_url="http://example.com")
        assert [one.field for one in refused.value.errors] == ["alertThresholds", "lowBalance", "notifications.sms", "notifications.webhookUrl"]
        assert (await service.rule_of(tx, person.id)).thresholds == (75, 90, 100)


PRIVATE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "localhost", "db.internal")
NO_ADDRESS = ("https://me:secret@example.com/", "ftp://example.com", "https://", "https://example.com/\n")


@pytest.mark.parametrize("url", [*(f"https://{host}/x" for host in PRIVATE), *NO_ADDRESS])
async def test_an_address_that_is_private_or_no_address_is_refused(database: None, url: str) -> None:
    person = await someone()
    async with transaction() as tx:
        with pytest.raises(InvalidInputs):
            await service.set_rule(tx, person.id, webhook_url=url)


async def test_an_alert_about_the_same_thing_is_written_once(database: None) -> None:
    person, other = await someone(), await someone()
    assert await _tell(person.id, "low:1")
    assert not await _tell(person.id, "low:1")
    assert await _tell(other.id, "low:1")
    assert [one.said.title for one in (await _list(person.id)).items] == ["9 credits left"]


async def test_alerts_are_listed_newest_first_by_kind_and_by_page(database: None) -> None:
    person = await someone()
    for number in range(3):
        await _tell(person.id, f"low:{number}")
    await _tell(person.id, "order:1", "purchase_paid")
    first = await _list(person.id, limit=3)
    rest = await _list(person.id, cursor=first.next_cursor, limit=3)
    assert [one.kind for one in first.items + rest.items] == ["purchase_paid", "low_balance", "low_balance", "low_balance"]
    assert rest.next_cursor is None
    assert len((await _list(person.id, "low_balance")).items) == 3
    assert len((await _list(person.id, "payments")).items) == 1
    for kind, cursor in (("nonsense", None), (None, "nonsense")):
        with pytest.raises(InvalidRequest):
            await _list(person.id, kind, cursor)


async def test_reading_marks_the_own_alerts_only(database: None) -> None:
    person, stranger = await someone(), await someone()
    await _tell(person.id, "low:1")
    await _tell(person.id, "low:2")
    newest = (await _list(person.id)).items[0]
    async with transaction() as tx:
        assert await service.mark_read(tx, stranger.id, [newest.id]) == 0
        assert await service.mark_read(tx, person.id, [newest.id, ids.new_id()]) == 1
        assert await service.unread_count(tx, person.id) == 1
        assert await service.mark_read(tx, person.id) == 1
    assert (await _list(person.id, unread=True)).items == ()


async def test_who_wants_no_alerts_in_the_studio_finds_them_read(database: None) -> None:
    person = await someone()
    async with transaction() as tx:
        await service.set_rule(tx, person.id, in_app=False)
    await _tell(person.id, "low:1")
    assert [one.is_read for one in (await _list(person.id)).items] == [True]
