"""What a guard lets through, and what it signs and marks with."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..digests import sha256_of
from ..errors import ReadError, SettingsError
from ..findings import Finding, Gap, Report, Severity
from ..limits import DEFAULT_LIMITS, Limits
from ..reports.escape import printable
from .inspection import Inspection

if TYPE_CHECKING:
    from ..trust.watermark.keys import WatermarkKeyProvider

_ALLOWED = re.compile(r"SNT\d{4}(@[0-9a-f]{64})?")


class Objection(NamedTuple):
    """Why something is not let through.

    Attributes:
        rule: Id of the rule, or ``coverage.`` and the reason of a gap.
        artifact: The file.
        text: What it says.
        hint: What to do.
        severity: Of the finding; None for a gap.
    """

    rule: str
    artifact: str
    text: str
    hint: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """What a guard lets through.

    Attributes:
        fail_on: Lowest severity that blocks; None to block nothing by findings.
        allow: Findings that are accepted: ``SNT1105`` for those of a rule below critical,
            ``SNT1103@<sha256 of the file>`` for all of a rule in one content of a file.
        incomplete: ``block`` what could not be examined in full, or ``warn`` of it. A guard with
            ``fail_closed=False`` never blocks it.
        limits: Bounds of the scan of one file.
        signing_key: Key that provenance is signed with: a file or URI for ``load_signer``; empty
            for none.
        public_key: Its public key, which a URI needs.
        key_password: Of an encrypted key file.
        watermark_key: Key that models are marked with: what ``load_watermark_key`` takes, or a
            provider; None for none.
        watermark_context: What the watermark key is derived for.
        watermark_records: Directory for the records of marks, which the owner keeps; empty for
            none.
        report: Whether an HTML report is logged beside a model.
    """

    fail_on: Severity | None = Severity.HIGH
    allow: Collection[str] = ()
    incomplete: str = "block"
    limits: Limits = DEFAULT_LIMITS
    signing_key: str = ""
    public_key: str = ""
    key_password: bytes | None = field(default=None, repr=False)
    watermark_key: str | WatermarkKeyProvider | None = field(default=None, repr=False)
    watermark_context: str = ""
    watermark_records: str = ""
    report: bool = True

    def __post_init__(self) -> None:
        """Raise SettingsError for what makes no sense."""
        if isinstance(self.allow, str):
            raise SettingsError("allow: expected a list of rules, not one text")
        for one in self.allow:
            if not _ALLOWED.fullmatch(one):
                raise SettingsError(f"allow: {one!r} is no rule", "write SNT1105 or SNT1103@sha256")
        if self.incomplete not in ("block", "warn"):
            raise SettingsError(f"incomplete: expected block or warn, not {self.incomplete!r}")

    def objections(self, inspection: Inspection) -> Iterator[Objection]:
        """Yield why something is not let through, worst first; nothing when it may pass."""
        found = [(report, finding) for report in inspection.reports for finding in report.findings]
        for report, finding in sorted(found, key=lambda pair: -pair[1].severity):
            if self.fail_on is None or finding.severity < self.fail_on:
                break
            if not self._allows(finding, inspection.paths.get(report.artifact, "")):
                yield _found(finding)
        if self.incomplete == "block":
            for gap in gaps_of(inspection.reports):
                yield missed(gap)

    def digest(self) -> str:
        """Return a SHA-256 that names this policy; keys do not enter into it."""
        shown: list[Any] = [
            "never" if self.fail_on is None else self.fail_on.label,
            sorted(self.allow),
            self.incomplete,
            list(self.limits),
        ]
        return hashlib.sha256(json.dumps(shown).encode("utf-8")).hexdigest()

    def _allows(self, finding: Finding, path: str) -> bool:
        if finding.rule_id in self.allow and finding.severity < Severity.CRITICAL:
            return True
        if not path or not any(one.startswith(f"{finding.rule_id}@") for one in self.allow):
            return False
        try:
            return f"{finding.rule_id}@{sha256_of(path)}" in self.allow
        except (OSError, ReadError):
            return False


def gaps_of(reports: Collection[Report]) -> Iterator[Gap]:
    """Yield what was not examined, of files that are models."""
    for report in reports:
        yield from report.coverage.gaps


def missed(gap: Gap) -> Objection:
    """Return the objection to something that was not examined."""
    text = f"not examined in full: {gap.detail}"
    place = printable(str(gap.location))
    return Objection(f"coverage.{gap.reason}", place, printable(text), gap.hint)


def _found(finding: Finding) -> Objection:
    hint = finding.remedy or f"see `sentinel explain {finding.rule_id}`"
    place, text = printable(str(finding.location)), printable(finding.message)
    return Objection(finding.rule_id, place, text, hint, finding.severity)
