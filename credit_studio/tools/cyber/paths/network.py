"""The architecture: zones, components, connections and controls, and the graph of places that an attacker passes.

A place is a component, a connection or the inside of a zone. An attacker who holds a component goes over its connections, and to its neighbours when
the zone is open inside; a component is taken with the chance that its hardening says, and every control in place stops its share of attempts.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.cyber.prose import check_known, check_name, check_text, check_unique

EASE = {"hardened": 0.1, "solid": 0.25, "average": 0.5, "weak": 0.75, "open": 0.95}
"""Chance that an attacker who reaches a component takes it, before controls."""
_EASES = (
    ("hardened", "Hardened (10 %)"),
    ("solid", "Solid (25 %)"),
    ("average", "Average (50 %)"),
    ("weak", "Weak (75 %)"),
    ("open", "Open (95 %)"),
)
LAYERS = (("network", "Network"), ("identity", "Identity"), ("host", "Host"), ("application", "Application"), ("data", "Data"))
ATTACKER = ""
"""The place where every way begins: outside."""

Name = Annotated[str, Len(1, 40)]


@dataclass(frozen=True)
class NetworkZone:
    """One zone of the network."""

    name: Name = ui("Zone", "A segment of the network.", placeholder="DMZ")
    trust: Annotated[int, Interval(ge=0, le=10)] = ui("Trust", "0: the Internet. 3: reachable from there. 6: own servers. 9: guarded most.", default=5)
    open_inside: bool = ui("Open inside", "What stands in it can reach all else in it: no filter between neighbours.", default=True)


@dataclass(frozen=True)
class NetworkComponent:
    """One system: where it stands, what it is worth, and how hard it is to take."""

    name: Name = ui("Component", "A server, a service, a device, an account.", placeholder="Web server")
    zone: Name = ui("Zone", "The name of one of the zones.", placeholder="DMZ")
    exposed: bool = ui("Exposed", "Outsiders can reach it: an entry point.", default=False)
    jewel: bool = ui("Crown jewel", "What an attacker wants most.", default=False)
    value: Annotated[int, Interval(ge=1, le=10)] = ui("Value", "1 to 10: how much its loss would hurt.", default=3)
    ease: Literal["hardened", "solid", "average", "weak", "open"] = ui(
        "Hardening", "The chance that an attacker who reaches it takes it, before the controls below.", default="average", choices=_EASES
    )


@dataclass(frozen=True)
class Connection:
    """An allowed way from one component to another."""

    name: Name = ui("Connection", "A name of its own; controls refer to it.", placeholder="Shop to orders")
    source: Name = ui("From", "The component that opens it.", placeholder="Web server")
    target: Name = ui("To", "The component that it leads to.", placeholder="Order service")
    filtered: bool = ui("Filtered", "A rule lets through only what is needed.", default=True)
    two_way: bool = ui("Both ways", "It can be opened from either end.", default=False)


@dataclass(frozen=True)
class SecurityControl:
    """Something that stops attempts at one place, in place already or to be bought."""

    name: Annotated[str, Len(1, 60)] = ui("Control", "What it is.", placeholder="Web application firewall")
    on: Name = ui("On", "The name of a component, of a connection, or of a zone (then it hinders moves inside the zone).", placeholder="Web server")
    layer: Literal["network", "identity", "host", "application", "data"] = ui(
        "Layer", "Where it works; depth counts layers.", default="network", choices=LAYERS
    )
    effectiveness: Annotated[int, Interval(ge=1, le=100)] = ui("Stops", "Of 100 attempts, so many are stopped.", unit="%", default=80)
    cost: Annotated[float, Interval(ge=0, le=1_000_000_000)] = ui(
        "Cost a year", "In the currency below; for what is in place it plays no part.", default=10_000.0
    )
    in_place: bool = ui("In place", "It works today. Off: it could be bought.", default=False)

    @property
    def label(self) -> str:
        """Say what it is and where: "EDR on Web server"."""
        return f"{self.name} on {self.on}"

    @property
    def passing(self) -> float:
        """The share of attempts that it does not stop."""
        return 1 - self.effectiveness / 100


class Network:
    """The places and what leads from each to each; built from rows that `check` let through."""

    def __init__(
        self,
        zones: tuple[NetworkZone, ...],
        components: tuple[NetworkComponent, ...],
        connections: tuple[Connection, ...],
        controls: tuple[SecurityControl, ...],
    ) -> None:
        self.zones = {one.name: one for one in zones}
        self.components = {one.name: one for one in components}
        self.connections = {one.name: one for one in connections}
        self.controls = controls
        self.ahead: dict[str, list[str]] = {ATTACKER: [one.name for one in components if one.exposed]}
        self.ahead |= {name: [] for name in (*self.components, *self.connections, *self.zones)}
        self._connect()

    def _connect(self) -> None:
        for one in self.connections.values():
            for source, target in ((one.source, one.target), (one.target, one.source))[: 2 if one.two_way else 1]:
                self.ahead[source].append(one.name)
                if target not in self.ahead[one.name]:
                    self.ahead[one.name].append(target)
        for zone in self.zones.values():
            inside = [one.name for one in self.components.values() if one.zone == zone.name]
            if zone.open_inside and len(inside) > 1:
                self.ahead[zone.name] = inside
                for name in inside:
                    self.ahead[name].append(zone.name)

    @property
    def jewels(self) -> list[NetworkComponent]:
        """The crown jewels."""
        return [one for one in self.components.values() if one.jewel]

    @property
    def entries(self) -> list[NetworkComponent]:
        """The components that outsiders can reach."""
        return [one for one in self.components.values() if one.exposed]

    def trust(self, component: str) -> int:
        """The trust of a component's zone."""
        return self.zones[self.components[component].zone].trust

    def controls_on(self, place: str, *, in_place: bool) -> list[SecurityControl]:
        """The controls on a place that are there, or that could be."""
        return [one for one in self.controls if one.on == place and one.in_place == in_place]

    def bare(self, place: str) -> float:
        """The chance to pass a place without any control."""
        return EASE[self.components[place].ease] if place in self.components else 1.0

    def passing(self, place: str) -> float:
        """The chance to pass a place with the controls that are in place."""
        return self.bare(place) * math.prod(one.passing for one in self.controls_on(place, in_place=True))

    def depth(self, places: Iterable[str]) -> tuple[int, int]:
        """How many controls in place stand on these places, and of how many layers."""
        met = [one for place in places for one in self.controls_on(place, in_place=True)]
        return len(met), len({one.layer for one in met})


def check(
    zones: tuple[NetworkZone, ...], components: tuple[NetworkComponent, ...], connections: tuple[Connection, ...], controls: tuple[SecurityControl, ...]
) -> None:
    """Raise `InputError` on the first name that is blank, double or refers to nothing, and when there is no way in or nothing to protect."""
    for field, rows in (("zones", zones), ("components", components), ("connections", connections), ("controls", controls)):
        for place, row in enumerate(rows):
            check_name(f"{field}.{place}.name", row.name)
    names = [one.name for one in components]
    _check_places(zones, components, connections)
    for place, one in enumerate(components):
        check_known(f"components.{place}.zone", one.zone, (zone.name for zone in zones), "zone")
    for place, one in enumerate(connections):
        check_known(f"connections.{place}.source", one.source, names, "component")
        check_known(f"connections.{place}.target", one.target, names, "component")
        if one.source == one.target:
            raise InputError(f"connections.{place}.target", "Leads from a component to itself. Choose another one.")
    _check_controls(controls, [*names, *(one.name for one in connections), *(zone.name for zone in zones)])
    if not any(one.exposed for one in components):
        raise InputError("components", "No component is exposed. Switch it on for what outsiders can reach: there every attack begins.")
    if not any(one.jewel for one in components):
        raise InputError("components", "No component is a crown jewel. Switch it on for what an attacker wants most.")


def _check_places(zones: tuple[NetworkZone, ...], components: tuple[NetworkComponent, ...], connections: tuple[Connection, ...]) -> None:
    """Controls refer to places by name, so that a name stands for one place only."""
    taken: set[str] = set()
    for field, rows in (("zones", zones), ("components", components), ("connections", connections)):
        check_unique(field, (row.name for row in rows))
        for place, row in enumerate(rows):
            if row.name.casefold() in taken:
                raise InputError(f"{field}.{place}.name", f"{row.name!r} is the name of something else already. Give it a name of its own.")
        taken |= {row.name.casefold() for row in rows}


def _check_controls(controls: tuple[SecurityControl, ...], places: list[str]) -> None:
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(controls):
        check_text(f"controls.{place}.on", one.on)
        check_known(f"controls.{place}.on", one.on, places, "component, connection or zone")
        key = (one.name.casefold(), one.on)
        if key in seen:
            raise InputError(f"controls.{place}.name", f"{one.label!r} stands twice. Remove one, or name them apart.")
        seen.add(key)
