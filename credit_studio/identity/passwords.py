"""Passwords: argon2id in threads of its own, at most two at once, and what is too weak to be one.

Parameters are argon2-cffi's defaults (RFC 9106, low-memory profile: 64 MiB, 3 passes, 4 lanes).
"""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.identity import rules

_AT_ONCE = 2
"""Each hash takes 64 MiB and a core for some 50 ms: more at once would starve runs and pages."""

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="argon2")
_COMMON_FILE = Path(__file__).with_name("common_passwords.txt")


async def hash_password(plain: str) -> str:
    """The argon2id hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, plain)


async def verify(hashed: str, plain: str) -> bool:
    """True when `plain` is the password behind `hashed`; takes as long either way."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _matches, hashed, plain)


async def verify_nobody(plain: str) -> None:
    """Spend what a check of a real account spends, so that an unknown address does not answer sooner."""
    await asyncio.get_running_loop().run_in_executor(_threads, lambda: _matches(_dummy(), plain))


def needs_rehash(hashed: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hashed)


def check_strength(plain: str, email: str) -> None:
    """Raise `InvalidInputs` naming "password" when it is too weak for the owner of `email`."""
    found = weakness(plain, email)
    if found is not None:
        raise InvalidInputs((FieldError("password", found),))


def weakness(plain: str, email: str) -> str | None:
    """Why the password will not do, or None."""
    return rules.weakness(plain, email, _common())


def _matches(hashed: str, plain: str) -> bool:
    try:
        return _hasher.verify(hashed, plain.encode("utf-8", "replace"))
    except (VerificationError, InvalidHashError):
        return False


@functools.cache
def _dummy() -> str:
    return _hasher.hash("nobody has this password")


@functools.cache
def _common() -> frozenset[str]:
    lines = _COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
