"""The write path: lock the account, read what the command needs, decide, write what was decided. The caller's transaction commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import ids
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, rules, store, terms, windows
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import Book, Capture, Done, Expire, GrantCredits, HoldCredits, Refusal, Release

CHANNEL = "balance"


@dataclass(frozen=True)
class Period:
    """A span of instants [start, end)."""

    start: datetime
    end: datetime


async def carry_out(tx: Tx, command: terms.AnyCommand, *, asked: Sequence[object], zone: str = "UTC", plan_period: Period | None = None) -> Done | Refusal:
    """Do one command, once for its (scope, key); `asked` is what tells a retry (answered `replayed`) from another request.

    Raises `KeyReused` for another request under a known key. A changed account rings `CHANNEL` on commit.
    """
    locked = await store.lock(tx, [command.account_id])
    fingerprint = chain.request_hash(asked)
    known = await store.known_request(tx, command.scope, command.key)
    if known is not None and known != fingerprint and not isinstance(command, (Capture, Release)):
        raise KeyReused("The same key came with another request. Nothing was written.")
    book = await _read(tx, command, locked, zone=zone, plan_period=plan_period)
    if known is not None and not isinstance(command, (Capture, Release)):
        run_id = command.run_id if isinstance(command, HoldCredits) else None
        return Done(None, hold=book.holds.get(run_id) if run_id else None, replayed=True)
    before = Book(dict(book.accounts), dict(book.grants), dict(book.holds), dict(book.caps))
    result = rules.decide(book, command)
    if isinstance(result, Done) and not result.replayed:
        await _write(tx, book, before, fingerprint, heads={row["id"]: row["chain_head"] for row in locked})
    return result


async def _read(tx: Tx, command: terms.AnyCommand, locked: Sequence[store.Row], *, zone: str, plan_period: Period | None) -> Book:
    accounts = {row["id"]: terms.Account(row["id"], row["owner_id"], row["posted"], row["held"], row["debt"], row["version"]) for row in locked}
    run_ids = [] if isinstance(command, (GrantCredits, Expire)) else [command.run_id]
    held, parts, pinned = await store.holds(tx, run_ids) if run_ids else ([], [], [])
    grants = {row["id"]: _grant_of(row) for row in [*await store.open_grants(tx, list(accounts)), *pinned]}
    book = Book(accounts, grants, holds={row["run_id"]: _hold_row(row, parts) for row in held})
    if isinstance(command, HoldCredits):
        await _open_windows(tx, book, command, zone=zone, plan_period=plan_period)
    elif held:
        book.caps = _caps(await store.caps(tx, list(accounts), oldest=held[0]["created_at"], newest=held[0]["created_at"]))
    return book


async def _open_windows(tx: Tx, book: Book, command: HoldCredits, *, zone: str, plan_period: Period | None) -> None:
    """Read the windows that hold this instant, and open those that the account's cap rules ask for."""
    accounts = list(book.accounts)
    seen = _caps(await store.caps(tx, accounts, oldest=command.at - timedelta(days=70), newest=command.at))
    book.caps = {key: cap for key, cap in seen.items() if cap.window_end > command.at}
    opened: list[terms.Cap] = []
    for rule in await store.cap_rules(tx, accounts):
        subject, label = rule["subject"], rule["label"]
        if label == "run" or any((cap.subject, cap.label) == (subject, label) for cap in book.caps.values()):
            continue
        after = max((cap.window_end for cap in seen.values() if (cap.subject, cap.label) == (subject, label)), default=None)
        period = plan_period if (subject, label) == ("plan", "month") else None
        start, end = (period.start, period.end) if period else windows.next_window(label, zone, at=command.at, after=after)
        opened.append(terms.Cap(rule["account_id"], subject, label, start, end, rule["lim"], 0))
    if opened:
        await store.add_windows(tx, opened)
        book.caps |= {cap.key: cap for cap in opened}


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
    names = ("id", "account_id", "source", "source_ref", "label", "priority", "expires_at", "created_at", "amount", "remaining", "held")
    return terms.Grant(**{name: row[name] for name in names})


def _hold_row(row: store.Row, parts: Sequence[store.Row]) -> terms.Hold:
    names = ("id", "account_id", "run_id", "amount", "captured", "state", "created_at", "expires_at")
    mine = tuple(terms.Part(part["grant_id"], part["amount"]) for part in parts if part["hold_id"] == row["id"])
    return terms.Hold(**{name: row[name] for name in names}, parts=mine)


def _caps(rows: Sequence[store.Row]) -> dict[tuple[UUID, str, str, datetime], terms.Cap]:
    made = [terms.Cap(row["account_id"], row["subject"], row["label"], row["window_start"], row["window_end"], row["lim"], row["used"]) for row in rows]
    return {cap.key: cap for cap in made}
