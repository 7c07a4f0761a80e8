import asyncio
import http.client
import random
import re
import socket
from typing import Any
from urllib.parse import quote, urlsplit

from credit_studio.sandbox import parameters, serving
from credit_studio.sandbox.routes import Route, api
from credit_studio.sandbox.server import register
from tests.sandbox_fixture import Sandbox

NASTY = ("", "0", "-1", "9" * 30, "true", "x", "\0", "é" * 50, "pm_card_visa")
ASKED = 400
HEAD = b"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_test_x\r\n"


def spoken(sandbox: Sandbox, said: bytes) -> bytes:
    """What comes back for those bytes until the other side is done."""
    place = urlsplit(sandbox.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=5) as wire:
        wire.sendall(said)
        wire.shutdown(socket.SHUT_WR)
        heard = b""
        while more := wire.recv(65_536):
            heard += more
        return heard


def test_what_is_no_http_is_refused_and_harms_nobody(sandbox: Sandbox) -> None:
    for said in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", HEAD + b"Content-Length: x\r\n\r\n", HEAD + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nabcdefg"):
        assert spoken(sandbox, said).startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert spoken(sandbox, HEAD + b"Content-Length: 50\r\n\r\nname=A").count(b"200 OK") == 0
    assert sandbox.api().customers.list({}).data == []


def test_a_body_that_is_too_long_is_a_413(sandbox: Sandbox) -> None:
    assert spoken(sandbox, HEAD + b"Content-Length: 2000000\r\n\r\n" + b"a" * 1_100_000).startswith(b"HTTP/1.1 413")


def test_a_body_in_pieces_and_two_requests_on_one_connection_are_answered(sandbox: Sandbox) -> None:
    piece = HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nname=A\r\n2\r\nda\r\n0\r\n\r\n"
    assert spoken(sandbox, piece + piece).count(b"200 OK") == 2
    assert [one.name for one in sandbox.api().customers.list({}).data] == ["Ada", "Ada"]


async def test_connections_that_are_open_when_it_ends_go_without_a_word() -> None:
    async def never(_scope: object, _receive: object, _send: object) -> None:
        raise AssertionError

    said: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, told: said.append(told))
    before = asyncio.all_tasks()
    listening = await serving.serve(never, 0)
    wire = await asyncio.open_connection(*listening.sockets[0].getsockname())
    await asyncio.sleep(0.1)
    serving_it = asyncio.all_tasks() - before
    assert serving_it
    for task in serving_it:
        task.cancel()
    await asyncio.wait(serving_it)
    await asyncio.sleep(0)
    wire[1].close()
    listening.close()
    loop.set_exception_handler(None)
    assert said == []


def test_a_page_is_asked_after_by_its_head(sandbox: Sandbox) -> None:
    heard = spoken(sandbox, b"HEAD /sandbox/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (heard[:15], heard.endswith(b"\r\n\r\n")) == (b"HTTP/1.1 200 OK", True)


def test_no_parameter_whatever_it_holds_breaks_the_sandbox(sandbox: Sandbox) -> None:
    register()
    dice = random.Random(5)  # noqa: S311 - to be repeated, not to be secret
    wire = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
    broken = [said for said in (nonsense(dice.choice(api), dice) for _ in range(ASKED)) if answered(wire, sandbox.key, *said) >= 500]
    wire.close()
    assert broken == []


def nonsense(route: Route, dice: random.Random) -> tuple[str, str, str]:
    """A call of that route with one parameter of its own that holds something odd."""
    found = parameters._routes()[route.method, parameters._plain(route.template)]
    names = sorted(getattr(parameters._closed(found[0]), found[1]).__annotations__) if found else []
    form = f"{dice.choice([*names, 'x'])}{dice.choice(('', '', '', '[0]', '[a]', '[gte]'))}={quote(dice.choice(NASTY))}"
    return route.method, re.sub(r"\{\w+\}", "nothing", route.template), form


def answered(wire: http.client.HTTPConnection, key: str, method: str, path: str, form: str) -> int:
    """The status of the answer."""
    there, body = (path, form) if method == "POST" else (f"{path}?{form}", None)
    wire.request(method, there, body, {"Authorization": f"Bearer {key}"})
    answer = wire.getresponse()
    answer.read()
    return answer.status
