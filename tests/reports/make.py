"""Runs to report on, made by hand."""

from __future__ import annotations

from sentinel.findings import (
    Confidence,
    Coverage,
    Finding,
    Gap,
    Location,
    Report,
    Severity,
    Suppressed,
)
from sentinel.reports import Run
from sentinel.verdicts import decide

ROOT = "/repo"


def finding(
    path: str = "/repo/m/a.pkl",
    *,
    rule: str = "SNT9901",
    severity: Severity = Severity.CRITICAL,
    confidence: Confidence = Confidence.HIGH,
    member: str = "data.pkl",
    offset: int | None = 36,
    line: int | None = None,
    evidence: str = "os.system('echo inert')",
    message: str = "loading the file runs a command",
    remedy: str = "do not load it",
    related: tuple[Location, ...] = (),
) -> Finding:
    place = Location(path, member, offset, None, line)
    return Finding(rule, message, severity, confidence, (place, *related), evidence, remedy)


def report(
    path: str = "/repo/m/a.pkl",
    *findings: Finding,
    gaps: tuple[Gap, ...] = (),
    suppressed: tuple[Suppressed, ...] = (),
    sha256: str = "",
) -> Report:
    coverage = Coverage(100, 60, gaps)
    verdict = decide(findings, gaps)
    return Report(path, ("pickle",), findings, coverage, verdict, "1", sha256, suppressed)


def run(*reports: Report, root: str = ROOT, exit_code: int = 1, **more: object) -> Run:
    facts: dict[str, object] = {
        "targets": ("m",),
        "others": (),
        "fail_on": Severity.HIGH,
        "started": 1_800_000_000.0,
        "finished": 1_800_000_001.0,
        **more,
    }
    return Run(reports=reports, root=root, exit_code=exit_code, **facts)  # type: ignore[arg-type]


def gap(path: str, reason: str = "truncated", detail: str = "it breaks off") -> Gap:
    return Gap(reason, Location(path), detail, "get it again")
