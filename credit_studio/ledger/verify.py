"""Checks a downloaded ledger without the studio: `python verify.py FILE [EARLIER]`. Needs Python 3.11 and nothing else.

FILE is what `GET /api/credits/proof` gives: {accountId, head, entries}. Every entry carries a fingerprint,
SHA-256(fingerprint of the entry before it || canonical JSON of the entry and its transfers), and the head is the last one of them. So an
entry that was changed, moved, added or taken out is found, and the first bad one is named. Who rewrites a whole chain from some entry to its
end is found by a file that was downloaded EARLIER. This file alone knows the canonical form.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _text
from pathlib import Path
from typing import Any, cast

GENESIS = "0" * 64
"""What the first entry of an account names as the fingerprint before it."""

_HASHED = ("amount", "at", "balance", "id", "key", "kind", "number", "scope")
_NUMBERS = ("number", "amount", "balance")
_TEXTS = ("id", "kind", "at", "scope", "key", "prevHash", "hash")
_SIDES = ("debitId", "creditId", "grantId", "holdId")


def spell(texts: Iterable[str]) -> str:
    """The one spelling of texts as members of a JSON list: no spaces, ASCII."""
    return ",".join(map(_text, texts))


def fingerprint(account_id: str, prev_hash: str, entry: Mapping[str, Any]) -> str:
    """The fingerprint of an entry as the proof spells it, in hexadecimal; its own `prevHash` and `hash` are not read."""
    moves = [(*(str(move[side]) for side in _SIDES), move["amount"]) for move in entry["transfers"]]
    return digest(bytes.fromhex(prev_hash), (account_id, *(entry[name] for name in _HASHED), moves)).hex()


def digest(prev_hash: bytes, content: Sequence[Any]) -> bytes:
    """SHA-256 over the fingerprint before and what is hashed of an entry: account, amount, at, balance, id, key, kind, number, scope, transfers."""
    account_id, amount, at, balance, entry_id, key, kind, number, scope, transfers = content
    moves = ",".join(f"[{spell(sides)},{moved}]" for *sides, moved in transfers)
    spelt = (  # written out, since this is done for every entry: keys in order, no spaces, ASCII
        f'{{"account":{_text(account_id)},"amount":{amount},"at":{_text(at)},"balance":{balance},"id":{_text(entry_id)},"key":{_text(key)},'
        f'"kind":{_text(kind)},"number":{number},"scope":{_text(scope)},"transfers":[{moves}]}}'
    )
    return hashlib.sha256(prev_hash + spelt.encode()).digest()


@dataclass
class Chain:
    """The chain of one account as far as it was followed: the last number, the balance after it (credits), its fingerprint."""

    account_id: str
    number: int = 0
    balance: int = 0
    head: str = GENESIS

    def follow(self, entry: object) -> str:
        """Go on by one entry; says what is wrong with it, nothing when it is right. After a fault the chain cannot be followed further."""
        spelt = _object(entry)
        if misfit := _misfit(spelt):
            return f"is no entry: {misfit} is missing or of the wrong type"
        return self._fault(spelt) or self._take(spelt)

    def _fault(self, entry: Mapping[str, Any]) -> str:
        moved = sum(_signed(self.account_id, move) for move in entry["transfers"])
        if entry["number"] != self.number + 1:
            return f"is missing: entry {entry['number']} stands in its place"
        if entry["prevHash"] != self.head:
            return "does not follow the entry before it: it names another fingerprint"
        if entry["amount"] != moved:
            return f"says that {entry['amount']} credits moved, its transfers say {moved}"
        if entry["balance"] != self.balance + moved:
            return f"says that the balance is {entry['balance']}, the entries up to it say {self.balance + moved}"
        if entry["hash"] != fingerprint(self.account_id, self.head, entry):
            return "was changed: its content does not give its fingerprint"
        return ""

    def _take(self, entry: Mapping[str, Any]) -> str:
        self.number, self.balance, self.head = entry["number"], entry["balance"], entry["hash"]
        return ""

    def end(self, head: object) -> str:
        """Says what is wrong when no entry is left: `head` must be the last fingerprint."""
        return "" if head == self.head else f"is missing: the head is not the fingerprint of entry {self.number}"


def check(proof: object) -> tuple[Chain, str]:
    """Follow a whole proof: how far it goes, and what is wrong first ("entry 7 was changed: ..."), nothing when all of it holds."""
    spelt = _object(proof)
    account_id, entries = spelt.get("accountId"), spelt.get("entries")
    if not isinstance(account_id, str) or not isinstance(entries, list):
        return Chain(""), "the file is no proof: it has no accountId or no list of entries"
    chain = Chain(account_id)
    for entry in cast("list[object]", entries):
        if fault := chain.follow(entry):
            return chain, f"entry {chain.number + 1} {fault}"
    fault = chain.end(spelt.get("head"))
    return chain, f"entry {chain.number + 1} {fault}" if fault else ""


def compare(proof: Mapping[str, Any], earlier: Mapping[str, Any]) -> str:
    """Says which entry of an earlier proof is not in this one as it was, nothing when all are; both must have passed `check`."""
    now, before = (one["entries"] for one in (proof, earlier))
    if proof["accountId"] != earlier["accountId"]:
        return "the earlier file is of another account"
    changed = (old["number"] for index, old in enumerate(before) if index >= len(now) or now[index]["hash"] != old["hash"])
    number = next(changed, None)
    return "" if number is None else f"entry {number} is not what it was in the earlier file"


def report(file: Path, earlier: Path | None = None) -> tuple[str, int]:
    """What to say of a downloaded proof, in a line, and the exit status: 0 when every entry holds, and is what it was `earlier`; else 1."""
    proofs: list[dict[str, Any]] = []
    chain = Chain("")
    for one in (earlier, file) if earlier else (file,):
        try:
            proof = json.loads(one.read_bytes())
        except OSError as problem:
            return f"{one} cannot be read: {problem.strerror}.", 1
        except (ValueError, RecursionError):
            return f"BROKEN: {one} is no JSON.", 1
        chain, fault = check(proof)
        if fault:
            return f"BROKEN: {fault}{f', in {one}' if earlier else ''}.", 1
        proofs.append(proof)
    if fault := compare(proofs[-1], proofs[0]):
        return f"BROKEN: {fault}.", 1
    return f"Holds: {chain.number} entries, balance {chain.balance} credits, head {chain.head}.", 0


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _misfit(entry: Mapping[str, Any]) -> str:
    """The first member that an entry lacks or has in another type; a number is a whole number, and true is none."""
    bad = [name for name in _NUMBERS if type(entry.get(name)) is not int] + [name for name in _TEXTS if not isinstance(entry.get(name), str)]
    moves = entry.get("transfers")
    if not isinstance(moves, list) or not all(_is_move(_object(move)) for move in cast("list[object]", moves)):
        bad.append("transfers")
    return bad[0] if bad else ""


def _is_move(move: Mapping[str, Any]) -> bool:
    return type(move.get("amount")) is int and all(isinstance(move.get(side, 0), str | None) for side in _SIDES)


def _signed(account_id: str, move: Mapping[str, Any]) -> int:
    """What a transfer adds to the account, in credits."""
    return move["amount"] * ((move["creditId"] == account_id) - (move["debitId"] == account_id))


def main() -> int:
    """Read the words of the command line, say what was found, return the exit status."""
    words = argparse.ArgumentParser(description="Check a downloaded ledger; status 1 when an entry is bad.")
    words.add_argument("file", type=Path, help="what `Download my ledger` gave")
    words.add_argument("earlier", type=Path, nargs="?", help="one that was downloaded before: its entries must be there unchanged")
    asked = words.parse_args()
    said, status = report(asked.file, asked.earlier)
    (sys.stderr if status else sys.stdout).write(f"{said}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
