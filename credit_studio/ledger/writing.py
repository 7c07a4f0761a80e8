"""The write path: lock the accounts, read what the commands need, decide them in order, write it all. The caller's transaction commits.

Any number of commands is one batch: the statements are the same for one and for hundreds. A refused command takes nothing, so the
outcome does not depend on how commands were batched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import ids
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, rules, store, terms, windows
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.terms import Book, CapKey, Capture, ClawBack, Done, HoldCredits, Refund, Refusal, Reinstate, Release

CHANNEL = "balance"
_LONGEST_WINDOW = timedelta(days=70)
Settling = (Capture, Release)
"""Commands whose retries the hold's own state answers: a late capture must learn how the hold ended."""


@dataclass(frozen=True)
class Ask:
    """A command, the fingerprint that tells a retry from another request, and the time zone that its owner's cap windows are made in."""

    command: terms.AnyCommand
    fingerprint: bytes
    zone: str = "UTC"


Answer = Done | Refusal | KeyReused


async def carry_out(tx: Tx, command: terms.AnyCommand, *, asked: Sequence[object], zone: str = "UTC") -> Done | Refusal:
    """Do one command, once for its (scope, key); `asked` is what tells a retry (answered `replayed`) from another request.

    Raises `KeyReused` for another request under a known key. A changed account rings `CHANNEL` on commit.
    """
    [answer] = await carry_out_all(tx, [Ask(command, chain.request_hash(asked), zone)])
    if isinstance(answer, KeyReused):
        raise answer
    return answer


async def carry_out_all(tx: Tx, asks: Sequence[Ask]) -> list[Answer]:
    """Do commands in order, as `carry_out` does one; an answer for each, in the same order."""
    locked = await store.lock(tx, sorted({ask.command.account_id for ask in asks}))
    known = await store.known_requests(tx, [(ask.command.scope, ask.command.key) for ask in asks])
    book = await _read(tx, asks, locked, known)
    before = Book(dict(book.accounts), dict(book.grants), dict(book.holds), dict(book.caps))
    fingerprints: dict[tuple[str, str], bytes] = {}
    answers = [_decide(book, ask, known, fingerprints) for ask in asks]
    if book.entries:
        await _write(tx, book, before, fingerprints, heads={row["id"]: row["chain_head"] for row in locked})
    return answers


def _decide(book: Book, ask: Ask, known: dict[tuple[str, str], bytes], fingerprints: dict[tuple[str, str], bytes]) -> Answer:
    command = ask.command
    name = (command.scope, command.key)
    if name in known and not isinstance(command, Settling):
        if known[name] != ask.fingerprint:
            return KeyReused("The same key came with another request. Nothing was written.")
        return Done(None, hold=book.holds.get(command.run_id) if isinstance(command, (HoldCredits, Refund)) else None, replayed=True)
    result = rules.decide(book, command)
    if isinstance(result, Done) and not result.replayed:
        known[name] = fingerprints[name] = ask.fingerprint
    return result


async def _read(tx: Tx, asks: Sequence[Ask], locked: Sequence[store.Row], known: dict[tuple[str, str], bytes]) -> Book:
    accounts = {row["id"]: terms.Account(row["id"], row["owner_id"], row["posted"], row["held"], row["debt"], row["version"]) for row in locked}
    commands = [ask.command for ask in asks]
    runs = [one.run_id for one in commands if isinstance(one, (*Settling, Refund)) or (isinstance(one, HoldCredits) and (one.scope, one.key) in known)]
    held, parts, pinned = await store.holds(tx, runs) if runs else ([], [], [])
    named = [one.grant_id for one in commands if isinstance(one, (ClawBack, Reinstate))]
    by_name = await store.grants_by_id(tx, named) if named else []
    grants = {row["id"]: _grant_of(row) for row in [*await store.open_grants(tx, list(accounts)), *pinned, *by_name]}
    caps, run_caps = await _read_caps(tx, asks, [row["created_at"] for row in held])
    return Book(accounts, grants, {row["run_id"]: _hold_row(row, parts) for row in held}, caps, run_caps)


async def _read_caps(tx: Tx, asks: Sequence[Ask], held_at: Sequence[datetime]) -> tuple[dict[CapKey, terms.Cap], dict[UUID, int]]:
    """The windows that these commands count in, those that holds will open included, and the owners' caps on single runs."""
    holding = {ask.command.account_id: ask for ask in asks if isinstance(ask.command, HoldCredits)}
    instants = [*held_at, *(ask.command.at for ask in holding.values())]
    if not instants:
        return {}, {}
    accounts = sorted({ask.command.account_id for ask in asks})
    seen = _caps(await store.caps(tx, accounts, oldest=min(instants) - _LONGEST_WINDOW, newest=max(instants)))
    cap_rules = await store.cap_rules(tx, list(holding)) if holding else []
    opened = [cap for ask in holding.values() for cap in _missing(ask.command.account_id, cap_rules, seen.values(), at=ask.command.at, zone=ask.zone)]
    run_caps = {rule["account_id"]: rule["lim"] for rule in cap_rules if rule["label"] == "run"}
    return seen | {cap.key: cap for cap in opened}, run_caps


async def cap_windows(tx: Tx, account_id: UUID, *, at: datetime, zone: str) -> list[terms.Cap]:
    """The windows of an account as they are open at `at`, or would be opened for a hold."""
    seen = _caps(await store.caps(tx, [account_id], oldest=at - _LONGEST_WINDOW, newest=at))
    made = _missing(account_id, await store.cap_rules(tx, [account_id]), seen.values(), at=at, zone=zone)
    return [*(cap for cap in seen.values() if cap.window_end > at), *made]


def _missing(account_id: UUID, cap_rules: Iterable[store.Row], seen: Iterable[terms.Cap], *, at: datetime, zone: str) -> list[terms.Cap]:
    """The windows that the account's rules ask for at `at` and that are not open."""
    mine = [cap for cap in seen if cap.account_id == account_id]
    names = {(cap.subject, cap.label) for cap in mine if cap.window_start <= at < cap.window_end}
    wanted = [rule for rule in cap_rules if rule["account_id"] == account_id and rule["label"] != "run" and (rule["subject"], rule["label"]) not in names]
    made = [_window(rule, mine, at=at, zone=zone) for rule in wanted]
    return [cap for cap in made if cap.window_start <= at < cap.window_end]


def _window(rule: store.Row, seen: Iterable[terms.Cap], *, at: datetime, zone: str) -> terms.Cap:
    """The window that a rule asks for now: the plan's period, or the next one on the calendar of the owner's zone."""
    account_id, subject, label = rule["account_id"], rule["subject"], rule["label"]
    start, end = rule["period_start"], rule["period_end"]
    if start is None or end is None:
        ends = (cap.window_end for cap in seen if (cap.subject, cap.label) == (subject, label) and cap.window_end <= at)
        start, end = windows.next_window(label, zone, at=at, after=max(ends, default=None))
    return terms.Cap(account_id, subject, label, start, end, rule["lim"], 0, is_new=True)


async def _write(tx: Tx, book: Book, before: Book, fingerprints: dict[tuple[str, str], bytes], heads: dict[UUID, bytes]) -> None:
    entries: list[tuple[Any, ...]] = []
    moves: list[tuple[Any, ...]] = []
    for entry in book.entries:
        entry_id, prev = ids.new_id(), heads[entry.account_id]
        heads[entry.account_id] = head = chain.link(prev, entry_id, entry)
        entries.append((entry_id, entry, fingerprints.get((entry.scope, entry.key), b""), prev, head))
        moves += [(entry_id, seq, move) for seq, move in enumerate(entry.moves)]
    accounts = [account for key, account in book.accounts.items() if account != before.accounts[key]]
    await store.write(
        tx,
        store.Writes(
            accounts=[(account, heads[account.id]) for account in accounts],
            new_grants=[book.grants[one] for one in book.new_grants],
            grants=[grant for key, grant in book.grants.items() if key in before.grants and grant is not before.grants[key]],
            new_caps=[cap for cap in book.caps.values() if cap.is_new and cap.used],
            caps=[cap for key, cap in book.caps.items() if not cap.is_new and cap is not before.caps[key]],
            new_holds=[book.holds[one] for one in book.new_holds],
            holds=[hold for key, hold in book.holds.items() if key in before.holds and hold is not before.holds[key]],
            entries=entries,
            moves=moves,
        ),
        channel=CHANNEL,
    )


def _grant_of(row: store.Row) -> terms.Grant:
    return terms.Grant(*(row[name] for name in store.GRANT_NAMES))


def _hold_row(row: store.Row, parts: Sequence[store.Row]) -> terms.Hold:
    names = ("id", "account_id", "run_id", "amount", "captured", "state", "created_at", "expires_at")
    mine = tuple(terms.Part(part["grant_id"], part["amount"]) for part in parts if part["hold_id"] == row["id"])
    return terms.Hold(*(row[name] for name in names), parts=mine, refunded=row["refunded"])


def _caps(rows: Sequence[store.Row]) -> dict[CapKey, terms.Cap]:
    made = [terms.Cap(row["account_id"], row["subject"], row["label"], row["window_start"], row["window_end"], row["lim"], row["used"]) for row in rows]
    return {cap.key: cap for cap in made}
