"""What a hook says when it lets a commit through, or stops one for what it could not read.

Success is quiet, with these exceptions: findings below the gate are shown, so it is said why they
pass; and whatever keeps a check from being made or from counting (``exclude``, accepted findings,
entries that no longer hold) is counted, since the same commit may have brought it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..reports.escape import printable
from ..reports.run import Run
from ..settings import Settings
from ..verdicts import EXIT_INCOMPLETE


def remarks(run: Run, settings: Settings, *, told: bool) -> Iterator[str]:
    """Yield the lines that follow the report.

    Args:
        run: A run without findings that fail it.
        settings: The settings it had.
        told: Whether the summary and the notices were written already.
    """
    if run.exit_code == EXIT_INCOMPLETE:
        yield "Failed: not all was examined, and --require-complete was asked for.\n"
    elif any(report.findings for report in run.reports):
        yield f"Passed: {_why(run)}.\n"
    accepted = [report for report in run.reports if report.suppressed]
    if accepted:
        count = sum(len(report.suppressed) for report in accepted)
        first = printable(accepted[0].artifact)
        more = f" and {len(accepted) - 1} more" if len(accepted) > 1 else ""
        yield f"{_count(count, 'finding')} accepted, in {first}{more}.\n"
    if run.excluded:
        where = f" in {printable(os.path.relpath(settings.source))}" if settings.source else ""
        yield f"{_count(run.excluded, 'file')} not scanned: left out by `exclude`{where}.\n"
    if not told:
        for notice in run.notices:
            yield f"sentinel: {printable(notice)}\n"


def _why(run: Run) -> str:
    if run.fail_on is None:
        return "fail-on is never"
    return f"nothing at or above {run.fail_on.label} (fail-on)"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
