import pytest
from starlette.requests import Request

from credit_studio.api import context
from credit_studio.db import rates
from credit_studio.settings import Settings


def _address(forwarded: list[str], hops: int, client: tuple[str, int] | None = ("10.0.0.1", 5)) -> str:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return context.begin({"type": "http", "headers": headers, "client": client}, Settings(trusted_proxy_hops=hops)).address


@pytest.mark.parametrize(
    ("forwarded", "hops", "seen"),
    [
        ([], 0, "10.0.0.1"),
        (["203.0.113.9"], 0, "10.0.0.1"),
        (["203.0.113.9"], 1, "203.0.113.9"),
        (["198.51.100.1, 203.0.113.9"], 1, "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9"], 2, "198.51.100.1"),
        (["203.0.113.9"], 3, "10.0.0.1"),
        (["203.0.113.9:4711"], 1, "203.0.113.9"),
        (["[2001:db8::1]:4711"], 1, "2001:db8::1"),
        (["2001:db8::1"], 1, "2001:db8::1"),
        (["nonsense"], 1, "10.0.0.1"),
        ([""], 1, "10.0.0.1"),
        ([], 1, "10.0.0.1"),
    ],
)
def test_only_what_trusted_proxies_saw_is_believed(forwarded: list[str], hops: int, seen: str) -> None:
    assert _address(forwarded, hops) == seen


def test_a_unix_socket_has_no_address() -> None:
    assert _address([], 0, client=None) == ""


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::"), ("", ""),
     ("testclient", "testclient")],
)  # fmt: skip
def test_an_ipv6_customer_is_one_network(address: str, counted_as: str) -> None:
    assert rates.network(address) == counted_as


def test_a_request_that_came_another_way_has_a_context_of_its_own() -> None:
    request = Request({"type": "http", "headers": [], "client": ("192.0.2.1", 1)})
    assert context.of(request).address == "192.0.2.1"
    assert context.of(request) is context.of(request)
