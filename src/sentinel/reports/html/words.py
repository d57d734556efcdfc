"""The answer in plain words: what the verdict means for these files, and what it rests on."""

from __future__ import annotations

from collections import Counter

from ...findings import Severity, Verdict
from ..run import Counts, Run, scanned
from .text import count

TITLES = {
    Verdict.MALICIOUS: "Malicious",
    Verdict.SUSPICIOUS: "Suspicious",
    Verdict.INCOMPLETE: "Incomplete",
    Verdict.CLEAN: "Clean",
}
MEANINGS = {
    Verdict.MALICIOUS: "a finding of high or critical severity, at high confidence",
    Verdict.SUSPICIOUS: "a finding of medium severity or more",
    Verdict.INCOMPLETE: "something was not examined, and nothing worse was found",
    Verdict.CLEAN: "examined in full, and nothing of medium severity or more was found",
}
CAVEAT = (
    "Clean means that a file was examined in full and that the rules of this version found nothing "
    "of weight. It is no promise that a file is harmless."
)


def is_empty(run: Run) -> bool:
    """Return True when there was nothing to judge, so that no verdict may be read out of it."""
    return not run.reports


def title(run: Run) -> str:
    """Return the verdict's headline."""
    return "Nothing to judge" if is_empty(run) else TITLES[run.verdict]


def verdict_sentence(run: Run) -> str:
    """Return what the verdict says about these files, in a sentence or two."""
    if is_empty(run):
        return f"No {run.noun} was found, so this report says nothing about safety."
    number = Counter(report.verdict for report in run.reports)
    total = count(len(run.reports), run.noun)
    verdict = run.verdict
    if verdict is Verdict.CLEAN:
        return f"{_all(run)} examined in full. Nothing of medium severity or more was found."
    if verdict is Verdict.INCOMPLETE:
        who = f"The {run.noun}" if len(run.reports) == 1 else f"{number[verdict]:,} of {total}"
        return (
            f"{who} could not be examined in full, so nothing can be said about what was not read. "
            "In what was read, nothing of medium severity or more was found."
        )
    if verdict is Verdict.SUSPICIOUS:
        doubtful = number[verdict]
        who = f"The {run.noun}" if len(run.reports) == 1 else f"{doubtful:,} of {total}"
        return f"{who} give{_s(doubtful)} reason for doubt: {MEANINGS[verdict]}."
    bad, more = number[verdict], number[Verdict.SUSPICIOUS]
    who = f"The {run.noun}" if len(run.reports) == 1 else f"{bad:,} of {total}"
    advice = f": do not load {'it' if bad == 1 else 'them'}" if run.noun == "model file" else ""
    doubt = f" {more:,} more give{_s(more)} reason for doubt." if more else ""
    has = "has" if bad == 1 else "have"
    return f"{who} {has} {MEANINGS[verdict]}{advice}.{doubt}"


def coverage_sentence(run: Run, counts: Counts) -> str:
    """Return how much of the files the verdict rests on."""
    if is_empty(run):
        return ""
    if counts.incomplete and len(run.reports) == 1:
        return "What was left out, and why, stands under Not examined."
    if counts.incomplete:
        return (
            f"{count(counts.incomplete, run.noun)} of {len(run.reports):,} "
            f"{'was' if counts.incomplete == 1 else 'were'} not examined in full. "
            "What was left out, and why, stands under Not examined."
        )
    return f"{_all(run)} examined in full."


def nothing_found(run: Run) -> str:
    """Return what stands in place of findings."""
    if is_empty(run):
        return "There was nothing to examine."
    return "Nothing was found." if run.complete else "Nothing was found in what was examined."


def beside(run: Run, counts: Counts, *, shown_suppressed: bool) -> list[str]:
    """Return what else a reader must know to weigh the answer."""
    said = []
    if counts.other:
        said.append(f"{count(counts.other, 'other file')} below the same place: no {run.noun}s.")
    if counts.excluded:
        said.append(f"{count(counts.excluded, 'place')} left out by the settings.")
    if counts.suppressed:
        where = "marked below" if shown_suppressed else "not shown (--include-suppressed)"
        said.append(f"{count(counts.suppressed, 'finding')} accepted by the settings: {where}.")
    unread = sum(1 for report in run.reports if not scanned(report))
    if unread:
        said.append(f"{count(unread, 'file')} read as no format at all.")
    if run.fail_on is not None:
        failing = sum(n for level, n in counts.findings.items() if level >= run.fail_on)
        level = run.fail_on.label
        at = level if run.fail_on is Severity.CRITICAL else f"{level} or above"
        said.append(f"{count(failing, 'finding')} at {at}; exit code {run.exit_code}.")
    return said


def _all(run: Run) -> str:
    number = len(run.reports)
    return f"The {run.noun} was" if number == 1 else f"All {number:,} {run.noun}s were"


def _s(number: int) -> str:
    return "s" if number == 1 else ""
