"""The page "Why this charge?": one run, explained in words and on one scale."""

from dataclasses import dataclass

import reflex as rx

from credit_studio.core import ids
from credit_studio.core.errors import StudioError
from credit_studio.engine import service as engine
from credit_studio.history.views import Payment
from credit_studio.runs import flow
from credit_studio.runs.views import Charge, Moment, RunView, Step
from credit_studio.tools.forms import form_spec
from credit_studio.tools.registry import find_tool
from credit_studio.ui import words
from credit_studio.ui.selling import SOURCE_WORDS
from credit_studio.ui.states.account import STATUS_WORDS
from credit_studio.ui.states.privacy import actor_for, person_of, private


@dataclass(frozen=True)
class Fall:
    """A line of the waterfall; `left` and `width` place its bar, in per cent of what was held."""

    name: str
    measured: str
    rate: str
    credits: str
    left: str
    width: str
    look: str


@dataclass(frozen=True)
class Paid:
    """A grant that paid."""

    name: str
    ends: str
    paid: str
    left: str


@dataclass(frozen=True)
class Happened:
    """Something that happened, to a tenth of a second."""

    what: str
    at: str


@private
class Receipt(rx.State):
    """Everything that /runs/{id} shows."""

    ready: bool = False
    missing: bool = False
    title: str = ""
    tool_href: str = ""
    took_file: bool = False
    short_id: str = ""
    status: str = ""
    is_done: bool = False
    facts: str = ""
    summary: str = ""
    estimated: str = ""
    typically: str = ""
    held: str = ""
    charged: str = ""
    returned: str = ""
    back: str = ""
    is_free: bool = False
    by_tokens: bool = False
    failure: str = ""
    action: str = ""
    scale: list[str] = []  # noqa: RUF012 - Reflex copies defaults
    falls: list[Fall] = []  # noqa: RUF012 - as above
    back_left: str = "0%"
    back_width: str = "0%"
    charged_width: str = "0%"
    paid: list[Paid] = []  # noqa: RUF012 - as above
    before: str = ""
    after: str = ""
    moments: list[Happened] = []  # noqa: RUF012 - as above
    entry: str = ""
    fingerprint: str = ""
    result_url: str = ""

    @rx.event
    async def load(self) -> None:
        """The page opens: the id is the address's last part; another person's run is as good as none."""
        person = await person_of(self)
        self.reset()
        if person is None:
            return
        run_id = ids.parse_id(self.router.url.path.rstrip("/").rpartition("/")[2])
        try:
            charge = await flow.charge(actor_for(self, person), run_id) if run_id else None
        except StudioError:
            charge = None
        if charge is None:
            self.missing = True
        else:
            self._show(charge, person.time_zone)
        self.ready = True

    def _show(self, charge: Charge, zone: str) -> None:
        run, moved = charge.run, charge.run.credits
        self._show_run(run, zone)
        self.held, self.charged, self.returned = (words.number(value) for value in (moved.held, moved.charged, moved.released))
        self.back = words.signed(moved.released)
        self.estimated = words.span(moved.estimate.min, moved.estimate.max)
        self.typically = words.number(moved.estimate.typical)
        most = max(1, moved.held)
        self.scale = [f"{most * step / 4:g}" for step in range(5)]
        self.falls = [_fall(step, most) for step in charge.steps if step.name != "Charged"]
        self.charged_width, self.back_left = _percent(moved.charged, most), _percent(moved.charged, most)
        self.back_width = _percent(moved.held - moved.charged, most)
        self.paid = [_paid(payment, zone) for payment in charge.payments]
        self.before, self.after = words.number(charge.balance_before), words.number(charge.balance_after)
        self.moments = [_happened(moment, zone) for moment in charge.moments]
        self.entry = words.number(charge.entry_number) if charge.entry_number is not None else ""
        self.fingerprint = _shortened(charge.fingerprint or "")

    def _show_run(self, run: RunView, zone: str) -> None:
        tool = find_tool(run.tool_id)
        self.title, self.tool_href = run.title, f"{tool.path}/" if tool else "/tools/"
        self.took_file = tool is not None and tool.is_built and any(field["kind"] == "file" for field in form_spec(tool)["fields"])
        self.short_id, self.status, self.is_done = str(run.run_id)[-8:], STATUS_WORDS[run.status], run.status == "succeeded"
        lasted = [words.seconds((run.ended_at - run.started_at).total_seconds() * 1000)] if run.started_at and run.ended_at else []
        self.facts = ", ".join([words.moment(run.created_at, zone), *lasted])
        self.summary = run.summary
        self.by_tokens = tool is not None and engine.is_by_tokens(tool)
        self.is_free = run.credits.charged == 0
        if run.failure:
            self.failure, self.action = run.failure.message, run.failure.action
        self.result_url = f"/api/runs/{run.run_id}/blocks" if run.kept_until else ""


def _fall(step: Step, most: int) -> Fall:
    rises = step.name.startswith("Round")
    look = "up" if rises else "t" if step.name == "Sum" else ""
    amount = "no change" if step.credits is None else ("+" if rises and step.credits > 0 else "") + words.raw(step.credits)
    return Fall(step.name, step.measured, step.rate, amount, _percent(step.start, most), _percent(step.end - step.start, most), look)


def _percent(part: float, whole: int) -> str:
    return f"{max(0.0, min(100.0, part * 100 / whole)):.2f}%"


def _paid(payment: Payment, zone: str) -> Paid:
    ends = words.moment(payment.expires_at, zone) if payment.expires_at else "does not end"
    return Paid(SOURCE_WORDS.get(payment.source, payment.source), ends, words.number(payment.paid), words.number(payment.left))


def _happened(moment: Moment, zone: str) -> Happened:
    return Happened(moment.what, words.tenths(moment.at, zone))


def _shortened(fingerprint: str) -> str:
    return f"{fingerprint[:4]} {fingerprint[4:8]} … {fingerprint[-4:]}" if len(fingerprint) > 12 else fingerprint  # noqa: PLR2004 - both ends, and what lies between
