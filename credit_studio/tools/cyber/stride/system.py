"""The system under study: components in zones, flows between them, and what follows from the drawing (exposure, crossings, reach)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.cyber.prose import check_known, check_name, check_text, check_unique
from credit_studio.tools.cyber.stride.technologies import Technology, recognise

Kind = Literal["external", "process", "store"]
DataClass = Literal["public", "internal", "confidential", "restricted"]
DATA_RANK = {"public": 1, "internal": 2, "confidential": 4, "restricted": 5}
"""Impact, 1 to 5, when data of this class is read."""
_DATA = (("public", "Public"), ("internal", "Internal"), ("confidential", "Confidential"), ("restricted", "Restricted"))
_IN_PLACE = "Controls in place"


@dataclass(frozen=True)
class TrustZone:
    """One zone; a trust boundary lies between any two."""

    name: Annotated[str, Len(1, 24)] = ui("Zone", "A part of the system that is trusted alike.", placeholder="Internet")
    trust: Annotated[int, Interval(ge=0, le=10)] = ui(
        "Trust", "0: anybody may be there. 3: reachable from outside. 6: own servers. 9: guarded most.", default=5
    )


@dataclass(frozen=True)
class Component:
    """One element of the data-flow diagram: who or what, where it stands, and which controls it has."""

    name: Annotated[str, Len(1, 24)] = ui("Component", "Its name in the diagram.", placeholder="Web shop")
    zone: Annotated[str, Len(1, 24)] = ui("Zone", "The name of one of the zones.", placeholder="Internet")
    kind: Kind = ui(
        "Kind",
        "External entity: a person or a system that you do not run. Process: code that you run. Data store: what keeps data, a queue too.",
        default="process",
        choices=(("external", "External entity"), ("process", "Process"), ("store", "Data store")),
    )
    technology: Annotated[str, Len(0, 60)] = ui("Technology", "What it is made of; advice follows it where it is known.", default="", placeholder="PostgreSQL")
    data: DataClass = ui("Data", "The most sensitive data that it holds or handles.", default="internal", choices=_DATA)
    critical: bool = ui("Critical", "The business stops while this is down.", default=False)
    authenticates: bool = ui("Sign-in", "It checks who calls, each time.", default=False, column_group=_IN_PLACE)
    authorises: bool = ui("Rights", "It checks what each caller may do with each object; least privilege.", default=False, column_group=_IN_PLACE)
    validates: bool = ui("Validates", "It checks every input against what is expected and binds parameters.", default=False, column_group=_IN_PLACE)
    encrypts: bool = ui("Encrypted", "Data at rest is encrypted, with keys kept elsewhere.", default=False, column_group=_IN_PLACE)
    logs: bool = ui("Logs", "Who did what and when is recorded where the doer cannot change it.", default=False, column_group=_IN_PLACE)
    limits: bool = ui("Limits", "Rates, sizes and times of requests are limited.", default=False, column_group=_IN_PLACE)
    backed_up: bool = ui("Backup", "Copies exist that the running system cannot delete, and restoring is tried.", default=False, column_group=_IN_PLACE)


Protocol = Literal["https", "http", "grpc", "websocket", "sql", "message", "ssh", "smtp", "ldap", "files", "dns", "local", "other"]
PROTOCOLS = (
    ("https", "HTTPS"),
    ("http", "HTTP"),
    ("grpc", "gRPC"),
    ("websocket", "WebSocket"),
    ("sql", "SQL"),
    ("message", "Messages (AMQP, Kafka)"),
    ("ssh", "SSH or SFTP"),
    ("smtp", "E-mail (SMTP)"),
    ("ldap", "LDAP"),
    ("files", "File share (SMB, NFS)"),
    ("dns", "DNS"),
    ("local", "Inside one host"),
    ("other", "Other"),
)
_ALWAYS_ENCRYPTED = {"https", "ssh"}


@dataclass(frozen=True)
class DataFlow:
    """One arrow of the data-flow diagram."""

    name: Annotated[str, Len(1, 24)] = ui("Flow", "What flows, in a word or two.", placeholder="Orders")
    source: Annotated[str, Len(1, 24)] = ui("From", "The name of a component: who starts it.", placeholder="Customer")
    target: Annotated[str, Len(1, 24)] = ui("To", "The name of a component.", placeholder="Web shop")
    protocol: Protocol = ui("Protocol", "HTTPS and SSH count as encrypted.", default="https", choices=PROTOCOLS)
    data: DataClass = ui("Data", "The most sensitive data that flows.", default="internal", choices=_DATA)
    encrypted: bool = ui("Encrypted", "On the way, by TLS or the like.", default=False)
    authenticated: bool = ui("Authenticated", "The receiver knows for certain who sends.", default=False)

    @property
    def label(self) -> str:
        """The name with both ends: "Orders, Customer to Web shop"."""
        return f"{self.name}, {self.source} to {self.target}"

    @property
    def is_encrypted(self) -> bool:
        """True by its own word or by its protocol."""
        return self.encrypted or self.protocol in _ALWAYS_ENCRYPTED


def hostility(trust: int) -> int:
    """How likely somebody hostile stands in a zone, 5 (trust 0 to 2), 4 (3 and 4), 3 (5 and 6), 2 (7 and 8), 1 (9 and 10)."""
    return min(5, 5 - (trust - 1) // 2) if trust else 5


@dataclass(frozen=True)
class Exposure:
    """1 to 5, and the zone and the number of flows that make it so (0: the component's own zone)."""

    level: int
    zone: str
    hops: int


class System:
    """Zones, components and flows with their questions answered; the drawing was checked before."""

    def __init__(self, zones: tuple[TrustZone, ...], components: tuple[Component, ...], flows: tuple[DataFlow, ...]) -> None:
        self.zones = {zone.name: zone for zone in zones}
        self.components = {one.name: one for one in components}
        self.flows = flows
        self.technologies: dict[str, Technology] = {one.name: recognise(one.technology) for one in components}

    @cached_property
    def _inbound(self) -> dict[str, list[DataFlow]]:
        found: dict[str, list[DataFlow]] = {name: [] for name in self.components}
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def _outbound(self) -> dict[str, list[DataFlow]]:
        found: dict[str, list[DataFlow]] = {name: [] for name in self.components}
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    def inbound(self, name: str) -> list[DataFlow]:
        """Flows that end here."""
        return self._inbound[name]

    def outbound(self, name: str) -> list[DataFlow]:
        """Flows that start here."""
        return self._outbound[name]

    def trust(self, name: str) -> int:
        """The trust of a component's zone."""
        return self.zones[self.components[name].zone].trust

    def crosses(self, flow: DataFlow) -> bool:
        """True when the ends stand in different zones."""
        return self.components[flow.source].zone != self.components[flow.target].zone

    def family(self, name: str) -> str:
        """The family of a component's technology, "" when it is not known."""
        return self.technologies[name].family

    @cached_property
    def exposures(self) -> dict[str, Exposure]:
        """Of each component: the hostility of its own zone, or of a zone that reaches it by flows, less one for each flow after the first."""
        found = {name: Exposure(hostility(self.trust(name)), one.zone, 0) for name, one in self.components.items()}
        # The largest first, so that each component is settled when it is taken and each flow is looked at once.
        by_level: list[list[str]] = [[] for _ in range(6)]
        for name, exposure in found.items():
            by_level[exposure.level].append(name)
        for level in range(5, 0, -1):
            for name in by_level[level]:
                if found[name].level != level:
                    continue
                here = found[name]
                passed = Exposure(level if here.hops == 0 else level - 1, here.zone, here.hops + 1)
                for flow in self.outbound(name):
                    if passed.level > found[flow.target].level:
                        found[flow.target] = passed
                        by_level[passed.level].append(flow.target)
        return found

    def reach(self, name: str) -> tuple[int, str]:
        """The worst data that a component holds or can reach in one flow, as impact 1 to 5, and where it is."""
        one = self.components[name]
        choices = [(DATA_RANK[one.data], name)]
        choices += [(DATA_RANK[self.components[flow.target].data], flow.target) for flow in self.outbound(name) if self.components[flow.target].kind == "store"]
        return max(choices, key=lambda choice: choice[0])


def check(zones: tuple[TrustZone, ...], components: tuple[Component, ...], flows: tuple[DataFlow, ...]) -> None:
    """Raise `InputError` on the first name that is blank, double, or refers to nothing."""
    for field, rows in (("zones", zones), ("components", components), ("flows", flows)):
        for place, row in enumerate(rows):
            check_name(f"{field}.{place}.name", row.name)
    check_unique("zones", (zone.name for zone in zones))
    check_unique("components", (one.name for one in components))
    zone_names, names = [zone.name for zone in zones], [one.name for one in components]
    for place, one in enumerate(components):
        check_known(f"components.{place}.zone", one.zone, zone_names, "zone")
        check_text(f"components.{place}.technology", one.technology)
    for place, column, name in _ends(flows):
        check_known(f"flows.{place}.{column}", name, names, "component")
    check_unique("flows", (flow.label for flow in flows))
    for place, flow in enumerate(flows):
        if flow.label in names:
            raise InputError(f"flows.{place}.name", f"{flow.label!r} is the name of a component. Name the flow in another way.")


def _ends(flows: tuple[DataFlow, ...]) -> Iterator[tuple[int, str, str]]:
    for place, flow in enumerate(flows):
        yield place, "source", flow.source
        yield place, "target", flow.target
