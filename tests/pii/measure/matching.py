"""Findings beside labels: which planted values were found, which findings are wrong."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from .build import Document, Label
from .names import right


class Finding(NamedTuple):
    """What a detector said, by any detector.

    Attributes:
        type: Its name for it.
        start: First byte in the text as UTF-8; -1 if it says no place.
        end: Byte after the last one.
        line: Line from 1; 0 if it says none.
        columns: Names under which it may have meant a column or key; empty for plain text.
        values: How many values of the column it stands for.
        part: The part of the file that its place is in, where the reader sees parts.
    """

    type: str
    start: int = -1
    end: int = -1
    line: int = 0
    columns: tuple[str, ...] = ()
    values: int = 1
    part: str = ""


Finder = Callable[[bytes, str], Iterable[Finding]]


class Miss(NamedTuple):
    """A value not found, or found under another name only."""

    document: str
    label: Label
    found_as: str


class Alarm(NamedTuple):
    """A finding where nothing was planted."""

    document: str
    finding: Finding
    text: str


@dataclass(slots=True)
class Tally:
    """Counts of one type.

    Attributes:
        labels: Values planted.
        found: Of these, found under any name.
        typed: Of these, found under a right name.
        cued: Values that a word, key or header names, of the planted ones.
        cued_found: Of these, found under any name.
        findings: Findings under this (the detector's) name.
        true: Of these, where something was planted.
        exact: Of these, where that very type was planted.
    """

    labels: int = 0
    found: int = 0
    typed: int = 0
    cued: int = 0
    cued_found: int = 0
    findings: int = 0
    true: int = 0
    exact: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        for name in Tally.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(slots=True)
class Result:
    """The outcome over many documents.

    Attributes:
        recall: Tallies by the planted type.
        precision: Tallies by the detector's name.
        misses: Values not found or wrongly named.
        alarms: Findings where nothing was.
        size: Bytes looked at.
    """

    recall: dict[str, Tally] = field(default_factory=dict)
    precision: dict[str, Tally] = field(default_factory=dict)
    misses: list[Miss] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    size: int = 0


def _spans(document: Document) -> list[tuple[int, int]]:
    """Return the labels' places in bytes."""
    if document.text.isascii():
        return [(label.start, label.end) for label in document.labels]
    sizes = [0, *accumulate(len(c.encode("utf-8", "surrogatepass")) for c in document.text)]
    return [(sizes[label.start], sizes[label.end]) for label in document.labels]


def _by_place(finding: Finding, spans: Sequence[tuple[int, int]]) -> list[int]:
    at = bisect_left(spans, (finding.end,)) - 1
    hits = []
    while at >= 0 and spans[at][1] > finding.start:
        hits.append(at)
        at -= 1
    return hits


def _by_column(finding: Finding, labels: Sequence[Label], taken: dict[str, set[int]]) -> list[int]:
    """Return as many labels of the column as the finding stands for, those of its type first."""
    used = taken.setdefault(finding.type, set())
    mine = [at for at, label in enumerate(labels) if label.column in finding.columns]
    fit = [at for at in mine if right(labels[at].type, finding.type) and at not in used]
    hits = (fit or [at for at in mine if at not in used] or mine)[: max(finding.values, 1)]
    used.update(hits)
    return hits


def _by_line(finding: Finding, document: Document, used: set[int]) -> list[int]:
    """Return one label of the finding's line: of its type if there is one, else the next one."""
    lines = [document.text.count("\n", 0, label.start) + 1 for label in document.labels]
    free = [at for at, line in enumerate(lines) if line == finding.line and at not in used]
    fit = [at for at in free if right(document.labels[at].type, finding.type)]
    hits = (fit or free)[:1]
    used.update(hits)
    return hits


def judge(document: Document, findings: Iterable[Finding], result: Result) -> None:
    """Add a document's findings to a result."""
    labels, outer = document.labels, _spans(document)
    inner = _spans(document.inner) if document.inner else outer
    names: dict[int, set[str]] = {}
    taken: dict[str, set[int]] = {}
    for finding in findings:
        hits: list[int] = []
        if finding.columns and any(label.column in finding.columns for label in labels):
            hits = _by_column(finding, labels, taken)
        elif finding.start >= 0:
            hits = _by_place(finding, inner if finding.part else outer)
        elif finding.line:
            hits = _by_line(finding, document, taken.setdefault("", set()))
        for at in hits:
            names.setdefault(at, set()).add(finding.type)
        tally = result.precision.setdefault(finding.type, Tally())
        tally.findings += 1
        tally.true += bool(hits)
        tally.exact += any(right(labels[at].type, finding.type) for at in hits)
        if finding.columns and len(hits) < finding.values and hits:
            # It stands for more values than were planted there: one finding more, and a wrong one.
            tally.findings += 1
            excess = f"{finding.values - len(hits)} more in {finding.columns[0]}"
            result.alarms.append(Alarm(document.name, finding, excess))
        if not hits:
            text = document.data[max(finding.start, 0) : finding.end].decode("utf-8", "replace")
            result.alarms.append(Alarm(document.name, finding, text))
    result.size += len(document.data)
    _recall(document, names, result)


def _recall(document: Document, names: dict[int, set[str]], result: Result) -> None:
    for at, label in enumerate(document.labels):
        if label.optional:
            continue
        found = names.get(at, set())
        typed = any(right(label.type, name) for name in found)
        tally = Tally(1, bool(found), typed, label.cued, label.cued and bool(found))
        result.recall.setdefault(label.type, Tally()).add(tally)
        if not typed:
            result.misses.append(Miss(document.name, label, "/".join(sorted(found))))


def measure(documents: Iterable[Document], find: Finder) -> Result:
    """Run a detector over documents and return what it found of what was planted."""
    result = Result()
    for document in documents:
        judge(document, find(document.data, document.name), result)
    return result


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies."""
    whole = Tally()
    for tally in tallies:
        whole.add(tally)
    return whole
