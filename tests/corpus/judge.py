"""Did the scanner do what a case asks? The one place that says so, for tests and the score."""

from __future__ import annotations

from sentinel import Report, Severity, Verdict
from tests.corpus.malicious.case import Case


def worst(report: Report) -> Severity | None:
    """Return the severity of a report's worst finding, or None."""
    return max((finding.severity for finding in report.findings), default=None)


def missed(case: Case, report: Report) -> str:
    """Return what is wrong with the report on a hostile case; empty when nothing is."""
    found = worst(report)
    if any(gap.reason == "internal" for gap in report.coverage.gaps):
        return "internal error: " + "; ".join(gap.detail for gap in report.coverage.gaps)
    if report.verdict is Verdict.CLEAN:
        return "called clean"
    if case.expect != "incomplete" and (found is None or found < Severity[case.expect.upper()]):
        return f"{'no finding' if found is None else found.label}, not {case.expect}"
    if case.gap and report.coverage.complete:
        return "no gap for what was not read"
    return ""


def alarm(report: Report) -> str:
    """Return what is wrong with the report on a benign file; empty when nothing is."""
    found = worst(report)
    if found is not None and found >= Severity.MEDIUM:
        first = report.findings[0]
        return f"{first.rule_id} {found.label}: {first.message}"
    if report.verdict is not Verdict.CLEAN:
        gaps = "; ".join(f"{gap.reason}: {gap.detail}" for gap in report.coverage.gaps)
        return f"{report.verdict}: {gaps}"
    return ""
