"""What can go wrong with each kind of element: STRIDE per element (Shostack, "Threat Modeling", 2014), each threat only where the drawing makes it plausible.

References are those of MITRE: weaknesses (CWE), attack patterns (CAPEC) and techniques (ATT&CK for Enterprise).
"""

from collections.abc import Callable
from dataclasses import dataclass

from credit_studio.tools.cyber.prose import count
from credit_studio.tools.cyber.stride.system import DATA_RANK, Component, DataFlow, System

STRIDE = {
    "S": "Spoofing",
    "T": "Tampering",
    "R": "Repudiation",
    "I": "Information disclosure",
    "D": "Denial of service",
    "E": "Elevation of privilege",
}
_SENSITIVE = DATA_RANK["confidential"]
_OUTSIDE = 2  # zones trusted at most so much: anybody may be there


@dataclass(frozen=True)
class Fact:
    """One control (a key of `measures.MEASURES`) at one place, and whether it is there."""

    key: str
    place: str
    holds: bool


When = Callable[[System, Component], str]
"""Why a threat is plausible, in a sentence; "" when it is not."""


@dataclass(frozen=True)
class Pattern:
    """A threat to one kind of component. `controls` names what would stop it, see `facts_of`. `foothold`: needs an attacker who is inside already."""

    letter: str
    title: str
    when: When
    controls: tuple[str, ...]
    references: tuple[str, ...]
    foothold: bool = False


def is_called(system: System, one: Component) -> str:
    """Something flows in."""
    flows = system.inbound(one.name)
    crossing = sum(1 for flow in flows if system.crosses(flow))
    return f"{count(len(flows), 'flow')} in, {crossing} across a trust boundary." if flows else ""


def _is_asked(system: System, one: Component) -> str:
    """Somebody asks and gets an answer: what a queue delivers asks nothing."""
    flows = [flow for flow in system.inbound(one.name) if flow.protocol != "message" and system.components[flow.source].kind != "store"]
    return is_called(system, one) if flows else ""


def _family(*families: str) -> When:
    return lambda system, one: f"{one.technology} is of the kind that this is done to." if system.family(one.name) in families else ""


def _called_by_people(system: System, one: Component) -> str:
    callers = [flow.source for flow in system.inbound(one.name) if _is_outsider(system, flow.source)]
    return f"{callers[0]} calls it from outside." if callers and (one.authenticates or system.family(one.name) == "identity") else ""


def _is_outsider(system: System, name: str) -> bool:
    return system.components[name].kind == "external" and system.trust(name) <= _OUTSIDE


def _called_by_browsers(system: System, one: Component) -> str:
    callers = [
        flow.source
        for flow in system.inbound(one.name)
        if system.components[flow.source].kind == "external" and flow.protocol in {"https", "http", "websocket"}
    ]
    return f"It answers {callers[0]} over the web." if callers and system.family(one.name) == "web" else ""


def _queries(families: set[str]) -> When:
    def why(system: System, one: Component) -> str:
        stores = [
            flow.target for flow in system.outbound(one.name) if system.family(flow.target) in families and system.components[flow.target].kind == "store"
        ]
        return f"It takes input and asks {stores[0]}." if stores and system.inbound(one.name) else ""

    return why


def _takes_files(system: System, one: Component) -> str:
    stores = [flow.target for flow in system.outbound(one.name) if system.family(flow.target) in {"object", "share"}]
    is_front = system.family(one.name) in _SERVES and _is_asked(system, one)
    return f"It is asked from elsewhere and keeps files in {stores[0]}." if stores and is_front else ""


def _takes_input_only(system: System, one: Component) -> str:
    """Input in general, where no more special kind of tampering is told."""
    special = any(why(system, one) for why in (_queries(_SQL), _queries(_NO_SQL), _reads_messages))
    return "" if special else is_called(system, one)


def _reads_messages(system: System, one: Component) -> str:
    flows = [flow for flow in system.inbound(one.name) if flow.protocol == "message" or system.family(flow.source) == "queue"]
    return f"It reads messages from {flows[0].source}." if flows else ""


def _calls_out(system: System, one: Component) -> str:
    web = {"https", "http"}
    out = [flow.target for flow in system.outbound(one.name) if flow.protocol in web and system.components[flow.target].kind != "store"]
    if system.family(one.name) not in _SERVES:
        return ""
    exposed = system.exposures[one.name].level >= 3 and system.inbound(one.name)  # noqa: PLR2004 - reached from outside within three flows
    return f"It takes input and calls {out[0]} over HTTP, so that input may choose the address." if out and exposed else ""


def _signs_in_to_others(system: System, one: Component) -> str:
    out = [flow.target for flow in system.outbound(one.name) if flow.authenticated and system.family(flow.target) != "secrets"]
    return f"It signs in to {out[0]}{f' and {len(out) - 1} more' if len(out) > 1 else ''}, so it holds credentials." if out else ""


def _leads_inwards(system: System, one: Component) -> str:
    ahead = [flow.target for flow in system.outbound(one.name) if system.trust(flow.target) > system.trust(one.name)]
    return f"It stands before {ahead[0]} in a more trusted zone." if ahead and system.inbound(one.name) else ""


def _handles(least: int, when: When) -> When:
    def why(system: System, one: Component) -> str:
        reason = when(system, one)
        return f"{reason} Data: {one.data}." if reason and DATA_RANK[one.data] >= least else ""

    return why


def _always(system: System, one: Component) -> str:
    writers = len({flow.source for flow in system.inbound(one.name)})
    return f"{count(writers, 'component')} write{'s' if writers == 1 else ''} to it." if writers else "It keeps data."


def _except(families: set[str], when: When) -> When:
    return lambda system, one: "" if system.family(one.name) in families else when(system, one)


def _speaks(system: System, one: Component) -> str:
    out = system.outbound(one.name)
    return f"{count(len(out), 'flow')} out of it." if out else ""


def _must_stay_up(system: System, one: Component) -> str:
    if one.critical and system.inbound(one.name):
        return "The business stops while it is down."
    near = system.exposures[one.name].level >= 4  # noqa: PLR2004 - reached from outside within two flows
    return "Outsiders reach it." if near and system.inbound(one.name) else ""


_SQL, _NO_SQL = {"relational"}, {"document", "search"}
_SERVES = {"web", "api", "function", "gateway", "worker", ""}
_CODE_RUNS = {"pipeline"}
_NOT_READ_PAST = {"queue", "log"}

EXTERNAL = (
    Pattern("S", "Somebody poses as this party", _speaks, ("peer_out", "receiver_authenticates"), ("CWE-287", "CAPEC-151", "T1078")),
    Pattern("R", "This party denies what it did", _speaks, ("receiver_logs", "peer_out"), ("CWE-778",)),
)
PROCESS = (
    Pattern("S", "A caller poses as somebody else", is_called, ("authenticates", "peer_in"), ("CWE-287", "CAPEC-151", "T1078")),
    Pattern("S", "Passwords are guessed, sprayed or stuffed", _called_by_people, ("limits", "logs"), ("CWE-307", "CAPEC-600", "T1110")),
    Pattern("T", "Input becomes part of a database query", _queries(_SQL), ("validates",), ("CWE-89", "CAPEC-66", "T1190")),
    Pattern("T", "Input changes a query by operators in it", _queries(_NO_SQL), ("validates",), ("CWE-943", "CAPEC-676", "T1190")),
    Pattern("T", "A message in the queue carries code or objects", _reads_messages, ("validates", "peer_in"), ("CWE-502", "CAPEC-586")),
    Pattern("T", "An uploaded file is run or served as a page", _takes_files, ("validates",), ("CWE-434", "CAPEC-650", "T1505.003")),
    Pattern("T", "Script of an attacker runs in other users' browsers", _called_by_browsers, ("validates",), ("CWE-79", "CAPEC-63", "T1189")),
    Pattern("T", "Crafted input makes it do what it should not", _takes_input_only, ("validates",), ("CWE-20", "CAPEC-153", "T1190")),
    Pattern("T", "Code or build steps are changed on their way", _family(*_CODE_RUNS), ("authorises", "logs"), ("CWE-494", "CAPEC-444", "T1195.002")),
    Pattern("R", "Nobody can prove who did what here", is_called, ("logs", "authenticates"), ("CWE-778",)),
    Pattern(
        "I", "One caller gets another caller's objects", _handles(2, _is_asked), ("authorises", "authenticates"), ("CWE-639", "CAPEC-122", "OWASP API1:2023")
    ),
    Pattern("I", "It is made to fetch an internal address", _calls_out, ("validates",), ("CWE-918", "CAPEC-664", "T1552.005")),
    Pattern(
        "I", "Its credentials leak from image, variables or repository", _signs_in_to_others, ("vault",), ("CWE-798", "CAPEC-191", "T1552.001"), foothold=True
    ),
    Pattern("D", "Requests use up what it has", is_called, ("limits",), ("CWE-770", "CAPEC-125", "T1499")),
    Pattern("E", "A caller does what only others may", _is_asked, ("authorises", "authenticates"), ("CWE-862", "CAPEC-1", "OWASP API5:2023")),
    Pattern(
        "E", "Whoever takes it over goes further in", _leads_inwards, ("validates", "authorises", "peer_out"), ("CWE-250", "CAPEC-69", "T1210"), foothold=True
    ),
    Pattern("E", "A container gets out to its host", _family("container"), ("authorises", "limits"), ("CWE-269", "CAPEC-480", "T1611"), foothold=True),
)
STORE = (
    Pattern(
        "T", "Data is changed past the application", _except(_NOT_READ_PAST, _always), ("authenticates", "authorises"), ("CWE-284", "CAPEC-1", "T1565.001")
    ),
    Pattern("T", "A forged message is put into the queue", _family("queue"), ("authenticates", "authorises", "peer_in"), ("CWE-345", "CAPEC-148", "T1565.002")),
    Pattern("T", "Log entries are forged by what is logged", _family("log"), ("validates",), ("CWE-117", "CAPEC-93")),
    Pattern("R", "Log entries are removed or changed", _family("log"), ("authorises", "backed_up"), ("CWE-284", "CAPEC-268", "T1070"), foothold=True),
    Pattern("R", "Nobody can tell who read or changed data", _handles(_SENSITIVE, _except({"log"}, _always)), ("logs",), ("CWE-778",)),
    Pattern("I", "Data is read from disk, snapshot or backup", _handles(2, _always), ("encrypts",), ("CWE-311", "CAPEC-37", "T1005"), foothold=True),
    Pattern(
        "I",
        "Rights are too wide, so that others read it",
        _handles(2, _except({"object"}, _always)),
        ("authenticates", "authorises"),
        ("CWE-732", "CAPEC-1", "T1213"),
    ),
    Pattern("I", "The bucket is open to everybody", _handles(2, _family("object")), ("authenticates", "authorises"), ("CWE-732", "CAPEC-1", "T1530")),
    Pattern(
        "D", "Data is deleted or encrypted for ransom", _except({"cache"}, _always), ("backed_up", "authorises"), ("CWE-284", "T1485", "T1486"), foothold=True
    ),
    Pattern("D", "It is filled or blocked by load", _must_stay_up, ("limits",), ("CWE-770", "CAPEC-130", "T1499")),
)
FLOW_TITLES = {"T": "Data is changed on the way", "I": "Data is read on the way", "D": "The connection is flooded or cut"}
FLOW_CONTROLS = {"T": ("channel", "peer"), "I": ("channel",), "D": ("target_limits",)}
FLOW_REFERENCES = {"T": ("CWE-924", "CAPEC-94", "T1557"), "I": ("CWE-319", "CAPEC-158", "T1040"), "D": ("CWE-770", "CAPEC-125", "T1498")}
PATTERNS = {"external": EXTERNAL, "process": PROCESS, "store": STORE}


def facts_of(control: str, system: System, one: Component) -> list[Fact]:
    """The facts behind a control's name: one of the component's own, or one for each flow or receiver that it concerns."""
    match control:
        case "peer_in":
            return [Fact("peer", flow.label, flow.authenticated) for flow in system.inbound(one.name) if flow.protocol != "local"]
        case "peer_out":
            return [Fact("peer", flow.label, flow.authenticated) for flow in system.outbound(one.name) if flow.protocol != "local"]
        case "receiver_logs":
            return [Fact("logs", other.name, other.logs) for other in _receivers(system, one)]
        case "receiver_authenticates":
            return [Fact("authenticates", other.name, other.authenticates) for other in _receivers(system, one)]
        case "vault":
            ends = {flow.target for flow in system.outbound(one.name)} | {flow.source for flow in system.inbound(one.name)}
            return [Fact("vault", one.name, any(system.family(end) == "secrets" for end in ends))]
        case _:
            return [Fact(control, one.name, bool(getattr(one, control)))]


def _receivers(system: System, one: Component) -> list[Component]:
    names = dict.fromkeys(flow.target for flow in system.outbound(one.name))
    return [system.components[name] for name in names if system.components[name].kind == "process"]


def flow_facts(control: str, system: System, flow: DataFlow) -> list[Fact]:
    """The same for a flow: "channel", "peer" or "target_limits"."""
    if control == "target_limits":
        target = system.components[flow.target]
        return [Fact("limits", target.name, target.limits)] if target.kind != "external" else []
    return [Fact(control, flow.label, flow.is_encrypted if control == "channel" else flow.authenticated)]


def flow_reason(letter: str, system: System, flow: DataFlow) -> str:
    """Why a flow's threat is plausible, "" when it is not: nothing flows inside one host that others could touch."""
    if flow.protocol == "local":
        return ""
    source, target = system.components[flow.source], system.components[flow.target]
    way = f"It goes from {source.zone} to {target.zone}." if system.crosses(flow) else f"It stays in {source.zone}."
    if letter == "I" and flow.data == "public" and not flow.authenticated:
        return ""
    if letter == "D":
        outside = min(system.trust(flow.source), system.trust(flow.target)) <= _OUTSIDE and target.kind != "external"
        return way if system.crosses(flow) and outside else ""
    return f"{way} Data: {flow.data}."
