"""A service on this machine that speaks the OpenAI-compatible protocol, and its replies, well-behaved and not."""

import asyncio
import json
from typing import Any


class Service:
    """Answers each request with the next of `replies` (the last one again and again), and keeps what it was asked.

    It waits `wait_s` before a reply and `pause_s` after each of its events.
    """

    def __init__(self) -> None:
        self.replies: list[bytes] = []
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.wait_s = 0.0
        self.pause_s = 0.0
        self.heard = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.asked.append((headers | {"first": head.split("\r\n")[0]}, body))
        self.heard.set()
        await asyncio.sleep(self.wait_s)
        for part in self._parts(self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(self.pause_s)
        writer.close()

    def _parts(self, whole_reply: bytes) -> list[bytes]:
        """The reply in one, or event by event where there are pauses."""
        return [part + b"\n\n" for part in whole_reply.split(b"\n\n")] if self.pause_s else [whole_reply]


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/json", more: str = "") -> bytes:
    """An answer of HTTP."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Connection: close\r\n\r\n".encode() + body


def whole(content: str, usage: object = None, ended: str = "stop") -> bytes:
    """An answer of the protocol in one piece."""
    told = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": ended}], "usage": usage or {"total_tokens": 4_100}}
    return reply(json.dumps(told).encode())


def stream(content: str, usage: object = None, *, done: bool = True) -> bytes:
    """An answer of the protocol as a stream of events, seven letters each; `done` ends it with its mark."""
    pieces = [{"choices": [{"index": 0, "delta": {"content": content[at : at + 7]}}]} for at in range(0, len(content), 7)]
    ends = [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, *([{"choices": [], "usage": usage}] if usage else [])]
    lines = [f"data: {json.dumps(one)}\n\n" for one in [*pieces, *ends]]
    return reply("".join([": hello\n\n", *lines, "data: [DONE]\n\n" if done else ""]).encode(), kind="text/event-stream")
