import time
from pathlib import Path
from typing import Any

from tests.sandbox_fixture import Receiver, Sandbox, a_receiver, running


def names(webhooks: list[Any]) -> list[str]:
    """Whom they tell of."""
    return [webhook.event["data"]["object"]["name"] for webhook in webhooks]


def people(sandbox: Sandbox, most: int) -> list[str]:
    """Customers made one after the other."""
    return [sandbox.api().customers.create({"name": f"Person {number}"}).name for number in range(most)]


def eventually(arrived: Receiver, most: int) -> list[Any]:
    """What arrived by itself, once that many are there."""
    until = time.monotonic() + 10
    while len(arrived.arrived) < most:
        assert time.monotonic() < until, arrived.arrived
        time.sleep(0.01)
    return arrived.take()


def test_webhooks_come_by_themselves_in_the_order_of_the_changes(sandbox: Sandbox) -> None:
    made = people(sandbox, 5)
    assert names(eventually(sandbox.receiver, 5)) == made


def test_a_webhook_that_is_not_taken_comes_again(sandbox: Sandbox) -> None:
    sandbox.receiver.answers[:] = [500, 302]
    people(sandbox, 1)
    first, second, third = eventually(sandbox.receiver, 3)
    assert first.raw == second.raw == third.raw
    time.sleep(0.1)
    (told,) = sandbox.control("deliveries", method="GET")["deliveries"]
    assert (told["state"], told["attempts"]) == ("delivered", 3)


def test_deliveries_are_held_until_they_are_flushed(sandbox: Sandbox) -> None:
    sandbox.control("pause")
    made = people(sandbox, 3)
    time.sleep(0.2)
    assert sandbox.receiver.take() == []
    assert names(sandbox.flush()) == made
    people(sandbox, 1)
    sandbox.control("resume")
    assert len(eventually(sandbox.receiver, 1)) == 1


def test_chaos_duplicates_an_event(sandbox: Sandbox) -> None:
    sandbox.control("pause")
    sandbox.chaos(duplicate=1)
    people(sandbox, 2)
    arrived = sandbox.flush()
    assert names(arrived) == ["Person 0", "Person 0", "Person 1", "Person 1"]
    assert len({webhook.event["id"] for webhook in arrived}) == 2


def test_chaos_tells_one_change_under_two_ids(sandbox: Sandbox) -> None:
    sandbox.control("pause")
    sandbox.chaos(otherId=1)
    people(sandbox, 1)
    one, other = (webhook.event for webhook in sandbox.flush())
    assert one["id"] != other["id"]
    assert one | {"id": ""} == other | {"id": ""}
    assert {event["id"] for event in sandbox.events()} == {one["id"], other["id"]}


def test_chaos_changes_the_order_the_same_way_for_the_same_seed(sandbox: Sandbox) -> None:
    seen = []
    for _ in range(2):
        sandbox.control("pause")
        sandbox.chaos(reorder=1, seed=7)
        made = people(sandbox, 8)
        seen.append(names(sandbox.flush()))
    assert seen[0] == seen[1] != made
    assert sorted(seen[0]) == made


def test_chaos_delays_until_the_time_comes_or_all_is_flushed(sandbox: Sandbox) -> None:
    sandbox.control("pause")
    sandbox.chaos(delay=1, delaySeconds=3600, seed=1)
    people(sandbox, 3)
    assert sandbox.control("flush", {"onlyDue": True}) == {"delivered": []}
    assert len(sandbox.flush()) == 3


def test_a_setting_of_chaos_that_is_none_is_refused(sandbox: Sandbox) -> None:
    for body in ('{"duplicate": 2}', '{"duplicat": 1}', "[", '{"seed": "x"}'):
        assert sandbox.fetch("POST", "/sandbox/control/chaos", body, "application/json")[0] == 400


def test_the_clock_goes_forward_only(sandbox: Sandbox) -> None:
    now = sandbox.control("clock", method="GET")["now"]
    assert sandbox.clock(by_s=1000) - now in {1000, 1001}
    assert sandbox.fetch("POST", "/sandbox/control/clock", f'{{"advanceTo": {now}}}', "application/json")[0] == 400
    assert sandbox.api().customers.create({}).created >= now + 1000


def test_another_sites_page_cannot_use_the_control_routes(sandbox: Sandbox) -> None:
    assert sandbox.raw("/sandbox/control/reset", b"{}", {"Sec-Fetch-Site": "cross-site"})[0] == 403


def test_state_keys_clock_and_waiting_webhooks_outlive_a_kill(tmp_path: Path) -> None:
    with a_receiver() as receiver:
        with running(tmp_path, receiver.url) as (url, process):
            before = Sandbox(url, receiver)
            before.control("pause")
            before.chaos(duplicate=1)
            now = before.clock(by_s=5000)
            made = before.api().customers.create({"name": "Ada"}, {"idempotency_key": "order-1"}).id
            process.kill()
            process.wait()
        with running(tmp_path, receiver.url) as (url, _):
            after = Sandbox(url, receiver)
            assert after.api().customers.create({"name": "Ada"}, {"idempotency_key": "order-1"}).id == made
            assert after.control("clock", method="GET")["now"] >= now
            assert receiver.take() == []
            assert names(after.flush()) == ["Ada", "Ada"]


def test_the_number_of_a_card_is_in_no_file(tmp_path: Path) -> None:
    with a_receiver() as receiver, running(tmp_path, receiver.url) as (url, _):
        sandbox = Sandbox(url, receiver)
        card = {"number": "5555555555554444", "exp_month": 4, "exp_year": 2040, "cvc": "314159"}
        made = sandbox.api().payment_methods.create({"type": "card", "card": card}, {"idempotency_key": "card-1"}).id
        sandbox.fetch("POST", "/v1/customers", "source[number]=5555555555554444&card[cvc]=314159")
        kept = b"".join(file.read_bytes() for file in (tmp_path / "sandbox").iterdir())
    assert made.encode() in kept
    assert b"5555555555554444" not in kept
    assert b"314159" not in kept


def test_a_sandbox_asked_to_stop_ends_well(tmp_path: Path) -> None:
    with a_receiver() as receiver, running(tmp_path, receiver.url) as (_, process):
        process.terminate()
        assert process.wait(timeout=10) == 0
    assert (tmp_path / "said").read_text() == ""
