"""The playbook as one document to print and to keep: Markdown, everything that people wrote escaped."""

from credit_studio.tools.blocks import File
from credit_studio.tools.cyber.incidents.case import UPDATES, Case, local
from credit_studio.tools.cyber.incidents.outcome import PlaybookOutput
from credit_studio.tools.cyber.incidents.people import TITLES
from credit_studio.tools.cyber.prose import bullets, plain, steps, table


def document(case: Case, output: PlaybookOutput) -> str:
    """The whole playbook."""
    parts = [f"# Incident response playbook: {plain(output.title)}\n", _head(case, output)]
    parts += ["## People\n", _people(case), "## The clock\n", _clock(output), *_phases(output)]
    parts += ["## Decisions\n", _decisions(output), "## Evidence, in the order of volatility\n", _evidence(output)]
    parts += ["## Who does what (RACI)\n", _raci(output), "## What to look for\n", _techniques(output)]
    parts += ["## Commands\n", _commands(output), "## Messages\n", _messages(output.messages), "## Exercise\n", _exercise(output)]
    parts += ["## What is missing\n", _gaps(output), _sources()]
    return "\n".join(parts)


def _head(case: Case, output: PlaybookOutput) -> str:
    return (
        f"{plain(case.inputs.organisation)}, severity {case.inputs.severity}. Discovered {local(case.discovered)} ({case.discovered.tzname()}). "
        f"Systems: {plain(case.words['affected'])}. Updates {UPDATES[case.inputs.severity]}, by {plain(case.words['channel'])}. "
        f"Led by {plain(output.commander)}.\n"
    )


def _people(case: Case) -> str:
    return table(("Role", "Name", "Contact", "Deputy"), ((TITLES[one.role], one.name, one.contact, one.deputy) for one in case.inputs.people))


def _clock(output: PlaybookOutput) -> str:
    rows = ((one.due or "without undue delay", f"{one.rule}: {one.what}", one.to, f"{one.basis}. {one.note}") for one in output.deadlines)
    return table(("Latest", "Duty", "To", "Basis"), rows) or "No rule was chosen. Have legal confirm that none applies.\n"


def _phases(output: PlaybookOutput) -> list[str]:
    parts: list[str] = []
    for phase in dict.fromkeys(one.phase for one in output.steps):
        own = [one for one in output.steps if one.phase == phase]
        until = f", until {own[0].until}" if own[0].until else ""
        parts += [f"## {phase}{until}\n", f"CSF 2.0: {own[0].csf}.\n", steps(f"{plain(one.text)} **{plain(one.person)}**" for one in own)]
    return parts


def _decisions(output: PlaybookOutput) -> str:
    return table(("Question", "Who decides", "If yes", "If no"), ((one.question, one.person, one.if_yes, one.if_no) for one in output.decisions))


def _evidence(output: PlaybookOutput) -> str:
    return table(("Order", "Kind", "System", "What"), ((one.order, one.tier, one.system, one.what) for one in output.evidence))


def _raci(output: PlaybookOutput) -> str:
    return (
        table(("Activity", *output.roles), ((one.activity, *one.letters) for one in output.raci))
        + "\nR does it, A answers for it, C is asked before, I is told.\n"
    )


def _techniques(output: PlaybookOutput) -> str:
    return table(("Technique", "Name", "Tactic", "Look for"), ((one.id, one.name, one.tactic, one.look_for) for one in output.techniques))


def _commands(output: PlaybookOutput) -> str:
    parts = [f"### {plain(one.platform)}\n\n```\n{one.text.replace('```', '` ` `')}```\n" for one in output.commands]
    return "\n".join(parts) or "None are kept for these platforms.\n"


def _messages(files: tuple[File, ...]) -> str:
    """Each as a quote, line by line, so that nothing in it becomes structure."""
    parts: list[str] = []
    for file in files:
        name = file.path.rpartition("/")[2].removesuffix(".txt")[3:].replace("-", " ")
        lines = "\n>\n".join(f"> {plain(line)}" for line in file.text.splitlines() if line.strip())
        parts.append(f"### {name.capitalize()}\n\n{lines}\n")
    return "\n".join(parts)


def _exercise(output: PlaybookOutput) -> str:
    return table(("Minute", "What", "To", "A good team"), ((one.minute, one.news, one.to, one.expected) for one in output.exercise))


def _gaps(output: PlaybookOutput) -> str:
    return bullets(f"**{plain(one.title)}** ({one.severity}), {plain(one.where)}. {plain(one.detail)} {plain(one.fix)}" for one in output.gaps) or "Nothing.\n"


def _sources() -> str:
    return (
        "Phases follow NIST SP 800-61r2, outcomes the NIST Cybersecurity Framework 2.0 as SP 800-61r3 uses it, evidence the order of volatility of RFC 3227, "
        "techniques MITRE ATT&CK. Deadlines are computed from the time of discovery and are no legal advice.\n"
    )
