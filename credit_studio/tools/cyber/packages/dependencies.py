"""What a requirements file or a CycloneDX SBOM says is installed, and what of it cannot be checked, with the reason.

Only one exact version counts; nothing is guessed. Requirements are read as pip reads them (comments, continued lines, options of a
line), PEP 508 by `packaging`. Texts that are shown again hold printable characters only, and no password of an index or a URL.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from credit_studio.tools.base import InputError

_MOST_LINE = 1_000
_MOST_SHOWN = 80
_OPTION = re.compile(r"\s--(hash|global-option|config-settings|install-option)\b.*$", re.DOTALL)  # of one requirement
_COMMENT = re.compile(r"(^|\s+)#.*$")
_PLACE_OF_FILE = re.compile(r"://|^[./~]|\.(whl|zip|tar\.gz|tgz)$")
_OPTIONS = {
    "-r": "names another requirements file, which was not given",
    "-c": "names a constraints file, which was not given",
    "-e": "an editable install states no released version",
    "--hash": "a hash without a requirement",
}
_LONG_OPTIONS = {"--requirement": "-r", "--constraint": "-c", "--editable": "-e"}
_AN_OPTION = "an option of pip, not a package"


@dataclass(frozen=True)
class Skipped:
    """What was not checked, and why. `line` is None for a component of an SBOM."""

    where: str
    line: int | None
    text: str
    why: str


@dataclass(frozen=True)
class Ecosystem:
    """Components of an ecosystem that the snapshot does not cover."""

    name: str
    components: int


@dataclass(frozen=True)
class Pinned:
    """One package in one exact version; `name` as PEP 503 has it."""

    name: str
    version: Version
    where: str


def read_requirements(text: str) -> Iterator[Pinned | Skipped]:
    """Every requirement of a requirements file."""
    for line, body in _logical_lines(text):
        yield _requirement(line, body)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined at a trailing backslash, without comments, with the number of their first line; as pip reads them."""
    parts: list[str] = []
    first = 0
    for number, raw in enumerate([*text.removeprefix("\ufeff").splitlines(), ""], start=1):
        first = first if parts else number
        body = _COMMENT.sub("", raw)
        if body.endswith("\\"):
            parts.append(body[:-1])
            continue
        joined = "".join([*parts, body]).strip()
        parts = []
        if joined:
            yield first, joined


def _requirement(line: int, body: str) -> Pinned | Skipped:
    if body.startswith("-"):
        option = re.split(r"[\s=]", body, maxsplit=1)[0]
        # Only its name is repeated: index URLs carry passwords.
        return _skipped(line, option, _option_reason(option))
    body = _OPTION.sub("", body).strip()
    if len(body) > _MOST_LINE:
        return _skipped(line, body, f"longer than {_MOST_LINE:,} characters")
    try:
        requirement = Requirement(body)
    except (InvalidRequirement, RecursionError):
        is_place = _PLACE_OF_FILE.search(body) is not None
        return _skipped(line, body, "a URL or a path states no released version" if is_place else "not a requirement as PEP 508 has it")
    if requirement.url is not None:
        return _skipped(line, requirement.name, "a URL or a path states no released version")
    return _pinned(line, body, requirement)


def _option_reason(option: str) -> str:
    short = _LONG_OPTIONS.get(option, option)
    return _OPTIONS.get(short, _OPTIONS.get(short[:2], _AN_OPTION) if not short.startswith("--") else _AN_OPTION)


def _pinned(line: int, body: str, requirement: Requirement) -> Pinned | Skipped:
    pins = {one.version for one in requirement.specifier if one.operator in {"==", "==="} and not one.version.endswith(".*")}
    if not pins:
        return _skipped(line, body, "a range, not one version: pin it with ==" if requirement.specifier else "no version: pin it with ==")
    try:
        version = Version(next(iter(pins)))
        agrees = len(pins) == 1 and requirement.specifier.contains(version, prereleases=True)
    except ValueError:
        return _skipped(line, body, "its version is not one that PEP 440 can order")
    return (
        Pinned(canonicalize_name(requirement.name), version, f"line {line}") if agrees else _skipped(line, body, "its version conditions contradict each other")
    )


def _skipped(line: int, text: str, why: str) -> Skipped:
    return Skipped(f"line {line}", line, shown(re.sub(r"//[^/@\s]*@", "//…@", text)), why)


def shown(text: object) -> str:
    """At most 80 printable characters of what a person gave."""
    cut = str(text)[: _MOST_SHOWN + 1]
    plain = "".join(one if one.isprintable() else "\ufffd" for one in cut)
    return plain if len(plain) <= _MOST_SHOWN else plain[: _MOST_SHOWN - 1] + "…"


def read_sbom(text: str) -> Iterator[Pinned | Skipped | Ecosystem]:
    """Every component of a CycloneDX SBOM; raises `InputError` on "dependencies" for what is none."""
    for number, component in enumerate(_components(_sbom(text)), start=1):
        yield _component(f"component {number}", component)


def _sbom(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise InputError("dependencies", f"Is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise InputError("dependencies", "Is not JSON that can be read: nested too deeply, or a number of thousands of digits.") from None
    if not isinstance(document, dict) or cast("dict[str, Any]", document).get("bomFormat") != "CycloneDX":
        raise InputError("dependencies", 'Is not a CycloneDX SBOM: it must be an object with "bomFormat": "CycloneDX".')
    return cast("dict[str, Any]", document)


def _components(bom: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All components, those inside components too, in the order of the document."""
    waiting: list[Any] = [bom.get("components", [])]
    while waiting:
        node: Any = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(cast("list[Any]", node)))
        elif isinstance(node, dict):
            component = cast("dict[str, Any]", node)
            yield component
            waiting.append(component.get("components", []))
        else:
            raise InputError("dependencies", "Is not a CycloneDX SBOM: its components must be a list of objects.")


def _component(where: str, component: dict[str, Any]) -> Pinned | Skipped | Ecosystem:
    name = shown(component.get("name") or "")
    purl = component.get("purl")
    if not purl:
        return Skipped(where, None, name, "no package URL (purl), so its ecosystem is not stated")
    try:
        package = PackageURL.from_string(str(purl))
    except ValueError:
        return Skipped(where, None, shown(purl), "its package URL cannot be read")
    if package.type != "pypi":
        return Ecosystem(shown(package.type), 1)
    if not package.version:
        return Skipped(where, None, shown(purl), "no version")
    try:
        return Pinned(canonicalize_name(package.name), Version(package.version), where)
    except ValueError:
        return Skipped(where, None, shown(purl), "its version is not one that PEP 440 can order")
