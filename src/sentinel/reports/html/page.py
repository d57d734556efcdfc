"""The page as a whole: its policy, its head, and the order of its parts."""

from __future__ import annotations

import hashlib
import os
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Mapping

from ..._version import __version__
from ...findings import Severity, Verdict
from ...rules import RULES_VERSION
from ..ruledocs import RuleDocs
from ..run import Run, tally
from .charts import Bar, bars, stack
from .found import Shown, Written, choose, filters, render_findings
from .more import render_gaps, render_others, render_rules
from .text import count, foreign, plain, shown, size
from .tree import render_tree
from .words import (
    CAVEAT,
    MEANINGS,
    TITLES,
    beside,
    coverage_sentence,
    is_empty,
    nothing_found,
    title,
    verdict_sentence,
)

_TARGETS = 5
_ICONS = {
    Verdict.MALICIOUS: "M8.2 2h7.6L22 8.2v7.6L15.8 22H8.2L2 15.8V8.2zM8.5 8.5l7 7m0-7l-7 7",
    Verdict.SUSPICIOUS: "M12 3L1.8 21h20.4zM12 10v5m0 2.6v.4",
    Verdict.INCOMPLETE: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM7.5 12h.1m4.4 0h.1m4.4 0h.1",
    Verdict.CLEAN: "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20zM7.5 12.5l3 3l6-7",
}


def page(run: Run, *, include_suppressed: bool, about: Mapping[str, str]) -> Iterator[str]:
    """Yield the page in parts.

    Args:
        run: What to report.
        include_suppressed: Whether accepted findings are in it.
        about: Further facts for the heading, by name.
    """
    docs = RuleDocs()
    chosen = choose(run, suppressed=include_suppressed)
    style, script = _asset("page.css"), _asset("page.js")
    yield _head(run, style, script)
    yield from _top(run, about)
    yield '<main id="main">\n'
    yield _nav(run, chosen)
    yield _verdict(run, include_suppressed=include_suppressed)
    yield from _charts(run, docs)
    yield f'<div class="filtered">\n{filters(run, chosen, docs) if chosen.groups else ""}'
    written = render_findings(run, chosen, docs)
    yield from _found(run, written)
    yield from _files(run, written)
    yield "</div>\n"
    yield from _rest(run, chosen, docs)
    yield f"</main>\n{_foot()}<script>{script}</script>\n</body></html>\n"


def policy(style: str, script: str) -> str:
    """Return the content security policy that lets exactly this style and this script in."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode("ascii")).digest()).decode()


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="ascii") as file:
        return file.read()


def _head(run: Run, style: str, script: str) -> str:
    heading = f"{title(run)}: {', '.join(run.targets[:2]) or 'scan'}"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(style, script)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{plain(heading, 200)} - SENTINEL</title><style>{style}</style></head>\n"
        '<body><a class="skip" href="#main">Skip to the report</a>\n'
    )


def _top(run: Run, about: Mapping[str, str]) -> Iterator[str]:
    names = [f"<code>{foreign(name, 200)}</code>" for name in run.targets[:_TARGETS]]
    if len(run.targets) > _TARGETS:
        names.append(f"{len(run.targets) - _TARGETS:,} more")
    facts = [("Scanned", " ".join(names))] if names else []
    if run.started:
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(run.started))
        facts.append(("When", f"{when}, {max(0.0, run.finished - run.started):.1f} s"))
    facts.append(("Rules", plain(RULES_VERSION)))
    facts += [(plain(name, 60), foreign(value, 300)) for name, value in about.items()]
    listed = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    yield (
        '<header class="top"><p class="brand">SENTINEL</p><h1>Scan report</h1>'
        f"<dl>{listed}</dl></header>\n"
    )


def _nav(run: Run, chosen: Shown) -> str:
    found = sum(len(group) for _, group in chosen.groups) + chosen.left_out.total()
    missing = sum(len(report.coverage.gaps) for report in run.reports)
    places = [("findings", "Findings", found), ("files", "Files", len(run.reports))]
    if missing:
        places.append(("gaps", "Not examined", missing))
    if chosen.rules:
        places.append(("rules", "Rules", len(chosen.rules)))
    links = "".join(
        f'<li><a href="#{name}">{label} <b>{number:,}</b></a></li>'
        for name, label, number in places
    )
    return f'<nav aria-label="Parts of the report"><ul>{links}</ul></nav>\n'


def _verdict(run: Run, *, include_suppressed: bool) -> str:
    counts = tally(run)
    kind = "empty" if is_empty(run) else run.verdict.value
    path = _ICONS[Verdict.INCOMPLETE if is_empty(run) else run.verdict]
    said = [coverage_sentence(run, counts)] if run.verdict is not Verdict.CLEAN else []
    if run.reports:
        said.append(_amount(run))
    said += beside(run, counts, shown_suppressed=include_suppressed)
    said += [shown(notice, 400) for notice in run.notices[:20]]
    rows = "".join(f"<li>{line}</li>" for line in said if line)
    files = Counter(report.verdict for report in run.reports)
    kinds = [Bar(TITLES[v], files[v], v.value) for v in reversed(Verdict)]
    return (
        f'<section class="verdict {kind}" aria-labelledby="v"><svg class="icon" width="56" '
        f'height="56" viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'
        f'<div><h2 id="v">{title(run)}</h2><p class="lead">{verdict_sentence(run)}</p>'
        f"{stack('by-verdict', 'Files by verdict', 'file', kinds)}"
        f'<ul class="said">{rows}</ul></div></section>\n'
    )


def _amount(run: Run) -> str:
    total = sum(report.coverage.bytes_total for report in run.reports)
    read = sum(report.coverage.bytes_read for report in run.reports)
    if read >= total:
        return f"{size(total)} in all."
    said = f"{size(total)} in all, {size(read)} of it read"
    if not run.complete:  # then some of the rest may have been left out for other reasons
        return f"{said}."
    return f"{said}: what is proven to be numbers only need not be."


def _charts(run: Run, docs: RuleDocs) -> Iterator[str]:
    found = [finding for report in run.reports for finding in report.findings]
    if not found:
        levels, rules = [], []
    else:
        by_level = Counter(finding.severity for finding in found)
        levels = [Bar(s.label, by_level[s], s.label) for s in sorted(Severity, reverse=True)]
        worst: dict[str, Severity] = {}
        for finding in found:
            worst[finding.rule_id] = max(
                finding.severity, worst.get(finding.rule_id, Severity.INFO)
            )
        by_rule = Counter(finding.rule_id for finding in found)
        order = sorted(by_rule, key=lambda rule: (-worst[rule], -by_rule[rule], rule))
        rules = [Bar(f"{r} {docs.name(r)}".strip(), by_rule[r], worst[r].label) for r in order]
    by_format = Counter(name for report in run.reports for name in report.formats)
    none = sum(1 for report in run.reports if not report.formats)
    formats = [
        Bar(name, by_format[name]) for name in sorted(by_format, key=lambda n: (-by_format[n], n))
    ]
    if none:
        formats.append(Bar("no format known", none))
    yield '<section class="charts" aria-label="Counts">\n'
    yield bars("by-severity", "Findings by severity", "finding", levels)
    yield bars("by-rule", "Findings by rule", "finding", rules, most=6)
    yield bars("by-format", "Files by format", "file", formats, most=6)
    yield "</section>\n"


def _found(run: Run, written: Written) -> Iterator[str]:
    yield '<section id="findings" tabindex="-1" aria-labelledby="findings-t">'
    yield '<h2 id="findings-t">Findings</h2>\n'
    if not any(report.findings for report in run.reports) and not written.homes:
        yield f'<p class="muted">{nothing_found(run)}</p></section>\n'
        return
    yield from written.parts
    yield '<p id="nothing" class="note" hidden>No finding matches the filters.</p></section>\n'


def _files(run: Run, written: Written) -> Iterator[str]:
    yield '<section id="files" tabindex="-1" aria-labelledby="files-t">'
    yield '<h2 id="files-t">Files</h2>\n<div class="card">\n'
    if run.reports:
        yield from render_tree(run, written.homes)
    else:
        yield f'<p class="muted">No {plain(run.noun)} was found.</p>'
    yield from render_others(run)
    meanings = "".join(
        f'<div><dt><span class="mark {v.value}">{TITLES[v]}</span></dt><dd>{MEANINGS[v]}</dd></div>'
        for v in reversed(Verdict)
    )
    yield f'<details class="others"><summary>What the verdicts mean</summary><dl>{meanings}</dl>'
    yield f'<p class="muted">{CAVEAT}</p></details></div></section>\n'


def _rest(run: Run, chosen: Shown, docs: RuleDocs) -> Iterator[str]:
    if not run.complete:
        files = sum(1 for report in run.reports if report.coverage.gaps)
        yield '<section id="gaps" tabindex="-1" aria-labelledby="gaps-t">'
        yield '<h2 id="gaps-t">Not examined</h2>\n'
        yield (
            f'<p class="muted">About what follows, in {count(files, "file")}, nothing can be said. '
            "It may be harmless or not.</p>\n"
        )
        yield from render_gaps(run)
        yield "</section>\n"
    if chosen.rules:
        yield '<section id="rules" tabindex="-1" aria-labelledby="rules-t">'
        yield '<h2 id="rules-t">Rules</h2>\n<div class="card">\n'
        yield from render_rules(chosen.rules, docs)
        yield "</div></section>\n"


def _foot() -> str:
    return (
        '<footer><details id="help"><summary>Keys</summary><ul class="plain">'
        "<li><kbd>/</kbd> search</li><li><kbd>j</kbd> <kbd>k</kbd> next and previous finding</li>"
        "<li><kbd>Enter</kbd> open or close it</li><li><kbd>Esc</kbd> clear the filters</li>"
        "<li><kbd>?</kbd> these keys</li></ul>"
        '<label><input type="checkbox" id="keys" checked> single keys are on</label></details>'
        f"<p>SENTINEL {plain(__version__)}, rules {plain(RULES_VERSION)}. The files were read, "
        "never loaded. This page is complete in itself: it loads nothing and sends nothing.</p>"
        "</footer>\n"
    )
