"""What is said to whom, as texts to send: filled with what is known; what is not known yet stands in square brackets."""

from collections.abc import Callable

from credit_studio.tools.blocks import File
from credit_studio.tools.cyber.incidents.case import UPDATES, Case, local
from credit_studio.tools.cyber.incidents.deadlines import Deadline

_ADVICE = {
    "ransomware": "Do not switch on or connect computers until IT says so. Do not open mails from unknown senders. Do not speak to anybody outside about it.",
    "phishing": "Do not open links in mails that you did not expect. If you typed your password anywhere, call us now: nobody will be blamed.",
    "account_takeover": "Change your password if it is used anywhere else. Never confirm a sign-in that you did not start.",
    "malware": "Do not plug in storage devices. If your computer behaves oddly, leave it on, pull the network cable and call us.",
}
_FOR_PEOPLE = {
    "account_takeover": "Choose a new password here and everywhere else where you used the same one, and switch on the second factor.",
    "data_breach": "Beware of calls and mails that use what is known about you. Change your password here and where you used the same one.",
    "phishing": "Delete mails from us with links or new bank details of the last days, and confirm such details by a telephone number that you knew before.",
    "ddos": "You need not do anything. Your data is not concerned as far as we know.",
}


def files(case: Case, due: list[Deadline]) -> list[File]:
    """Every message of this case."""
    made = [("team-call", _team), ("staff", _staff), ("management", _management), ("people-concerned", _people), ("press-holding-statement", _press)]
    if case.inputs.kind in {"ransomware", "ddos", "web_compromise", "supply_chain"}:
        made.append(("status-page", _status))
    made += [(f"authority-{rule}", _AUTHORITIES[rule]) for rule in case.rules]
    return [File(f"messages/{number:02}-{name}.txt", text(case, due)) for number, (name, text) in enumerate(made, start=1)]


Text = Callable[[Case, list[Deadline]], str]


def _lines(*parts: str) -> str:
    return "\n".join(parts) + "\n"


def _when(case: Case) -> str:
    return f"{local(case.discovered)} ({case.discovered.tzname()})"


def _first_due(due: list[Deadline], zone: Case) -> str:
    timed = [one for one in due if one.due is not None]
    return f"{timed[0].rule}, {timed[0].what.lower()}: {local(timed[0].due or zone.discovered)}" if timed else "none chosen"


def _data(case: Case) -> str:
    return case.inputs.data_affected.strip() or "[categories of data]"


def _count(case: Case) -> str:
    return f"about {case.inputs.people_affected:,}" if case.inputs.people_affected else "[number, as far as known]"


def _team(case: Case, due: list[Deadline]) -> str:
    return _lines(
        f"Subject: INCIDENT {case.inputs.severity.upper()}: {case.title}, call now",
        "",
        f"Discovered: {_when(case)}",
        f"Systems: {case.words['affected']}",
        f"Lead: {case.team.said('commander')}. Technical: {case.team.said('lead')}.",
        f"Join: {case.words['channel']}. Do not discuss this by the usual mail or chat.",
        f"Log: {case.words['ticket']}. Updates {UPDATES[case.inputs.severity]}.",
        f"First deadline: {_first_due(due, case)}",
        "",
        "Do not switch off, clean or reinstall anything before evidence is taken. Do not tell others yet.",
    )


def _staff(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        f"Subject: {case.inputs.organisation}: what you need to know and do now",
        "",
        "Dear colleagues,",
        "",
        f"since {_when(case)} we have been dealing with {case.public}. Our team is at work on it with priority.",
        "",
        f"What you should do: {_ADVICE.get(case.inputs.kind, 'Go on working unless you are told otherwise, and report anything unusual at once.')}",
        f"Questions from customers, press or on social media go to {case.team.said('communications')}. Please do not comment yourselves.",
        f"Report what you notice to [hotline]. The next news comes {UPDATES[case.inputs.severity]} at most, by [channel].",
        "",
        case.team.person("commander").name,
    )


def _management(case: Case, due: list[Deadline]) -> str:
    duties = [f"- {one.rule}: {one.what} to {one.to}, {f'by {local(one.due)}' if one.due else 'without undue delay'}" for one in due]
    return _lines(
        f"Subject: Briefing: {case.title}, severity {case.inputs.severity}",
        "",
        f"What we know: {case.title} discovered {_when(case)}. Systems: {case.words['affected']}. People concerned: {_count(case)}.",
        "What we do not know yet: [way in, scope, whether data was taken].",
        "What we do: contain, keep evidence, look for the way in; see the playbook.",
        "",
        "Duties and times:",
        *(duties or ["- none of the rules was chosen; have legal confirm this"]),
        "",
        "What we need from you: [decision, by when]. Outside help: [forensics, insurer, police: yes or no].",
        f"Next briefing: [time]. Contact: {case.team.said('commander')}, {case.team.person('commander').contact or '[number]'}.",
    )


def _people(case: Case, _due: list[Deadline]) -> str:
    kind = case.inputs.kind
    advice = _FOR_PEOPLE.get(kind, "Beware of calls and mails that refer to this or use what is known about you.")
    privacy = case.team.person("privacy")
    return _lines(
        "Subject: Important information about your data" if kind != "ddos" else "Subject: Our services are disturbed",
        "",
        "Dear [name],",
        "",
        f"on {_when(case)} we discovered {case.public}.",
        f"What happened: [two plain sentences]. Data concerned: {_data(case)}.",
        "What this may mean for you: [likely consequences, plainly].",
        "What we have done: [measures]. We have told the authorities where the law asks for it.",
        f"What you can do: {advice}",
        "",
        f"We are sorry. Questions: {privacy.name}, {privacy.contact or '[telephone and e-mail]'}.",
        "",
        case.inputs.organisation,
    )


def _press(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        f"Holding statement, {case.inputs.organisation}. Release only by {case.team.said('executive')}.",
        "",
        f"On {_when(case)} {case.inputs.organisation} discovered {case.public}. We acted at once and are working with [experts, authorities].",
        "We are finding out what exactly is concerned, and will tell those concerned directly. While this work goes on we give no details.",
        "",
        f"Contact: {case.team.person('communications').name}, {case.team.person('communications').contact or '[press number]'}.",
        "",
        "Not to be said: names of suspects, technical details, sums demanded, numbers that are not confirmed, 'no data was taken' before it is proven.",
    )


def _status(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        f"[{case.discovered:%H:%M}] Investigating: some services of {case.inputs.organisation} are not available or slow. We are at work on it.",
        "Next update: [in 30 minutes].",
        "[time] Identified: we know the cause and are [measure]. Concerned: [services]. Not concerned: [services].",
        "[time] Monitoring: services are back; we keep watching them.",
        "[time] Resolved: [times, cause in one sentence, what we change].",
    )


def _gdpr(case: Case, _due: list[Deadline]) -> str:
    privacy = case.team.person("privacy")
    return _lines(
        "Notification of a personal data breach (GDPR, Art. 33)",
        "",
        f"Controller: {case.inputs.organisation}, [address, register number]",
        f"Data protection officer or contact: {privacy.name}, {privacy.contact or '[contact]'}",
        f"Aware since: {_when(case)}. Time of the breach: [from, to]. If later than 72 hours, reasons: [reasons]",
        f"Nature of the breach (confidentiality, integrity, availability): {case.title}. [description]",
        f"Categories of data: {_data(case)}. People concerned: {_count(case)}. Records: [number]. Countries: [list]",
        "Likely consequences: [consequences for the people]",
        "Measures taken and proposed: [containment, mitigation, advice to the people]",
        "People informed: [yes, when and how; or no, and why (Art. 34(3))]",
        "Further information follows in phases (Art. 33(4)): [yes or no]",
    )


def _nis2(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        "NIS2, Art. 23(4)(a): early warning (24 hours)",
        f"Entity: {case.inputs.organisation}, sector [sector]. Contact: {case.team.said('commander')}, {case.team.person('commander').contact or '[number]'}",
        f"Aware since: {_when(case)}. Incident: {case.title}. Systems: {case.words['affected']}",
        "Suspected to be caused by unlawful or malicious acts: [yes, no, unknown]",
        "Could have cross-border impact: [yes: countries; no; unknown]",
        "",
        "Art. 23(4)(b): incident notification (72 hours)",
        "Update: [what changed]. Initial assessment of severity and impact: [users, duration, area, damage]",
        "Indicators of compromise: [hashes, addresses, domains]",
        "",
        "Art. 23(4)(d): final report (one month)",
        "Description with severity and impact: [text]. Type of threat or root cause: [text]. Measures applied and ongoing: [text]. Cross-border impact: [text]",
    )


def _dora(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        "DORA, Art. 19: initial notification of a major ICT-related incident",
        f"Financial entity: {case.inputs.organisation}, LEI [LEI]. Contact: {case.team.said('commander')}",
        f"Detected: {_when(case)}. Classified as major: [time], by criteria: [clients, data losses, reputation, duration, spread, critical services, costs]",
        f"Description: {case.title}. Systems: {case.words['affected']}. Clients concerned: {_count(case)}",
        "Member states concerned: [list]. Third-party provider involved: [name or none]. Business continuity plan activated: [yes or no]",
        "Intermediate report follows within 72 hours of this one, the final report one month after that.",
    )


def _pci(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        "To: [acquiring bank, fraud or compromise desk]. By telephone first.",
        f"Merchant: {case.inputs.organisation}, merchant ID [ID]",
        f"Suspected compromise of payment data, discovered {_when(case)}: {case.title}, systems {case.words['affected']}.",
        "Card data that may be concerned: [PAN, expiry, CVV, track]; period [from, to]; number of cards [number]; stored or in transit [which].",
        "Contained: [yes, how and when]. Evidence kept, systems not altered: [yes]. PFI engaged: [name or not yet].",
        f"Contact: {case.team.said('lead')}, {case.team.person('lead').contact or '[number]'}",
    )


def _hipaa(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        "Notice of a breach of unsecured protected health information (45 CFR 164.404)",
        "",
        "Dear [individual],",
        f"A brief description of what happened: {case.public}, on [date of breach], discovered on {_when(case)}.",
        f"The types of information involved: {_data(case)}.",
        "Steps that you should take to protect yourself: [review statements of your insurer, credit freeze ...].",
        "What we are doing to investigate, to mitigate harm and to protect against further breaches: [measures].",
        f"Contact: toll-free number [number], {case.team.person('privacy').contact or '[e-mail]'}, [postal address].",
        "",
        f"For HHS (164.408): individuals affected {_count(case)}; breach portal of the Office for Civil Rights.",
    )


def _sec(case: Case, _due: list[Deadline]) -> str:
    return _lines(
        "Form 8-K, Item 1.05 Material Cybersecurity Incidents (draft for counsel)",
        "",
        f"On {_when(case)}, {case.inputs.organisation} detected {case.public}. On [date], the Company determined that the incident is material.",
        "Nature, scope and timing: [material aspects].",
        "Material impact or reasonably likely material impact, on financial condition and results of operations: [text].",
        "Information not yet determined: [statement; an amendment follows within four business days of its determination].",
        "",
        "No technical detail that would impede the response has to be given (Instruction 4 to Item 1.05).",
    )


_AUTHORITIES: dict[str, Text] = {"gdpr": _gdpr, "nis2": _nis2, "dora": _dora, "pci": _pci, "hipaa": _hipaa, "sec": _sec}
