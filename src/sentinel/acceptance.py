"""Sets accepted findings aside: those that a suppression names and those a baseline knows.

An acceptance is bound to the content of the file wherever it matters, so a file that was swapped
for another under the same name is judged afresh.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date

from .baseline import REASON, Baseline
from .digests import sha256_of
from .errors import SettingsError
from .findings import Finding, Report, Severity, Suppressed
from .reports.run import fingerprint
from .settings.patterns import matcher
from .settings.suppressions import Suppression
from .verdicts import decide

_HINT = "add the sha256 of the file that was reviewed, so that another one is reported again"


class Acceptance:
    """Applies suppressions and a baseline to reports, and remembers what came of them.

    Args:
        suppressions: What the settings accept.
        baseline: What is known; None for nothing.
        root: Directory that fingerprints count from.
        today: The day to measure expiry by.
    """

    def __init__(
        self,
        suppressions: Sequence[Suppression],
        baseline: Baseline | None,
        root: str,
        today: date | None = None,
    ) -> None:
        day = today or date.today()
        self._entries = [_Entry(item, expired=item.expires < day) for item in suppressions]
        self._exact: dict[str, list[_Entry]] = {}
        for entry in self._entries:
            self._exact.setdefault(entry.name, []).append(entry)
        self._baseline = baseline
        self._root = root
        self._changed = 0

    def apply(self, report: Report) -> Report:
        """Return the report with accepted findings set aside and the verdict given anew."""
        entries = self._entries_for(report.artifact)
        for entry in entries:
            entry.scanned = True
        kept: list[Finding] = []
        accepted: list[Suppressed] = list(report.suppressed)
        for finding in report.findings:
            reason, report = self._reason(finding, report, entries)
            if reason:
                accepted.append(Suppressed(finding, reason))
            else:
                kept.append(finding)
        if len(kept) == len(report.findings):
            return report
        verdict = decide(kept, report.coverage.gaps)
        return report._replace(findings=tuple(kept), suppressed=tuple(accepted), verdict=verdict)

    def _entries_for(self, name: str) -> list[_Entry]:
        if not self._entries:
            return []
        absolute = os.path.abspath(name)
        exact = self._exact.get(absolute, [])
        return exact + [entry for entry in self._exact.get("", ()) if entry.covers(absolute)]

    def _reason(
        self, finding: Finding, report: Report, entries: list[_Entry]
    ) -> tuple[str, Report]:
        for entry in entries:
            if entry.item.rule == finding.rule_id:
                report = with_digest(report)
                if entry.accepts(finding, report.sha256):
                    return entry.item.reason, report
        if self._baseline is not None:
            identity = fingerprint(finding, self._root)
            if self._baseline.knows(identity):
                report = with_digest(report)
                if self._baseline.accepts(identity, report.sha256):
                    return REASON, report
                self._changed += 1
        return "", report

    def notices(
        self, *, unused: bool = False, judges: Callable[[str], bool] | None = None
    ) -> list[str]:
        """Return remarks on what did not apply: expired, changed or needless entries.

        Args:
            judges: Says of a rule whether the scan could meet it, for an entry about another is
                not needless; every rule by default.
            unused: Whether to say how much of the baseline was not met, which only means something
                when all it was made from was scanned.
        """
        found = [
            note
            for entry in self._entries
            if (judges is None or judges(entry.item.rule)) and (note := entry.notice())
        ]
        if self._changed:
            found.append(
                f"baseline: {self._changed} known findings are back, for their files have changed"
            )
        if unused and self._baseline is not None and self._baseline.unused:
            known, gone = len(self._baseline), self._baseline.unused
            found.append(f"baseline: {gone} of {known} known findings were not met and can go")
        return found


class _Entry:
    """A suppression in use. ``name`` is its file's, empty when it is a pattern."""

    def __init__(self, item: Suppression, *, expired: bool) -> None:
        self.item = item
        self.name = self._file()
        if not self.name:
            self.covers: Callable[[str], bool] = matcher([_anchored(item.path)], item.base)
        self.scanned = False
        self._expired = expired
        self._used = False
        self._refused = ""

    def _file(self) -> str:
        path = self.item.path
        if path.endswith("/") or any(char in path for char in "*?"):
            return ""
        return os.path.abspath(os.path.join(self.item.base, path))

    def accepts(self, finding: Finding, sha256: str) -> bool:
        if self._expired:
            return False
        if self.item.sha256 and self.item.sha256 != sha256:
            self._refused = "the file is not the one that was reviewed"
            return False
        if not self.item.sha256 and finding.severity >= Severity.HIGH:
            self._refused = "findings of high severity need a sha256"
            return False
        self._used = True
        return True

    def notice(self) -> str:
        name = f"{self.item.source} ({self.item.rule} in {self.item.path})"
        if self._expired:
            return f"{name} expired on {self.item.expires}"
        if self._refused:
            return f"{name} does not apply: {self._refused}"
        gone = self.name and not os.path.lexists(self.name)
        if not self._used and (self.scanned or gone):
            return f"{name} matches no finding and can go"
        return ""


def with_digest(report: Report) -> Report:
    """Return the report with the SHA-256 of its file."""
    return report if report.sha256 else report._replace(sha256=sha256_of(report.artifact))


def check_suppressions(suppressions: Sequence[Suppression]) -> None:
    """Check entries against the rules they name.

    Raises:
        SettingsError: There is no such rule, or its findings may only be accepted for one content
            of a file and the entry names none.
    """
    from .rules import all_rules

    known = {rule.id: rule for rule in all_rules()}
    for item in suppressions:
        rule = known.get(item.rule)
        if rule is None:
            raise SettingsError(
                f"{item.source}: there is no rule {item.rule}", "see sentinel rules"
            )
        if rule.severity >= Severity.HIGH and not item.sha256:
            label = rule.severity.label
            raise SettingsError(f"{item.source}: {item.rule} is {label} and needs a sha256", _HINT)


def _anchored(path: str) -> str:
    return path if "/" in path.rstrip("/") else f"./{path}"
