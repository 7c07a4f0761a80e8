"""What a policy needs before it can be kept: things to put in place, facts to look at again, and the steps to take."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from credit_studio.tools.cyber.policies.clauses import FACILITIES, Clause, Facility
from credit_studio.tools.cyber.policies.document import fill, plain
from credit_studio.tools.cyber.policies.organisation import SMALL, Inputs

Check = tuple[bool, str, str, str]
"""Whether it is so, and then severity, title and what to do."""

RANKS = ("high", "medium", "low")
_YEAR, _MONTH_DAYS, _LATE_PATCH = 12, 30, 14
_NIS2_SECTORS = {"health", "industrial", "public", "technology", "finance"}


@dataclass(frozen=True)
class Gap:
    """Something that the policy relies on or that does not fit. `clauses` are the numbers concerned."""

    severity: str
    title: str
    clauses: tuple[str, ...]
    detail: str
    fix: str


@dataclass(frozen=True)
class Step:
    """One step of putting the policy into force."""

    step: str
    who: str
    due: str


def missing(inputs: Inputs, chosen: list[tuple[str, str, Clause]], values: dict[str, str]) -> list[Gap]:
    """What clauses rely on and is not in place today."""
    needed: dict[str, list[tuple[str, str]]] = {}
    for number, _, clause in chosen:
        if clause.needs and not getattr(inputs, f"has_{clause.needs}"):
            needed.setdefault(clause.needs, []).append((number, fill(clause.text, values)))
    return [_gap(FACILITIES[key], clauses) for key, clauses in needed.items()]


def _gap(facility: Facility, clauses: list[tuple[str, str]]) -> Gap:
    numbers = tuple(number for number, _ in clauses)
    return Gap(facility.severity, f"{facility.label}: not in place", numbers, f"Needed to keep {clauses[0][0]}: {clauses[0][1]}", facility.fix)


def doubts(inputs: Inputs, facts: frozenset[str]) -> list[Gap]:
    """Facts that do not fit together, or that make a law likely which was not ticked."""
    checks = (*_misfits(inputs, facts), *_weak_figures(inputs), *_likely_laws(inputs))
    return [Gap(severity, title, (), "", fix) for is_so, severity, title, fix in checks if is_so]


def _misfits(inputs: Inputs, facts: frozenset[str]) -> tuple[Check, ...]:
    no_data = "personal" not in facts
    is_about_data = inputs.kind in {"data_protection", "retention"}
    one_role = plain(inputs.owner).lower() == plain(inputs.approver).lower()
    no_code = inputs.kind == "secure_development" and not inputs.develops
    return (
        (no_code, "medium", "You said that no software is developed", "Tick it, or use this policy for what others develop for you and for scripts."),
        (
            no_data,
            "medium" if is_about_data else "low",
            "No personal data were ticked",
            "Data of staff are personal data, too: tick it unless there are none at all.",
        ),
        (one_role, "medium", "One role writes and approves the policy", "Name a second role as approver."),
        (
            not facts & {"eu", "uk", "us"},
            "medium",
            "No region was ticked",
            "Tick the regions, or have the law of your country added by counsel: clauses on law are left out.",
        ),
    )


def _weak_figures(inputs: Inputs) -> tuple[Check, ...]:
    months, days = inputs.review_months, inputs.patch_days
    patch_severity = "high" if days > _MONTH_DAYS else "medium"
    patch_fix = "Aim at 14 or fewer: known weaknesses are used within days. PCI DSS 6.3.3 allows a month at most."
    log_fix = "PCI DSS 10.5.1 asks for 12; the policy says so for card systems."
    return (
        (months > _YEAR, "medium", f"Review only every {months} months", "Choose 12 or less: PCI DSS 12.1.2, HIPAA and auditors expect yearly reviews."),
        (inputs.card and inputs.log_months < _YEAR, "medium", f"Logs are kept {inputs.log_months} months", log_fix),
        (days > _LATE_PATCH, patch_severity, f"Critical patches within {days} days", patch_fix),
    )


def _likely_laws(inputs: Inputs) -> tuple[Check, ...]:
    hipaa = inputs.sector == "health" and inputs.us and not inputs.hipaa
    dora = inputs.sector == "finance" and inputs.eu and not inputs.dora
    nis2 = inputs.eu and inputs.people >= SMALL and inputs.sector in _NIS2_SECTORS and not (inputs.nis2 or inputs.dora)
    return (
        (hipaa, "medium", "HIPAA may apply", "Health sector in the US: check whether you are a covered entity or business associate, and tick HIPAA."),
        (dora, "medium", "DORA may apply", "Financial sector in the EU: check Regulation (EU) 2022/2554, article 2, and tick DORA."),
        (nis2, "medium", "NIS2 may apply", "50 people or more in a listed sector in the EU: check the national law, and tick NIS2."),
    )


def checklist(inputs: Inputs, chosen: list[tuple[str, str, Clause]], gaps: tuple[Gap, ...], values: dict[str, str]) -> tuple[Step, ...]:
    """The steps to take with who takes them and by when, counted from the day that the policy comes into force; in order of time."""
    start, owner, approver = date.fromisoformat(inputs.effective), values["Owner"], values["Approver"]
    heard = "personnel, works council and counsel" if inputs.eu or inputs.uk else "personnel and counsel"
    plan = [
        (-30, f"Have the draft read by {heard}, and by those who must carry it out.", owner),
        (-14, "Decide on each gap: close it, or record an exception with an end.", owner),
        (-7, f"Approve version {values['version']} and record the decision.", approver),
        (0, "Publish it where people find it, and tell everybody what changes for them.", owner),
        (30, "Collect acknowledgements of staff and contractors.", owner),
        *((30, fill(clause.step, values), owner) for _, _, clause in chosen if clause.step),
        *((60 if gap.severity == "high" else 120, gap.fix, owner) for gap in gaps if gap.clauses),
        (180, "Check a sample of clauses for being kept, and note the evidence.", owner),
    ]
    steps = [Step(step, who, (start + timedelta(days=days)).isoformat()) for days, step, who in plan]
    steps.append(Step("Review the policy.", owner, months_later(start, inputs.review_months).isoformat()))
    return tuple(sorted(steps, key=lambda step: step.due))


def months_later(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    whole = day.month - 1 + months
    year, month = day.year + whole // 12, whole % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
