"""The write path: lock the accounts, read what the commands need, decide them in order, write it all. The caller's transaction commits.

Any number of commands is one batch: the statements are the same for one and for hundreds. A refused command takes nothing, so the
outcome does not depend on how commands were batched.
"""

from bisect import insort
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from credit_studio.core import ids
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, rules, store, windows
from credit_studio.ledger.errors import KeyReused
from credit_studio.ledger.parts import split
from credit_studio.ledger.terms import (
    BURN_ORDER,
    PLAN_SOURCE,
    Account,
    AnyCommand,
    Book,
    Cap,
    Capture,
    ClawBack,
    Done,
    HoldCredits,
    Refund,
    Refusal,
    Reinstate,
    Release,
    Rule,
    Sheet,
)

CHANNEL = "balance"
Settling = (Capture, Release)
"""Commands whose retries the hold's own state answers: a late capture must learn how the hold ended."""

Answer = Done | Refusal | KeyReused
Known = dict[tuple[str, str], bytes]
"""What was asked before, by scope and key: its fingerprint."""


async def carry_out(tx: Tx, command: AnyCommand, *, asked: Sequence[object] | None = None) -> Done | Refusal:
    """Do one command, once for its (scope, key); its fingerprint, or what is `asked`, tells a retry (answered `replayed`) from another request.

    Raises `KeyReused` for another request under a known key. A changed account rings `CHANNEL` on commit.
    """
    if asked is not None:
        command.fingerprint = chain.request_hash(asked)
    answers, _ = await carry_out_all(tx, [command])
    if isinstance(answers[0], KeyReused):
        raise answers[0]
    return answers[0]


async def carry_out_all(tx: Tx, commands: Sequence[AnyCommand]) -> tuple[list[Answer], Book]:
    """Do commands in order, as `carry_out` does one: an answer for each, and the sheets as they are once the transaction has committed."""
    sheets = {account.id: Sheet(account) for account in await store.lock(tx, sorted({command.account_id for command in commands}))}
    known = await store.known_requests(tx, [(command.scope, command.key) for command in commands if rules.is_key(command.key)])
    await _fill(tx, sheets, commands, known)
    book = Book(sheets)
    answers = [_decide(book, command, known) for command in commands]
    await write(tx, seal(book))
    return answers, book


def _decide(book: Book, command: AnyCommand, known: Known) -> Answer:
    name = (command.scope, command.key)
    if name in known and not isinstance(command, Settling):
        if known[name] != command.fingerprint:
            return KeyReused("The same key came with another request. Nothing was written.")
        sheet = book.sheets.get(command.account_id)
        return Done(None, sheet.holds.get(command.run_id) if sheet and isinstance(command, HoldCredits | Refund) else None, replayed=True)
    result = rules.decide(book, command)
    if isinstance(result, Done) and not result.replayed:
        known[name] = command.fingerprint
    return result


async def _fill(tx: Tx, sheets: dict[UUID, Sheet], commands: Sequence[AnyCommand], known: Known) -> None:
    """Read onto the sheets their grants, caps and rules, and those holds that the commands name."""
    runs = [one.run_id for one in commands if isinstance(one, (*Settling, Refund)) or (isinstance(one, HoldCredits) and (one.scope, one.key) in known)]
    holds = [hold for hold in await store.holds(tx, runs) if hold.account_id in sheets] if runs else []
    named = [part.grant_id for hold in holds for part in hold.parts]
    named += [one.grant_id for one in commands if isinstance(one, ClawBack | Reinstate)]
    since = min([*(hold.created_at for hold in holds), *(one.at for one in commands)])
    for hold in holds:
        sheets[hold.account_id].holds[hold.run_id] = hold
    for grant in await store.grants(tx, list(sheets), named):
        insort(sheets[grant.account_id].grants, grant, key=BURN_ORDER)
    for cap in await store.caps(tx, list(sheets), since):
        sheets[cap.account_id].caps.append(cap)
    for account_id, rule in await store.cap_rules(tx, list(sheets)):
        sheets[account_id].rules.append(rule)


def seal(book: Book) -> store.Writes:
    """What is to be written of all that was decided, each entry linked to its account's chain. The sheets may then be changed further."""
    linked: list[store.Linked] = []
    for account, was in book.accounts.items():
        account.revision = was + 1
    for entry in book.entries:
        account = book.sheets[entry.account_id].account
        entry_id, prev = ids.new_id(), account.head
        account.head = chain.link(prev, entry_id, entry)
        linked.append((entry_id, entry, prev, account.head))
    return store.writes(book, linked)


async def write(tx: Tx, writes: store.Writes) -> None:
    """Write it, and ring `CHANNEL` for every changed account. Raises when a sheet is not what stands in the database: then nothing is written."""
    if writes:
        await store.write(tx, writes, channel=CHANNEL)


async def used_before(tx: Tx, cap: Cap) -> int:
    """What the account's holds have used of a window that nothing was counted in, in credits."""
    held = await store.holds(tx, await store.runs_held(tx, cap.account_id, since=cap.window_start))
    stays = [part for hold in held for part in split(hold.parts, hold.amount if hold.state == "open" else hold.captured - hold.refunded)]
    paid = {one.id: one.source for one in await store.grants(tx, [cap.account_id], [part.grant_id for part, _ in stays])}
    return sum(amount for part, amount in stays if cap.subject != "plan" or paid[part.grant_id] == PLAN_SOURCE)


async def cap_windows(tx: Tx, account_id: UUID, *, at: datetime, zone: str) -> tuple[list[Cap], list[Rule]]:
    """The windows of an account as they are open at `at`, or would be opened for a hold; and its rules."""
    held = [rule for _, rule in await store.cap_rules(tx, [account_id])]
    sheet = Sheet(Account(account_id, account_id), caps=await store.caps(tx, [account_id], at), rules=held)
    return windows.open_at(sheet, at, zone), held
