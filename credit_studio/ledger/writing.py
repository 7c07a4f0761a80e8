"""The write path: lock the account, read what the command needs, decide, write what was decided. The caller's transaction commits."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import ids
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, rules, store, terms, windows
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import Book, Capture, ClawBack, Done, Expire, HoldCredits, Refund, Refusal, Reinstate, Release

CHANNEL = "balance"
CapKey = tuple[UUID, str, str, datetime]
_LONGEST_WINDOW = timedelta(days=70)


async def carry_out(tx: Tx, command: terms.AnyCommand, *, asked: Sequence[object], zone: str = "UTC") -> Done | Refusal:
    """Do one command, once for its (scope, key); `asked` is what tells a retry (answered `replayed`) from another request.

    Raises `KeyReused` for another request under a known key. A changed account rings `CHANNEL` on commit.
    """
    locked = await store.lock(tx, [command.account_id])
    fingerprint = chain.request_hash(asked)
    known = await store.known_request(tx, command.scope, command.key)
    if known is not None and known != fingerprint and not isinstance(command, (Capture, Release)):
        raise KeyReused("The same key came with another request. Nothing was written.")
    if known is not None and not isinstance(command, (Capture, Release)):
        return Done(None, hold=await find_hold(tx, command.run_id) if isinstance(command, (HoldCredits, Refund)) else None, replayed=True)
    book = await _read(tx, command, locked, zone=zone)
    before = Book(dict(book.accounts), dict(book.grants), dict(book.holds), dict(book.caps))
    _end_lapsed(book, command)
    result = rules.decide(book, command)
    if isinstance(result, Done) and not result.replayed:
        await _write(tx, book, before, fingerprint, heads={row["id"]: row["chain_head"] for row in locked})
    return result


def _end_lapsed(book: Book, command: terms.AnyCommand) -> None:
    """What has lapsed ends first, in entries of its own: nothing that a command returns can bring it back to life."""
    lapsed = [] if isinstance(command, Expire) else [grant for grant in book.grants.values() if grant.remaining and grant.expires_at <= command.at]
    for grant in lapsed:
        key = f"{grant.id}:{command.at.isoformat()}"
        rules.decide(book, Expire(account_id=grant.account_id, scope="expire", key=key, at=command.at, grant_id=grant.id))


async def find_hold(tx: Tx, run_id: UUID) -> terms.Hold | None:
    """The hold of a run with its parts, or None."""
    rows, parts, _ = await store.holds(tx, [run_id])
    return _hold_row(rows[0], parts) if rows else None


async def _read(tx: Tx, command: terms.AnyCommand, locked: Sequence[store.Row], *, zone: str) -> Book:
    accounts = {row["id"]: terms.Account(row["id"], row["owner_id"], row["posted"], row["held"], row["debt"], row["version"]) for row in locked}
    run_ids = [command.run_id] if isinstance(command, (Capture, Release, Refund)) else []
    held, parts, pinned = await store.holds(tx, run_ids) if run_ids else ([], [], [])
    named = await store.grants_by_id(tx, [command.grant_id]) if isinstance(command, (ClawBack, Reinstate)) else []
    grants = {row["id"]: _grant_of(row) for row in [*await store.open_grants(tx, list(accounts)), *pinned, *named]}
    book = Book(accounts, grants, holds={row["run_id"]: _hold_row(row, parts) for row in held})
    if isinstance(command, HoldCredits):
        await _open_windows(tx, book, command, zone=zone)
    elif held:
        book.caps = _caps(await store.caps(tx, list(accounts), oldest=held[0]["created_at"], newest=held[0]["created_at"]))
    return book


async def _open_windows(tx: Tx, book: Book, command: HoldCredits, *, zone: str) -> None:
    """Read the windows that hold this instant, and open those that the account's cap rules ask for."""
    book.caps, opened = await cap_windows(tx, list(book.accounts), at=command.at, zone=zone)
    book.run_caps = {rule["account_id"]: rule["lim"] for rule in await store.cap_rules(tx, list(book.accounts)) if rule["label"] == "run"}
    if opened:
        await store.add_windows(tx, opened)
        book.caps |= {cap.key: cap for cap in opened}


async def cap_windows(tx: Tx, accounts: Sequence[UUID], *, at: datetime, zone: str) -> tuple[dict[CapKey, terms.Cap], list[terms.Cap]]:
    """The open windows of these accounts, and those that would be opened for a hold at `at` (not written here)."""
    seen = _caps(await store.caps(tx, accounts, oldest=at - _LONGEST_WINDOW, newest=at))
    is_open = {key: cap for key, cap in seen.items() if cap.window_end > at}
    names = {(cap.account_id, cap.subject, cap.label) for cap in is_open.values()}
    missing = [rule for rule in await store.cap_rules(tx, accounts) if (rule["account_id"], rule["subject"], rule["label"]) not in names]
    made = [_window(rule, seen.values(), at=at, zone=zone) for rule in missing if rule["label"] != "run"]
    return is_open, [cap for cap in made if cap.window_start <= at < cap.window_end]


def _window(rule: store.Row, seen: Iterable[terms.Cap], *, at: datetime, zone: str) -> terms.Cap:
    """The window that a rule asks for now: the plan's period, or the next one on the calendar of the owner's zone."""
    account_id, subject, label = rule["account_id"], rule["subject"], rule["label"]
    start, end = rule["period_start"], rule["period_end"]
    if start is None or end is None:
        ends = (cap.window_end for cap in seen if (cap.account_id, cap.subject, cap.label) == (account_id, subject, label))
        start, end = windows.next_window(label, zone, at=at, after=max(ends, default=None))
    return terms.Cap(account_id, subject, label, start, end, rule["lim"], 0)


async def _write(tx: Tx, book: Book, before: Book, fingerprint: bytes, heads: dict[UUID, bytes]) -> None:
    rows: list[dict[str, Any]] = []
    transfers: list[dict[str, Any]] = []
    for entry in book.entries:
        entry_id, prev = ids.new_id(), heads[entry.account_id]
        heads[entry.account_id] = chain.link(prev, entry_id, entry)
        rows.append(_entry_row(entry, entry_id, prev, heads[entry.account_id], fingerprint))
        transfers += [_transfer_row(entry_id, seq, move) for seq, move in enumerate(entry.moves)]
    if book.new_grants:
        await store.add_grants(tx, [book.grants[one] for one in book.new_grants])
    changed = [grant for key, grant in book.grants.items() if key in before.grants and grant != before.grants[key]]
    if changed:
        await store.set_grants(tx, changed)
    await _write_holds(tx, book, before)
    windows_changed = [cap for key, cap in book.caps.items() if cap != before.caps.get(key)]
    if windows_changed:
        await store.set_caps(tx, windows_changed)
    await store.add_entries(tx, rows, transfers)
    await store.set_accounts(tx, [(book.accounts[one], heads[one]) for one in heads])
    for account in book.accounts.values():
        await tx.notify(CHANNEL, {"userId": str(account.owner_id), "version": account.version})


async def _write_holds(tx: Tx, book: Book, before: Book) -> None:
    if book.new_holds:
        await store.add_holds(tx, [book.holds[one] for one in book.new_holds])
    ended = [hold for key, hold in book.holds.items() if key in before.holds and hold != before.holds[key]]
    if ended:
        await store.set_holds(tx, ended)


def _entry_row(entry: terms.Entry, entry_id: UUID, prev: bytes, head: bytes, fingerprint: bytes) -> dict[str, Any]:
    names = ("account_id", "number", "scope", "kind", "at", "amount", "balance", "run_id")
    named = {name: getattr(entry, name) for name in names}
    return named | {"id": entry_id, "idem_key": entry.key, "request_hash": fingerprint, "result": entry.detail, "prev_hash": prev, "hash": head}


def _transfer_row(entry_id: UUID, seq: int, move: terms.Move) -> dict[str, Any]:
    names = ("debit_id", "credit_id", "grant_id", "hold_id", "amount")
    return {name: getattr(move, name) for name in names} | {"entry_id": entry_id, "seq": seq}


def _grant_of(row: store.Row) -> terms.Grant:
    names = ("id", "account_id", "source", "source_ref", "label", "priority", "expires_at", "created_at", "amount", "remaining", "held", "clawed")
    return terms.Grant(**{name: row[name] for name in names})


def _hold_row(row: store.Row, parts: Sequence[store.Row]) -> terms.Hold:
    names = ("id", "account_id", "run_id", "amount", "captured", "refunded", "state", "created_at", "expires_at")
    mine = tuple(terms.Part(part["grant_id"], part["amount"]) for part in parts if part["hold_id"] == row["id"])
    return terms.Hold(**{name: row[name] for name in names}, parts=mine)


def _caps(rows: Sequence[store.Row]) -> dict[CapKey, terms.Cap]:
    made = [terms.Cap(row["account_id"], row["subject"], row["label"], row["window_start"], row["window_end"], row["lim"], row["used"]) for row in rows]
    return {cap.key: cap for cap in made}
