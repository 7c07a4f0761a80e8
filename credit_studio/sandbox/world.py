"""The sandbox's kernel: its objects, clock, events and transactions, as every module of objects uses them."""

import json
import secrets
import string
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from credit_studio.sandbox import shapes
from credit_studio.sandbox.chaos import Chaos, Dice
from credit_studio.sandbox.errors import Body, missing
from credit_studio.sandbox.store import Store

_LETTERS = string.ascii_letters + string.digits
_LAST_SECOND = 1 << 53
_SECRET_AGE_S = 24 * 3600

due: list[Callable[["World"], None]] = []
"""What is to be done as time passes: see `as_time_passes`."""


def as_time_passes(do: Callable[["World"], None]) -> Callable[["World"], None]:
    """Register what does everything that is due: called when a clock moves, and every second."""
    due.append(do)
    return do


@dataclass(frozen=True)
class Asked:
    """The request that is being answered, as its events tell of it."""

    id: str | None
    key: str | None


class World:
    """Everything that the sandbox knows. One a process; every method runs in the one thread of its event loop."""

    def __init__(self, store: Store, *, origin: str) -> None:
        self.store = store
        self.origin = origin
        """Where the sandbox itself is reached: for pages of callers that gave no address of their own."""
        self.dice = Dice(Chaos.model_validate(store.value("chaos", {})))
        self.asked = Asked(None, None)
        self.written: Callable[[], None] = lambda: None
        """Called after each transaction: there may be webhooks to send."""
        self._past: int | None = None

    @contextmanager
    def act(self, asked: Asked | None = None) -> Generator[None]:
        """One transaction: everything in the block is written with its events, or nothing."""
        before, self.asked = self.asked, asked or self.asked
        try:
            with self.store.all_or_nothing():
                yield
        finally:
            self.asked = before
            self.written()

    def new_id(self, prefix: str, length: int = 24) -> str:
        """A fresh id: `pi_...`."""
        return f"{prefix}_{self.secret(length)}"

    def secret(self, length: int) -> str:
        """Letters and digits that nobody can guess."""
        return "".join(secrets.choice(_LETTERS) for _ in range(length))

    def now(self, customer: str | None = None) -> int:
        """The sandbox's time in Unix seconds; for a customer with a test clock, that clock's."""
        if self._past is not None:
            return self._past
        clock = (self.store.find(customer) or {}).get("test_clock") if customer else None
        frozen = self.store.find(clock) if clock else None
        return frozen["frozen_time"] if frozen else int(time.time() + self.store.value("clock_offset_s", 0))

    @contextmanager
    def at(self, second: int) -> Generator[None]:
        """Do the work of a past second at that second: what it writes is dated so."""
        before, self._past = self._past, second
        try:
            yield
        finally:
            self._past = before

    def catch_up(self) -> None:
        """Do all that is due by now."""
        for do in due:
            do(self)

    def find(self, kind: str, id_: str) -> Body | None:
        """The object of that kind and id, a copy of one's own."""
        found = self.store.find(id_)
        return found if found and found["object"] == kind else None

    def get(self, kind: str, id_: str, param: str = "id") -> Body:
        """The object of that kind and id; raises `ApiError` (404, or 400 when `param` names where the id stood)."""
        found = self.find(kind, id_)
        if found is None or found.get("deleted"):
            raise missing(kind, id_, param, 404 if param == "id" else 400)
        return found

    def all(self, kind: str, where: Mapping[str, object] | None = None, *, since: int = 0, until: int = _LAST_SECOND) -> list[Body]:
        """The objects of a kind, newest first; `where` compares fields, given as dotted paths; created in [since, until]."""
        return self.store.all(kind, where or {}, since, until)

    def add(self, obj: Body, **hidden: object) -> Body:
        """Keep a new object, with what no answer shows of it; raises `BadShape` when the SDK does not know it so."""
        shapes.check(obj)
        self.store.insert(obj, hidden)
        return obj

    def hidden(self, id_: str) -> Body:
        """What is kept beside an object."""
        return self.store.hidden(id_)

    def hide(self, id_: str, **hidden: object) -> None:
        """Keep more beside an object."""
        self.store.hide(id_, self.store.hidden(id_) | hidden)

    def change(self, obj: Body, **fields: object) -> Body:
        """Write the object with those fields changed; gives the fields that differ from before, as they were: `previous_attributes`.

        Only the differing parts of nested fields are told, as Stripe does. `obj` may also have been changed in place already.
        """
        before = self.store.find(obj["id"]) or {}
        obj.update(deepcopy(fields))
        shapes.check(obj)
        self.store.replace(obj)
        return _differing(before, obj)

    def remove(self, id_: str) -> None:
        """Forget an object."""
        self.store.delete(id_)

    def emit(self, type_: str, obj: Body, previous: Mapping[str, object] | None = None) -> None:
        """Tell of a change: an event with a snapshot of the object, sent to the webhook after the transaction."""
        event = self._event(type_, deepcopy(obj), None if previous is None else dict(previous))
        self.add(event)
        self._post(event["id"], event)
        if self.dice.falls(self.dice.chaos.duplicate):
            self._post(event["id"], event)
        if self.dice.falls(self.dice.chaos.otherId):
            self._post(event["id"], self.add(event | {"id": self.new_id("evt")}))

    def _event(self, type_: str, obj: Body, previous: Body | None) -> Body:
        data = {"object": obj} | ({} if previous is None else {"previous_attributes": previous})
        return {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": shapes.API_VERSION,
            "created": self.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": self.asked.id, "idempotency_key": self.asked.key},
            "type": type_,
        }

    def _post(self, event: str, sent: Body) -> None:
        when = time.time() + self.dice.delay_s()
        self.store.enqueue(event=event, sent_id=sent["id"], type_=sent["type"], body=json.dumps(sent, indent=2), due=when, jump=self.dice.places())

    def page_url(self, origin_of: str | None, path: str) -> str:
        """The address of one of the sandbox's pages, under the origin of an address that the caller gave."""
        parts = urlsplit(origin_of or self.origin)
        return f"{parts.scheme}://{parts.netloc}{path}"

    def set_chaos(self, chaos: Chaos) -> None:
        """From now on these chances."""
        self.dice = Dice(chaos)
        self.store.set_value("chaos", chaos.model_dump())


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Body:
    found: Body = {}
    for name in after.keys() | before.keys():
        old, new = before.get(name), after.get(name)
        if old != new:
            both = isinstance(old, dict) and isinstance(new, dict) and "object" not in old
            found[name] = _differing(old, new) if both else old  # type: ignore[arg-type]
    return found


def answers_kept_since(now: int) -> int:
    """Idempotency keys are kept for a day."""
    return now - _SECRET_AGE_S
