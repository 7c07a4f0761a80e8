import csv
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_studio.tools.cyber.controls import matching
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS, by_id, controls, domain_name, topics
from credit_studio.tools.cyber.controls.relations import about, others, related, relation, shares

OF_THE_STANDARD = {
    "iso27001": {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34},
    "soc2": {"CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2},
    "cis8": dict(zip(map(str, range(1, 19)), (5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5), strict=True)),
    "pci4": dict(zip(map(str, range(1, 13)), (5, 3, 7, 2, 4, 5, 3, 6, 5, 7, 6, 10), strict=True)),
    "gdpr": {"II": 6, "III": 11, "IV": 16, "V": 6},
}
"""How many controls each domain has in the published edition (for the GDPR: the articles with duties for controllers and processors)."""

FUNCTIONS_OF_CSF = {"GV": 31, "ID": 21, "PR": 22, "DE": 11, "RS": 13, "RC": 8}


@pytest.mark.parametrize("framework", sorted(OF_THE_STANDARD))
def test_every_domain_has_as_many_controls_as_the_standard(framework: str) -> None:
    assert Counter(control.domain for control in controls(framework)) == OF_THE_STANDARD[framework]


def test_the_csf_has_its_106_subcategories_in_22_categories() -> None:
    assert Counter(control.id[:2] for control in controls("csf2")) == FUNCTIONS_OF_CSF
    assert len({control.domain for control in controls("csf2")}) == 22


def test_implementation_groups_of_cis_grow_to_56_130_and_153() -> None:
    groups = Counter(control.group for control in controls("cis8"))
    assert (groups[1], groups[1] + groups[2], sum(groups.values())) == (56, 130, 153)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_ids_and_titles_stand_once_and_every_domain_has_a_name(framework: str) -> None:
    known = controls(framework)
    assert len({control.id for control in known}) == len({control.title for control in known}) == len(known)
    assert all(domain_name(framework, control.domain) for control in known)
    assert all(3 < len(control.title) < 90 for control in known)
    assert all(len(set(control.topics)) == len(control.topics) >= 1 for control in known)


def test_every_topic_is_used_and_says_what_to_do() -> None:
    used = {topic.key for framework in FRAMEWORKS for control in controls(framework) for topic in control.topics}
    assert used == set(topics())
    assert all(topic.action and topic.proof and topic.words and 1 <= topic.weight <= 3 and 1 <= topic.effort <= 3 for topic in topics().values())


@pytest.mark.parametrize(
    ("framework", "control", "other", "expected"),
    [
        ("iso27001", "A.8.13", "csf2", {"PR.DS-11": "equal"}),
        ("iso27001", "A.8.13", "cis8", {"11.2": "covers", "11.5": "covers"}),
        ("iso27001", "A.5.7", "csf2", {"ID.RA-02": "equal"}),
        ("iso27001", "A.8.17", "pci4", {"10.6": "equal"}),
        ("iso27001", "A.6.3", "csf2", {"PR.AT-01": "covers", "PR.AT-02": "covers"}),
        ("iso27001", "A.8.5", "pci4", {"8.3": "covers", "8.4": "covers"}),
        ("soc2", "CC8.1", "iso27001", {"A.8.32": "covers"}),
        ("pci4", "11.4", "cis8", {"18.1": "equal"}),
        ("gdpr", "Art. 33", "csf2", {"RS.CO-02": "overlaps"}),
        ("cis8", "6.3", "pci4", {"8.4": "equal"}),
        ("iso27001", "A.5.19", "soc2", {"CC9.2": "within"}),
    ],
)
def test_well_known_counterparts_are_related(framework: str, control: str, other: str, expected: dict[str, str]) -> None:
    found = {one.id: how for one, how in related(by_id(framework)[control], other)}
    assert expected.items() <= found.items()


def test_relations_are_symmetrical_and_closest_first() -> None:
    mirrored = {"equal": "equal", "covers": "within", "within": "covers", "overlaps": "overlaps", "": ""}
    for one in controls("iso27001"):
        for other in controls("csf2"):
            assert relation(other, one) == mirrored[relation(one, other)]
        ranks = [("equal", "covers", "within", "overlaps").index(how) for _, how in related(one, "cis8")]
        assert ranks == sorted(ranks)


def test_shares_are_of_a_controls_own_topics() -> None:
    found = {control.id: share for control, share in shares(["auth", "mfa"], "iso27001")}
    assert found["A.5.17"] == 1
    assert found["A.8.5"] == pytest.approx(2 / 3)
    assert found["A.7.1"] == 0
    assert [control.id for control in about(["poi"], "pci4")] == ["9.5"]
    assert set(others("gdpr")) == set(FRAMEWORKS) - {"gdpr"}


@pytest.mark.parametrize(
    ("framework", "text", "ids"),
    [
        ("iso27001", "A.5.15, A.5.18", ["A.5.15", "A.5.18"]),
        ("iso27001", "5.15 / 8.2 access rules", ["A.5.15", "A.8.2"]),
        ("iso27001", "ISO 27001 A5.1", ["A.5.1"]),
        ("iso27001", "see annex a.8.24", ["A.8.24"]),
        ("iso27001", "5.99", []),
        ("csf2", "pr.aa-1 and PR.AA-05", ["PR.AA-01", "PR.AA-05"]),
        ("csf2", "XPR.AA-01", []),
        ("soc2", "CC6.1; cc6.2", ["CC6.1", "CC6.2"]),
        ("pci4", "PCI DSS 8.3.6, 8.4", ["8.3", "8.4"]),
        ("pci4", "TLS 1.2 everywhere", []),
        ("cis8", "CIS 6.3", ["6.3"]),
        ("cis8", "5.15.2026", []),
        ("gdpr", "Articles 33 GDPR", ["Art. 33"]),
        ("gdpr", "art.32", ["Art. 32"]),
        ("gdpr", "start 32", []),
    ],
)
def test_identifiers_are_found_in_the_forms_that_people_write(framework: str, text: str, ids: list[str]) -> None:
    assert [control.id for control in matching.named_in(framework, text)] == ids


@pytest.mark.parametrize(
    ("framework", "text", "expected"),
    [
        ("iso27001", "Nightly backups to a second region, restore test in June", "A.8.13"),
        ("iso27001", "Multi-factor authentication for all staff", "A.8.5"),
        ("iso27001", "Staff security awareness training", "A.6.3"),
        ("iso27001", "Logs shipped to the SIEM, kept one year", "A.8.15"),
        ("iso27001", "Quarterly user access review", "A.5.18"),
        ("soc2", "Vendor due diligence before signing", "CC9.2"),
        ("pci4", "Annual penetration test", "11.4"),
        ("gdpr", "Breach log and 72 hour process", "Art. 33"),
        ("csf2", "Board reviews cyber risk each quarter", "GV.RR-01"),
        ("cis8", "MFA on VPN", "6.4"),
    ],
)
def test_plain_words_find_their_control(framework: str, text: str, expected: str) -> None:
    (found,) = matching.match(framework, text)
    assert found.control is not None
    assert (found.control.id, found.how, found.is_sure) == (expected, "words", True)
    assert found.words


@pytest.mark.parametrize("text", ["We bought a coffee machine", "", "Risk register", "\u2603", "Antivirus"])
def test_what_is_unclear_is_never_sure(text: str) -> None:
    (found,) = matching.match("iso27001", text)
    assert not found.is_sure


def test_rivals_are_named_when_two_controls_are_as_near() -> None:
    (found,) = matching.match("gdpr", "Privacy notice on the website")
    assert not found.is_sure
    assert {control.id for control in (found.control, *found.rivals) if control} >= {"Art. 13", "Art. 14"}


def test_the_score_is_the_stated_share_of_weights() -> None:
    """The word clocks is in the one control about clocks, zebra nowhere: idf(clock) against idf(clock) + 1."""
    index = matching._index("iso27001")
    word = matching.words_of("clocks")[0]
    found = matching.by_words("iso27001", "clocks zebra")
    assert found.score == pytest.approx(index.idf[word] / (index.idf[word] + 1), abs=1e-3)
    assert found.control is by_id("iso27001")["A.8.17"]


@given(st.text(max_size=400), st.sampled_from(sorted(FRAMEWORKS)))
def test_any_text_is_matched_or_not_and_nothing_else(text: str, framework: str) -> None:
    for found in matching.match(framework, text, text):
        assert 0 <= found.score <= 1
        assert found.control is None or found.control.framework == framework


def test_the_data_files_have_no_stray_cells() -> None:
    folder = matching.__file__.rpartition("/")[0]
    for name in ("topics", *FRAMEWORKS):
        with open(f"{folder}/catalogue_{name}.csv", encoding="utf-8", newline="") as file:  # noqa: PTH123 - read as the csv module asks
            widths = [len(row) for row in csv.reader(file, delimiter=";")]
        assert all(before == after for before, after in pairwise(widths)), name
