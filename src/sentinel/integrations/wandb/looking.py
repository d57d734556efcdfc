"""Looks at files for a guard: as models, for personal data, and as a dataset.

Whatever goes wrong in here is a gap in the report of the file, so that the guard can refuse it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ...engine import Scanner
from ...explain import with_listings
from ...findings import Report, Severity
from ...formats.surroundings import forget_directories
from ...limits import Limits
from ...verdicts import decide
from ..inspection import Inspection, crashed, renamed

if TYPE_CHECKING:
    from .guard import WandbGuard

_HARMLESS = frozenset(("unrecognised", "sampled"))


def look(
    files: Mapping[str, str], guard: WandbGuard, *, top: str = "", kind: str = ""
) -> Inspection:
    """Scan files.

    Args:
        files: Paths by the names they are to have in reports.
        guard: Says what is looked for.
        top: The folder they lie in, for what is said of a dataset as a whole.
        kind: Type of the artifact they belong to.
    """
    forget_directories()
    limits = guard.policy.limits
    as_dataset = guard.datasets != "off" and "dataset" in kind.lower()
    reports: list[Report] = []
    others: list[str] = []
    for name, path in files.items():
        report = _safely(name, partial(_model, path, limits))
        (others.append(name) if report.is_other else reports.append(report))
        if guard.pii != "off" and not as_dataset:
            reports += _personal(name, path, limits, guard.pii)
    if as_dataset and files:
        reports += _dataset(files, top, limits, guard.datasets)
    return Inspection(tuple(reports), tuple(others), dict(files))


def _model(path: str, limits: Limits) -> Report:
    """Scan a file by what stands beside it, as the scan of a directory does."""
    report = Scanner(limits, named=frozenset()).scan_path(path)
    return with_listings(report, limits) if report.findings else report


def _safely(name: str, scan: Callable[[], Report]) -> Report:
    try:
        return renamed(scan(), name)
    except Exception as error:  # a crash of ours is no reason to let a file pass
        return crashed(name, error).reports[0]


def _personal(name: str, path: str, limits: Limits, mode: str) -> Iterable[Report]:
    from ...pii.reporting import report
    from ...pii.scanner import Options, PiiScanner

    def scan() -> Report:
        scanner = PiiScanner(Options(inline=False, limits=limits))
        return report(scanner.scan_path(path), scanner.types)

    found = _told(_safely(name, scan), mode)
    return () if found.is_other or not (found.findings or found.coverage.gaps) else (found,)


def _dataset(files: Mapping[str, str], top: str, limits: Limits, mode: str) -> Iterable[Report]:
    from ...datasets import FileValidator, Options, compare

    def whole() -> Report:
        return compare(top, validator.seen)

    try:
        validator = FileValidator(Options(limits=limits))
    except Exception as error:
        return crashed(next(iter(files)), error).reports
    reports = [
        _told(_safely(name, partial(validator.file, path)), mode) for name, path in files.items()
    ]
    if top:
        reports.append(_told(_safely("the dataset", whole), mode))
    return [one for one in reports if one.findings or one.coverage.gaps]


def _told(report: Report, mode: str) -> Report:
    """Return a report that blocks nothing where findings are only to be told."""
    gaps = tuple(gap for gap in report.coverage.gaps if gap.reason not in _HARMLESS)
    findings = report.findings
    if mode == "warn":
        gaps = tuple(gap for gap in gaps if gap.reason == "internal")
        findings = tuple(
            one._replace(severity=min(one.severity, Severity.MEDIUM)) for one in findings
        )
    coverage = report.coverage._replace(gaps=gaps)
    return report._replace(findings=findings, coverage=coverage, verdict=decide(findings, gaps))
