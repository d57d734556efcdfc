"""The part of the page about findings: by file, the worst first, with the filters above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ...findings import Report, Severity, Verdict
from ..ruledocs import RuleDocs
from ..run import Entry, Run, entries, place
from .cards import Card, listing_of, render_card
from .room import Room
from .text import count, foreign, plain, shown, size
from .words import TITLES

MOST_FINDINGS = 2_000
_MOST_BYTES = 6_000_000
_PATH, _REMARK = 1_000, 300


class Shown(NamedTuple):
    """What the page has room for.

    Attributes:
        groups: Findings by file: number of the report, and its findings.
        left_out: Findings that are not shown, by severity.
        rules: Ids of the rules of what is shown.
    """

    groups: tuple[tuple[int, tuple[Entry, ...]], ...]
    left_out: Counter[Severity]
    rules: tuple[str, ...]


def choose(run: Run, *, suppressed: bool) -> Shown:
    """Return the findings to show: the worst where there are too many.

    Args:
        run: The run.
        suppressed: Whether accepted findings are wanted too.
    """
    numbers = {id(report): number for number, report in enumerate(run.reports)}
    found = [(numbers[id(e.report)], e) for e in entries(run, suppressed=suppressed)]
    ranked = sorted(found, key=lambda item: -item[1].finding.severity)
    kept, rest = ranked[:MOST_FINDINGS], ranked[MOST_FINDINGS:]
    kept.sort(key=lambda item: (_rank(run.reports[item[0]]), item[0]))
    groups = tuple(
        (number, tuple(entry for _, entry in group))
        for number, group in groupby(kept, key=lambda item: item[0])
    )
    return Shown(
        groups,
        Counter(entry.finding.severity for _, entry in rest),
        tuple(sorted({entry.finding.rule_id for _, entry in kept})),
    )


def _rank(report: Report) -> int:
    return -list(Verdict).index(report.verdict)


class Written(NamedTuple):
    """The findings as HTML.

    Attributes:
        parts: The list, in pieces.
        homes: Where in it the findings of each report stand, by its number.
    """

    parts: list[str]
    homes: dict[int, str]


def render_findings(run: Run, chosen: Shown, docs: RuleDocs) -> Written:
    """Return the findings, file by file."""
    room = Room(_MOST_BYTES)
    left_out = Counter(chosen.left_out)
    done = Written(['<div id="list">\n'], {})
    next_number = 1
    for number, group in chosen.groups:
        head = _group_head(run, number)
        made = _cards(group, next_number, room, docs) if room.take(head) else {}
        left_out.update(e.finding.severity for n, e in enumerate(group) if n not in made)
        next_number += len(group)
        if made:
            done.parts.append(f"{head}{''.join(made.values())}</section>\n")
            done.homes[number] = f"file-{number + 1}"
    return Written([*done.parts, "</div>\n", *_rest(left_out)], done.homes)


def _cards(group: Sequence[Entry], start: int, room: Room, docs: RuleDocs) -> dict[int, str]:
    """Return the cards for which there is room, by their place in the group."""
    made: dict[int, str] = {}
    homes: dict[int, int] = {}
    for place_in_group, entry in enumerate(group):
        if room.is_full:
            break
        card = Card(start + place_in_group, entry)
        listing = listing_of(entry.report, entry.finding)
        if listing is not None:
            card = card._replace(listing=listing, home=homes.get(listing, 0))
        html = render_card(card, docs)
        if room.take(html):
            made[place_in_group] = html
            if listing is not None:
                homes.setdefault(listing, card.number)
    return made


def _group_head(run: Run, number: int) -> str:
    report = run.reports[number]
    facts = [shown(", ".join(report.formats), 200)] if report.formats else []
    if report.coverage.bytes_total:
        facts.append(size(report.coverage.bytes_total))
    if report.coverage.gaps:
        facts.append("not examined in full")
    if report.sha256:
        facts.append(f'<span class="hash">SHA-256 {shown(report.sha256, 64)}</span>')
    facts += [
        shown(line.text.lstrip("# "), _REMARK)
        for listing in report.listings
        for line in listing.lines[:1]
        if len(listing.lines) == 1 and line.offset is None
    ]
    name = foreign(place(report.artifact, run.root), _PATH)
    verdict = report.verdict
    return (
        f'<section class="group" id="file-{number + 1}" tabindex="-1">'
        f'<h3><span class="mark {verdict.value}">{TITLES[verdict]}</span> {name}</h3>'
        f'<p class="facts">{" · ".join(facts)}</p>\n'
    )


def _rest(left_out: Counter[Severity]) -> Iterator[str]:
    if left_out.total():
        kinds = ", ".join(
            f"{number:,} {severity.label}"
            for severity, number in sorted(left_out.items(), reverse=True)
            if number
        )
        yield (
            f'<p class="note" id="left-out">{count(left_out.total(), "more finding")} ({kinds}) '
            "left out here, to keep the page small; -f json lists every one.</p>\n"
        )


def filters(run: Run, chosen: Shown, docs: RuleDocs) -> str:
    """Return the controls that narrow the list; a script shows them."""
    found = [entry for _, group in chosen.groups for entry in group]
    levels = Counter(entry.finding.severity for entry in found)
    boxes = "".join(
        f'<label class="chip {level.label}"><input type="checkbox" name="s" value="{level.label}" '
        f"checked>{level.label} <b>{levels[level]:,}</b></label>"
        for level in sorted(Severity, reverse=True)
        if levels[level]
    )
    rules = [(rule, f"{rule} {docs.name(rule)}".strip()) for rule in chosen.rules]
    met = {name for report in run.reports for name in report.formats}
    formats = [(name, name) for name in sorted(met)]
    return (
        '<form id="filters" role="search" aria-label="Filter findings and files" hidden>'
        '<label class="search"><span class="off">Search findings and files</span>'
        '<input id="q" type="search" placeholder="Search" '
        'autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><kbd>/</kbd></label>'
        f'<fieldset><legend class="off">Severity</legend>{boxes}</fieldset>'
        f"{_select('rule', 'Rule', 'every rule', rules)}"
        f"{_select('format', 'Format', 'every format', formats)}"
        '<div class="state"><output id="status" role="status"></output>'
        '<button type="reset" id="clear" hidden>Clear filters</button>'
        '<button type="button" id="toggle">Close all</button></div></form>\n'
    )


def _select(name: str, label: str, every: str, choices: Sequence[tuple[str, str]]) -> str:
    options = "".join(
        f'<option value="{plain(value, 100)}">{plain(text, 100)}</option>'
        for value, text in choices
    )
    return (
        f'<label class="pick"><span class="off">{label}</span><select id="{name}">'
        f'<option value="">{every}</option>{options}</select></label>'
    )
