"""A scanner that reads its answer from the file, so that the surface is tested by itself.

Each line of a file is one word and its arguments::

    format pickle
    finding SNT9901 critical high data.pkl 36 os.system('echo inert')
    gap truncated the file breaks off
    crash

A file without any such line is no model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sentinel.findings import (
    Confidence,
    Coverage,
    Finding,
    Gap,
    Location,
    Report,
    Severity,
)
from sentinel.limits import DEFAULT_LIMITS, Limits
from sentinel.rules import RULES_VERSION, Rule
from sentinel.verdicts import decide

CLEAN = "format pickle\n"
BAD = "format pickle\nfinding SNT9901 critical high data.pkl 36 os.system('echo inert')\n"
MINOR = "format pickle\nfinding SNT9902 medium medium - - builtins.getattr\n"
PARTIAL = "format pickle\ngap truncated the file breaks off after 12 bytes\n"
CRASH = "crash\n"
OTHER = "hello\n"


class StubScanner:
    """Stands in for ``sentinel.engine.Scanner``."""

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        only: frozenset[str] = frozenset(),
        named: frozenset[str] | None = None,
    ) -> None:
        self.limits = limits

    def scan_path(self, path: str) -> Report:
        formats: list[str] = []
        findings: list[Finding] = []
        gaps: list[Gap] = []
        text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
        for line in text.split("\n"):
            word, _, rest = line.partition(" ")
            if word == "format":
                formats.append(rest)
            elif word == "finding":
                findings.append(_finding(path, rest))
            elif word == "gap":
                reason, _, detail = rest.partition(" ")
                gaps.append(Gap(reason, Location(path), detail, "get it again"))
            elif word == "crash":
                raise RuntimeError("stub\x1b[31m crash")
        if not (formats or findings or gaps):
            gaps.append(Gap("unrecognised", Location(path), "not a format that is read here"))
        coverage = Coverage(len(text), len(text), tuple(gaps))
        verdict = decide(findings, gaps)
        return Report(path, tuple(formats), tuple(findings), coverage, verdict, RULES_VERSION)


def _finding(path: str, text: str) -> Finding:
    rule, severity, confidence, member, offset, evidence = text.split(" ", 5)
    place = Location(
        path, "" if member == "-" else member, None if offset == "-" else int(offset), None
    )
    return Finding(
        rule,
        f"loading the file calls {evidence.partition('(')[0]}",
        Severity[severity.upper()],
        Confidence[confidence.upper()],
        (place,),
        evidence.encode().decode("unicode_escape") if "\\" in evidence else evidence,
        "do not load it; ask its author for a safetensors file",
    )


def _never(model: object, context: object) -> Iterator[Finding]:
    yield from ()


def _rule(number: str, name: str, severity: Severity, doc: str) -> Rule:
    check: Callable[..., Iterator[Finding]] = _never
    return Rule(number, name, severity, ("pickle",), "CWE-502", check, doc)


STUB_RULES = (
    _rule(
        "SNT9901",
        "stub-call",
        Severity.CRITICAL,
        "A pickle calls a function that runs commands.\n\n    Why it matters: loading runs it.\n",
    ),
    _rule("SNT9902", "stub-name", Severity.MEDIUM, "A pickle names an unknown function."),
    _rule("SNT9903", "stub-fact", Severity.LOW, "A fact worth knowing."),
)


def stub_rules() -> tuple[Rule, ...]:
    return STUB_RULES
