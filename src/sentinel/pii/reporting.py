"""From a scan of the detector to the report that all of SENTINEL's reporters know."""

from __future__ import annotations

from typing import NamedTuple

from ..artifacts import Artifact
from ..findings import Coverage, Finding, Gap, Report, Suppressed
from ..readers import MemoryReader
from ..rules import RULES_VERSION, RuleContext, rules_for
from ..verdicts import decide
from .model import Detection, InfoType
from .scanner import PiiScan

_SAMPLED_HINT = "use --full to read everything"


class Facts(NamedTuple):
    """What the rules judge.

    Attributes:
        detections: What was found.
        types: All info types by name.
    """

    detections: tuple[Detection, ...]
    types: dict[str, InfoType]

    def category(self, name: str) -> str:
        """Return the category of an info type."""
        return self.types[name].category

    def title(self, name: str) -> str:
        """Return what people call an info type."""
        return self.types[name].title


def report(scan: PiiScan, types: dict[str, InfoType]) -> Report:
    """Return a scan as a report, findings worst first.

    Args:
        scan: The scan of one file.
        types: All info types by name.
    """
    artifact = Artifact(scan.name, MemoryReader(b""))
    findings = _findings(artifact, scan.detections, types)
    accepted = [
        Suppressed(finding, entry.reason)
        for entry in scan.accepted
        for finding in _findings(artifact, (entry.detection,), types)
    ]
    gaps = (*scan.gaps, *_sampled(scan, artifact))
    coverage = Coverage(scan.bytes_total, scan.bytes_read, gaps)
    read = not any(gap.reason in ("unrecognised", "unreadable", "pointer") for gap in gaps)
    return Report(
        scan.name,
        ("pii",) if read else (),
        tuple(sorted(findings, key=lambda one: -one.severity)),
        coverage,
        decide(findings, gaps),
        RULES_VERSION,
        "",
        tuple(accepted),
    )


def _findings(
    artifact: Artifact, detections: tuple[Detection, ...], types: dict[str, InfoType]
) -> list[Finding]:
    if not detections:
        return []
    facts = Facts(detections, types)
    return [
        finding
        for rule in rules_for("pii")
        for finding in rule.check(facts, RuleContext(artifact, rule))
    ]


def _sampled(scan: PiiScan, artifact: Artifact) -> list[Gap]:
    found = []
    for part in scan.skipped:
        share = 100 * part.read / part.total if part.total else 0.0
        detail = f"scanned {share:.1f} % ({_amount(part.read, part.unit)} of "
        detail += f"{_amount(part.total, part.unit)})"
        place = artifact.location()._replace(member=part.path)
        found.append(Gap("sampled", place, detail, _SAMPLED_HINT))
    return found


def _amount(number: int, unit: str) -> str:
    if unit != "bytes":
        return f"{number:,} {unit}"
    return f"{number / 1e9:.2f} GB" if number >= 1e9 else f"{number / 1e6:.1f} MB"
