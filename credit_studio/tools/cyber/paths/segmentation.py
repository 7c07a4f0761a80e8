"""What a reviewer of the zones would note: zones skipped, flat zones, unfiltered crossings, thin defence."""

from collections.abc import Iterator
from dataclasses import dataclass

from credit_studio.tools.cyber.paths.graphs import Way
from credit_studio.tools.cyber.paths.network import Connection, Network
from credit_studio.tools.cyber.prose import count, said

_OUTSIDE = 2  # zones trusted at most so much: anybody may be there
_SKIPS = 4  # a jump of so much trust, with a zone between, leaves that zone out
_FAR = 5  # a jump of so much trust leaves nothing between
_THIN = 2  # fewer layers than these are no depth


@dataclass(frozen=True)
class Remark:
    """severity: "critical", "high", "medium", "low" or "info"; `where` names the place."""

    severity: str
    title: str
    where: str
    detail: str
    fix: str


def remarks(network: Network, found: list[Way]) -> list[Remark]:
    """Everything worth a remark, worst first."""
    told = [*_flat(network), *_exposed_jewels(network), *_connections(network), *_bare_jewels(network), *_thin(network, found)]
    order = ("critical", "high", "medium", "low", "info")
    return sorted(told, key=lambda one: order.index(one.severity))


def _flat(network: Network) -> Iterator[Remark]:
    for zone in network.zones.values():
        inside = [one for one in network.components.values() if one.zone == zone.name]
        entries, jewels = [one.name for one in inside if one.exposed], [one.name for one in inside if one.jewel and not one.exposed]
        if zone.open_inside and entries and jewels:
            yield Remark(
                "critical",
                "A crown jewel stands in one open zone with an entry point",
                zone.name,
                f"Whoever takes {said(entries[:3])} reaches {said(jewels[:3])} without meeting a filter.",
                "Move what is worth most into a zone of its own, and let only the services that need it in.",
            )
        elif zone.open_inside and jewels and len(inside) > len(jewels) + 1:
            others = len(inside) - len(jewels)
            yield Remark(
                "medium",
                "A crown jewel shares an open zone with others",
                zone.name,
                f"{count(others, 'other component')} can reach {said(jewels[:3])} without a filter between.",
                "Filter between neighbours (host firewalls, micro-segmentation), or give the jewel a zone of its own.",
            )


def _exposed_jewels(network: Network) -> Iterator[Remark]:
    for one in network.jewels:
        if one.exposed:
            yield Remark(
                "critical",
                "A crown jewel is exposed to outsiders",
                one.name,
                "One step takes it: no other control stands between an outsider and what is worth most.",
                "Put a proxy or a service in front, in a zone of less trust, and let outsiders reach only that.",
            )


def _connections(network: Network) -> Iterator[Remark]:
    for one in network.connections.values():
        low, high = sorted((network.components[one.source].zone, network.components[one.target].zone), key=lambda name: network.zones[name].trust)
        if low != high:
            yield from _crossing(network, one)


def _crossing(network: Network, one: Connection) -> Iterator[Remark]:
    down, up = network.trust(one.source), network.trust(one.target)
    between = sorted((zone for zone in network.zones.values() if down < zone.trust < up), key=lambda zone: -zone.trust)
    if between and up - down >= _SKIPS:
        yield Remark(
            "high" if up - down >= _FAR else "medium",
            "A connection skips zones",
            one.name,
            f"From {one.source} (trust {down}) to {one.target} (trust {up}) it passes by {said([zone.name for zone in between[:3]])}.",
            f"End it in {between[0].name}: a service there takes the request, checks it, and asks on.",
        )
    if not one.filtered:
        yield Remark(
            "high" if abs(up - down) >= _FAR else "medium",
            "A connection between zones is not filtered",
            one.name,
            f"Everything that {one.source} can send reaches {one.target}.",
            "Allow only the ports and the direction that are needed, and log what is refused.",
        )
    if one.two_way:
        yield Remark(
            "medium",
            "A connection between zones can be opened from both ends",
            one.name,
            f"Whoever takes {one.target} gets back to {one.source}, and the other way round.",
            "Let only one side open it; the other side answers.",
        )
    if network.components[one.source].jewel and up <= _OUTSIDE:
        yield Remark(
            "medium",
            "A crown jewel opens connections to the outside",
            one.name,
            f"What is taken from {one.source} can be sent straight to {one.target}.",
            "Send through a proxy with a list of allowed destinations, and alert on volume.",
        )


def _bare_jewels(network: Network) -> Iterator[Remark]:
    for one in network.jewels:
        if not network.controls_on(one.name, in_place=True):
            yield Remark(
                "high",
                "A crown jewel has no control of its own",
                one.name,
                "Whatever reaches it meets only its hardening.",
                "Add what works at the place itself: strong sign-in, least privilege, encryption with separate keys, an audit log that is watched.",
            )


def _thin(network: Network, found: list[Way]) -> Iterator[Remark]:
    best: dict[str, Way] = {}
    for way in found:
        controls, layers = network.depth(way.places)
        if layers < _THIN:
            best.setdefault(way.jewel, way)
    for jewel, way in best.items():
        controls, layers = network.depth(way.places)
        through = " > ".join(place for place in way.places if place in network.components)
        yield Remark(
            "high" if not layers else "medium",
            "A way to a crown jewel has no depth of defence",
            jewel,
            f"{through}: {count(controls, 'control')} in place, {count(layers, 'layer')}.",
            "Let every way meet controls of at least two layers, so that one failure is not enough.",
        )
