"""What was not examined, what the rules say, and which files are no models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..ruledocs import RuleDocs, dedent
from ..run import Run, gaps, place
from .cards import place as within
from .room import Room
from .text import count, foreign, plain, prose, shown

MOST_GAPS = 1_000
_MOST_BYTES = 1_500_000
_MOST_OTHERS, _MOST_OTHER_BYTES = 500, 300_000
_DETAIL, _PATH = 500, 500
_STRONG = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def render_gaps(run: Run) -> Iterator[str]:
    """Yield everything that was not examined."""
    room = Room(_MOST_BYTES)
    rows = []
    for number, (report, gap) in enumerate(gaps(run)):
        if number >= MOST_GAPS:
            break
        where = gap.location
        spot = within(where) if where.member or where.offset is not None else ""
        hint = (
            f'<p class="hint"><b>What to do</b> {prose(gap.hint, _DETAIL)}</p>' if gap.hint else ""
        )
        row = (
            f'<li class="gap"><span class="tag">{shown(gap.reason, 40)}</span>'
            f"<b>{foreign(place(report.artifact, run.root), _PATH)}</b>"
            f'<span class="muted">{spot}</span><p>{foreign(gap.detail, _DETAIL)}</p>{hint}</li>\n'
        )
        if not room.take(row):
            break
        rows.append(row)
    yield f'<ul class="gaps">\n{"".join(rows)}</ul>\n'
    left = sum(len(report.coverage.gaps) for report in run.reports) - len(rows)
    if left:
        said = f"{count(left, 'more gap')} left out here, to keep the page small"
        yield f'<p class="note">{said}; -f json lists every one.</p>\n'


def render_others(run: Run) -> Iterator[str]:
    """Yield the files that are no models, folded away."""
    if not run.others:
        return
    room = Room(_MOST_OTHER_BYTES)
    rows = (f"<li>{foreign(place(name, run.root), 200)}</li>" for name in run.others[:_MOST_OTHERS])
    kept = [row for row in rows if room.take(row)]
    left = len(run.others) - len(kept)
    more = f"<li>{left:,} more</li>" if left else ""
    names = "".join(kept)
    yield (
        f'<details class="others"><summary>{count(len(run.others), "other file")}, '
        f'no {plain(run.noun)}s</summary><ul class="plain">{names}{more}</ul></details>\n'
    )


def render_rules(rules: Sequence[str], docs: RuleDocs) -> Iterator[str]:
    """Yield what the rules of the shown findings say about themselves."""
    for rule_id in rules:
        rule = docs.find(rule_id)
        name = plain(rule_id, 20)
        title = f"{name} {shown(docs.name(rule_id))}"
        yield f'<section class="doc" id="rule-{name}" tabindex="-1"><h3>{title}</h3>'
        if rule is None:
            yield "<p>A rule of another version; nothing is said about it here.</p></section>\n"
            continue
        weakness = f" · weakness {plain(rule.cwe)}" if rule.cwe else ""
        yield f'<p class="facts">{rule.severity.label} by default{weakness}</p>'
        yield from _prose(rule.doc)
        yield "</section>\n"


def _prose(doc: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", dedent(doc)):
        lines = block.split("\n")
        if lines[0].startswith(("- ", "* ")):
            items = re.split(r"^[-*] ", block, flags=re.MULTILINE)[1:]
            yield f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
        elif all(line.startswith("    ") for line in lines if line):
            yield f"<pre>{shown(block).replace(_marked_break(), chr(10))}</pre>"
        elif block.strip():
            yield f"<p>{_inline(block)}</p>"


def _marked_break() -> str:
    return shown("\n")


def _inline(text: str) -> str:
    return _STRONG.sub(r"<strong>\1</strong>", prose(_LINK.sub(r"\1", " ".join(text.split()))))
