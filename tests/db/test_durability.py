"""The settings of a server that would lose charges, found and named."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from credit_studio import settings
from credit_studio.db import durability
from credit_studio.operate import preflight
from credit_studio.operate.errors import CannotStart
from credit_studio.settings import Settings


@contextmanager
def _set_off(url: str, name: str) -> Iterator[None]:
    """The server with a setting off, and then as it was."""
    _order(url, f"ALTER SYSTEM SET {name} = off")
    try:
        yield
    finally:
        _order(url, f"ALTER SYSTEM RESET {name}")


def _order(url: str, order: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(order))
        conn.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _until(reached: Settings, names: list[str]) -> None:
    until = time.monotonic() + 10
    while durability.off(reached) != names:
        assert time.monotonic() < until, durability.off(reached)


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit"])
def test_a_server_that_may_lose_a_commit_is_refused_by_the_name_of_its_setting(postgres: str, name: str) -> None:
    reached = settings.get().model_copy(update={"database_url": postgres})
    assert durability.off(reached) == []
    with _set_off(postgres, name):
        _until(reached, [name])
        with pytest.raises(CannotStart, match=rf"^The database server has {name} = off: .*Set {name} = on in its postgresql\.conf"):
            preflight.commits_are_kept(reached)
    _until(reached, [])
    assert preflight.commits_are_kept(reached) is None
