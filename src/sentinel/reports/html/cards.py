"""Findings, one card each, below the file they are in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...findings import Confidence, Finding, Line, Listing, Location, Report, Severity
from ..ruledocs import RuleDocs
from ..run import Entry
from .room import Room
from .text import count, foreign, lines, plain, prose, shown, size

_MESSAGE, _REMEDY, _WHY, _PATH = 600, 600, 1_200, 500
_EVIDENCE_LINES, _EVIDENCE = 12, 300
_CODE_BYTES = 150_000
_RELATED = 6
_OPEN_FROM = Severity.MEDIUM


class Card(NamedTuple):
    """A finding with what its card needs.

    Attributes:
        number: Its number in the page.
        entry: The finding in its file.
        listing: Which of the file's listings shows its code; None for none.
        home: Number of the card where that code stands already; 0 when it is to stand here.
    """

    number: int
    entry: Entry
    listing: int | None = None
    home: int = 0


def listing_of(report: Report, finding: Finding) -> int | None:
    """Return which of a report's listings shows the code at a finding; None when none does."""
    place = finding.location
    found = [
        index for index, listing in enumerate(report.listings) if listing.member == place.member
    ]
    if not finding.rule_id.startswith("SNT11") or place.offset is None:
        return None
    for index in found:
        listing = report.listings[index]
        if place.offset in listing.opcodes or any(
            line.offset == place.offset for line in listing.lines
        ):
            return index
    return None


def render_card(card: Card, docs: RuleDocs) -> str:
    """Return the card of one finding."""
    entry, finding = card.entry, card.entry.finding
    severity = finding.severity.label
    opened = " open" if finding.severity >= _OPEN_FROM and entry.suppressed is None else ""
    name = docs.name(finding.rule_id)
    formats = " ".join(entry.report.formats)
    accepted = '<span class="tag">accepted</span>' if entry.suppressed is not None else ""
    return (
        f'<article class="finding {severity}" id="f{card.number}" data-s="{severity}" '
        f'data-r="{plain(finding.rule_id, 20)}" data-f="{plain(formats, 200)}">'
        f"<details{opened}><summary>"
        f'<span class="badge {severity}">{severity}</span>'
        f'<span class="rule">{shown(finding.rule_id, 20)} {shown(name)}</span>'
        f'<span class="sure">{_sure(finding.confidence)}</span>{accepted}'
        f"<h4>{foreign(finding.message, _MESSAGE)}</h4></summary>"
        f'<div class="body"><dl>{"".join(_fields(entry, docs))}</dl>{_code(card)}</div>'
        "</details></article>\n"
    )


def _sure(confidence: Confidence) -> str:
    return f"{confidence.label} confidence"


def _fields(entry: Entry, docs: RuleDocs) -> Iterator[str]:
    finding = entry.finding
    yield _field("Where", place(finding.location))
    if finding.evidence:
        seen, left = lines(finding.evidence, _EVIDENCE_LINES, _EVIDENCE)
        more = f"\n<i>{count(left, 'more line')}</i>" if left else ""
        yield _field("Seen", f'<pre class="seen" dir="ltr">{seen}{more}</pre>')
    why = docs.summary(finding.rule_id)
    if why:
        about = f'<a href="#rule-{plain(finding.rule_id)}">more about {shown(finding.rule_id)}</a>'
        yield _field("Why", f"{prose(why, _WHY)} {about}")
    if finding.remedy:
        yield _field("Fix", prose(finding.remedy, _REMEDY))
    others = finding.locations[1:]
    if others:
        listed = "".join(f"<li>{place(other)}</li>" for other in others[:_RELATED])
        rest = len(others) - _RELATED
        more = f"<li>{count(rest, 'more place')}</li>" if rest > 0 else ""
        yield _field("Also", f'<ul class="plain">{listed}{more}</ul>')
    if entry.suppressed is not None:
        yield _field("Accepted", foreign(entry.suppressed, _REMEDY))


def _field(label: str, value: str) -> str:
    return f"<div><dt>{label}</dt><dd>{value}</dd></div>"


def place(location: Location) -> str:
    """Return where something is within its file, as HTML."""
    parts = []
    if location.member:
        steps = location.member.split("!")
        path = " \u203a ".join(shown(step, _PATH) for step in steps[:12])
        parts.append(f'<bdi dir="ltr" class="path">{path}</bdi>')
    if location.line is not None:
        parts.append(f"line {location.line:,}")
    if location.offset is not None:
        length = f", {size(location.length)}" if location.length else ""
        parts.append(f"byte {location.offset:,} <code>0x{location.offset:x}</code>{length}")
    return ", ".join(parts) or "the whole file"


def _code(card: Card) -> str:
    if card.listing is None:
        return ""
    listing = card.entry.report.listings[card.listing]
    offset = card.entry.finding.location.offset
    if not card.home:
        wanted = {*listing.opcodes, offset}
        code = _listing(listing, wanted)
    else:
        code = (
            f'<p class="muted">The code around it stands with '
            f'<a href="#f{card.home}">another finding in this pickle</a>.</p>'
        )
    around = listing.opcodes.get(offset) if offset is not None else None
    return code + (_opcodes(around, offset) if around else "")


def _listing(listing: Listing, hot: set[int | None]) -> str:
    room = Room(_CODE_BYTES)
    rows = []
    for line in listing.lines:
        row = _line(line, line.offset is not None and line.offset in hot)
        if not room.take(row):
            rows.append(
                _line(Line(None, "# what follows is left out, to keep the page small"), False)
            )
            break
        rows.append(row)
    return (
        "<h5>What loading it runs, read without running it</h5>"
        f'<pre class="code" dir="ltr">{"".join(rows)}</pre>'
    )


def _line(line: Line, hot: bool) -> str:
    mark = ' class="hot"' if hot else ""
    offset = "" if line.offset is None else f"{line.offset}"
    text = shown(line.text)
    if line.text.startswith("#"):
        text = f"<i>{text}</i>"
    return f"<span{mark}><b>{offset:>9}</b> {text}\n</span>"


def _opcodes(around: tuple[Line, ...], offset: int | None) -> str:
    rows = []
    for line in around:
        name, _, argument = line.text.partition(" ")
        mark = ' class="hot"' if line.offset == offset else ""
        arrow = "▶" if line.offset == offset else ""
        rows.append(
            f"<tr{mark}><td>{arrow}</td><td>{line.offset}</td><td>{shown(name)}</td>"
            f'<td><bdi dir="ltr">{shown(argument)}</bdi></td></tr>'
        )
    return (
        '<details class="ops"><summary>Opcodes around it</summary><table>'
        '<thead><tr><th><span class="off">here</span></th><th>byte</th>'
        "<th>opcode</th><th>argument</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )
