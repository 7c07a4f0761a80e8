from datetime import UTC, datetime, timedelta

import pytest

from credit_studio.core import clock
from credit_studio.identity import cookies
from credit_studio.settings import Settings

HTTP = Settings(public_url="")
HTTPS = Settings(public_url="https://studio.example.com")
TOKEN = "t" * 43
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_on_http_the_cookie_is_http_only_and_lax() -> None:
    with clock.frozen(NOW):
        assert cookies.issue(TOKEN, NOW + timedelta(hours=1), HTTP) == f"cs_session={TOKEN}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax"


def test_on_https_it_is_secure_and_bound_to_the_host() -> None:
    with clock.frozen(NOW):
        assert cookies.issue(TOKEN, NOW, HTTPS) == f"__Host-cs_session={TOKEN}; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"


def test_clearing_has_the_same_attributes() -> None:
    assert cookies.clear(HTTPS) == "__Host-cs_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"


def test_the_token_is_read_among_other_cookies() -> None:
    assert cookies.read(f'theme=dark; weird="a b"; cs_session={TOKEN}; x', HTTP) == TOKEN


@pytest.mark.parametrize("header", [None, "", "cs_session=", "cs_session=short", f"other={TOKEN}", f"cs_session={'!' * 43}", f"xcs_session={TOKEN}"])
def test_what_is_no_token_of_ours_is_none(header: str | None) -> None:
    assert cookies.read(header, HTTP) is None


def test_a_cookie_of_our_name_is_noticed_whatever_its_value() -> None:
    assert cookies.is_sent("a=b; cs_session=rubbish", HTTP)
    assert not cookies.is_sent("a=b", HTTP)
    assert not cookies.is_sent(None, HTTP)
