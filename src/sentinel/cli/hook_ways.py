"""The ways forward when a hook has stopped a commit: mend the file, or accept what was found.

Accepting takes an entry with a reason and an end, which is printed so that it can be pasted; its
reason is empty, which is an error until somebody writes one. What a file would run is accepted for
its content, personal data by type and number in a file whose content may go on changing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from ..findings import Finding, Report
from ..reports.escape import printable
from ..reports.run import Run
from ..settings import Settings
from ..settings.patterns import below
from .scan import PERSONAL

_DAYS = 90
_MOST = 10
_ALONE = "sentinel.toml"
_NO_COMMENTS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".ipynb")


class _Entry(NamedTuple):
    """A table that accepts something: its file, the report it is about, header and keys.

    ``path`` stands for the key of that name.
    """

    file: str
    report: Report
    header: str
    keys: tuple[str, ...]


def ways(run: Run, settings: Settings, pii_rules: str = "") -> Iterator[str]:
    """Yield the text about the ways forward, in lines.

    Args:
        run: A run that failed for its findings.
        settings: The settings it had.
        pii_rules: The file that accepts personal data, where another was named.
    """
    file = settings.suppressions or settings.source or os.path.join(run.root, _ALONE)
    failing = [(report, _failing(report, run)) for report in run.reports]
    entries = [
        entry
        for report, findings in failing
        for entry in (
            *_suppressions(report, findings, file),
            *_allowances(report, findings, pii_rules or os.path.join(run.root, _personal_file())),
        )
    ]
    yield "\nTwo ways forward:\n"
    yield "  mend it    follow `fix` above, then `git add` the file again\n"
    for name in dict.fromkeys(printable(os.path.relpath(entry.file)) for entry in entries):
        yield f"  accept it  after a review: add this to {name}, give a reason, `git add` {name}\n"
    yield from _comment([one for _, findings in failing for one in findings])
    for entry in entries[:_MOST]:
        yield "\n"
        yield from _lines(entry)
    if len(entries) > _MOST:
        yield f"\n... and an entry like these for {len(entries) - _MOST} more\n"


def _failing(report: Report, run: Run) -> list[Finding]:
    least = run.fail_on
    return [one for one in report.findings if least is not None and one.severity >= least]


def _suppressions(report: Report, findings: Iterable[Finding], file: str) -> Iterator[_Entry]:
    inside = "tool.sentinel." if os.path.basename(file) == "pyproject.toml" else ""
    for rule in sorted({one.rule_id for one in findings if not _is_personal(one)}):
        keys = (f'rule = "{rule}"', "path", f'sha256 = "{report.sha256}"')
        yield _Entry(file, report, f"[[{inside}suppress]]", keys)


def _allowances(report: Report, findings: Iterable[Finding], file: str) -> Iterator[_Entry]:
    names = sorted({name for one in findings if _is_personal(one) for name in _types(one)})
    if not names:
        return
    meant = [one for one in report.findings if str(one.facts.get("infoType")) in names]
    types = ", ".join(f'"{name}"' for name in names)
    keys = ["path", f"types = [{types}]"]
    columns = dict.fromkeys(str(one.facts.get("columnName", "")) for one in meant)
    if columns and all(column and _is_text(column) for column in columns):
        keys.append(f"columns = [{', '.join(_quoted(column) for column in columns)}]")
    counts = [
        sum(_count(one) for one in meant if one.facts.get("infoType") == name) for name in names
    ]
    keys.append(f"max_count = {max(counts)}")
    yield _Entry(file, report, "[[allow]]", tuple(keys))


def _lines(entry: _Entry) -> Iterator[str]:
    path = below(entry.report.artifact, os.path.dirname(os.path.abspath(entry.file)))
    if not _is_text(path):
        yield f"# {printable(path)}: a name that is not UTF-8 cannot be written here; rename it\n"
        return
    if entry.header == "[[allow]]" and "/" not in path:
        path = f"./{path}"  # a name alone would stand for all files of that name
    yield f"{entry.header}\n"
    for key in entry.keys:
        yield f"path = {_quoted(path)}\n" if key == "path" else f"{key}\n"
    yield 'reason = ""\n'
    yield f"expires = {date.today() + timedelta(days=_DAYS)}\n"


def _comment(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield how to accept a value by a comment, where one is in a file that can have comments."""
    for one in findings:
        name = one.facts.get("infoType")
        plain = one.location.line is not None and not one.location.member
        if name and plain and not one.location.artifact.lower().endswith(_NO_COMMENTS):
            yield f"             or, in a comment on its line: sentinel: allow[{name}] the reason\n"
            return


def _is_personal(finding: Finding) -> bool:
    return finding.rule_id.startswith(PERSONAL)


def _types(finding: Finding) -> list[str]:
    """Return the types that a finding is about; a combination of columns names several."""
    name = finding.facts.get("infoType")
    return [str(name)] if name else finding.evidence.split()


def _count(finding: Finding) -> int:
    count = finding.facts.get("count", 1)
    return count if isinstance(count, int) else 1


def _personal_file() -> str:
    from ..pii.rules_file import NAME

    return NAME


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _quoted(text: str) -> str:
    """Return text as a basic string of TOML, with nothing in it that a log would act on."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("::", ":\\u003a").replace("##", "#\\u0023")
    text = "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)
    return f'"{text}"'
