"""From findings and gaps to an answer: the verdict about a file, the exit code of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .findings import Confidence, Finding, Gap, Report, Severity, Verdict

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_INCOMPLETE = 3
EXIT_INTERRUPTED = 130


def decide(findings: Iterable[Finding], gaps: Iterable[Gap]) -> Verdict:
    """Return the verdict about one artifact.

    ``MALICIOUS`` takes a critical or high finding at high confidence, ``SUSPICIOUS`` a finding of
    medium or more, ``INCOMPLETE`` a gap and nothing worse.

    Args:
        findings: What was found and is not suppressed.
        gaps: What was not examined.
    """
    worst = Verdict.CLEAN
    for finding in findings:
        if finding.severity >= Severity.HIGH and finding.confidence is Confidence.HIGH:
            return Verdict.MALICIOUS
        if finding.severity >= Severity.MEDIUM:
            worst = Verdict.SUSPICIOUS
    if worst is Verdict.CLEAN and any(True for _ in gaps):
        return Verdict.INCOMPLETE
    return worst


def exit_code(
    reports: Sequence[Report], fail_on: Severity | None, *, require_complete: bool = True
) -> int:
    """Return the exit code of a run; it depends on nothing else, whatever the format.

    Args:
        reports: All reports of the run, suppressed findings already set aside.
        fail_on: Lowest severity that fails the run; None for never.
        require_complete: Whether a gap makes an otherwise passing run exit 3.

    Returns:
        0 nothing at or above ``fail_on`` and complete, 1 findings at or above, 2 an error of our
        own (a gap named ``internal``: there is no verdict on that file), 3 incomplete.
    """
    reasons = {gap.reason for report in reports for gap in report.coverage.gaps}
    if "internal" in reasons:
        return EXIT_ERROR
    if fail_on is not None and any(
        finding.severity >= fail_on for report in reports for finding in report.findings
    ):
        return EXIT_FINDINGS
    if require_complete and reasons:
        return EXIT_INCOMPLETE
    return EXIT_OK
