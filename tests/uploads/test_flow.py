import asyncio
import hashlib
import stat
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from credit_studio import settings
from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import Conflict, InvalidInputs, NotFound, NotSignedIn, TooLarge, Unavailable
from credit_studio.db.session import transaction
from credit_studio.uploads import flow, rules, service
from credit_studio.uploads.views import UploadView

pytestmark = pytest.mark.usefixtures("database")

ADA, BOB = Actor(user_id=ids.new_id()), Actor(user_id=ids.new_id())
HOUR = timedelta(hours=1)


async def _stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def _save(*chunks: bytes, actor: Actor = ADA, name: str = "data.csv") -> UploadView:
    return await flow.save(actor, name=name, chunks=_stream(*chunks))


async def _read(view: UploadView, actor: Actor = ADA) -> str:
    async with transaction() as tx:
        return await service.read_text(tx, owner_id=actor.require_user(), upload_id=view.upload_id)


def _files() -> list[str]:
    directory = settings.get().upload_dir
    return sorted(path.name for path in directory.iterdir()) if directory.exists() else []


@pytest.fixture(autouse=True)
def _clean() -> None:
    for name in _files():
        (settings.get().upload_dir / name).unlink()


async def test_a_file_is_kept_as_it_came_even_when_a_letter_is_split_between_chunks() -> None:
    body = "a,b\r\nÜ,2\n".encode()
    view = await _save(body[:6], body[6:])
    assert await _read(view) == "a,b\r\nÜ,2\n"
    assert (view.name, view.size, view.sha256) == ("data.csv", len(body), hashlib.sha256(body).hexdigest())


async def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert await _read(await _save(b"\xef\xbb\xbfa,b")) == "a,b"


async def test_it_rests_under_a_name_of_ours_where_only_we_can_read() -> None:
    await _save(b"x", name="../../etc/passwd")
    (name,) = _files()
    directory = settings.get().upload_dir
    assert set(name) <= set("0123456789abcdef")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600


async def test_whoever_is_not_the_owner_finds_nothing() -> None:
    view = await _save(b"x")
    with pytest.raises(NotFound):
        await _read(view, BOB)


async def test_it_is_gone_after_an_hour_and_the_sweep_takes_row_and_file() -> None:
    view = await _save(b"x")
    with clock.frozen(view.expires_at):
        with pytest.raises(NotFound):
            await _read(view)
        assert await flow.sweep() == 1
    assert _files() == []
    async with transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM upload"))).scalar_one() == 0


async def test_it_goes_with_the_run_that_takes_it_and_another_persons_run_takes_nothing() -> None:
    view = await _save(b"a\n1\n")
    async with transaction() as tx:
        assert await service.take(tx, owner_id=BOB.require_user(), upload_ids=[view.upload_id]) == ()
        assert await service.take(tx, owner_id=ADA.require_user(), upload_ids=[]) == ()
    assert await _read(view) == "a\n1\n"
    async with transaction() as tx:
        taken = await service.take(tx, owner_id=ADA.require_user(), upload_ids=[view.upload_id, ids.new_id()])
    assert list(taken) == _files()
    with pytest.raises(NotFound):
        await _read(view)
    await flow.remove(taken)
    await flow.remove(())
    assert _files() == []


async def test_the_sweep_leaves_what_has_time_left() -> None:
    view = await _save(b"x")
    assert await flow.sweep() == 0
    assert await _read(view) == "x"


async def test_the_sweep_takes_files_that_a_crash_left_without_a_row() -> None:
    await _save(b"x")
    async with transaction() as tx:
        await tx.execute(text("DELETE FROM upload"))
    assert await flow.sweep() == 0
    with clock.frozen(clock.now() + 2 * HOUR):
        assert await flow.sweep() == 1
    assert _files() == []


async def test_a_file_that_is_gone_from_the_disk_is_not_found() -> None:
    view = await _save(b"x")
    for name in _files():
        (settings.get().upload_dir / name).unlink()
    with pytest.raises(NotFound):
        await _read(view)


async def test_a_file_above_the_limit_is_refused_while_it_streams_and_leaves_nothing() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 1024 * 1024

    with pytest.raises(TooLarge):
        await flow.save(ADA, name="big.csv", chunks=endless())
    assert taken == 21
    assert _files() == []


async def test_a_file_of_just_the_limit_is_taken() -> None:
    assert (await _save(*[b"x" * 1024 * 1024] * 20)).size == rules.MAX_BYTES


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a\0b", b"caf\xc3", b"\x89PNG\r\n"])
async def test_what_is_no_text_is_refused_by_field_and_leaves_nothing(body: bytes) -> None:
    with pytest.raises(InvalidInputs) as refused:
        await _save(body)
    assert [error.field for error in refused.value.errors] == ["file"]
    assert _files() == []


async def test_a_visitor_cannot_upload() -> None:
    with pytest.raises(NotSignedIn):
        await _save(b"x", actor=Actor())
    assert _files() == []


async def test_the_quota_holds_when_many_arrive_at_once() -> None:
    results = await asyncio.gather(*(_save(b"x") for _ in range(rules.MAX_OPEN + 5)), return_exceptions=True)
    assert sum(isinstance(result, UploadView) for result in results) == rules.MAX_OPEN
    assert sum(isinstance(result, Conflict) for result in results) == 5
    assert len(_files()) == rules.MAX_OPEN
    await _save(b"x", actor=BOB)
    with clock.frozen(clock.now() + HOUR):
        await _save(b"x")


async def test_nothing_is_taken_when_the_disk_is_nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MIN_FREE_BYTES", 2**62)
    with pytest.raises(Unavailable):
        await _save(b"x")
    assert _files() == []


async def test_an_interrupted_stream_leaves_nothing() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await flow.save(ADA, name="x", chunks=broken())
    assert _files() == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\data.csv", "data.csv"),
        ("a\r\nb\0.csv", "ab.csv"),
        ("", "upload"),
        ("...", "upload"),
        ("\u202egnp.csv", "gnp.csv"),
    ],
)
def test_names_are_for_showing_only(given: str, kept: str) -> None:
    assert rules.clean_name(given) == kept
