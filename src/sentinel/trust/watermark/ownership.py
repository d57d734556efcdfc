"""When a mark supports a statement of ownership: seldom, and never by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .detect import OWNERSHIP_LOG10, MarkVerdict
from .record import Record
from .tracing import FRAGILE_SCHEMES
from .verify import Verification


@dataclass(frozen=True, slots=True)
class Attested:
    """What a signed attestation, verified by the caller, says of a mark.

    Attributes:
        commitment: The commitment to the key, hexadecimal.
        anchors_sha256: Digest of the anchors; empty if it names none.
        when: The time a trusted time stamp puts on it.
        before: When the dispute began, or the model in question was first seen.
    """

    commitment: str
    anchors_sha256: str
    when: datetime
    before: datetime


def ownership_gaps(
    found: Verification, record: Record | None, attested: Attested | None
) -> tuple[str, ...]:
    """Return what is missing before the mark supports a statement of ownership; () if nothing.

    Whoever may choose a key after seeing a model can find one that fits, at 1e-9 within days: only
    a smaller p-value, and a key that was committed to beforehand, say more than that.
    """
    gaps = []
    if found.scheme in FRAGILE_SCHEMES:
        gaps.append("a mark in thresholds is for tracing copies, and anybody removes it at no cost")
    if found.verdict is not MarkVerdict.MARKED or found.log10_p > OWNERSHIP_LOG10:
        gaps.append("the corrected p-value is above 2^-64")
    if record is None or attested is None:
        gaps.append("no time-stamped attestation of the commitment to the key was given")
        return tuple(gaps)
    if attested.commitment != record.commitment:
        gaps.append("the attestation is of another key")
    if attested.when >= attested.before:
        gaps.append("the attestation is no older than the dispute")
    if found.score.detector == "anchored" and attested.anchors_sha256 != found.anchors_sha256:
        gaps.append("the anchors are not those of the attestation")
    return tuple(gaps)
