"""Findings as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code hosts and editors read it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from credit_studio.tools.dev.scanning.issue import Issue
from credit_studio.tools.dev.scanning.sources import Skipped

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0"}
"""The middle of what GitHub code scanning calls critical (over 9.0), high (7.0 to 8.9), medium (4.0 to 6.9) and low."""

Plain = dict[str, Any]


def report(issues: Iterable[Issue], skipped: Iterable[Skipped], version: str) -> str:
    """The log as JSON text; the same findings give the same text."""
    listed = list(issues)
    firsts = {issue.rule: issue for issue in reversed(listed)}
    order = {rule: number for number, rule in enumerate(sorted(firsts))}
    driver = {
        "name": "Credit Studio Scanner",
        "fullName": "Credit Studio Security Scanner",
        "semanticVersion": version,
        "rules": [_rule(firsts[rule]) for rule in order],
    }
    notes = [{"level": "note", "message": {"text": f"{one.path}: {one.why}."}} for one in skipped]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": [_result(issue, order[issue.rule]) for issue in listed],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False)


def _rule(issue: Issue) -> Plain:
    rule: Plain = {"id": issue.rule, "shortDescription": {"text": f"{issue.title}."}, "help": {"text": issue.fix}}
    tags = ["security"]
    if issue.cwe:
        rule["helpUri"] = f"https://cwe.mitre.org/data/definitions/{issue.cwe}.html"
        tags.append(f"external/cwe/cwe-{issue.cwe:03d}")
    return rule | {"properties": {"tags": tags, "precision": issue.confidence, "security-severity": _SECURITY_SEVERITY[issue.severity]}}


def _result(issue: Issue, number: int) -> Plain:
    region: Plain = {"startLine": issue.line, "startColumn": issue.column}
    if issue.code:
        region["snippet"] = {"text": issue.code}
    place = {"artifactLocation": {"uri": quote(issue.path), "uriBaseId": "%SRCROOT%"}, "region": region}
    return {
        "ruleId": issue.rule,
        "ruleIndex": number,
        "level": _LEVELS[issue.severity],
        "message": {"text": f"{issue.title}. {issue.fix}"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(issue)},
    }


def _fingerprint(issue: Issue) -> str:
    """The same for the same weakness in the same text of a file, wherever its line has moved."""
    return hashlib.sha256(f"{issue.rule}\0{issue.path}\0{issue.code}".encode()).hexdigest()[:32]
