"""SARIF 2.1.0, as GitHub code scanning, GitLab, Azure DevOps and Warnings-NG read it.

Every result has a file that exists below the root, a full region and a fingerprint; member and
byte offset are properties, for a URI with them would name no file. See GitHub's "SARIF support
for code scanning" for the limits.
"""

from __future__ import annotations

import os
import zlib
from collections import Counter
from collections.abc import Iterator

from .._version import __version__
from ..findings import Confidence, Finding, Gap, Location, Report, Severity
from ..rules import RULES_VERSION, Rule
from .escape import encodable, printable
from .json import clean, dumps, timestamp
from .ruledocs import RuleDocs, dedent, first_paragraph
from .run import Entry, Run, View, entries, fingerprint, gaps, place

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MAX_RESULTS = 25_000
MAX_COMPRESSED = 9_500_000
MAX_NOTIFICATIONS = 1_000
_TEXT = 1_000
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORE = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
}
_RANK = {
    Severity.CRITICAL: 95,
    Severity.HIGH: 80,
    Severity.MEDIUM: 55,
    Severity.LOW: 30,
    Severity.INFO: 10,
}
_PRECISION = {
    Confidence.HIGH: "very-high",
    Confidence.MEDIUM: "high",
    Confidence.LOW: "medium",
}


def render(run: Run, view: View) -> Iterator[str]:
    """Yield a SARIF log of one run, worst findings first."""
    docs = RuleDocs()
    rules = list(docs.rules.values())
    numbers = {rule.id: index for index, rule in enumerate(rules)}
    driver = {
        "name": "SENTINEL",
        "semanticVersion": __version__,
        "rules": [_rule(rule) for rule in rules],
        "properties": {"rulesVersion": RULES_VERSION},
    }
    yield f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{\n'
    yield f'"tool": {dumps({"driver": driver})},\n'
    yield f'"automationDetails": {dumps({"id": f"sentinel/{view.category}/"})},\n'
    yield '"columnKind": "unicodeCodePoints",\n"results": ['
    left_out = {"limit": 0, "remote": 0}
    yield from _results(run, view, numbers, left_out)
    yield f'],\n"invocations": {dumps([_invocation(run, left_out)])}\n}}]}}\n'


def _results(
    run: Run, view: View, numbers: dict[str, int], left_out: dict[str, int]
) -> Iterator[str]:
    wanted = sorted(entries(run, suppressed=view.include_suppressed), key=_severity)
    meter = zlib.compressobj(6)
    compressed = written = 0
    seen: Counter[str] = Counter()
    for entry in wanted:
        if _is_remote(entry.report.artifact):
            left_out["remote"] += 1
            continue
        if written >= MAX_RESULTS or compressed > MAX_COMPRESSED:
            left_out["limit"] += 1
            continue
        text = ("," if written else "") + "\n" + dumps(_result(entry, run, numbers, seen))
        compressed += len(meter.compress(text.encode()))
        written += 1
        yield text


def _severity(entry: Entry) -> int:
    return -entry.finding.severity


def _is_remote(name: str) -> bool:
    return "://" in name and not os.path.lexists(name)


def _result(
    entry: Entry, run: Run, numbers: dict[str, int], seen: Counter[str]
) -> dict[str, object]:
    finding, report = entry.finding, entry.report
    identity = fingerprint(finding, run.root)
    seen[identity] += 1
    result: dict[str, object] = {
        "ruleId": finding.rule_id,
        "level": _level(finding),
        "rank": _RANK[finding.severity],
        "message": {"text": _message(entry)},
        "locations": [_location(finding.location, run)],
        "partialFingerprints": {"primaryLocationLineHash": f"{identity}:{seen[identity]}"},
        "fingerprints": {"sentinel/v1": identity},
        "properties": _properties(entry, report),
    }
    if finding.rule_id in numbers:
        result["ruleIndex"] = numbers[finding.rule_id]
    if finding.severity in _SCORE:
        properties = result["properties"]
        assert isinstance(properties, dict)
        properties["security-severity"] = _SCORE[finding.severity]
    if finding.locations[1:]:
        others = enumerate(finding.locations[1:11])
        result["relatedLocations"] = [{"id": i, **_location(other, run)} for i, other in others]
    if entry.suppressed is not None:
        text = printable(entry.suppressed, _TEXT)
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": text}]
    return result


def _level(finding: Finding) -> str:
    """Return the level; personal data below high is a note, or it would bury everything else."""
    personal = finding.rule_id.startswith("SNT19")
    if personal and finding.severity <= Severity.MEDIUM:
        return "note"
    return _LEVEL[finding.severity]


def _properties(entry: Entry, report: Report) -> dict[str, object]:
    place, finding = entry.finding.location, entry.finding
    properties: dict[str, object] = {
        "severity": finding.severity.label,
        "confidence": finding.confidence.label,
        "member": printable(place.member, _TEXT),
        "byteOffset": place.offset,
        "byteLength": place.length,
        "sha256": report.sha256,
        "evidence": printable(finding.evidence, _TEXT),
        "remedy": printable(finding.remedy, _TEXT),
    }
    kept = {name: value for name, value in properties.items() if value not in (None, "")}
    return kept | {name: clean(value) for name, value in finding.facts.items()}


def _message(entry: Entry) -> str:
    finding = entry.finding
    text = printable(finding.message, _TEXT)
    if finding.evidence and finding.evidence not in finding.message:
        text = f"{text}: {printable(finding.evidence, 300)}"
    where = finding.location
    if where.member:
        text += f" (in {printable(where.member, 300)})"
    # A link in SARIF text is [text](target): evidence must not become one (section 3.11.6).
    return (
        text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in text else text
    )


def _location(location: Location, run: Run) -> dict[str, object]:
    line = location.line or 1
    if location.member:
        line = 1  # the line counts within the member, the region within the file
    physical = {
        "artifactLocation": {"uri": uri(location.artifact, run.root)},
        "region": {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2},
    }
    found: dict[str, object] = {"physicalLocation": physical}
    if location.member:
        name = printable(location.member, _TEXT)
        found["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
    return found


def uri(name: str, root: str) -> str:
    """Return the URI reference of a file: relative below ``root``, a ``file:`` URI outside."""
    path = place(name, root)
    quoted = "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in _encoded(path))
    return f"file://{quoted}" if path.startswith("/") else quoted


def _encoded(path: str) -> bytes:
    try:
        return os.fsencode(path)
    except UnicodeEncodeError:  # no file can have such a name, but a remote one might
        return encodable(path).encode()


def _rule(rule: Rule) -> dict[str, object]:
    text = first_paragraph(rule.doc) or rule.name
    properties: dict[str, object] = {
        "precision": _PRECISION[Confidence.HIGH],
        "tags": ["security", *([f"external/cwe/{rule.cwe.lower()}"] if rule.cwe else [])],
    }
    if rule.severity in _SCORE:
        properties["security-severity"] = _SCORE[rule.severity]
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": _sentence(rule.name.replace("-", " "))},
        "fullDescription": {"text": printable(text, _TEXT)},
        "help": {"text": dedent(rule.doc) or text, "markdown": dedent(rule.doc) or text},
        "defaultConfiguration": {"level": _LEVEL[rule.severity], "rank": _RANK[rule.severity]},
        "properties": properties,
    }


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _invocation(run: Run, left_out: dict[str, int]) -> dict[str, object]:
    notes = [
        _notification(
            "error" if gap.reason == "internal" else "warning", gap.reason, report, gap, run
        )
        for (report, gap), _ in zip(gaps(run), range(MAX_NOTIFICATIONS), strict=False)
    ]
    more = sum(len(report.coverage.gaps) for report in run.reports) - len(notes)
    if more:
        notes.append(_note("warning", "truncated", f"{more} more notifications were left out"))
    if left_out["limit"]:
        text = f"{left_out['limit']} results beyond the limits of code scanning were left out"
        notes.append(_note("warning", "truncated", f"{text}; the json report holds them"))
    if left_out["remote"]:
        text = f"{left_out['remote']} results about remote files were left out"
        notes.append(
            _note("warning", "remote", f"{text}: code scanning takes files of the repository")
        )
    notes += [_note("note", "settings", printable(notice, _TEXT)) for notice in run.notices]
    return {
        "executionSuccessful": run.complete,
        "exitCode": run.exit_code,
        "startTimeUtc": timestamp(run.started),
        "endTimeUtc": timestamp(run.finished),
        "toolExecutionNotifications": notes,
    }


def _notification(level: str, reason: str, report: Report, gap: Gap, run: Run) -> dict[str, object]:
    hint = f" ({gap.hint})" if gap.hint else ""
    name = printable(place(report.artifact, run.root), _TEXT)
    text = printable(f"{name}: {gap.detail}{hint}", _TEXT)
    found = _note(level, reason, f"not examined in full: {text}")
    if not _is_remote(report.artifact):
        found["locations"] = [_location(gap.location, run)]
    return found


def _note(level: str, reason: str, text: str) -> dict[str, object]:
    return {"level": level, "descriptor": {"id": reason}, "message": {"text": text}}
