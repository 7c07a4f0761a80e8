import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from httpx import ASGITransport
from starlette.responses import RedirectResponse
from starlette.types import Message

from credit_studio.api import csp, guards
from credit_studio.api.security import headers_of, secure
from credit_studio.core.errors import InvalidRequest, TooLarge
from credit_studio.settings import Settings
from tests.api.conftest import HOST, Client, problem
from tests.makers.sessions import PASSWORD

LOGIN = {"email": "ada@example.com", "password": PASSWORD}


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://studio.test.evil.example", "http://studio.test:8080", "null", "", "studio.test", "http://["],
)
async def test_an_unsafe_request_with_the_cookie_from_elsewhere_is_refused(ada: Client, origin: str) -> None:
    problem(await ada.post("/api/auth/logout", headers={"Origin": origin}), 403, "bad_origin")
    assert (await ada.get("/api/auth/me")).status_code == 200


@pytest.mark.parametrize("origin", [HOST, "http://STUDIO.test", "http://studio.test:80", "https://studio.test"])
async def test_our_own_origin_is_let_in(ada: Client, origin: str) -> None:
    # https too: a proxy may end TLS before us, and the host is what says whose page it is
    assert (await ada.post("/api/auth/logout", headers={"Origin": origin})).status_code == 204


async def test_a_missing_origin_is_let_in_and_so_is_a_foreign_one_without_the_cookie(ada: Client, client: Client) -> None:
    assert (await ada.post("/api/auth/logout")).status_code == 204
    assert (await client.post("/api/auth/logout", headers={"Origin": "https://evil.example"})).status_code == 204


async def test_a_safe_request_from_elsewhere_is_answered_but_not_shared(ada: Client) -> None:
    reply = await ada.get("/api/auth/me", headers={"Origin": "https://evil.example"})
    assert reply.status_code == 200
    assert "access-control-allow-origin" not in reply.headers


async def test_with_a_public_url_only_that_origin_is_ours(ada: Client, configured: Callable[..., Settings]) -> None:
    configured(public_url="http://public.example", rate_limit_scale=0)
    problem(await ada.post("/api/auth/logout", headers={"Origin": HOST}), 403, "bad_origin")
    problem(await ada.post("/api/auth/logout", headers={"Origin": "https://public.example"}), 403, "bad_origin")
    assert (await ada.post("/api/auth/logout", headers={"Origin": "http://public.example"})).status_code == 204


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "", None])
async def test_a_body_that_is_not_json_is_refused(client: Client, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    problem(await client.post("/api/auth/login", content=b'{"email": "a", "password": "b"}', headers=headers), 415, "unsupported_media_type")


async def test_json_with_a_charset_is_json(ada: Client) -> None:
    body = f'{{"email": "ada@example.com", "password": "{PASSWORD}"}}'
    assert (await ada.post("/api/auth/login", content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"})).status_code == 200


async def test_a_body_above_a_megabyte_is_refused_by_its_length(client: Client) -> None:
    body = b'{"email": "' + b"x" * guards.MAX_BODY + b'"}'
    problem(await client.post("/api/auth/login", content=body, headers={"Content-Type": "application/json"}), 413, "too_large")


async def test_a_body_above_a_megabyte_is_refused_while_it_streams(client: Client) -> None:
    async def endless():  # noqa: ANN202 - a stream
        while True:
            yield b"x" * 65_536

    problem(await client.post("/api/auth/login", content=endless(), headers={"Content-Type": "application/json"}), 413, "too_large")


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "", "9" * 30])
async def test_a_length_that_is_none_is_malformed(length: str) -> None:
    scope = {"method": "POST", "path": "/api/auth/login", "headers": [(b"content-length", length.encode()), (b"content-type", b"application/json")]}
    with pytest.raises((InvalidRequest, TooLarge)):
        guards.check(scope, Settings())


async def test_a_body_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_PATIENCE_S", 0.01)

    async def never() -> Message:
        await asyncio.sleep(10)
        return {}

    take = guards.counted(never, {"path": "/api/auth/login"})
    with pytest.raises(InvalidRequest):
        await take()


async def test_after_the_body_waiting_for_the_client_to_go_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_PATIENCE_S", 0.01)
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.sleep(0.05)
        return {"type": "http.disconnect"}

    take = guards.counted(receive, {"path": "/api/auth/login"})
    assert [(await take())["type"], (await take())["type"]] == ["http.request", "http.disconnect"]


async def _socket(origin: str | None) -> list[Message]:
    sent: list[Message] = []

    async def app(scope, receive, send) -> None:  # noqa: ANN001 - ASGI
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"studio.test"), *([(b"origin", origin.encode())] if origin is not None else [])]
    await secure(app)({"type": "websocket", "path": "/_event", "headers": headers, "client": ("192.0.2.1", 1)}, receive, send)
    return sent


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", "http://studio.test:8080"])
async def test_a_websocket_without_our_origin_is_closed(origin: str | None) -> None:
    assert await _socket(origin) == [{"type": "websocket.close", "code": 4403}]


async def test_a_websocket_of_our_pages_is_let_in() -> None:
    assert await _socket(HOST) == [{"type": "websocket.accept"}]


async def test_every_reply_has_the_safe_headers(client: Client) -> None:
    for path in ("/api/tools", "/api/nonsense", "/healthz", "/api/auth/me", "/api/openapi.json"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["content-security-policy"] == csp.API
        assert headers["cache-control"] == "no-store"
        assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
        assert "strict-transport-security" not in headers
        assert "server" not in headers


async def test_the_request_id_is_ours_and_each_has_its_own(client: Client) -> None:
    one = await client.get("/healthz", headers={"X-Request-Id": "forged"})
    two = await client.get("/healthz")
    assert len({one.headers["x-request-id"], two.headers["x-request-id"], "forged"}) == 3


def test_on_https_transport_is_strict() -> None:
    assert headers_of("/", 200, Settings(public_url="https://studio.test"))["Strict-Transport-Security"] == "max-age=31536000"


def test_pages_may_load_scripts_from_here_and_talk_to_here_only() -> None:
    policy = headers_of("/", 200, Settings())["Content-Security-Policy"]
    for part in ("default-src 'self'", "connect-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy.split("; ")
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


@pytest.mark.parametrize(
    ("path", "status", "kept"),
    [
        ("/assets/root-DxB7_8Tv.js", 200, True),
        ("/assets/root-DxB7_8Tv.js", 404, False),
        ("/local/tools-246fc3c1e5a4cdf0.zip", 200, True),
        ("/local/manifest.json", 200, False),
        ("/assets/worker.js", 200, False),
        ("/", 200, False),
        ("/studio.css", 200, False),
    ],
)
def test_only_what_is_named_after_its_content_is_kept_for_ever(path: str, status: int, kept: bool) -> None:  # noqa: FBT001 - a table of cases
    assert ("immutable" in headers_of(path, status, Settings())["Cache-Control"]) == kept


def test_each_page_has_the_hashes_of_its_own_inline_scripts(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "index.html").write_text("<script>one()</script><script src='/a.js'></script>")
    (tmp_path / "tools" / "index.html").write_text('<script type="module">two()\n</script><script>one()</script>')
    (tmp_path / "404.html").write_text("<script>three()</script>")
    one, two, three = (csp.inline_hashes(f"<script>{code}</script>".encode())[0] for code in ("one()", "two()\n", "three()"))
    assert one in csp.page("/", tmp_path)
    assert two not in csp.page("/", tmp_path)
    for path in ("/tools", "/tools/", "/tools/index.html"):
        assert one in csp.page(path, tmp_path)
        assert two in csp.page(path, tmp_path)
    assert three in csp.page("/runs/x", tmp_path)
    assert one in csp.page("/runs/x", tmp_path)


def test_a_hash_is_what_a_browser_computes() -> None:
    assert csp.inline_hashes(b"<script>doSomething();</script>") == ("sha256-RFWPLDbv2BY+rCkDzsE+0fr8ylGr2R2faWMhq4lfEQc=",)


async def test_a_redirect_to_this_host_is_relative_and_another_is_left_alone() -> None:
    for target, kept in ((f"{HOST}/login/", "/login/"), ("http://elsewhere.example/", "http://elsewhere.example/")):
        async with Client(transport=ASGITransport(app=secure(RedirectResponse(target))), base_url=HOST) as client:  # type: ignore[arg-type]
            assert (await client.get("/login")).headers["location"] == kept
