"""The report for people: a tree of files, one block per finding, and what was not examined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..findings import Gap, Location, Report, Verdict
from .escape import printable
from .ruledocs import RuleDocs
from .run import Counts, Entry, Run, View, entries, gaps, tally
from .style import BOLD, DIM, SEVERITY, VERDICT, Style

_FINDINGS_SHOWN = 50
_GAPS_SHOWN = 20
_EVIDENCE_LINES = 6
_EVIDENCE_ROWS = 4
_MESSAGE = 400
_LABEL = 7


def render(run: Run, view: View) -> Iterator[str]:
    """Yield the text report in lines."""
    style = Style(view)
    lines = [*_quiet_files(run, style)] if view.verbosity > 0 else []
    lines += [*_findings(run, view, style), *_gaps(run, view, style)]
    for line in lines:
        yield line + "\n"
    if view.verbosity >= 0:
        for line in summary(run, view, style):
            yield line + "\n"


def summary(run: Run, view: View, style: Style | None = None) -> Iterator[str]:
    """Yield the closing lines: the figures, and why the run fails where it does."""
    style = style or Style(view)
    counts = tally(run)
    yield _figures(counts, run, style)
    hidden = sum(n for level, n in counts.findings.items() if level < view.min_severity)
    if hidden:
        yield f"{hidden} below {view.min_severity.label} not shown."
    if run.fail_on is not None:
        failing = sum(n for level, n in counts.findings.items() if level >= run.fail_on)
        if failing:
            text = f"Failed: {_count(failing, 'finding')} at or above {run.fail_on.label}."
            yield style.paint(text, VERDICT[Verdict.MALICIOUS])


def _figures(counts: Counts, run: Run, style: Style) -> str:
    found = [
        style.paint(f"{number} {level.label}", SEVERITY[level])
        for level, number in counts.findings.items()
        if number
    ]
    notes = [", ".join(found) if found else "no findings"]
    if counts.incomplete:
        text = f"{_count(counts.incomplete, 'file')} not examined in full"
        notes.append(style.paint(text, VERDICT[Verdict.INCOMPLETE]))
    if counts.suppressed:
        notes.append(f"{counts.suppressed} suppressed")
    beside = [f"{counts.other} other"] if counts.other else []
    if counts.excluded:
        beside.append(f"{counts.excluded} excluded")
    files = f"{_count(counts.files, run.noun)} scanned"
    if not run.reports:
        files = f"0 {run.noun}s found"
    if beside:
        files += f" ({', '.join(beside)})"
    return f"{files}: {'; '.join(notes)}."


def _findings(run: Run, view: View, style: Style) -> Iterator[str]:
    shown = [
        entry
        for entry in entries(run, suppressed=view.include_suppressed)
        if entry.finding.severity >= view.min_severity
    ]
    docs = RuleDocs()
    for report, group in _by_file(shown):
        verdict = style.paint(report.verdict.value, VERDICT[report.verdict])
        name = style.paint(printable(report.artifact), BOLD)
        yield f"{name} {style.glyphs.dot} {verdict}"
        limit = len(group) if view.verbosity > 0 else _FINDINGS_SHOWN
        rest = len(group) - limit
        for index, entry in enumerate(group[:limit]):
            last = index == min(limit, len(group)) - 1 and rest <= 0
            yield from _block(entry, docs, style, last=last)
        if rest > 0:
            yield f"{style.glyphs.corner}{rest} more; -v or -f json shows them"
        yield ""


def _by_file(shown: Iterable[Entry]) -> Iterator[tuple[Report, list[Entry]]]:
    groups: dict[int, list[Entry]] = {}
    for entry in shown:
        groups.setdefault(id(entry.report), []).append(entry)
    for group in groups.values():
        yield group[0].report, group


def _block(entry: Entry, docs: RuleDocs, style: Style, *, last: bool) -> Iterator[str]:
    finding = entry.finding
    glyphs = style.glyphs
    rule = f"{finding.rule_id} {docs.name(finding.rule_id)}".strip()
    severity = style.badge(finding.severity.label, SEVERITY[finding.severity])
    notes = f"{finding.confidence.label} confidence"
    sure = style.paint(f"({notes}{', suppressed' if entry.suppressed else ''})", DIM)
    yield f"{glyphs.corner if last else glyphs.tee}{severity} {rule} {sure}"
    margin = ("   " if last else glyphs.pipe) + "  "
    room = style.width - len(margin) - _LABEL
    fields = [
        ("", _wrap(finding.message, room)),
        ("seen", _evidence(finding.evidence, room, style)),
        ("where", [_place(finding.location)]),
        ("also", [_place(other) for other in finding.locations[1:4]]),
        ("why", _wrap(docs.summary(finding.rule_id), room)),
        ("fix", _wrap(finding.remedy, room)),
        ("accept", _wrap(entry.suppressed or "", room)),
    ]
    for label, values in fields:
        for index, value in enumerate(values):
            left = style.paint(f"{'' if index else label:<{_LABEL}}", DIM) if label else ""
            yield f"{margin}{left}{value}"


def _wrap(text: str, room: int) -> list[str]:
    if not text:
        return []
    import textwrap

    return textwrap.wrap(printable(text, _MESSAGE), max(room, 20), break_on_hyphens=False)


def _evidence(text: str, room: int, style: Style) -> list[str]:
    lines = text.splitlines() if text else []
    room = max(room, 20)
    cut = (printable(line, _EVIDENCE_ROWS * room) for line in lines[:_EVIDENCE_LINES])
    shown = [row[at : at + room] for row in cut for at in range(0, len(row) or 1, room)]
    if len(lines) > _EVIDENCE_LINES:
        shown.append(f"{style.glyphs.ellipsis} {len(lines) - _EVIDENCE_LINES} more lines")
    return shown


def _place(location: Location) -> str:
    parts = [printable(location.member.replace("!", " ! "))] if location.member else []
    if location.line is not None:
        parts.append(f"line {location.line}")
    if location.offset is not None:
        parts.append(f"@ {location.offset} (0x{location.offset:x})")
    return " ".join(parts) or "the whole file"


def _gaps(run: Run, view: View, style: Style) -> Iterator[str]:
    listed = list(gaps(run))
    if not listed:
        return
    yield style.paint("Not examined", BOLD)
    seen: dict[int, int] = {}
    for report, gap in listed:
        number = seen[id(report)] = seen.get(id(report), 0) + 1
        if view.verbosity > 0 or number <= _GAPS_SHOWN:
            yield from _gap(report, gap, style)
        elif number == _GAPS_SHOWN + 1:
            rest = len(report.coverage.gaps) - _GAPS_SHOWN
            yield f"  {printable(report.artifact)}: {rest} more; -v or -f json shows them"
    yield ""


def _gap(report: Report, gap: Gap, style: Style) -> Iterator[str]:
    name = printable(report.artifact)
    where = "" if gap.location == Location(report.artifact) else f" {_place(gap.location)}"
    reason = style.paint(gap.reason, VERDICT[Verdict.INCOMPLETE])
    yield f"  {name}{where}: {reason}: {printable(gap.detail, 500)}"
    if gap.hint:
        yield f"    fix: {printable(gap.hint, 500)}"


def _quiet_files(run: Run, style: Style) -> Iterator[str]:
    listed = False
    for report in run.reports:
        if report.verdict is Verdict.CLEAN and not report.findings:
            listed = True
            verdict = style.paint(report.verdict.value, VERDICT[Verdict.CLEAN])
            formats = ", ".join(report.formats)
            yield f"{printable(report.artifact)} {style.glyphs.dot} {verdict} ({formats})"
    for name in run.others:
        yield f"{printable(name)} {style.glyphs.dot} no {run.noun}"
        listed = True
    if listed:
        yield ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
