"""Each rule about datasets tells a hostile file from its nearest harmless neighbour."""

from __future__ import annotations

import pytest

from sentinel.artifacts import Artifact
from sentinel.datasets import FileValidator
from sentinel.findings import Report, Severity, Verdict
from sentinel.readers import MemoryReader
from sentinel.rules import all_rules
from tests.datasets.pairs import Pair, pairs

PAIRS = tuple(pairs())
IN_PAIRS = {
    "SNT2001", "SNT2002", "SNT2003", "SNT2004", "SNT2005", "SNT2006", "SNT2007", "SNT2010",
    "SNT2011", "SNT2012", "SNT2013", "SNT2014", "SNT2015", "SNT2016", "SNT2020", "SNT2022",
    "SNT2023", "SNT2024",
}  # fmt: skip
OF_FOLDERS = {"SNT2021", "SNT2025", "SNT2026", "SNT2027", "SNT2030"}
"""Told of a folder, of texts that are alike, or by a schema: ``test_folder.py`` and so on."""


def check(name: str, data: bytes) -> Report:
    return FileValidator().artifact(Artifact(name, MemoryReader(data), asked=True))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.rule} {pair.case}")
def test_the_hostile_is_told_and_the_harmless_is_not(pair: Pair) -> None:
    hostile, benign = check(pair.name, pair.hostile), check(pair.name, pair.benign)
    told = [finding for finding in hostile.findings if finding.rule_id == pair.rule]
    assert max(finding.severity for finding in told) == pair.severity
    same = [one for one in benign.findings if one.rule_id == pair.rule]
    assert not [one for one in same if one.severity >= min(pair.severity, Severity.LOW)]
    assert benign.verdict == Verdict.CLEAN, benign


def test_every_rule_has_a_pair() -> None:
    rules = {rule.id for rule in all_rules() if rule.id.startswith("SNT20")}
    assert {pair.rule for pair in PAIRS} == IN_PAIRS
    assert rules == IN_PAIRS | OF_FOLDERS


@pytest.mark.parametrize("rule", ["SNT2002", "SNT2003", "SNT2004", "SNT2014"])
def test_what_runs_blocks(rule: str) -> None:
    assert {pair.severity for pair in PAIRS if pair.rule == rule} & {Severity.HIGH}


@pytest.mark.parametrize("rule", ["SNT2020", "SNT2022", "SNT2023", "SNT2024"])
def test_what_is_counted_only_warns(rule: str) -> None:
    severities = {pair.severity for pair in PAIRS if pair.rule == rule}
    assert max(severities) <= Severity.MEDIUM
    assert next(one for one in all_rules() if one.id == rule).doc.startswith("Indicator")


def test_counts_and_rows_are_facts() -> None:
    pair = next(pair for pair in PAIRS if pair.case == "turned labels")
    finding = next(f for f in check(pair.name, pair.hostile).findings if f.rule_id == pair.rule)
    assert finding.facts["number"] == 80
    assert finding.facts["total"] == 580
    assert list(finding.facts["rows"])[:3] == [501, 502, 503]  # type: ignore[call-overload]
