"""The engine: identify, parse, judge, go into members, and say what was not seen.

This is the only place where a parser's error becomes a gap in coverage. What one member does to
its parser has no effect on any other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import cast

from .artifacts import Artifact
from .errors import LimitExceeded, ReadError, SentinelError, gap_reason
from .findings import Coverage, Finding, Gap, Report, Severity
from .formats import BY_NAME, Member, Parsed, load
from .formats.identify import Identity, by_suffix, identify
from .limits import DEFAULT_LIMITS, Budget, Limits
from .readers import MemoryReader, open_file
from .rules import RULES_VERSION, RuleContext, rules_for
from .verdicts import decide

_MOST_FINDINGS = 10_000
_POINTER_HELP = {
    "Git LFS": "run `git lfs pull` (in a CI checkout: set `lfs: true`) and scan again",
    "DVC": "run `dvc pull` and scan the file it brings",
}


class Scanner:
    """Scans artifacts one by one; holds no state between them.

    Args:
        limits: Bounds of one scan.
        only: Names of the formats to read; whatever is another one is passed over, as if it were
            none that is known. Empty for all.
        named: The paths that the user named; those below a named directory are judged by what
            stands beside them. None when every path was named.
    """

    def __init__(
        self,
        limits: Limits = DEFAULT_LIMITS,
        only: frozenset[str] = frozenset(),
        named: frozenset[str] | None = None,
    ) -> None:
        self.limits = limits
        self.only = only
        self.named = named

    def scan_path(self, path: str | os.PathLike[str]) -> Report:
        """Scan one file. Whatever is wrong with it is in the report, never an exception."""
        name = os.fsdecode(path)
        try:
            reader = open_file(path)
        except ReadError as error:
            return _unread(name, "unreadable", error)
        with reader:
            asked = self.named is None or name in self.named
            artifact = Artifact(name, reader, asked=asked)
            if reader.size > self.limits.max_file_size:
                too_large = LimitExceeded(
                    f"larger than {self.limits.max_file_size} bytes", "raise --max-size"
                )
                return _unread(name, "limit", too_large)
            scan = self._run(artifact)
            if scan.formats and reader.changed():
                scan.gap(artifact, "changed", "the file changed while it was read", "scan it again")
            return scan.report(artifact)

    def scan_artifact(self, artifact: Artifact) -> Report:
        """Scan anything that has bytes and a name."""
        return self._run(artifact).report(artifact)

    def _run(self, artifact: Artifact) -> _Scan:
        scan = _Scan(Budget(self.limits), self.only)
        scan.top(artifact)
        return scan


def scan_bytes(data: bytes, name: str = "data", limits: Limits = DEFAULT_LIMITS) -> Report:
    """Scan bytes in memory.

    Args:
        data: The content of a model file.
        name: A name for it; its suffix counts only where the content does not tell the format.
        limits: Bounds of the scan.

    Returns:
        Findings, coverage and verdict.
    """
    return Scanner(limits).scan_artifact(Artifact(name, MemoryReader(data), asked=True))


def scan(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> list[Report]:
    """Scan a file, or every file below a directory.

    Args:
        path: File or directory.
        limits: Bounds of each file's scan.

    Returns:
        One report a file; files below a directory that are no model are left out.

    Raises:
        UsageError: There is nothing at that path.
    """
    from .targets import walk

    reports = []
    top = os.fsdecode(path)
    scanner = Scanner(limits, named=frozenset((top,)))
    for target in walk([top]):
        if target.gap is not None:
            reports.append(_gap_report(target.path, target.gap))
        else:
            report = scanner.scan_path(target.path)
            if target.named or not report.is_other:
                reports.append(report)
    return reports


class _Scan:
    """One top-level artifact's scan in progress."""

    def __init__(self, budget: Budget, only: frozenset[str]) -> None:
        self.budget = budget
        self.only = only
        self.formats: tuple[str, ...] = ()
        self.findings: dict[tuple[object, ...], Finding] = {}
        self.gaps: list[Gap] = []

    def gap(self, artifact: Artifact, reason: str, detail: str, hint: str = "") -> None:
        """Note something that was not examined."""
        self.gaps.append(Gap(reason, artifact.location(), detail, hint))

    def report(self, artifact: Artifact) -> Report:
        """Join everything into a report."""
        findings = sorted(
            self.findings.values(),
            key=lambda one: (-one.severity, one.location.member, one.location.offset or 0),
        )
        gaps = tuple(dict.fromkeys(self.gaps))
        reader = artifact.reader
        coverage = Coverage(reader.size, min(reader.size, reader.stats.bytes_read), gaps)
        verdict = decide(findings, gaps)
        return Report(
            artifact.name, self.formats, tuple(findings), coverage, verdict, RULES_VERSION
        )

    def top(self, artifact: Artifact) -> None:
        """Scan the top-level artifact."""
        if artifact.reader.size == 0:
            # An empty file of no model's name is as ordinary as any other (``py.typed``).
            reason = "empty" if by_suffix(artifact.leaf) else "unrecognised"
            self.gap(artifact, reason, "the file is empty", "get it again from its source")
            return
        identity = self._identify(artifact, ())
        if identity is None:
            return
        self.formats = identity.formats
        if identity.pointer:
            detail = f"not scanned: {identity.pointer} pointer; the model itself is not here"
            self.gap(artifact, "pointer", detail, _POINTER_HELP[identity.pointer])
        elif not identity.formats:
            self.gap(artifact, "unrecognised", "not a format that is read here")
        else:
            self.examine(artifact, identity.formats)

    def _identify(self, artifact: Artifact, formats: tuple[str, ...]) -> Identity | None:
        if formats:
            return self._wanted(Identity(formats))
        try:
            use_name = artifact.parent is None or _named(artifact)
            return self._wanted(identify(artifact, use_name=use_name))
        except SentinelError as error:
            self._failed(artifact, error)
        except Exception as error:
            self._crashed(artifact, error)
        return None

    def _wanted(self, identity: Identity) -> Identity:
        if not self.only:
            return identity
        return identity._replace(
            formats=tuple(name for name in identity.formats if name in self.only)
        )

    def examine(
        self, artifact: Artifact, formats: tuple[str, ...], parsed: Parsed | None = None
    ) -> None:
        """Parse, judge and go into one artifact as each of its formats."""
        claims: set[int] = set()
        ready: dict[str, Parsed] = {}
        for name in formats:
            known = parsed or ready.get(name) or self._parse(artifact, name)
            if known is None:
                continue
            if known.container is not None:
                ready[BY_NAME[name].within] = known.container
            self.gaps += known.gaps
            self._judge(artifact, name, known.model)
            self._members(artifact, known.members, claims)
            claims |= known.claims

    def _parse(self, artifact: Artifact, name: str) -> Parsed | None:
        reference = BY_NAME[name].parse
        if not reference:
            self.gap(artifact, "unsupported", f"{BY_NAME[name].title} is not read in this version")
            return None
        try:
            self.budget.check_time()
            return cast("Parsed", load(reference)(artifact, self.budget))
        except SentinelError as error:
            self._failed(artifact, error)
        except Exception as error:
            self._crashed(artifact, error)
        return None

    def _judge(self, artifact: Artifact, name: str, model: object) -> None:
        shared: dict[str, object] = {}
        try:
            rules = rules_for(name)
        except ImportError as error:
            self._crashed(artifact, error)
            return
        for rule in rules:
            context = RuleContext(artifact, rule, shared)
            try:
                for finding in islice(rule.check(model, context), _MOST_FINDINGS):
                    self._keep(artifact, finding)
            except SentinelError as error:
                self._failed(artifact, error)
            except Exception as error:
                self._crashed(artifact, error)

    def _keep(self, artifact: Artifact, finding: Finding) -> None:
        if len(self.findings) >= _MOST_FINDINGS:
            self.gap(
                artifact, "limit", f"more than {_MOST_FINDINGS} findings; the rest are not listed"
            )
            return
        key = (finding.rule_id, finding.location, finding.evidence, finding.message)
        self.findings.setdefault(key, finding)

    def _members(self, artifact: Artifact, members: Iterable[Member], claims: set[int]) -> None:
        for member in self._each(artifact, members):
            if member.key not in claims:
                self._member(artifact, member)

    def _each(self, artifact: Artifact, members: Iterable[Member]) -> Iterator[Member]:
        try:
            for member in members:
                self.budget.check_time()
                if not member.guess:
                    self.budget.spend_member()
                yield member
        except SentinelError as error:
            self._failed(artifact, error)
        except Exception as error:
            self._crashed(artifact, error)

    def _member(self, parent: Artifact, member: Member) -> None:
        try:
            reader = member.open()
        except SentinelError as error:
            self._failed(parent.child(member.name, MemoryReader(b"")), error)
            return
        except Exception as error:
            self._crashed(parent.child(member.name, MemoryReader(b"")), error)
            return
        child = parent.child(member.name, reader)
        torn = getattr(reader, "error", None)  # see readers.stream.TornReader
        if isinstance(torn, SentinelError):
            self._failed(child, torn)
        if reader.size == 0:
            return
        if child.depth > self.budget.limits.max_depth:
            detail = f"nested deeper than {self.budget.limits.max_depth} containers"
            self.gap(child, "limit", detail, "raise --max-depth to read on")
            return
        before, found = len(self.gaps), len(self.findings)
        identity = self._identify(child, member.formats)
        if identity is not None and identity.formats:
            self.examine(child, identity.formats, member.parsed)
        if member.guess and not self._serious(found):
            del self.gaps[before:]

    def _serious(self, since: int) -> bool:
        """Return True when a finding of medium or more was added after the first ``since``."""
        fresh = islice(self.findings.values(), since, None)
        return any(finding.severity >= Severity.MEDIUM for finding in fresh)

    def _failed(self, artifact: Artifact, error: SentinelError) -> None:
        self.gap(artifact, gap_reason(error), error.message, error.hint)

    def _crashed(self, artifact: Artifact, error: Exception) -> None:
        detail = f"internal error: {type(error).__name__}: {error}"
        self.gap(artifact, "internal", detail, "please report this as a bug")


def _named(artifact: Artifact) -> bool:
    """Return True when the member's own name may decide its format (members of archives)."""
    return not artifact.leaf.startswith("bytes@")


def _unread(name: str, reason: str, error: SentinelError) -> Report:
    location = Artifact(name, MemoryReader(b"")).location()
    detail = error.message.removeprefix(f"{name}: ")  # the report names the file itself
    return _gap_report(name, Gap(reason, location, detail, error.hint))


def _gap_report(name: str, gap: Gap) -> Report:
    return Report(name, (), (), Coverage(0, 0, (gap,)), decide((), (gap,)), RULES_VERSION)


def explain_path(
    path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS, text: int = 80
) -> Iterator[str]:
    """Yield what the pickles of a file would do, as lines of pseudo-Python.

    Args:
        path: A pickle, or a container with pickles in it.
        limits: Bounds.
        text: Longest string that is shown whole, in characters.

    Raises:
        ReadError: The file cannot be read.
    """
    from .explain import explain_artifact

    with open_file(path) as reader:
        yield from explain_artifact(Artifact(os.fsdecode(path), reader), Budget(limits), text)
