"""The ways forward when a hook has stopped a commit: mend the file, or accept what was found.

Accepting takes an entry with a reason and an end, bound to the content of the file. It is printed
so that it can be pasted; its reason is empty, which is an error until somebody writes one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..findings import Report
from ..reports.escape import printable
from ..reports.run import Run
from ..settings import Settings
from ..settings.patterns import below

_DAYS = 90
_MOST = 10
_ALONE = "sentinel.toml"


def ways(run: Run, settings: Settings) -> Iterator[str]:
    """Yield the text about the ways forward, in lines.

    Args:
        run: A run that failed for its findings.
        settings: The settings it had.
    """
    file = settings.suppressions or settings.source or os.path.join(run.root, _ALONE)
    name = printable(os.path.relpath(file))
    pairs = list(_failing(run))
    yield "\nTwo ways forward:\n"
    yield "  mend it    follow `fix` above, then `git add` the file again\n"
    yield f"  accept it  after a review: add this to {name}, give a reason, `git add` {name}\n"
    for report, rule in pairs[:_MOST]:
        yield "\n"
        yield from entry(report, rule, file)
    if len(pairs) > _MOST:
        yield f"\n... and an entry like these for {len(pairs) - _MOST} more\n"


def entry(report: Report, rule: str, file: str) -> Iterator[str]:
    """Yield the lines of the table that accepts the findings of one rule in one file.

    Args:
        report: The report on the file, with its digest.
        rule: The rule.
        file: The settings file that the entry is for.
    """
    from datetime import date, timedelta

    path = below(report.artifact, os.path.dirname(os.path.abspath(file)))
    try:
        path.encode()
    except UnicodeEncodeError:
        yield f"# {printable(path)}: a name that is not UTF-8 cannot be written here; rename it\n"
        return
    inside = "tool.sentinel." if os.path.basename(file) == "pyproject.toml" else ""
    yield f"[[{inside}suppress]]\n"
    yield f'rule = "{rule}"\n'
    yield f'path = "{_quoted(path)}"\n'
    yield f'sha256 = "{report.sha256}"\n'
    yield 'reason = ""\n'
    yield f"expires = {date.today() + timedelta(days=_DAYS)}\n"


def _failing(run: Run) -> Iterator[tuple[Report, str]]:
    for report in run.reports:
        rules = {
            finding.rule_id
            for finding in report.findings
            if run.fail_on is not None and finding.severity >= run.fail_on
        }
        for rule in sorted(rules):
            yield report, rule


def _quoted(text: str) -> str:
    """Return text for a basic string of TOML, with nothing in it that a log would act on."""
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    text = text.replace("::", ":\\u003a").replace("##", "#\\u0023")
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)
