"""The sandbox's file: objects, answers under idempotency keys, the log of requests, deliveries, and single values. All SQL stands here."""

import json
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from credit_studio.sandbox.errors import ApiError, Body

_TABLES = """
CREATE TABLE IF NOT EXISTS object (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, created INTEGER NOT NULL, body TEXT NOT NULL, hidden TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, print TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS request (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, params TEXT NOT NULL,
  key TEXT, status INTEGER NOT NULL, replayed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
  seq INTEGER PRIMARY KEY, event TEXT NOT NULL, sent_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL, due REAL NOT NULL,
  rank REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting', answer TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (due) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, body TEXT NOT NULL);
"""
_REQUESTS_KEPT = 2_000


@dataclass(frozen=True)
class Answer:
    """What was answered under an idempotency key. `print` is the fingerprint of the request."""

    print: str
    status: int
    body: str
    request: str


@dataclass(frozen=True)
class Delivery:
    """One webhook to send: `body` is what goes over the wire, `due` and `rank` say when and in which order, in real seconds."""

    seq: int
    event: str
    sent_id: str
    type: str
    body: str
    due: float
    rank: float
    attempts: int
    state: str
    answer: str


class Store:
    """One connection, used from one thread."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(file, isolation_level=None)
        self._file.row_factory = sqlite3.Row
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.executescript(_TABLES)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    @contextmanager
    def all_or_nothing(self) -> Generator[None]:
        """Write everything of the block, or nothing when it raises; an error that `keeps` is raised after the writing."""
        if self._file.in_transaction:
            yield
            return
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException as problem:
            self._file.execute("COMMIT" if isinstance(problem, ApiError) and problem.keeps else "ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def insert(self, obj: Body, hidden: Body) -> None:
        """A new object."""
        self._file.execute(
            "INSERT INTO object (id, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?)",
            (obj["id"], obj["object"], obj.get("created", 0), json.dumps(obj), json.dumps(hidden)),
        )

    def replace(self, obj: Body) -> None:
        """An object as it is now."""
        self._file.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(obj), obj["id"]))

    def hide(self, id_: str, hidden: Body) -> None:
        """What is kept beside an object and never shown."""
        self._file.execute("UPDATE object SET hidden = ? WHERE id = ?", (json.dumps(hidden), id_))

    def delete(self, id_: str) -> None:
        """Forget an object."""
        self._file.execute("DELETE FROM object WHERE id = ?", (id_,))

    def find(self, id_: str) -> Body | None:
        """The object with that id."""
        row = self._file.execute("SELECT body FROM object WHERE id = ?", (id_,)).fetchone()
        return None if row is None else json.loads(row["body"])

    def hidden(self, id_: str) -> Body:
        """What is kept beside an object; nothing for an unknown one."""
        row = self._file.execute("SELECT hidden FROM object WHERE id = ?", (id_,)).fetchone()
        return {} if row is None else json.loads(row["hidden"])

    def all(self, kind: str, where: Mapping[str, object], since: int, until: int) -> list[Body]:
        """The objects of a kind, newest first, whose fields (dotted paths) have those values and which were created in that time."""
        said = "".join(" AND json_extract(body, ?) = ?" for _ in where)
        values = [part for path, value in where.items() for part in (f"$.{path}", value)]
        statement = f"SELECT body FROM object WHERE kind = ? AND created >= ? AND created <= ?{said} ORDER BY seq DESC"  # noqa: S608 - made of the constant above
        return [json.loads(row["body"]) for row in self._file.execute(statement, (kind, since, until, *values))]

    def answered(self, key: str) -> Answer | None:
        """What was answered under that key."""
        row = self._file.execute("SELECT print, status, body, request FROM answer WHERE key = ?", (key,)).fetchone()
        return None if row is None else Answer(*row)

    def remember(self, key: str, answer: Answer, at: int) -> None:
        """Answer the same to that key from now on."""
        self._file.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)", (key, answer.print, answer.status, answer.body, answer.request, at))

    def forget_answers(self, before: int) -> None:
        """Keys older than that are free again."""
        self._file.execute("DELETE FROM answer WHERE at < ?", (before,))

    def log(self, id_: str, at: float, method: str, path: str, params: Body, key: str | None, status: int, *, replayed: bool) -> None:
        """One line of the log of requests; the oldest go."""
        told = (id_, at, method, path, json.dumps(params), key, status, replayed)
        last = self._file.execute("INSERT INTO request (id, at, method, path, params, key, status, replayed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", told).lastrowid
        self._file.execute("DELETE FROM request WHERE seq <= ?", ((last or 0) - _REQUESTS_KEPT,))

    def requests(self, most: int) -> list[Body]:
        """The last requests, newest first."""
        rows = self._file.execute("SELECT id, at, method, path, params, key, status, replayed FROM request ORDER BY seq DESC LIMIT ?", (most,))
        return [dict(row) | {"params": json.loads(row["params"]), "replayed": bool(row["replayed"])} for row in rows]

    def enqueue(self, *, event: str, sent_id: str, type_: str, body: str, due: float, jump: float) -> None:
        """A webhook to send; `jump` moves it that many places in the order."""
        said = (event, sent_id, type_, body, due, jump)
        self._file.execute(
            "INSERT INTO delivery (event, sent_id, type, body, due, rank) VALUES (?, ?, ?, ?, ?, ? + (SELECT coalesce(max(seq), 0) FROM delivery))", said
        )

    def waiting(self, until: float) -> list[Delivery]:
        """The webhooks that are due, in the order of sending."""
        rows = self._file.execute("SELECT * FROM delivery WHERE state = 'waiting' AND due <= ? ORDER BY rank, seq", (until,))
        return [Delivery(**row) for row in map(dict, rows)]

    def waits(self, seq: int) -> bool:
        """True as long as that webhook is still to be sent."""
        return self._file.execute("SELECT 1 FROM delivery WHERE seq = ? AND state = 'waiting'", (seq,)).fetchone() is not None

    def next_due(self) -> float | None:
        """When the next webhook is due, in real seconds."""
        return self._file.execute("SELECT min(due) FROM delivery WHERE state = 'waiting'").fetchone()[0]

    def tried(self, seq: int, state: str, answer: str, due: float) -> None:
        """What became of one try."""
        self._file.execute("UPDATE delivery SET attempts = attempts + 1, state = ?, answer = ?, due = ? WHERE seq = ?", (state, answer, due, seq))

    def deliveries(self, most: int) -> list[Delivery]:
        """The last webhooks, newest first."""
        rows = self._file.execute("SELECT * FROM delivery ORDER BY seq DESC LIMIT ?", (most,))
        return [Delivery(**row) for row in map(dict, rows)]

    def value(self, name: str, otherwise: Any = None) -> Any:  # noqa: ANN401 - what JSON holds
        """A single value."""
        row = self._file.execute("SELECT body FROM value WHERE name = ?", (name,)).fetchone()
        return otherwise if row is None else json.loads(row["body"])

    def set_value(self, name: str, value: object) -> None:
        """Keep a single value."""
        self._file.execute("INSERT INTO value VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body", (name, json.dumps(value)))

    def forget_everything(self) -> None:
        """An empty file."""
        for table in ("object", "answer", "request", "delivery", "value"):
            self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - the names above
