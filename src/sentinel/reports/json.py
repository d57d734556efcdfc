"""The complete report for machines; its schema is ``data/report.schema.json``.

Findings, gaps and files stand on one line each, so that two reports compare well. The text is
ASCII, and free of what a CI system would take for a command.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator

from .._version import __version__
from ..findings import Gap, Location, Report
from ..rules import RULES_VERSION
from .escape import encodable
from .ruledocs import RuleDocs
from .run import Entry, Run, View, entries, fingerprint, gaps, place, tally

SCHEMA_VERSION = "1.0"
_EVIDENCE = 4_000


def render(run: Run, view: View) -> Iterator[str]:
    """Yield the JSON report; accepted findings are always in it and marked."""
    counts = tally(run)
    head = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "sentinel", "version": __version__, "rules_version": RULES_VERSION},
        "targets": [encodable(target) for target in run.targets],
        "started": timestamp(run.started),
        "finished": timestamp(run.finished),
        "verdict": run.verdict.value,
        "complete": run.complete,
        "fail_on": run.fail_on.label if run.fail_on is not None else "never",
        "exit_code": run.exit_code,
        "counts": {
            "files": counts.files,
            "other": counts.other,
            "excluded": counts.excluded,
            "incomplete": counts.incomplete,
            "suppressed": counts.suppressed,
            "findings": {level.label: number for level, number in counts.findings.items()},
        },
        "notices": [encodable(notice) for notice in run.notices],
    }
    yield "{\n"
    for name, value in head.items():
        yield f'"{name}": {dumps(value)},\n'
    docs = RuleDocs()
    found = entries(run, suppressed=True)
    yield from _array("findings", (_finding(entry, run, docs) for entry in found), ",\n")
    yield from _array("not_scanned", (_gap(r, g, run) for r, g in gaps(run)), ",\n")
    yield from _array("files", (_file(report, run) for report in run.reports), "\n")
    yield "}\n"


def dumps(value: object) -> str:
    """Return compact ASCII JSON without the words that start a command in a CI log."""
    text = json.dumps(value, ensure_ascii=True, separators=(", ", ": "), allow_nan=False)
    return text.replace("##", "#\\u0023").replace("\x7f", "\\u007f")


def timestamp(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _array(name: str, items: Iterable[object], end: str) -> Iterator[str]:
    yield f'"{name}": ['
    comma = "\n"
    for item in items:
        yield comma + dumps(item)
        comma = ",\n"
    yield ("]" if comma == "\n" else "\n]") + end


def _finding(entry: Entry, run: Run, docs: RuleDocs) -> dict[str, object]:
    finding = entry.finding
    return {
        "fingerprint": fingerprint(finding, run.root),
        "rule": finding.rule_id,
        "name": docs.name(finding.rule_id),
        "severity": finding.severity.label,
        "confidence": finding.confidence.label,
        "message": encodable(finding.message, _EVIDENCE),
        **_place(finding.location, run),
        "sha256": entry.report.sha256 or None,
        "evidence": encodable(finding.evidence, _EVIDENCE),
        "remedy": encodable(finding.remedy),
        "related": [_place(other, run) for other in finding.locations[1:]],
        "suppressed": None if entry.suppressed is None else encodable(entry.suppressed),
        "facts": {name: clean(value) for name, value in finding.facts.items()},
    }


def clean(value: object) -> object:
    """Return a fact with what cannot be encoded replaced."""
    return encodable(value, _EVIDENCE) if isinstance(value, str) else value


def _place(location: Location, run: Run) -> dict[str, object]:
    return {
        "path": encodable(place(location.artifact, run.root)),
        "member": encodable(location.member),
        "offset": location.offset,
        "length": location.length,
        "line": location.line,
    }


def _gap(report: Report, gap: Gap, run: Run) -> dict[str, object]:
    return {
        "path": encodable(place(report.artifact, run.root)),
        "member": encodable(gap.location.member),
        "offset": gap.location.offset,
        "code": gap.reason,
        "reason": encodable(gap.detail, _EVIDENCE),
        "hint": encodable(gap.hint),
    }


def _file(report: Report, run: Run) -> dict[str, object]:
    return {
        "path": encodable(place(report.artifact, run.root)),
        "formats": list(report.formats),
        "verdict": report.verdict.value,
        "complete": report.coverage.complete,
        "bytes": report.coverage.bytes_total,
        "bytes_read": report.coverage.bytes_read,
        "sha256": report.sha256 or None,
    }
