"""The policy set as Markdown: the policy itself, its standards, and the charts that belong to them."""

import re
from collections.abc import Iterable

from credit_studio.tools.data.stewardship.areas import FORMULA, Score
from credit_studio.tools.data.stewardship.inventory import PLACES, Inputs, class_of, person, plain, systems_of
from credit_studio.tools.data.stewardship.matrices import ROLES, Activity, Decision, Measure, duties, handling, kept_for
from credit_studio.tools.data.stewardship.ownership import Hole
from credit_studio.tools.data.stewardship.roadmap import Step

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_KEYWORDS = "The key words MUST, SHOULD and MAY are to be read as described in BCP 14 (RFC 2119, RFC 8174) when they stand in capitals."
_DUTIES = {
    "gdpr": "GDPR and UK GDPR: a record of processing MUST be kept, requests of people answered within one month, and data deleted when their purpose ends.",
    "ccpa": "CCPA: requests of consumers MUST be confirmed within 10 business days and answered within 45 days, and opt-outs honoured.",
    "hipaa": "HIPAA: use of health data MUST be limited to the minimum necessary, and documentation kept for six years.",
    "pci": "PCI DSS: card data MUST stay within the documented scope, and security codes MUST NOT be kept after authorisation.",
    "sox": "SOX: data that feed the financial statements MUST have an owner, controlled changes and evidence of their checks.",
    "bcbs239": "BCBS 239: risk data MUST be accurate, complete, timely and reconciled with the books, with lineage on record.",
}
_WEEKS = 4


def escaped(text: str) -> str:
    """A text from outside that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", plain(text))


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; the cells are Markdown already."""
    titles = list(heads)
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def policy(inputs: Inputs, scores: tuple[Score, ...], found: tuple[Hole, ...]) -> str:
    """The governance policy: purpose, principles, roles, rules, duties, oversight, and the state at the start."""
    name, sponsor, lead = escaped(inputs.organisation), escaped(person(inputs.sponsor)), escaped(person(inputs.lead))
    parts = [
        f"# {name}: data governance policy",
        f"In force from {inputs.start}. {_KEYWORDS}",
        "## 1 Purpose and scope",
        f"This policy says who decides on data at {name}, by which rules data are kept, used and deleted, and how this is checked.",
        f"It applies to all data in the {len(inputs.domains)} domains below, in every system and with every supplier.",
        "## 2 Principles",
        _list(_principles(inputs)),
        "## 3 Roles",
        f"The data council is chaired by {sponsor or 'a member of the management (to be named)'}.",
        f"Governance is run by {lead or 'a governance lead (to be named)'}. {_members(inputs)}",
        _list(_roles(inputs)),
        "## 4 Domains",
        domains(inputs),
        "## 5 Rules",
        _list(_rules(inputs)),
        "The standards on classification and handling, retention, data quality and metadata, the RACI chart and the decision rights are part of this policy.",
    ]
    applying = [_DUTIES[duty] for duty in _DUTIES if duty in duties(inputs)]
    parts += ["## 6 Duties from law and standards", _list(applying) if applying else "No duty was named; counsel confirms this every year."]
    parts += ["## 7 Oversight", _list(_oversight(inputs)), "## 8 State at the start", _state(scores, found)]
    return "\n\n".join(parts) + "\n"


def _members(inputs: Inputs) -> str:
    owners = sorted({escaped(person(domain.owner)) for domain in inputs.domains} - {""})
    return (
        f"Members of the council are the data owners: {', '.join(owners)}."
        if owners
        else "Members of the council are the data owners, as soon as they are named."
    )


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _principles(inputs: Inputs) -> list[str]:
    lines = [
        "Data belong to the organisation and not to a department or a system; each domain MUST have one owner.",
        "What a term means MUST be written down once and used everywhere.",
        "Quality MUST be built in where data are entered, and not repaired where they are read.",
        "Data MUST be used only for purposes that their owner knows and that law allows.",
        "Data MUST be deleted when their period ends.",
    ]
    if any(domain.is_personal for domain in inputs.domains):
        lines.append("Data of people MUST be collected and kept no more than their purpose needs.")
    return lines


def _roles(inputs: Inputs) -> list[str]:
    lines = [
        "The **data council** approves policies, settles disputes and decides on means; it MUST meet at least every month until the target is reached.",
        "A **data owner** answers for a domain: meaning, quality, access, class and retention. An owner MUST be a manager of the business.",
        "A **data steward** looks after a domain for its owner: definitions, rules, issues, catalogue. A steward MUST have time set aside for it.",
        "A **custodian** runs the systems in which data live, as owners decide.",
        "**Security and privacy** advise, check and answer to authorities.",
        f"One person SHOULD NOT own or look after more than {inputs.most_domains} domains, and SHOULD NOT be owner and steward of the same one.",
    ]
    return lines + (["The data protection officer MUST be heard on all uses of personal data."] if inputs.gdpr else [])


def _rules(inputs: Inputs) -> list[str]:
    critical = [escaped(domain.name) for domain in inputs.domains if domain.is_critical]
    lines = [
        "Each data set MUST have a class and be handled by the standard on classification and handling.",
        "Access MUST be approved by the owner and confirmed every six months.",
        "Each data set MUST stand in the catalogue with owner, class, source and meaning before it goes live.",
        "Interfaces MUST have an agreed description and change only after their consumers were heard.",
        "Data MUST be deleted by the retention schedule unless a legal hold stops it.",
    ]
    if critical:
        lines.append(f"Critical domains ({', '.join(critical)}) MUST have quality rules with thresholds that are checked at each load.")
    if any(domain.is_personal for domain in inputs.domains):
        lines.append("A new purpose for personal data MUST be checked for its lawful ground before it starts.")
    return lines


def _oversight(inputs: Inputs) -> list[str]:
    return [
        f"Maturity MUST be rated every year; the target is level {inputs.target} of 5.",
        "KPIs MUST be reported to the data council every quarter, with the open issues and their age.",
        "Exceptions MUST be approved by the data council with an end of at most twelve months.",
        "This policy MUST be reviewed every twelve months.",
    ]


def _state(scores: tuple[Score, ...], found: tuple[Hole, ...]) -> str:
    rated = [score for score in scores if score.level is not None]
    rows = table(("Area", "Level"), ((score.name, f"{score.level:.1f}") for score in rated))
    grave = [hole for hole in found if hole.severity in {"critical", "high"}]
    lines = _list(f"{escaped(hole.title)}: {escaped(hole.fix)}" for hole in grave) if grave else "No finding is critical or high."
    return f"{rows if rated else 'No area has been rated.'}\n\n{FORMULA}\n\n{lines}"


def domains(inputs: Inputs) -> str:
    """The table of domains with their people, class, period and systems."""
    rows = (
        (
            *(escaped(domain.name), escaped(person(domain.owner)) or "to be named", escaped(person(domain.steward)) or "to be named"),
            *(escaped(domain.data_class), kept_for(class_of(inputs, domain).retention_months), escaped(", ".join(systems_of(domain))) or "not known"),
        )
        for domain in inputs.domains
    )
    return table(("Domain", "Owner", "Steward", "Class", "Kept for", "Systems"), rows)


def classification(inputs: Inputs) -> str:
    """The standard on classes and handling."""
    heads = ("What", *(escaped(one.name) for one in inputs.classes))
    default = escaped(min(inputs.classes, key=lambda one: abs(int(one.level) - 2)).name)
    return (
        "\n\n".join(
            (
                "# Classification and handling",
                f"{_KEYWORDS} Each data set MUST have one of {len(inputs.classes)} classes. Without one it is {default}. A mix has the strictest.",
                table(heads, handling(inputs.classes)),
                "Owners classify by the harm that disclosure, change or loss would do; stewards label; custodians enforce by machine where they can.",
            )
        )
        + "\n"
    )


def retention(inputs: Inputs) -> str:
    """The retention schedule by domain."""
    rows = (
        (escaped(domain.name), escaped(domain.data_class), kept_for(class_of(inputs, domain).retention_months), escaped(person(domain.owner)) or "to be named")
        for domain in inputs.domains
    )
    notes = ["The period begins when the purpose ends, unless the owner sets another beginning.", "A legal hold stops deletion until counsel lifts it."]
    notes += ["Accounting and employment records MUST be kept as long as the law of each country asks, also where the class has a shorter period."]
    notes += ["Data deleted at the end of their period MUST also expire from backups."]
    return f"# Retention schedule\n\n{table(('Domain', 'Class', 'Kept for', 'Decided by'), rows)}\n\n{_list(notes)}\n"


def quality(inputs: Inputs) -> str:
    """The standard on data quality, with the critical domains by name."""
    critical = [domain for domain in inputs.domains if domain.is_critical] or list(inputs.domains)
    rows = (
        (escaped(domain.name), escaped(person(domain.steward)) or "to be named", "complete, valid, unique, timely, consistent", "98 %") for domain in critical
    )
    lines = [
        "Stewards MUST name the critical data elements of their domain and write rules for each, with a threshold.",
        "Rules MUST be checked by machine at each load; results are shown to owner and users.",
        f"An issue MUST have an owner, a cause and a date; one that is open for more than {_WEEKS} weeks goes to the governance lead.",
        "Causes MUST be removed where data are entered; repairs downstream are marked as such.",
    ]
    heads = ("Domain", "Steward", "Sides checked", "Threshold to begin with")
    return f"# Data quality standard\n\n{_KEYWORDS}\n\n{_list(lines)}\n\n{table(heads, rows)}\n"


def metadata(inputs: Inputs) -> str:
    """The standard on what the catalogue holds."""
    lines = [
        "Each data set MUST have: name, meaning, owner, steward, class, retention, source, systems, consumers, refresh, quality score.",
        "Each term of the glossary MUST have one definition, one owner and its synonyms.",
        "Lineage from source to report MUST be on record for critical domains.",
        "Entries MUST be confirmed by their steward every twelve months; unconfirmed ones are marked.",
    ]
    rows = ((escaped(one.name), escaped(person(one.custodian)) or "to be named", dict(PLACES)[one.place]) for one in inputs.systems)
    listed = f"\n\n{table(('System', 'Custodian', 'Place'), rows)}" if inputs.systems else ""
    return f"# Metadata and catalogue standard\n\n{_KEYWORDS}\n\n{_list(lines)}{listed}\n"


def chart(activities: tuple[Activity, ...]) -> str:
    """The RACI chart."""
    rows = ((one.name, *(letter or "-" for letter in one.letters)) for one in activities)
    return f"# Roles: who does what\n\nR carries out, A answers for it (one only), C is heard, I is told.\n\n{table(('Activity', *ROLES), rows)}\n"


def rights(rows: tuple[Decision, ...]) -> str:
    """The decision rights."""
    told = ((one.what, escaped(one.who), one.heard, one.within, one.then) for one in rows)
    return f"# Decision rights\n\n{table(('Decision', 'Decides', 'Is heard', 'Within', 'Else'), told)}\n"


def figures(rows: tuple[Measure, ...]) -> str:
    """The KPI set."""
    told = ((one.name, one.formula, one.target, one.who, one.often, "-" if one.now is None else f"{one.now:.0%}") for one in rows)
    return f"# Key figures\n\n{table(('Figure', 'Formula', 'Target', 'Who', 'How often', 'Today'), told)}\n"


def steps(rows: tuple[Step, ...]) -> str:
    """The roadmap."""
    told = ((f"Q{one.quarter}", one.due, one.area, escaped(one.what), escaped(one.who)) for one in rows)
    return f"# Roadmap\n\n{table(('Quarter', 'By', 'Area', 'Step', 'Who'), told) if rows else 'Nothing is left to do for this target.'}\n"
