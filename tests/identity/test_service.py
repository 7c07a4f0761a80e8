import asyncio

import pytest
from sqlalchemy import text

from credit_studio.core import ids
from credit_studio.core.actor import SYSTEM, Role
from credit_studio.core.errors import Conflict, InvalidInputs, NotFound
from credit_studio.db import session as db
from credit_studio.db.session import transaction
from credit_studio.identity import flow, passwords, service
from tests.makers.sessions import PASSWORD, make_person, make_session

pytestmark = pytest.mark.usefixtures("database")


async def test_an_address_is_taken_however_it_is_capitalised() -> None:
    await make_person("Ada@Example.com")
    with pytest.raises(Conflict) as refused:
        await make_person("aDA@example.COM")
    assert refused.value.code == "email_taken"


async def test_two_registrations_of_one_address_at_once_give_one_person() -> None:
    results = await asyncio.gather(*(make_person("ada@example.com") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(result, Conflict) for result in results) == 4


async def test_who_gives_no_name_is_called_by_the_part_before_the_at_sign() -> None:
    person = await make_person("ada.lovelace@example.com")
    assert (person.display_name, person.role, person.time_zone) == ("ada.lovelace", Role.USER, "UTC")


async def test_a_known_time_zone_is_kept_and_another_is_utc() -> None:
    assert (await make_person("a@example.com", time_zone="Europe/London")).time_zone == "Europe/London"
    assert (await make_person("b@example.com", time_zone="Mars/Olympus")).time_zone == "UTC"


async def test_people_are_found_by_id_and_by_address() -> None:
    person = await make_person()
    async with transaction() as tx:
        assert await service.find_person(tx, person_id=person.id) == person
        assert await service.find_by_email(tx, email="ADA@example.com") == person
        assert await service.find_person(tx, person_id=ids.new_id()) is None
        assert await service.find_by_email(tx, email="x@example.com") is None


async def test_an_operator_is_made_once_and_their_sessions_end() -> None:
    person = await make_person()
    session = await make_session(person)
    for _ in range(2):
        async with transaction() as tx:
            assert (await service.make_admin(tx, email="ada@example.com", actor=SYSTEM)).role is Role.ADMIN
    assert await flow.who(session.token) is None
    async with db.transaction() as tx:
        rows = (await tx.execute(text("SELECT event, details FROM audit_entry"))).all()
        found = await service.find_by_email(tx, email="ada@example.com")
    assert found is not None
    assert found.role is Role.ADMIN
    assert [tuple(row) for row in rows] == [("role.changed", {"before": "user", "after": "admin"})]


async def test_nobody_is_no_operator() -> None:
    with pytest.raises(NotFound):
        async with transaction() as tx:
            await service.make_admin(tx, email="nobody@example.com", actor=SYSTEM)


async def test_a_session_needs_a_person() -> None:
    with pytest.raises(NotFound):
        async with transaction() as tx:
            await service.open_session(tx, person_id=ids.new_id(), actor=SYSTEM)


def test_a_registration_names_every_field_that_does_not_fit() -> None:
    with pytest.raises(InvalidInputs) as refused:
        service.check_new(email="nonsense", password="short", display_name="x" * 81)
    assert [error.field for error in refused.value.errors] == ["email", "password", "displayName"]


@pytest.mark.parametrize("email", ["ada@example.com", "ada+tag@mail.example.co.uk", "ada@studio.local", "ada@example.test"])
def test_addresses_pass(email: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        service.check_new(email=email, password="short")
    assert [error.field for error in refused.value.errors] == ["password"]


@pytest.mark.parametrize(
    "email", ["", "ada", "@example.com", "ada@", "ada@localhost", "a b@example.com", "ada@exa\0mple.com", "\ud800@example.com", f"{'x' * 250}@example.com"]
)
async def test_what_is_no_address_makes_no_person(email: str) -> None:
    with pytest.raises(InvalidInputs):
        async with transaction() as tx:
            await service.create_person(tx, email=email, password_hash=await passwords.hash_password(PASSWORD))
