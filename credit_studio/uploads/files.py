"""The files themselves: written under a name of ours, readable by this user only, never served."""

import asyncio
import codecs
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from credit_studio import settings
from credit_studio.uploads import rules
from credit_studio.uploads.errors import disk_full, not_text, too_large


@dataclass(frozen=True)
class Written:
    """A file just written: its name in the directory, its size in bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


async def write(chunks: AsyncIterator[bytes]) -> Written:
    """Write what arrives, counting and checking on the way; leaves nothing behind when it raises `TooLarge` or `InvalidInputs`."""
    path = secrets.token_hex(16)
    file = await asyncio.to_thread(_create, path)
    try:
        size, digest = await _copy(chunks, file)
    except BaseException:
        await asyncio.to_thread(file.close)
        remove([path])
        raise
    await asyncio.to_thread(file.close)
    return Written(path, size, digest)


async def read_text(path: str) -> str | None:
    """The text of a file without a byte order mark, line ends as they came, or None when it is gone."""
    try:
        content = await asyncio.to_thread((_directory() / path).read_bytes)
    except FileNotFoundError:
        return None
    return content.decode("utf-8-sig")


def remove(paths: Iterable[str]) -> None:
    """Remove files; one that is gone already is no matter."""
    for path in paths:
        (_directory() / path).unlink(missing_ok=True)


def remove_older_than(moment: float) -> int:
    """Remove every file last written before `moment` (seconds since 1970): no row can still point at it. How many."""
    old = [entry.name for entry in os.scandir(_directory()) if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < moment]
    remove(old)
    return len(old)


async def _copy(chunks: AsyncIterator[bytes], file: IO[bytes]) -> tuple[int, str]:
    size, digest, decoder = 0, hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    async for chunk in chunks:
        size += len(chunk)
        if size > rules.MAX_BYTES:
            raise too_large()
        _check_text(decoder, chunk)
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    _check_text(decoder, b"", final=True)
    return size, digest.hexdigest()


def _check_text(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> None:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        raise not_text() from None
    if b"\0" in chunk:
        raise not_text()


def _create(path: str) -> IO[bytes]:
    directory = _directory()
    if shutil.disk_usage(directory).free < rules.MIN_FREE_BYTES:
        raise disk_full()
    return os.fdopen(os.open(directory / path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _directory() -> Path:
    directory = settings.get().upload_dir
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory
