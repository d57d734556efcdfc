"""What a scan says: findings, gaps, coverage, and the report that joins them.

Standard library only, no behaviour beyond formatting; judgement lives in ``rules`` and
``verdicts``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import NamedTuple

_NO_FACTS: Mapping[str, object] = {}


class Severity(IntEnum):
    """How bad it would be if the finding is right."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The lower-case name, as options and reports spell it."""
        return self.name.lower()


class Confidence(IntEnum):
    """How sure we are that the finding is right."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    @property
    def label(self) -> str:
        """The lower-case name, as reports spell it."""
        return self.name.lower()


class Verdict(StrEnum):
    """The one-word answer about one artifact, in ascending order of concern.

    ``INCOMPLETE`` means that something was not examined and nothing worse was found.
    """

    CLEAN = "clean"
    INCOMPLETE = "incomplete"
    SUSPICIOUS = "suspicious"
    MALICIOUS = "malicious"


class Location(NamedTuple):
    """Where in an artifact something is.

    Attributes:
        artifact: Name of the top-level artifact, as the user gave it.
        member: Path of members below it, joined by ``!`` (``a.zip!b.tar!c.pkl`` without the first
            part); empty for the artifact itself.
        offset: Byte offset within that member, or None.
        length: Bytes covered, or None.
        line: 1-based line for text, or None.
    """

    artifact: str
    member: str = ""
    offset: int | None = None
    length: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        text = f"{self.artifact}!{self.member}" if self.member else self.artifact
        if self.line is not None:
            return f"{text}:{self.line}"
        return text if self.offset is None else f"{text} @ {self.offset}"


class Finding(NamedTuple):
    """One thing we think of a file.

    Attributes:
        rule_id: ``SNT`` and four digits.
        message: What would happen, in one line.
        severity: How bad.
        confidence: How sure.
        locations: Where; the first is the primary one.
        evidence: What was seen (a call as it would run, a name, a pair of offsets).
        remedy: What to do about it.
        facts: More about it for machines: text, numbers and lists of them by name.
    """

    rule_id: str
    message: str
    severity: Severity
    confidence: Confidence
    locations: tuple[Location, ...]
    evidence: str = ""
    remedy: str = ""
    facts: Mapping[str, object] = _NO_FACTS

    @property
    def location(self) -> Location:
        """The primary location."""
        return self.locations[0]

    @property
    def fingerprint(self) -> str:
        """A stable 16-digit identity: rule, artifact, member and evidence, without offsets."""
        import hashlib  # costs as much as the rest of this module, and a clean scan needs none

        place = self.locations[0]
        parts = (self.rule_id, place.artifact.replace("\\", "/"), place.member, self.evidence)
        joined = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(joined).hexdigest()[:16]


class Gap(NamedTuple):
    """Something that was not examined.

    Attributes:
        reason: A stable word (``limit``, ``truncated``, ``malformed``, ``unsupported``,
            ``unreadable``, ``encrypted``, ``pointer``, ``empty``, ``special-file``, ``changed``,
            ``sampled``, ``unrecognised``, ``internal``).
        location: Where.
        detail: What and why, in one line.
        hint: What the reader can do about it.
    """

    reason: str
    location: Location
    detail: str
    hint: str = ""


class Coverage(NamedTuple):
    """How much of an artifact the verdict rests on.

    Attributes:
        bytes_total: Size of the artifact.
        bytes_read: Distinct bytes asked for (proven tensor data need not be read).
        gaps: What was not examined.
    """

    bytes_total: int = 0
    bytes_read: int = 0
    gaps: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        """True when nothing was left unexamined."""
        return not self.gaps


class Suppressed(NamedTuple):
    """A finding that the user's settings accept, with the reason they gave."""

    finding: Finding
    reason: str


class Line(NamedTuple):
    """One line of a listing.

    Attributes:
        offset: Byte offset within the member of the opcode it stands for; None for a remark.
        text: The statement, or the opcode with its argument.
    """

    offset: int | None
    text: str


class Listing(NamedTuple):
    """What loading one pickle would run, written out as pseudo-Python.

    Attributes:
        member: Path of members to the pickle, as in ``Location``.
        lines: Statements in order; a remark stands for those that were left out.
        left_out: How many were.
        opcodes: By the offset of a finding, the opcodes around it.
    """

    member: str
    lines: tuple[Line, ...]
    left_out: int = 0
    opcodes: Mapping[int, tuple[Line, ...]] = {}


class Report(NamedTuple):
    """Everything a scan has to say about one top-level artifact.

    Attributes:
        artifact: Its name.
        formats: Names of the formats it was read as; empty when none was recognised.
        findings: What was found, worst first.
        coverage: What was and was not read.
        verdict: The answer.
        rules_version: Version of the rule set that gave it.
        sha256: Digest of the artifact where one was asked for, else empty.
        suppressed: Findings accepted by the user's settings.
        listings: The code of its pickles with findings, where that was asked for.
    """

    artifact: str
    formats: tuple[str, ...]
    findings: tuple[Finding, ...]
    coverage: Coverage
    verdict: Verdict
    rules_version: str
    sha256: str = ""
    suppressed: tuple[Suppressed, ...] = ()
    listings: tuple[Listing, ...] = ()

    @property
    def is_other(self) -> bool:
        """True for a file that is no model at all; a directory walk counts such and goes on."""
        reasons = {gap.reason for gap in self.coverage.gaps}
        known = self.formats not in ((), ("native",))  # programs are no models either
        return not known and not self.findings and reasons == {"unrecognised"}
