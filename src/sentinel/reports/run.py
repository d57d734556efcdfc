"""What one run of the scanner has to report, whatever the format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from ..findings import Finding, Gap, Report, Severity, Verdict


class Run(NamedTuple):
    """The outcome of one run.

    Attributes:
        targets: What the user asked to scan.
        reports: One per model file or file not read, by name.
        others: Files that are no model file.
        root: Directory that names in machine reports are relative to.
        exit_code: What the process will exit with.
        fail_on: Lowest severity that fails the run; None for never.
        started: Start, in seconds since the epoch.
        finished: End, likewise.
        excluded: Files and directories left out by the settings.
        notices: Remarks on settings, suppressions and baseline.
        noun: What the files are called in reports for people.
    """

    targets: tuple[str, ...]
    reports: tuple[Report, ...]
    others: tuple[str, ...]
    root: str
    exit_code: int
    fail_on: Severity | None
    started: float
    finished: float
    excluded: int = 0
    notices: tuple[str, ...] = ()
    noun: str = "model file"

    @property
    def complete(self) -> bool:
        """True when nothing was left unexamined."""
        return not any(report.coverage.gaps for report in self.reports)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict about any file."""
        order = list(Verdict)
        verdicts = (report.verdict for report in self.reports)
        return max(verdicts, key=order.index, default=Verdict.CLEAN)


class View(NamedTuple):
    """How a report is to look; machine formats use ``include_suppressed`` and ``category`` only.

    Attributes:
        color: Whether terminal colours are wanted.
        unicode: Whether the output can carry more than ASCII.
        width: Columns to fill.
        verbosity: -1 quiet, 0 normal, 1 or more verbose.
        min_severity: Lowest severity the text report shows.
        include_suppressed: Whether accepted findings are shown too.
        category: Names this analysis among others of one commit (SARIF).
    """

    color: bool = False
    unicode: bool = True
    width: int = 100
    verbosity: int = 0
    min_severity: Severity = Severity.INFO
    include_suppressed: bool = False
    category: str = "models"


class Entry(NamedTuple):
    """A finding in its file.

    Attributes:
        report: The file.
        finding: The finding.
        suppressed: Why it is accepted; None when it is not.
    """

    report: Report
    finding: Finding
    suppressed: str | None


class Counts(NamedTuple):
    """The figures of a run."""

    files: int
    other: int
    excluded: int
    incomplete: int
    suppressed: int
    findings: dict[Severity, int]


def tally(run: Run) -> Counts:
    """Count what a run has to say."""
    findings = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for report in run.reports:
        for finding in report.findings:
            findings[finding.severity] += 1
    return Counts(
        files=sum(1 for report in run.reports if scanned(report)),
        other=len(run.others),
        excluded=run.excluded,
        incomplete=sum(1 for report in run.reports if report.coverage.gaps),
        suppressed=sum(len(report.suppressed) for report in run.reports),
        findings=findings,
    )


def scanned(report: Report) -> bool:
    """Return True when a file was read as some format or gave a finding."""
    return bool(report.formats or report.findings or report.suppressed)


def entries(run: Run, *, suppressed: bool) -> Iterator[Entry]:
    """Yield all findings by file, worst first, then in the order of the bytes.

    Args:
        run: The run.
        suppressed: Whether accepted findings are wanted too.
    """
    for report in run.reports:
        found = [Entry(report, finding, None) for finding in report.findings]
        if suppressed:
            found += [Entry(report, item.finding, item.reason) for item in report.suppressed]
        yield from sorted(found, key=_rank)


def gaps(run: Run) -> Iterator[tuple[Report, Gap]]:
    """Yield everything that was not examined, by file."""
    for report in run.reports:
        for gap in report.coverage.gaps:
            yield report, gap


def place(name: str, root: str) -> str:
    """Return a name relative to ``root`` with forward slashes, or absolute when outside of it.

    Links are not resolved: a file is known by the name it has in the tree.
    """
    if "://" in name or name.startswith(("models:/", "runs:/")):
        return name
    path = os.path.abspath(name)
    base = root.rstrip(os.sep) + os.sep
    return (path[len(base) :] if path.startswith(base) else path).replace(os.sep, "/")


def fingerprint(finding: Finding, root: str) -> str:
    """Return the finding's identity by its place below ``root``, the same from any directory."""
    first = finding.location
    moved = first._replace(artifact=place(first.artifact, root))
    return finding._replace(locations=(moved,)).fingerprint


def _rank(entry: Entry) -> tuple[int, int, str, str, int, str, str]:
    finding, location = entry.finding, entry.finding.location
    offset = -1 if location.offset is None else location.offset
    return (
        -finding.severity,
        -finding.confidence,
        finding.rule_id,
        location.member,
        offset,
        finding.evidence,
        finding.message,
    )
