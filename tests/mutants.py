"""Would the tests find a bug in the ledger? One mutant after the other is planted in a copy of the sources, and the tests must fail there.

`python -m tests.mutants [WORD ...]`: those whose names have one of the words, or all. Status 1 when one survived, when one no longer fits
the code (then it has to be written anew), or when the tests fail without any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hypothesis import Phase, settings

from credit_studio.settings import PROJECT_ROOT

SOURCES = ("credit_studio", "tests", "alembic", "alembic.ini", "pyproject.toml")
QUICK = tuple(f"tests/ledger/test_{name}.py" for name in ("rules", "service", "corrections", "batcher", "sheets", "bad_input", "windows"))
SLOW = ("tests/ledger", "tests/history", *(f"--ignore={name}" for name in QUICK))
HANGS_S = 900


@dataclass(frozen=True)
class Mutant:
    """A mistake that somebody might make: in a file of `credit_studio/ledger`, this text (which stands there once) becomes that."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant("drop the account lock", "store.py", ".order_by(ACCOUNT.id).with_for_update(key_share=True)", ".order_by(ACCOUNT.id)"),
    Mutant("lock accounts in any order", "store.py", ".order_by(ACCOUNT.id).with_for_update", ".order_by(func.random()).with_for_update"),
    Mutant("write over what others have changed", "store.py", " AND a.revision = n.was RETURNING", " RETURNING"),
    Mutant("do not look whether a sheet was stale", "store.py", "1 / ((SELECT count(*) FROM accounts) = cardinality($1))::int", "1"),
    Mutant("let a changed cap pass unseen", "store.py", "values(revision=ACCOUNT.revision + 1)", "values(revision=ACCOUNT.revision)"),
    Mutant("skip the key check", "writing.py", "if known[name] != command.fingerprint:", "if not known[name]:"),
    Mutant("know no key", "writing.py", "if name in known and not", "if name in () and not"),
    Mutant("spend one more than there is", "rules.py", "if amount > available:", "if amount > available + 1:"),
    Mutant("spend one less than there is", "rules.py", "if amount > available:", "if amount >= available:"),
    Mutant("ignore debt", "terms.py", "self.account.held - self.account.debt - lapsed", "self.account.held - lapsed"),
    Mutant("let lapsed credits count", "terms.py", "self.account.held - self.account.debt - lapsed", "self.account.held - self.account.debt"),
    Mutant("let lapsed credits pay", "terms.py", "if one.remaining and one.expires_at > at)", "if one.remaining)"),
    Mutant("do not see a sooner end", "terms.py", "        sheet.lapses_from = None\n", ""),
    Mutant("burn by expiry before priority", "terms.py", 'attrgetter("priority", "expires_at", "id")', 'attrgetter("expires_at", "priority", "id")'),
    Mutant("forget the own cap", "rules.py", "if own is not None and amount > own.room:", "if own is not None and amount > own.limit:"),
    Mutant("forget the plan's cap", "rules.py", "            plan_room -= take\n", ""),
    Mutant("forget the cap on single runs", "rules.py", "if amount > single:", "if amount < 0:"),
    Mutant(
        "count a capture in today's window",
        "rules.py",
        "count(book, sheet.windows(hold.created_at), total=amount - hold.amount",
        "count(book, sheet.windows(command.at), total=amount - hold.amount",
    ),
    Mutant("capture above the hold", "rules.py", "(is_amount(amount) and amount <= hold.amount)", "is_amount(amount)"),
    Mutant("capture what was released", "rules.py", 'if hold.state != "open":', 'if hold.state not in ("open", "released"):'),
    Mutant("let a release charge", "rules.py", "else (0, command.state)", "else (1, command.state)"),
    Mutant("double a move", "rules.py", "for grant, used in spent if used]\n    count", "for grant, used in [*spent, *spent] if used]\n    count"),
    Mutant(
        "keep what a capture does not spend", "rules.py", "give_back(book, sheet, grant, held - used, command)", "give_back(book, sheet, grant, 0, command)"
    ),
    Mutant("refund too much", "corrections.py", "if stays < 0:", "if hold.captured < command.amount:"),
    Mutant(
        "refund what was spent first",
        "corrections.py",
        "zip(split(hold.parts, stays + command.amount), split(hold.parts, stays), strict=True)",
        "zip(split(hold.parts, command.amount), split(hold.parts, 0), strict=True)",
    ),
    Mutant(
        "claw back more than was granted",
        "corrections.py",
        "take = min(command.amount, grant.amount - grant.clawed)",
        "take = min(command.amount, grant.amount)",
    ),
    Mutant("let no purchase repay debt", "rules.py", "if command.source == PURCHASE_SOURCE else 0", "if command.source is None else 0"),
    Mutant(
        "send the plan's credits",
        "corrections.py",
        "[one for one in sheet.burning(command.at) if one.source in SENDABLE]",
        "list(sheet.burning(command.at))",
    ),
    Mutant("skip the breakage", "parts.py", "        expire(book, sheet, Expire(", "        dict(command=Expire("),
    Mutant("drop the courtesy", "parts.py", "book.postpone(sheet, grant, command.at + COURTESY)", "book.postpone(sheet, grant, grant.expires_at)"),
    Mutant("chain without the entry before", "writing.py", "chain.link(prev, entry_id, entry)", "chain.link(chain.GENESIS, entry_id, entry)"),
    Mutant("blame the whole batch", "desk.py", "                    await self._read_and_write([item])", "                    item.tell(error)"),
    Mutant(
        "answer before the commit",
        "desk.py",
        "                    await _write_after(tx, batch.ahead)\n",
        "                    await _write_after(tx, batch.ahead)\n                    [item.tell(answer) for item, answer in batch.ahead]\n",
    ),
    Mutant(
        "answer before the commit of what was read",
        "desk.py",
        "                await _write_after(tx, answered)\n",
        "                await _write_after(tx, answered)\n                [item.tell(answer) for item, answer in answered]\n",
    ),
    Mutant("commit before what rides along", "desk.py", "one_statement=all(item.after is None for item, _ in batch.ahead)", "one_statement=True"),
    Mutant("keep the sheets of a failed batch", "desk.py", "        self._forget(batch.reading)\n\n    def _forget", "\n    def _forget"),
    Mutant("go on upon a batch that did not stand", "batcher.py", "all([await task for task in before])", "bool([[await task for task in before]])"),
    Mutant("write two batches of one account at once", "batcher.py", "if not theirs.isdisjoint(accounts)]", "if theirs is accounts]"),
    Mutant("let a new cap forget the day", "service.py", "used=cap.used if cap.id else await writing.used_before(tx, cap)", "used=cap.used"),
    Mutant("count for a new cap what was refunded", "writing.py", "else hold.captured - hold.refunded)]", "else hold.captured)]"),
    Mutant("count for the plan's new cap what others paid", "writing.py", 'cap.subject != "plan" or paid[part.grant_id] == PLAN_SOURCE', "paid"),
    Mutant("take any key", "rules.py", " and key.isprintable()", ""),
    Mutant("take any cap", "service.py", "or type(limit) is not int ", ""),
    Mutant(
        "refuse without looking for the key",
        "desk.py",
        "                batch.reading.append(item)  # it may",
        "                batch.ahead.append((item, answer))  # it may",
    ),
    Mutant("write what rides along again with a replay", "desk.py", "isinstance(answer, Done) and not answer.replayed:", "isinstance(answer, Done):"),
)


def main(words: list[str]) -> int:
    """Plant, test, tell; the exit status."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    unfit = [mutant for mutant in chosen if (PROJECT_ROOT / _path(mutant)).read_text().count(mutant.old) != 1]
    for mutant in unfit:
        _say(f"DOES NOT FIT  {mutant.name}: its text does not stand once in {_path(mutant)}")
    with tempfile.TemporaryDirectory(prefix="credit-studio-mutants-") as folder:
        root = _copy(Path(folder) / "studio")
        if failed := _failed(root):
            _say(f"The tests fail without any mutant: {failed}")
            return 1
        survivors = [mutant for mutant in chosen if mutant not in unfit and not _is_caught(root, mutant)]
    _say(f"{len(chosen)} mutants: {len(survivors)} survived, {len(unfit)} do not fit.")
    return 1 if survivors or unfit else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the terminal is where it speaks


def _path(mutant: Mutant) -> Path:
    return Path("credit_studio", "ledger", mutant.file)


def _copy(root: Path) -> Path:
    """The sources, and nothing that was made from them; everybody may read them, as the database server runs as somebody else."""
    root.mkdir()
    root.parent.chmod(0o755)
    for name in SOURCES:
        source = PROJECT_ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    return root


def _is_caught(root: Path, mutant: Mutant) -> bool:
    file, began = root / _path(mutant), time.monotonic()
    right = file.read_text()
    file.write_text(right.replace(mutant.old, mutant.new))
    failed = _failed(root)
    file.write_text(right)
    _say(f"{'caught  ' if failed else 'SURVIVED'}  {mutant.name}  ({failed or 'no test failed'}, {time.monotonic() - began:.0f} s)")
    return bool(failed)


def _failed(root: Path) -> str:
    """The first test that fails on the copy, or nothing; the quick ones go first."""
    return _first_failed(root, QUICK) or _first_failed(root, SLOW)


def _first_failed(root: Path, tests: tuple[str, ...]) -> str:
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not soak", "-p", "tests.mutants", *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, timeout=HANGS_S, check=False)
    except subprocess.TimeoutExpired:
        return f"not done after {HANGS_S} s"
    if not done.returncode:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) \S*?(\w+\.py(?:::\S+)?)", done.stdout, re.MULTILINE)
    return found[1] if found else done.stdout[-500:] + done.stderr[-500:]


def pytest_configure() -> None:
    """Let Hypothesis stop at the first example that fails: nobody reads it, and making it short takes minutes."""
    settings.register_profile("first failure", phases=[Phase.explicit, Phase.reuse, Phase.generate])
    settings.load_profile("first failure")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
