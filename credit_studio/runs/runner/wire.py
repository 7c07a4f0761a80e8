"""Frames between the worker and a run's process: a kind of one byte, a length, that many bytes.

Towards the child goes a pickle, written by the worker itself. What comes back is text and never unpickled; every length is bounded
before a byte of it is read, because the child has worked on hostile data.
"""

import asyncio
import json
import pickle
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from credit_studio.runs.runner.contract import Job

_HEADER = struct.Struct(">cI")

READY, PROGRESS, RESULT, BLOCKS, END = b"r", b"p", b"o", b"b", b"e"
_SMALL = 65_536


class BadFrame(Exception):
    """The other side sent what is no frame, or a larger one than it may."""


@dataclass(frozen=True)
class Order:
    """A job as the child hears of it before its inputs: `size` bytes of pickle follow."""

    tool_id: str
    cpu_ms: int
    mem_mb: int
    output_bytes: int
    size: int


def send(channel: socket.socket, kind: bytes, payload: bytes) -> None:
    """Write one frame; raises OSError when nobody reads any more."""
    channel.sendall(_HEADER.pack(kind, len(payload)))
    channel.sendall(payload)


def send_json(channel: socket.socket, kind: bytes, value: Mapping[str, Any]) -> None:
    """Write one frame of JSON."""
    send(channel, kind, json.dumps(value).encode())


def pack_job(job: Job) -> tuple[bytes, bytes]:
    """The job as bytes for the child: the order, then the inputs."""
    inputs = pickle.dumps(job.inputs, protocol=pickle.HIGHEST_PROTOCOL)
    order = json.dumps(asdict(Order(job.tool_id, job.cpu_ms, job.mem_mb, job.output_bytes, len(inputs)))).encode()
    return _HEADER.pack(b"j", len(order)) + order, inputs


def receive_order(channel: socket.socket) -> Order | None:
    """The next order, or None when the worker has gone."""
    header = _exactly(channel, _HEADER.size)
    if not header:
        return None
    _, size = _HEADER.unpack(header)
    return Order(**json.loads(_exactly(channel, size)))


def receive_inputs(channel: socket.socket, order: Order) -> Any:  # noqa: ANN401 - whatever the tool takes
    """The inputs that follow an order."""
    return pickle.loads(_exactly(channel, order.size))  # noqa: S301 - written by the worker, on a socket that only the two of them hold


def _exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view, have = memoryview(data), 0
    while have < size:
        got = channel.recv_into(view[have:])
        if not got:
            return bytearray()
        have += got
    return data


async def receive(reader: asyncio.StreamReader, *, output_bytes: int) -> tuple[bytes, bytes]:
    """The child's next frame; raises `BadFrame` for one it may not send, and IncompleteReadError or OSError when it has gone."""
    kind, size = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    most = {READY: _SMALL, PROGRESS: _SMALL, END: _SMALL, RESULT: output_bytes, BLOCKS: output_bytes}.get(kind, -1)
    if size > most:
        raise BadFrame(f"{kind!r} of {size} bytes")
    return kind, await reader.readexactly(size)


def read_json(payload: bytes) -> dict[str, Any]:
    """A small frame's JSON object; raises `BadFrame` for anything else."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadFrame("no JSON") from error
    if not isinstance(value, dict):
        raise BadFrame("no object")
    return value  # pyright: ignore[reportUnknownVariableType] - its values are checked where they are used
