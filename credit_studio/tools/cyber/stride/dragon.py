"""The model as a file of OWASP Threat Dragon, version 2: the same diagram with zones as boundary boxes and every threat on its element."""

import uuid
from collections import defaultdict
from typing import Any

from credit_studio.tools.blocks import Diagram
from credit_studio.tools.cyber.stride.rating import Rated
from credit_studio.tools.cyber.stride.system import PROTOCOLS, Component, DataFlow, System
from credit_studio.tools.cyber.stride.threats import STRIDE

_FORMAT = "2.3.0"
_WIDE, _HIGH, _GAP_X, _GAP_Y, _PAD = 160, 80, 120, 50, 50
_SHAPES = {"external": ("actor", "tm.Actor"), "process": ("process", "tm.Process"), "store": ("store", "tm.Store")}
_STATUS = {"mitigated": "Mitigated", "partly": "Open", "open": "Open"}
_Cell = dict[str, Any]


def model(title: str, system: System, threats: list[Rated], fixes: dict[int, str], picture: Diagram) -> dict[str, Any]:
    """The file's content; `fixes` is the mitigation of each threat by its number, `picture` gives the places. The same input gives the same ids."""
    by_element: dict[str, list[_Cell]] = defaultdict(list)
    for threat in threats:
        by_element[threat.element].append(_threat(title, threat, fixes[threat.number]))
    places = {node.id: (_PAD + node.column * (_WIDE + _GAP_X), _PAD + round(node.row * (_HIGH + _GAP_Y))) for node in picture.nodes}
    cells = [_boundary(title, zone.label, [places[name] for name in zone.nodes], number) for number, zone in enumerate(picture.zones)]
    cells += [_component(title, system, one, places[one.name], by_element[one.name]) for one in system.components.values()]
    cells += [_flow(title, system, flow, by_element[flow.label]) for flow in system.flows]
    diagram: _Cell = {"id": 0, "title": title, "diagramType": "STRIDE", "placeholder": "", "description": "", "version": _FORMAT, "cells": cells}
    diagram["thumbnail"] = "./public/content/images/thumbnail.stride.jpg"
    summary = {"title": title, "owner": "", "description": "", "id": 0}
    detail = {"contributors": [], "diagrams": [diagram], "diagramTop": 1, "reviewer": "", "threatTop": len(threats)}
    return {"version": _FORMAT, "summary": summary, "detail": detail}


def _id(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(parts)))


def _threat(title: str, threat: Rated, fix: str) -> _Cell:
    return {
        "id": _id(title, "threat", str(threat.number)),
        "number": threat.number,
        "title": threat.title,
        "type": STRIDE[threat.letter],
        "modelType": "STRIDE",
        "status": _STATUS[threat.status],
        "severity": threat.severity.title(),
        "score": str(threat.score),
        "description": f"{threat.reason} {threat.basis}",
        "mitigation": fix,
    }


def _data(kind: str, name: str, description: str, threats: list[_Cell]) -> _Cell:
    return {
        "type": kind,
        "name": name,
        "description": description,
        "outOfScope": False,
        "reasonOutOfScope": "",
        "isTrustBoundary": False,
        "hasOpenThreats": any(one["status"] == "Open" for one in threats),
        "threats": threats,
    }


def _stroke(threats: list[_Cell]) -> _Cell:
    is_open = any(one["status"] == "Open" for one in threats)
    return {"stroke": "red" if is_open else "#333333", "strokeWidth": 2.5 if is_open else 1.5, "strokeDasharray": None}


def _component(title: str, system: System, one: Component, place: tuple[int, int], threats: list[_Cell]) -> _Cell:
    shape, kind = _SHAPES[one.kind]
    special = {
        "external": {"providesAuthentication": any(flow.authenticated for flow in system.outbound(one.name))},
        "process": {"isWebApplication": system.family(one.name) == "web", "privilegeLevel": ""},
        "store": {
            "isALog": system.family(one.name) == "log",
            "storesCredentials": system.family(one.name) == "secrets",
            "isEncrypted": one.encrypts,
            "isSigned": False,
        },
    }[one.kind]
    line = _stroke(threats)
    drawn: _Cell = {"topLine": line, "bottomLine": line} if one.kind == "store" else {"body": line}
    return {
        "id": _id(title, "component", one.name),
        "shape": shape,
        "zIndex": 1,
        "position": {"x": place[0], "y": place[1]},
        "size": {"width": _WIDE, "height": _HIGH},
        "attrs": {"text": {"text": one.name}, **drawn},
        "data": _data(kind, one.name, one.technology, threats) | special,
    }


def _flow(title: str, system: System, flow: DataFlow, threats: list[_Cell]) -> _Cell:
    public = min(system.trust(flow.source), system.trust(flow.target)) <= 2  # noqa: PLR2004 - anybody may be there
    special = {"protocol": dict(PROTOCOLS)[flow.protocol], "isEncrypted": flow.is_encrypted, "isPublicNetwork": public, "isBidirectional": False}
    return {
        "id": _id(title, "flow", flow.label),
        "shape": "flow",
        "zIndex": 10,
        "connector": "smooth",
        "width": 200,
        "height": 100,
        "attrs": {"line": _stroke(threats) | {"targetMarker": {"name": "classic"}, "sourceMarker": {"name": ""}}},
        "labels": [{"position": 0.5, "attrs": {"label": {"text": flow.name}}}],
        "source": {"cell": _id(title, "component", flow.source)},
        "target": {"cell": _id(title, "component", flow.target)},
        "vertices": [],
        "data": _data("tm.Flow", flow.name, "", threats) | special,
    }


def _boundary(title: str, name: str, places: list[tuple[int, int]], number: int) -> _Cell:
    left, top = min(x for x, _ in places) - 30, min(y for _, y in places) - 35
    right, bottom = max(x for x, _ in places) + _WIDE + 30, max(y for _, y in places) + _HIGH + 20
    return {
        "id": _id(title, "zone", name),
        "shape": "trust-boundary-box",
        "zIndex": -1 - number,
        "position": {"x": left, "y": top},
        "size": {"width": right - left, "height": bottom - top},
        "attrs": {"label": {"text": name}},
        "data": {"type": "tm.BoundaryBox", "name": name, "description": "", "isTrustBoundary": True, "hasOpenThreats": False},
    }
