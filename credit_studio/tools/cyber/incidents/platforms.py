"""What is collected and done on each platform, read from `platforms.toml`."""

import functools
import tomllib
from pathlib import Path
from typing import Any

PLATFORMS = (
    ("windows", "Windows"),
    ("linux", "Linux"),
    ("directory", "Active Directory"),
    ("m365", "Microsoft 365, Entra ID"),
    ("google", "Google Workspace"),
    ("aws", "AWS"),
    ("azure", "Azure"),
    ("gcp", "Google Cloud"),
    ("kubernetes", "Kubernetes"),
    ("database", "Database (PostgreSQL)"),
    ("web", "Web server"),
    ("network", "Firewall, VPN, network"),
    ("saas", "Other cloud service"),
    ("other", "Other"),
)
VOLATILITY = (
    ("memory", "Memory"),
    ("network", "Network state"),
    ("processes", "Processes and sessions"),
    ("disk", "Disk and configuration"),
    ("logs", "Logs and monitoring"),
    ("backups", "Backups"),
)
"""The order of volatility of RFC 3227 (section 2.1): what is lost first is taken first."""


@functools.cache
def _platforms() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("platforms.toml").read_text(encoding="utf-8"))


def label(platform: str) -> str:
    """What the platform is called."""
    return _platforms()[platform]["label"]


def evidence(platform: str) -> list[tuple[str, str]]:
    """(tier of volatility, what to take) for a platform, the most volatile first."""
    held: dict[str, str] = _platforms()[platform]["evidence"] | {"backups": "copies from before the incident, untouched"}
    return [(name, held[tier]) for tier, name in VOLATILITY if tier in held]


def commands(platform: str, kind: str) -> list[tuple[str, str, str]]:
    """(section, what it is for, command) for a platform and a kind of incident."""
    held = _platforms()[platform]
    sections = (("Collect", held["collect"]), ("Look", held.get("check", {}).get(kind, [])), ("Contain", held["contain"]))
    return [(section, what, command) for section, listed in sections for what, command in listed]


def platform_steps(platform: str, kind: str, names: str) -> list[tuple[str, str]]:
    """(phase, step) for the systems of a platform: what to look for in this kind of incident, and how to contain it there."""
    label_and_names = names if names == label(platform) else f"{names} ({label(platform)})"
    found = [("detect", f"On {label_and_names}, look for: {what[0].lower() + what[1:]}.") for section, what, _ in commands(platform, kind) if section == "Look"]
    hold = [what[0].lower() + what[1:] for section, what, _ in commands(platform, kind) if section == "Contain"]
    if hold:
        found.append(("contain", f"On {label_and_names}, once evidence is taken: {'; '.join(hold)}. The commands are in {filename(platform)}."))
    return found


def filename(platform: str) -> str:
    """The file that a platform's commands go into."""
    return f"commands-{platform}.txt"


def script(platform: str, kind: str, systems: list[str]) -> str:
    """The commands as text, each under a comment; "" when there are none. To be read and adapted, not to be run as a whole."""
    listed = commands(platform, kind)
    if not listed:
        return ""
    mark = _platforms()[platform]["comment"]
    lines = [
        f"{mark} {label(platform)}: {', '.join(systems)}",
        f"{mark} Replace what stands in angle brackets. Run line by line, and write down time and result.",
    ]
    if any("evidence/" in command or "evidence\\" in command for _, _, command in listed):
        lines.append(f"{mark} The folder named evidence stands for a drive of the responder, never for one of this system.")
    for number, (section, what, command) in enumerate(listed, start=1):
        lines += ["", f"{mark} {number}. {section}: {what}", command]
    return "\n".join(lines) + "\n"
