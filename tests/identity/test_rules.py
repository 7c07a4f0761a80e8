from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.core.errors import InvalidInputs
from credit_studio.identity import passwords, rules

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "plain",
    ["short", "123456789", "aaaaaaaaaaaa", "abababababab", "password123", "PASSWORD1234", "P@ssw0rd123!",
     "qwertyuiop", "1qaz2wsx3edc", "iloveyou!!", "Sunshine2026!", "x" * 257,
     "ada@example.com",      "lovelace1815", "long enough\0but not text", "long enough \ud800"],
)  # fmt: skip
def test_weak_passwords_are_refused(plain: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        passwords.check_strength(plain, "ada@example.com" if "ada" in plain else "lovelace@example.com")
    assert [error.field for error in refused.value.errors] == ["password"]


@pytest.mark.parametrize("plain", ["orbit-lantern-42-quay", "four random words here", "Zürich liegt am See", "x7$kQ9!mTr", "密码密码密码一二三四五六"])
def test_other_passwords_pass(plain: str) -> None:
    assert passwords.weakness(plain, "ada@example.com") is None


def test_the_list_of_common_passwords_is_case_folded_and_without_doubles() -> None:
    lines = [line for line in passwords._COMMON_FILE.read_text().splitlines() if not line.startswith("#")]
    assert lines == sorted(set(lines))
    assert all(line == line.casefold() for line in lines)
    assert len(lines) > 700


def test_addresses_compare_without_case_and_width() -> None:
    assert rules.email_key(" \uff21DA@Example.com") == "ada@example.com"


def test_names_are_one_line_of_visible_text() -> None:
    assert rules.clean_name("  Ada\n\t\u202eLovelace\0 ") == "Ada Lovelace"
    assert rules.clean_name(None) == ""


@pytest.mark.parametrize("zone", ["", None, "../../etc/passwd", "/etc/passwd", "Europe", "Europe/Nowhere", "x" * 500, "Europe/London\n"])
def test_what_is_no_zone_is_utc(zone: str | None) -> None:
    assert rules.clean_zone(zone) == "UTC"


def test_a_session_ends_at_the_sooner_of_idle_and_absolute() -> None:
    idle, absolute = timedelta(days=14), timedelta(days=60)
    assert rules.expires_at(created=NOW, seen=NOW, idle=idle, absolute=absolute) == NOW + idle
    assert rules.expires_at(created=NOW, seen=NOW + timedelta(days=59), idle=idle, absolute=absolute) == NOW + absolute


async def test_a_hash_is_a_costly_argon2id_and_checks_only_its_own_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher())
    hashed = await passwords.hash_password("orbit-lantern-42-quay")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify(hashed, "orbit-lantern-42-quay")
    assert not await passwords.verify(hashed, "orbit-lantern-42-quaY")
    assert not await passwords.verify("no hash", "orbit-lantern-42-quay")
    assert not passwords.needs_rehash(hashed)
