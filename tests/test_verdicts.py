"""Verdicts and exit codes as functions of findings and gaps."""

from __future__ import annotations

import itertools

import pytest

from sentinel.findings import (
    Confidence,
    Coverage,
    Finding,
    Gap,
    Location,
    Report,
    Severity,
    Verdict,
)
from sentinel.verdicts import decide, exit_code

PLACE = Location("a.pkl")
GAP = Gap("truncated", PLACE, "it breaks off")


def finding(severity: Severity, confidence: Confidence = Confidence.HIGH) -> Finding:
    return Finding("SNT1101", "m", severity, confidence, (PLACE,))


def report(*findings: Finding, gaps: tuple[Gap, ...] = ()) -> Report:
    verdict = decide(findings, gaps)
    return Report("a.pkl", ("pickle",), findings, Coverage(gaps=gaps), verdict, "1")


@pytest.mark.parametrize(
    ("severity", "confidence"), list(itertools.product(Severity, Confidence)), ids=str
)
def test_one_finding(severity: Severity, confidence: Confidence) -> None:
    verdict = decide([finding(severity, confidence)], [])
    if severity >= Severity.HIGH and confidence is Confidence.HIGH:
        assert verdict is Verdict.MALICIOUS
    elif severity >= Severity.MEDIUM:
        assert verdict is Verdict.SUSPICIOUS
    else:
        assert verdict is Verdict.CLEAN


def test_the_worst_finding_decides_wherever_it_stands() -> None:
    few = [finding(Severity.LOW), finding(Severity.MEDIUM), finding(Severity.CRITICAL)]
    for order in itertools.permutations(few):
        assert decide(order, [GAP]) is Verdict.MALICIOUS


def test_a_gap_is_incomplete_unless_something_worse_was_found() -> None:
    assert decide([], []) is Verdict.CLEAN
    assert decide([], iter([GAP])) is Verdict.INCOMPLETE
    assert decide([finding(Severity.LOW)], [GAP]) is Verdict.INCOMPLETE
    assert decide([finding(Severity.MEDIUM)], [GAP]) is Verdict.SUSPICIOUS


def test_the_order_of_verdicts_is_the_order_of_concern() -> None:
    assert list(Verdict) == ["clean", "incomplete", "suspicious", "malicious"]


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("fail_on", [*Severity, None])
def test_exit_code_of_a_finding(severity: Severity, fail_on: Severity | None) -> None:
    fails = fail_on is not None and severity >= fail_on
    assert exit_code([report(finding(severity))], fail_on) == (1 if fails else 0)


def test_findings_beat_gaps_and_errors_of_ours_beat_all() -> None:
    bad, part = report(finding(Severity.HIGH)), report(gaps=(GAP,))
    crash = report(gaps=(Gap("internal", PLACE, "a bug"),))
    assert exit_code([], Severity.HIGH) == 0
    assert exit_code([part], Severity.HIGH) == 3
    assert exit_code([part], None) == 3
    assert exit_code([part], Severity.HIGH, require_complete=False) == 0
    assert exit_code([part, bad], Severity.HIGH) == 1
    assert exit_code([bad, crash, part], Severity.HIGH) == 2
    assert exit_code([crash], None, require_complete=False) == 2
