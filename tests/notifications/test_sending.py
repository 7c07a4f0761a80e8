import asyncio
import base64
import hashlib
import hmac
import os
import signal
import socket
import sys
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from credit_studio.core import clock
from credit_studio.db.session import transaction
from credit_studio.jobs import notifying
from credit_studio.notifications import flow, service, webhook
from credit_studio.notifications.errors import Undelivered
from tests.makers.people import Someone, someone
from tests.notifications.conftest import Choose
from tests.notifications.receivers import LOCAL, Ear, Mailbox, listening

_MAIL = {"MAIL_FROM": "Credit Studio <studio@example.com>", "PUBLIC_URL": "https://studio.example.com"}


async def _told(person: Someone, dedupe: str = "low:1", **rule: object) -> list[UUID]:
    """Tell somebody of a low balance: the ids of the deliveries."""
    async with transaction() as tx:
        if rule:
            await service.set_rule(tx, person.id, **rule)  # type: ignore[arg-type] - a part of a rule
        await service.tell(tx, person.id, "low_balance", dedupe=dedupe, data={"left": 9, "below": 30})
        rows = await tx.execute(text("SELECT id FROM delivery WHERE status = 'pending' ORDER BY id"))
        return list(rows.scalars())


async def _state(delivery_id: UUID) -> tuple[str, int, str, str]:
    async with transaction() as tx:
        row = (await tx.execute(text("SELECT status, attempts, answer, error FROM delivery WHERE id = :id"), {"id": delivery_id})).one()
        return tuple(row)


def _verified(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """What a receiver does who has only read the standard."""
    key = base64.standard_b64decode(secret.split("_", 1)[1])
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    expected = base64.standard_b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return any(hmac.compare_digest(expected, one.removeprefix("v1,")) for one in headers["webhook-signature"].split())


async def test_a_mail_has_text_and_html_and_a_link_to_what_one_is_told(database: None, choose: Choose) -> None:
    box, person = Mailbox(), await someone()
    async with listening(box.serve) as port:
        choose(**_MAIL, SMTP_URL=f"smtp://{LOCAL}:{port}")
        [delivery] = await _told(person)
        await flow.deliver(str(delivery))
        await flow.deliver(str(delivery))
    [mail] = box.mails
    assert (mail["To"], mail["Subject"], mail["From"]) == (person.email, "9 credits left", "Credit Studio <studio@example.com>")
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    for body in (plain.get_content(), rich.get_content()):
        assert "https://studio.example.com/account/settings/credits" in body
        assert "whsec_" not in body
    assert await _state(delivery) == ("sent", 1, "250 queued as 1", "")


async def test_a_sender_that_is_killed_after_the_crossing_sends_once_after_the_restart(database: None, choose: Choose) -> None:
    box, person = Mailbox(stalls=True), await someone()
    async with listening(box.serve) as port:
        choose(**_MAIL, SMTP_URL=f"smtp://{LOCAL}:{port}")
        [delivery] = await _told(person)
        code = f"import asyncio; from credit_studio.notifications import flow; asyncio.run(flow.deliver('{delivery}'))"
        sender = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=dict(os.environ))
        await asyncio.wait_for(box.tried.wait(), timeout=60)
        sender.send_signal(signal.SIGKILL)
        await sender.wait()
        assert (await _state(delivery))[:2] == ("pending", 1)
        box.stalls = False
        await flow.deliver(str(delivery))
        assert box.mails == []  # it may still be at work, for all that anybody knows
        with clock.frozen(clock.now() + timedelta(minutes=5)):
            assert await flow.retry_due() == 1
            await asyncio.gather(*(flow.deliver(str(delivery)) for _ in range(5)))
            assert await flow.retry_due() == 0
    assert len(box.mails) == 1
    assert (await _state(delivery))[:2] == ("sent", 2)


async def test_a_job_sends_what_was_written_with_it(database: None, choose: Choose) -> None:
    box, person = Mailbox(), await someone()
    async with listening(box.serve) as port:
        choose(**_MAIL, SMTP_URL=f"smtp://{LOCAL}:{port}")
        [delivery] = await _told(person)
        async with notifying.sending():
            for _ in range(100):
                if (await _state(delivery))[0] == "sent":
                    break
                await asyncio.sleep(0.1)
    assert len(box.mails) == 1


async def test_a_refused_mail_is_tried_again_for_4xx_and_given_up_for_5xx(database: None, choose: Choose) -> None:
    box, person = Mailbox(refuses=b"451 later\r\n"), await someone()
    async with listening(box.serve) as port:
        choose(**_MAIL, SMTP_URL=f"smtp://{LOCAL}:{port}")
        [delivery] = await _told(person)
        await flow.deliver(str(delivery))
        assert await _state(delivery) == ("pending", 1, "", "The mail server refused it: 451 later")
        box.refuses = b"550 nobody here\r\n"
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            await flow.deliver(str(delivery))
    assert await _state(delivery) == ("failed", 2, "", "The mail server refused it: 550 nobody here")


async def test_without_a_mail_server_mails_are_kept_but_not_in_production(database: None, choose: Choose) -> None:
    person = await someone()
    [delivery] = await _told(person)
    await flow.deliver(str(delivery))
    [kept] = await flow.kept_mails(person.actor)
    assert kept.subject == "9 credits left"
    assert "/account/settings/credits" in kept.html
    choose(ENVIRONMENT="production", RATE_LIMIT_SCALE="1")
    assert await _told(person, "low:2") == []
    assert await flow.kept_mails(person.actor) == ()


async def test_a_webhook_is_signed_so_that_anybody_can_verify_it(database: None, choose: Choose) -> None:
    ear, person = Ear(), await someone()
    choose(WEBHOOKS_TO_PRIVATE="true")
    async with listening(ear.serve) as port:
        [delivery] = await _told(person, email=False, webhook_url=f"http://{LOCAL}:{port}/credits")
        await flow.deliver(str(delivery))
    async with transaction() as tx:
        secret = (await service.rule_of(tx, person.id)).webhook_secret
    [(headers, body)] = ear.got
    assert _verified(headers, body, secret)
    assert not _verified(headers, body + b" ", secret)
    assert ear.said()[0]["type"] == "alert.low_balance"
    assert secret.encode() not in body
    assert await _state(delivery) == ("sent", 1, "204", "")


async def test_a_webhook_is_tried_again_under_the_same_id_and_ends_when_the_receiver_is_gone(database: None, choose: Choose) -> None:
    ear, person = Ear(answer=b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n"), await someone()
    choose(WEBHOOKS_TO_PRIVATE="true")
    async with listening(ear.serve) as port:
        [delivery] = await _told(person, email=False, webhook_url=f"http://{LOCAL}:{port}/")
        await flow.deliver(str(delivery))
        assert await _state(delivery) == ("pending", 1, "", "The receiver answered 500.")
        ear.answer = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"
        with clock.frozen(clock.now() + timedelta(seconds=6)):
            await flow.deliver(str(delivery))
    assert len({headers["webhook-id"] for headers, _ in ear.got}) == 1
    assert (await _state(delivery))[:2] == ("failed", 2)
    assert await _told(person, "low:2") == []


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "[::1]", "[fe80::1]", "100.64.0.1", "0.0.0.0"])  # noqa: S104 - refused
async def test_nothing_is_sent_to_a_private_address(host: str) -> None:
    with pytest.raises(Undelivered) as refused:
        await webhook.send({}, url=f"https://{host}/", secret="whsec_AAAA", message_id="msg_1")
    assert refused.value.is_final


async def test_nothing_is_sent_to_a_name_that_leads_to_a_private_address(monkeypatch: pytest.MonkeyPatch) -> None:
    ear, asked = Ear(), []

    async def found(host: str, port: int, **_more: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port)), (socket.AF_INET, socket.SOCK_STREAM, 6, "", (LOCAL, port))]

    async with listening(ear.serve) as port:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
        with pytest.raises(Undelivered, match="private network"):
            await webhook.send({}, url=f"https://rebind.example.com:{port}/", secret="whsec_AAAA", message_id="msg_1")
    assert (asked, ear.got) == (["rebind.example.com"], [])


async def test_a_redirect_is_not_followed(database: None, choose: Choose) -> None:
    inside = Ear()
    choose(WEBHOOKS_TO_PRIVATE="true")
    async with listening(inside.serve) as hidden:
        outside = Ear(answer=f"HTTP/1.1 307 There\r\nlocation: http://{LOCAL}:{hidden}/\r\ncontent-length: 0\r\n\r\n".encode())
        async with listening(outside.serve) as port:
            with pytest.raises(Undelivered, match="307"):
                await webhook.send({}, url=f"http://{LOCAL}:{port}/", secret="whsec_AAAA", message_id="msg_1")
    assert (len(outside.got), inside.got) == (1, [])


async def test_a_text_message_goes_to_the_operators_service(database: None, choose: Choose) -> None:
    ear, person = Ear(answer=b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), await someone()
    async with listening(ear.serve) as port:
        choose(SMS_URL=f"json://{LOCAL}:{port}/{{to}}")
        [delivery] = await _told(person, email=False, sms_to="+447700900123")
        await flow.deliver(str(delivery))
    assert await _state(delivery) == ("sent", 1, "handed over", "")
    assert str(ear.said()[0]["message"]).startswith("9 credits left. ")
