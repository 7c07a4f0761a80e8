"""Where ownership, classes and systems leave a hole, found from the facts alone."""

from collections import Counter
from dataclasses import dataclass

from credit_studio.tools.data.stewardship.areas import Score
from credit_studio.tools.data.stewardship.inventory import Domain, Inputs, System, class_of, person, plain, systems_of

RANKS = ("critical", "high", "medium", "low", "info")
_CONFIDENTIAL, _INTERNAL, _RESTRICTED, _MOST_CLASSES, _GOOD = 3, 2, "4", 4, 3.0


@dataclass(frozen=True)
class Hole:
    """One finding, by severity; `fix` says what to do."""

    severity: str
    title: str
    where: str
    detail: str
    fix: str


@dataclass(frozen=True)
class Load:
    """What one person carries."""

    name: str
    owns: tuple[str, ...]
    stewards: tuple[str, ...]
    runs: tuple[str, ...]


def holes(inputs: Inputs, scores: tuple[Score, ...]) -> tuple[Hole, ...]:
    """All findings, worst first."""
    found = [*_people(inputs), *_top(inputs), *_loads(inputs), *_classes(inputs), *_systems(inputs), *_contradictions(inputs, scores)]
    return tuple(sorted(found, key=lambda hole: RANKS.index(hole.severity)))


def loads(inputs: Inputs) -> tuple[Load, ...]:
    """Each person with all that they carry, the most loaded first; names that differ in case only are one person."""
    names: dict[str, str] = {}
    carried: dict[str, tuple[list[str], list[str], list[str]]] = {}
    rows = [(0, domain.owner, domain.name) for domain in inputs.domains] + [(1, domain.steward, domain.name) for domain in inputs.domains]
    for side, raw, what in [*rows, *((2, system.custodian, system.name) for system in inputs.systems)]:
        name = person(raw)
        if name:
            names.setdefault(name.lower(), name)
            carried.setdefault(name.lower(), ([], [], []))[side].append(plain(what))
    made = [Load(names[key], tuple(owns), tuple(stewards), tuple(runs)) for key, (owns, stewards, runs) in carried.items()]
    return tuple(sorted(made, key=lambda load: (-len(load.owns) - len(load.stewards) - len(load.runs), load.name)))


def _matters(inputs: Inputs, domain: Domain) -> bool:
    return domain.is_critical or domain.is_personal or int(class_of(inputs, domain).level) >= _CONFIDENTIAL


def _people(inputs: Inputs) -> list[Hole]:
    found: list[Hole] = []
    for domain in inputs.domains:
        owner, steward, name = person(domain.owner), person(domain.steward), plain(domain.name)
        weight = _matters(inputs, domain)
        why = "Critical, personal or confidential: decisions cannot wait." if weight else "Nobody can decide on access, meaning or deletion."
        if not owner:
            found.append(Hole("critical" if weight else "high", f"{name} has no owner", name, why, "Name a manager whose work depends on these data."))
        if not steward:
            text = "Nobody looks after definitions, quality and issues."
            found.append(Hole("high" if weight else "medium", f"{name} has no steward", name, text, "Name someone who knows the data, with time for it."))
        if owner and owner.lower() == steward.lower():
            text = f"{owner} decides and carries out; nobody checks."
            found.append(Hole("medium" if weight else "low", f"{name}: one person is owner and steward", name, text, "Name a steward under the owner."))
    return found


def _top(inputs: Inputs) -> list[Hole]:
    missing = [(label, fix) for value, label, fix in (
        (inputs.sponsor, "The data council has no sponsor", "Name a member of the management as sponsor and chair."),
        (inputs.lead, "There is no governance lead", "Name who runs governance day by day."),
    ) if not person(value)]  # fmt: skip
    return [Hole("high", label, "Organisation", "Disputes end nowhere and the plan has nobody to drive it.", fix) for label, fix in missing]


def _loads(inputs: Inputs) -> list[Hole]:
    found: list[Hole] = []
    for load in loads(inputs):
        carried = sorted({*load.owns, *load.stewards})
        if len(carried) > inputs.most_domains:
            text = f"{load.name} carries {len(carried)} domains: {', '.join(carried[:8])}{' and more' if len(carried) > 8 else ''}."  # noqa: PLR2004 - what a line holds
            found.append(Hole("medium", f"{load.name} has too much", "People", text, f"Hand some on: {inputs.most_domains} is the most that you set."))
    named = sum(1 for domain in inputs.domains for name in (domain.owner, domain.steward) if person(name))
    top = loads(inputs)[:1]
    share = (len(top[0].owns) + len(top[0].stewards)) / named if top and named else 0.0
    if len(inputs.domains) > inputs.most_domains and share > 0.5:  # noqa: PLR2004 - more than half of all
        text = f"{top[0].name} holds {share:.0%} of all roles."
        found.append(Hole("high", "Governance hangs on one person", "People", text, "Spread ownership over the business."))
    return found


def _classes(inputs: Inputs) -> list[Hole]:
    found: list[Hole] = []
    used = Counter(plain(class_of(inputs, domain).name) for domain in inputs.domains)
    for one in inputs.classes:
        name = plain(one.name)
        personal = [plain(domain.name) for domain in inputs.domains if domain.is_personal and class_of(inputs, domain) is one]
        if not one.retention_months:
            law = inputs.gdpr and bool(personal)
            text = (
                f"Holds personal data ({', '.join(personal[:5])}): GDPR, article 5(1)(e), asks for a limit." if law else "Data of this class are kept for ever."
            )
            fix = "Set a period, or one for each kind of record, and have it deleted by machine."
            found.append(Hole("high" if law else "medium", f"Class {name} has no retention period", name, text, fix))
        if personal and int(one.level) <= _INTERNAL:
            text = f"{', '.join(personal[:5])}: disclosure would harm people."
            found.append(Hole("high", f"Personal data in class {name}", name, text, "Move them to a class of level 3 or above."))
        if not used[name]:
            found.append(Hole("info", f"Class {name} is not used", name, "No domain is of this class.", "Keep it if documents use it, else drop it."))
    if len(inputs.classes) > _MOST_CLASSES:
        found.append(Hole("low", f"{len(inputs.classes)} classes", "Classes", "People keep three or four apart.", "Merge those that are handled alike."))
    if (inputs.pci or inputs.hipaa) and all(one.level != _RESTRICTED for one in inputs.classes):
        text = "Card data and health data need the strictest handling."
        found.append(Hole("medium", "There is no class of level 4", "Classes", text, "Add a restricted class for them."))
    return found


def _systems(inputs: Inputs) -> list[Hole]:
    users: dict[str, list[Domain]] = {}
    shown: dict[str, str] = {}
    for domain in inputs.domains:
        for name in systems_of(domain):
            shown.setdefault(name.lower(), name)
            users.setdefault(name.lower(), []).append(domain)
    listed = {plain(system.name).lower() for system in inputs.systems}
    found = [_unlisted(name, users[key]) for key, name in shown.items() if key not in listed]
    found += [_homeless(plain(domain.name)) for domain in inputs.domains if not systems_of(domain)]
    for system in inputs.systems:
        found += _system(system, users.get(plain(system.name).lower(), []), has_gdpr=inputs.gdpr)
    return found


def _homeless(name: str) -> Hole:
    return Hole("low", f"{name} names no system", name, "Nobody knows where these data live.", "List its systems.")


def _unlisted(name: str, users: list[Domain]) -> Hole:
    where = ", ".join(plain(domain.name) for domain in users[:5])
    return Hole("low", f"{name} is not in the list of systems", where, "Nobody is known to run it.", "Add it with its custodian.")


def _system(system: System, users: list[Domain], *, has_gdpr: bool) -> list[Hole]:
    name, found = plain(system.name), list[Hole]()
    if not person(system.custodian):
        found.append(Hole("medium", f"{name} has no custodian", name, "Nobody answers for running it.", "Name who runs it."))
    if has_gdpr and system.place in {"us", "other", "unknown"} and any(domain.is_personal for domain in users):
        where = "where it runs is not known" if system.place == "unknown" else "it runs outside of the EEA and the UK"
        fix = "Record adequacy, clauses or another ground of GDPR chapter V."
        found.append(Hole("medium", f"{name}: check the ground for a transfer", name, f"Holds personal data, and {where}.", fix))
    owners = sorted({person(domain.owner) for domain in users} - {""})
    if len(owners) > 1:
        found.append(Hole("info", f"{name} serves several owners", name, f"{', '.join(owners[:5])}.", "Agree who decides on changes of the system itself."))
    return found


def _contradictions(inputs: Inputs, scores: tuple[Score, ...]) -> list[Hole]:
    """Answers that the facts speak against."""
    by_key = {score.key: score for score in scores}
    without = [plain(domain.name) for domain in inputs.domains if not (person(domain.owner) and person(domain.steward))]
    endless = [plain(one.name) for one in inputs.classes if not one.retention_months]
    listed = {plain(one.name).lower() for one in inputs.systems}
    unknown = {name.lower() for domain in inputs.domains for name in systems_of(domain)} - listed
    checks = (
        ("governance", len(without), "domains without an owner or a steward"),
        ("content", len(endless), "classes without a retention period"),
        ("metadata", len(unknown), "systems that are not in the list"),
    )
    found = [(by_key[key], count, words) for key, count, words in checks if count and key in by_key]
    return [
        Hole(
            "medium",
            f"{score.name}: rated higher than the facts",
            score.name,
            f"Rated {score.ratings[0]} defined, but there are {words}: {count}.",
            "Rate it again.",
        )
        for score, count, words in found
        if score.ratings and score.ratings[0] in {"mostly", "fully"}
    ]
