"""The other side: a mail server and a receiver of webhooks, on this machine, that remember what they got."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

LOCAL = "127.0.0.1"


@dataclass
class Mailbox:
    """A mail server that takes everything; `stalls`: it takes a mail and never says so. `answers` to RCPT, when it should refuse."""

    port: int = 0
    stalls: bool = False
    refuses: bytes = b""
    tried: asyncio.Event = field(default_factory=asyncio.Event)
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: SMTP as far as a sender needs it."""
        writer.write(b"220 mail.test\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.tried.set()
                if self.stalls:
                    await reader.read()
                    break
                writer.write(b"354 go on\r\n")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-5].replace(b"\r\n..", b"\r\n.")
                mail = message_from_bytes(raw, policy=policy.default)
                self.mails.append(mail)
                writer.write(b"250 queued as %d\r\n" % len(self.mails))
            elif verb == b"RCPT" and self.refuses:
                writer.write(self.refuses)
            else:
                writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                break
        writer.close()


@dataclass
class Ear:
    """A receiver of webhooks: what it got (headers in lower case, body), and what it answers."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list[tuple[dict[str, str], bytes]])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        self.got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(self.answer)
        writer.close()

    def said(self) -> list[dict[str, object]]:
        """The bodies, read."""
        return [json.loads(body) for _, body in self.got]


@asynccontextmanager
async def listening(serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """Serve on a free port for the length of the block: the port."""
    server = await asyncio.start_server(serve, LOCAL, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
