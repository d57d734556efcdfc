"""What marks in thresholds have in common: their label, their record, their verification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ...errors import TrustError
from .detect import MarkVerdict, Score, verdict
from .keys import WatermarkKeyProvider, commit
from .kinds import Job
from .record import Part, Record
from .secret import Secret
from .verify import Request, Verification, check_key, wanted_identities

FRAGILE = "fragile-tracing"
"""Tells which copy this is, as long as nobody minds; never evidence of ownership."""
KEYED = "keyed-mark"
"""Of float tensors: bears damage, and goes when somebody re-parameterises the model."""
FRAGILE_SCHEMES = frozenset({"tree-threshold-1", "xgb-threshold-1"})


def label_of(scheme: str) -> str:
    """Return what a mark of a scheme may be called: ``fragile-tracing`` or ``keyed-mark``."""
    return FRAGILE if scheme in FRAGILE_SCHEMES else KEYED


def record_of(
    scheme: str, key: Secret, job: Job, numbers: Mapping[str, float], parts: tuple[Part, ...]
) -> Record:
    """Return the record of a mark in thresholds.

    Args:
        scheme: Its scheme.
        key: The key of the model.
        job: What it was marked with.
        numbers: ``nodes`` that were marked, and ``bits`` of each.
        parts: The estimators that bear it.
    """
    committed = commit(key)
    return Record(
        scheme=scheme,
        key_id=committed.key_id,
        salt=committed.salt.hex(),
        commitment=committed.digest.hex(),
        context=job.context,
        identity=f"{job.identity:016x}",
        parameters=numbers,
        parts=parts,
        distortion=0.0,
    )


def verified(
    scheme: str,
    provider: WatermarkKeyProvider,
    request: Request,
    score: Callable[[Secret, Sequence[int]], Score],
) -> Verification:
    """Look for a mark in thresholds.

    Args:
        scheme: Its scheme.
        provider: Gives the key.
        request: What else the owner has.
        score: Returns the score of the best of some payloads under a key, or of the decoded one.

    Raises:
        TrustError: The key or the record is another's, or anchors were given.
    """
    record = request.record
    if record is not None and record.scheme != scheme:
        raise TrustError("watermark-record", f"the record is of a mark of scheme {record.scheme}")
    if request.anchors is not None:
        raise TrustError("watermark-anchors", "a mark in thresholds has no anchors")
    context = request.context if record is None else record.context
    key = provider.derive(context.encode("utf-8", "surrogatepass"))
    check_key(key, record)
    identities, payload = wanted_identities(request)
    best = score(key, identities)
    hypotheses = len(identities) or 1 << 64  # a decoded payload is the best of all there are
    said, adjusted = verdict(best.log10_p, hypotheses)
    identity = "" if best.identity is None else f"{best.identity:016x}"
    if not identities and said is not MarkVerdict.MARKED:
        identity, payload = "", "undecodable"
    return Verification(
        said, adjusted, hypotheses, best, identity, payload, "content",
        "" if record is None else record.key_id, scheme=scheme,
    )  # fmt: skip
