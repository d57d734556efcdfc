"""Validates one file of a dataset: what it is, what is in it, and what the scanners say of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from ..artifacts import Artifact
from ..engine import Scanner
from ..errors import ReadError, SentinelError, UnsupportedError
from ..findings import Coverage, Finding, Gap, Report
from ..limits import Budget
from ..pii.reporting import report as pii_report
from ..pii.scanner import PiiScanner
from ..pii.sources import gap_of
from ..readers import MemoryReader, open_file
from ..rules import RULES_VERSION, RuleContext, rules_for
from ..rules.dataset_notes import DatasetFacts, Note
from ..verdicts import decide
from .kinds import Kind, kind_of, mismatch
from .near import Sketches, thinned
from .notes import Notes
from .options import Options
from .schema import check_schema, read_schema
from .splits import split_of
from .table import TableWatch
from .watch import watch

FORMAT = "dataset"
"""What reports call a file that was read as part of a dataset."""

_OBJECTS = frozenset(("SNT1170", "SNT1490"))
"""Rules about arrays of objects and about pickles in the metadata of tables."""

MOST_SKETCHES = 100_000
"""Texts of all files together that are kept for near-duplicates across splits."""

_NEAR = ("text", "json", "markup", "svg")


class Seen(NamedTuple):
    """What is kept of a file, to compare it with the others.

    Attributes:
        path: Its name.
        kind: What it is.
        names: Names of its columns.
        digests: Digests of its texts, or of its rows where it has none; kept, as are ``near``, of
            files whose name tells a split.
        sha256: Digest of a picture or sound; empty for others.
        near: What is kept of its texts for near-duplicates.
    """

    path: str
    kind: str
    names: tuple[str, ...] = ()
    digests: frozenset[int] = frozenset()
    sha256: str = ""
    near: Sketches = Sketches()


class FileValidator:
    """Validates files one by one and keeps what a dataset as a whole is judged by.

    Args:
        options: How.

    Raises:
        UsageError: pandera is not installed for the schema of the options.
        SettingsError: The schema cannot be used.

    Attributes:
        seen: One entry a file.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._scanner = Scanner(self.options.limits)
        pii = self.options.pii
        self._pii = None if pii is None else PiiScanner(pii._replace(limits=self.options.limits))
        self._schema = read_schema(self.options.schema) if self.options.schema else None
        self.seen: list[Seen] = []
        self._kept = 0

    def file(self, path: str | os.PathLike[str]) -> Report:
        """Validate one file. Whatever is wrong with it is in the report, never an exception."""
        name = os.fsdecode(path)
        base = self._scanner.scan_path(path)
        try:
            reader = open_file(path)
        except ReadError:
            return base
        with reader:
            artifact = Artifact(name, reader, asked=True)
            if reader.size > self.options.limits.max_file_size:
                return base
            return self._examine(artifact, base)

    def artifact(self, artifact: Artifact) -> Report:
        """Validate anything that has bytes and a name."""
        return self._examine(artifact, self._scanner.scan_artifact(artifact))

    def _examine(self, artifact: Artifact, base: Report) -> Report:
        notes = Notes()
        kind = Kind("binary", "")
        table: TableWatch | None = None
        try:
            kind = kind_of(artifact)
            table = watch(artifact, kind, Budget(self.options.limits), self.options, notes)
        except SentinelError as error:
            notes.gaps.append(gap_of(artifact, error))
        self._check(artifact, table, notes)
        _name(artifact, kind, notes)
        _pickles(base, kind, notes)
        self._keep(artifact, kind, table)
        reports = [base]
        if self._pii is not None and kind.family not in ("picture", "media"):
            reports.append(pii_report(self._pii.scan_artifact(artifact), self._pii.types))
        return join(artifact, kind, reports, notes)

    def _check(self, artifact: Artifact, table: TableWatch | None, notes: Notes) -> None:
        """Hold a table against the schema, where there is one."""
        if self._schema is None:
            return
        try:
            if not check_schema(artifact, self._schema, notes) and table is not None:
                raise UnsupportedError("the schema is not checked for a table of this kind")
        except SentinelError as error:
            notes.gaps.append(gap_of(artifact, error))

    def _keep(self, artifact: Artifact, kind: Kind, table: TableWatch | None) -> None:
        digest = ""
        if kind.family in ("picture", "media"):
            digest = sha256_of(artifact)
        one = Seen(artifact.name, kind.family, sha256=digest)
        if table is not None:
            one = one._replace(names=table.names)
            if split_of(artifact.name):
                one = one._replace(digests=table.digests(), near=table.near)
        self.seen.append(one)
        self._kept += len(one.near.items)
        if self._kept > MOST_SKETCHES:
            self.seen[:] = thin(self.seen)
            self._kept = sum(len(one.near.items) for one in self.seen)

    def take(self) -> list[Seen]:
        """Return what was kept of the files, and keep it no longer."""
        taken, self.seen, self._kept = self.seen, [], 0
        return taken


def thin(seen: Sequence[Seen]) -> list[Seen]:
    """Return what was kept of files, with no more texts for near-duplicates than there is room for.

    Which ones does not depend on when and how often this is done.
    """
    near = thinned([one.near for one in seen], MOST_SKETCHES)
    return [one._replace(near=left) for one, left in zip(seen, near, strict=True)]


def _name(artifact: Artifact, kind: Kind, notes: Notes) -> None:
    """Note a program, and a name that says something else than the content."""
    promised = mismatch(artifact.leaf, kind)
    if kind.family == "program":
        notes.add(Note("program", f"a program lies among the data: {kind.title}", kind.title))
    elif kind.family == "script" and promised:
        says = f"a program under the name of data ({promised}): {kind.title}"
        notes.add(Note("program", says, kind.title))
    elif promised and kind.family not in ("pickle", "binary"):
        near = kind.family in ("picture", "media") and not promised.startswith(".")
        near = near or kind.family in (*_NEAR, "stream")
        near = near and not (kind.family == "markup" and promised != ".svg")
        says = f"named as {promised}, but it is {kind.title}"
        notes.add(Note("name-near" if near else "name-other", says, kind.title))


def _pickles(base: Report, kind: Kind, notes: Notes) -> None:
    if kind.family == "pickle":
        notes.add(Note("pickle", "the data is a pickle", "pickle"))
        return
    for finding in base.findings:
        if finding.rule_id in _OBJECTS:
            text = f"{finding.message}: reading it means unpickling"
            notes.add(Note("pickle", text, finding.evidence, member=finding.location.member))


def join(artifact: Artifact, kind: Kind, reports: list[Report], notes: Notes) -> Report:
    """Return one report of what the scanners and the rules about datasets say.

    A gap that says that a scanner does not know a file counts only where nobody knows it.

    Args:
        artifact: The file.
        kind: What it is.
        reports: What the scanner of models and the detector of personal data say.
        notes: What was noted of it.
    """
    known = kind.family not in ("binary", "model")
    gaps = [gap for gap in notes.gaps if gap.reason != "unrecognised" or not known]
    for one in reports:
        gaps += [gap for gap in one.coverage.gaps if not _is_answered(gap, kind, known)]
    findings: list[Finding] = judge(artifact, notes.facts())
    findings += [finding for one in reports for finding in one.findings]
    findings.sort(key=lambda one: -one.severity)
    unique = tuple(dict.fromkeys(gaps))
    formats = dict.fromkeys(name for one in reports for name in one.formats if name != "pii")
    first = reports[0]
    return Report(
        artifact.name,
        (*formats, FORMAT),
        tuple(findings),
        first.coverage._replace(
            bytes_total=artifact.reader.size,
            bytes_read=min(artifact.reader.size, artifact.reader.stats.bytes_read),
            gaps=unique,
        ),
        decide(findings, unique),
        RULES_VERSION,
        "",
        tuple(kept for one in reports for kept in one.suppressed),
    )


def _is_answered(gap: Gap, kind: Kind, known: bool) -> bool:
    if gap.reason == "empty":
        return True
    if gap.reason == "malformed" and gap.detail.startswith("pickle: ") and kind.family in _NEAR:
        return True  # a header such as "c0,c1" begins as a pickle of text does, and ends as none
    return gap.reason == "unrecognised" and (known or kind.family == "model")


def judge(artifact: Artifact, facts: DatasetFacts) -> list[Finding]:
    """Return what the rules about datasets think of some facts."""
    if not facts.notes:
        return []
    return [
        finding
        for rule in rules_for(FORMAT)
        for finding in rule.check(facts, RuleContext(artifact, rule))
    ]


def folder_report(name: str, notes: Notes) -> Report:
    """Return the report about a folder as a whole."""
    artifact = Artifact(name, MemoryReader(b""))
    findings = judge(artifact, notes.facts())
    gaps = tuple(notes.gaps)
    verdict = decide(findings, gaps)
    return Report(name, (FORMAT,), tuple(findings), Coverage(0, 0, gaps), verdict, RULES_VERSION)


def sha256_of(artifact: Artifact) -> str:
    """Return the digest of a file. Raises ReadError when it cannot be read."""
    import hashlib

    digest = hashlib.sha256()
    for at in range(0, artifact.reader.size, 1 << 20):
        digest.update(artifact.reader.pread(at, 1 << 20))
    return digest.hexdigest()
