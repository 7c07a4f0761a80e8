"""The offline verifier: what is right holds, what was changed is found, and the first bad entry is named."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from credit_studio import __main__ as command_line
from credit_studio.history.spelling import spelt
from credit_studio.ledger import chain, verify
from credit_studio.ledger.terms import CONSUMED, ISSUED, Entry, Move

ACCOUNT, GRANT, HOLD = UUID(int=1), UUID(int=2), UUID(int=3)
START = datetime(2026, 11, 20, 14, 2, 7, 123456, tzinfo=UTC)
MODULE = Path(verify.__file__)


def _entry(number: int, amount: int, balance: int) -> Entry:
    at = START + timedelta(minutes=number)
    move = Move(ISSUED, ACCOUNT, GRANT, None, amount) if amount > 0 else Move(ACCOUNT, CONSUMED, GRANT, HOLD, -amount)
    kind = "grant" if amount > 0 else "capture"
    return Entry(ACCOUNT, number, "test", str(number), kind, at, amount, balance, None, {}, b"", (move,) if amount else ())


def _proof() -> dict[str, Any]:
    """A proof of six entries, as the book links them: 100 in, 10 out five times but for one that moves nothing."""
    head, balance, entries = chain.GENESIS, 0, []
    for number, amount in enumerate((100, -10, 0, -10, -10, -10), start=1):
        balance += amount
        entry, entry_id = _entry(number, amount, balance), UUID(int=100 + number)
        prev, head = head, chain.link(head, entry_id, entry)
        moves = [
            {"debitId": str(move.debit_id), "creditId": str(move.credit_id), "grantId": str(GRANT), "holdId": None if amount > 0 else str(HOLD)}
            | {"amount": move.amount}
            for move in entry.moves
        ]
        row = {"id": entry_id, "number": number, "kind": entry.kind, "at": entry.at, "amount": amount, "balance": balance}
        entries.append(spelt(row | {"scope": "test", "idem_key": str(number), "prev_hash": prev, "hash": head, "moves": moves}))
    return {"accountId": str(ACCOUNT), "head": head.hex(), "entries": entries}


def test_an_untouched_ledger_holds() -> None:
    followed, fault = verify.check(_proof())
    assert (fault, followed.number, followed.balance) == ("", 6, 60)


def test_a_ledger_without_entries_holds() -> None:
    assert verify.check({"accountId": str(ACCOUNT), "head": verify.GENESIS, "entries": []})[1] == ""


def test_the_form_that_is_hashed_never_changes() -> None:
    assert _proof()["entries"][1]["hash"] == "781532016088c141519f877e9b4c624b394757c59fb42ec81a93f7a53a5893da"
    assert _proof()["head"] == "887d6cdedb751f6131e066c22da4ab15e1501dcce3d713733c17dc1b6aff9e49"


def _set(number: int, /, **values: object) -> Callable[[dict[str, Any]], None]:
    return lambda proof: proof["entries"][number - 1].update(values)


def _move(number: int, /, **values: object) -> Callable[[dict[str, Any]], None]:
    return lambda proof: proof["entries"][number - 1]["transfers"][0].update(values)


def _drop(number: int) -> Callable[[dict[str, Any]], None]:
    return lambda proof: proof["entries"].pop(number - 1)


def _swap(proof: dict[str, Any]) -> None:
    proof["entries"][1], proof["entries"][3] = proof["entries"][3], proof["entries"][1]


def _swap_numbers_too(proof: dict[str, Any]) -> None:
    _swap(proof)
    proof["entries"][1]["number"], proof["entries"][3]["number"] = 2, 4


def _shrink_everywhere(proof: dict[str, Any]) -> None:
    """Take ten credits less in entry 2, in all its numbers and all balances after it: only the fingerprint still knows."""
    _set(2, amount=-1, balance=99)(proof)
    _move(2, amount=1)(proof)
    for entry in proof["entries"][2:]:
        entry["balance"] += 9


TAMPERED = [
    (_set(2, amount=-9), "entry 2 says that -9 credits moved, its transfers say -10"),
    (_move(4, amount=9), "entry 4 says that -10 credits moved, its transfers say -9"),
    (_set(2, balance=91), "entry 2 says that the balance is 91, the entries up to it say 90"),
    (_shrink_everywhere, "entry 2 was changed: its content does not give its fingerprint"),
    (_set(3, at="2026-11-20T14:05:07.123457+00:00"), "entry 3 was changed"),
    (_set(3, kind="capture "), "entry 3 was changed"),
    (_set(3, key="other"), "entry 3 was changed"),
    (_move(5, holdId=None), "entry 5 was changed"),
    (_move(5, grantId=str(HOLD)), "entry 5 was changed"),
    (_set(5, transfers=[]), "entry 5 says that -10 credits moved, its transfers say 0"),
    (_swap, "entry 2 is missing: entry 4 stands in its place"),
    (_swap_numbers_too, "entry 2 does not follow the entry before it"),
    (_drop(1), "entry 1 is missing: entry 2 stands in its place"),
    (_drop(4), "entry 4 is missing: entry 5 stands in its place"),
    (_drop(6), "entry 6 is missing: the head is not the fingerprint of entry 5"),
    (lambda proof: proof["entries"].append(copy.deepcopy(proof["entries"][-1])), "entry 7 is missing: entry 6 stands in its place"),
    (lambda proof: proof.update(head=verify.GENESIS), "entry 7 is missing: the head is not the fingerprint of entry 6"),
    (lambda proof: proof.pop("head"), "entry 7 is missing"),
    (lambda proof: proof.update(accountId=str(HOLD)), "entry 1 says that 100 credits moved, its transfers say 0"),
    (_set(2, hash="0" * 64), "entry 2 was changed"),
    (_set(2, prevHash="zz"), "entry 2 does not follow the entry before it"),
]


@pytest.mark.parametrize(("tamper", "said"), TAMPERED)
def test_what_was_tampered_with_is_found_and_the_first_bad_entry_is_named(tamper: Callable[[dict[str, Any]], None], said: str) -> None:
    proof = _proof()
    tamper(proof)
    assert verify.check(proof)[1].startswith(said)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_set(3, amount="0"), "amount"),
        (_set(3, amount=0.0), "amount"),
        (_set(3, amount=False), "amount"),
        (_set(3, number=None), "number"),
        (_set(3, at=5), "at"),
        (lambda proof: proof["entries"][2].pop("hash"), "hash"),
        (_set(3, transfers=None), "transfers"),
        (_set(3, transfers=[7]), "transfers"),
        (_move(2, amount="10"), "transfers"),
        (_move(2, grantId=7), "transfers"),
        (lambda proof: proof["entries"].__setitem__(2, "entry"), "number"),
    ],
)
def test_an_entry_of_another_shape_is_no_entry(tamper: Callable[[dict[str, Any]], None], said: str) -> None:
    proof = _proof()
    tamper(proof)
    assert verify.check(proof)[1].endswith(f"is no entry: {said} is missing or of the wrong type")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"[]", b'{"accountId": 1, "entries": []}', b'{"accountId": "a"}'])
def test_a_file_that_is_no_proof_is_broken_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "proof.json").write_bytes(content)
    said, status = verify.report(tmp_path / "proof.json")
    assert status == 1
    assert said.startswith("BROKEN: ")
    assert "\n" not in said


def _run(*words: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-I", str(MODULE), *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_it_runs_alone_and_says_what_it_found_by_its_status(tmp_path: Path) -> None:
    file, proof = tmp_path / "proof.json", _proof()
    file.write_text(json.dumps(proof, indent=2))
    assert _run(str(file)) == (0, f"Holds: 6 entries, balance 60 credits, head {proof['head']}.\n", "")
    _drop(4)(proof)
    file.write_text(json.dumps(proof))
    assert _run(str(file)) == (1, "", "BROKEN: entry 4 is missing: entry 5 stands in its place.\n")
    assert _run(str(tmp_path / "nothing.json"))[0] == 1


def _relinked(proof: dict[str, Any], number: int) -> dict[str, Any]:
    """A proof whose entry has another key, with every fingerprint from there on made anew: a whole chain that holds."""
    head = proof["entries"][number - 1]["prevHash"]
    proof["entries"][number - 1]["key"] = "other"
    for entry in proof["entries"][number - 1 :]:
        entry["prevHash"] = head
        entry["hash"] = head = verify.fingerprint(proof["accountId"], head, entry)
    return proof | {"head": head}


def test_a_chain_that_was_rewritten_to_its_end_is_found_by_an_earlier_file(tmp_path: Path) -> None:
    now, before, same = tmp_path / "now.json", tmp_path / "before.json", _proof()
    shorter = {**same, "entries": same["entries"][:4], "head": same["entries"][3]["hash"]}
    for proof, earlier, said in (
        (same, shorter, "Holds: 6 entries"),
        (shorter, same, "BROKEN: entry 5 is not what it was in the earlier file."),
        (_relinked(_proof(), 3), same, "BROKEN: entry 3 is not what it was in the earlier file."),
        (same, {"accountId": "other", "head": verify.GENESIS, "entries": []}, "BROKEN: the earlier file is of another account."),
        (same, {**same, "head": "x"}, f"BROKEN: entry 7 is missing: the head is not the fingerprint of entry 6, in {before}."),
    ):
        now.write_text(json.dumps(proof))
        before.write_text(json.dumps(earlier))
        assert verify.report(now)[1] == 0
        assert verify.report(now, before)[0].startswith(said)
        assert _run(str(now), str(before))[0] == int(said.startswith("BROKEN"))


def test_it_is_a_command_of_the_studio_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, proof = tmp_path / "proof.json", _proof()
    file.write_text(json.dumps(proof))
    assert command_line.main(["verify", str(file)]) == 0
    assert capsys.readouterr().out.startswith("Holds: 6 entries")
    _set(2, amount=-9)(proof)
    file.write_text(json.dumps(proof))
    assert command_line.main(["verify", str(file)]) == 1
    assert "entry 2" in capsys.readouterr().err


def test_it_needs_nothing_but_the_standard_library() -> None:
    said = subprocess.run([sys.executable, "-I", "-S", str(MODULE), "--help"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("usage: verify.py")
    assert "credit_studio" not in MODULE.read_text()
