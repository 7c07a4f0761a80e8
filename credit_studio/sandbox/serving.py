"""A small web server for one ASGI application: HTTP/1.1 by h11, one process, one thread. It can do what no grown one does: drop a connection unanswered."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import h11

Message = MutableMapping[str, Any]
Application = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
DROPPED = "sandbox.dropped"
"""The application sets this in the scope's `state` to have the connection cut instead of answered."""
_READ = 65_536
_LONGEST = 1_000_000
"""Bytes of a request's body; Stripe's own limit is far above what the studio sends."""
_IDLE_S = 75.0


async def serve(application: Application, port: int) -> asyncio.Server:
    """Listen on 127.0.0.1; the server given is closed by the caller. Port 0 takes a free one."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Cancelled when the process ends: asyncio up to 3.11 asks a cancelled connection for its fault, and prints that as a fault of its own.
        with suppress(ConnectionError, TimeoutError, asyncio.CancelledError):
            await _Connection(application, reader, writer).run()
        writer.transport.abort()

    return await asyncio.start_server(connected, "127.0.0.1", port)


class _Connection:
    """One connection, one request after the other."""

    def __init__(self, application: Application, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._application, self._reader, self._writer = application, reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def run(self) -> None:
        """Answer until the other side goes, is idle, or does not speak HTTP."""
        while True:
            try:
                request = await self._next()
                if not isinstance(request, h11.Request):
                    return
                body = await self._body()
            except h11.RemoteProtocolError as problem:
                await self._refuse(problem.error_status_hint, "The request is not HTTP.")
                return
            if body is None:
                await self._refuse(413, "The request is too long.")
                return
            if not await self._answer(request, body) or self._http.our_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _next(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            self._http.receive_data(await asyncio.wait_for(self._reader.read(_READ), _IDLE_S))
        return event

    async def _body(self) -> bytes | None:
        body = b""
        while isinstance(event := await self._next(), h11.Data):
            body += event.data
            if len(body) > _LONGEST:
                return None
        return body

    async def _answer(self, request: h11.Request, body: bytes) -> bool:
        scope = _scope(request)
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return unread.pop() if unread else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if scope["state"].get(DROPPED):
                return
            if message["type"] == "http.response.start":
                out = self._http.send(h11.Response(status_code=message["status"], headers=message["headers"], reason=_phrase(message["status"])))
            else:
                data = b"" if request.method == b"HEAD" else message.get("body", b"")
                out = self._http.send(h11.Data(data=data)) or b""
                if not message.get("more_body"):
                    out += self._http.send(h11.EndOfMessage()) or b""
            self._writer.write(out or b"")
            await self._writer.drain()

        await self._application(scope, receive, send)
        return not scope["state"].get(DROPPED)

    async def _refuse(self, status: int, words: str) -> None:
        if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            said = words.encode()
            headers = [("content-length", str(len(said))), ("content-type", "text/plain"), ("connection", "close")]
            for event in (h11.Response(status_code=status, headers=headers, reason=_phrase(status)), h11.Data(data=said), h11.EndOfMessage()):
                self._writer.write(self._http.send(event) or b"")
            await self._writer.drain()


def _phrase(status: int) -> bytes:
    return HTTPStatus(status).phrase.encode()


def _scope(request: h11.Request) -> Message:
    path, _, query = request.target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": request.http_version.decode(),
        "method": request.method.decode(),
        "scheme": "http",
        "path": unquote(path.decode("ascii", "replace")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": list(request.headers),
        "client": None,
        "server": None,
        "state": {},
    }
