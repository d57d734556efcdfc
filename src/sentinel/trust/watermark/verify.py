"""Verifies a store of tensors: all hypotheses are planned first, then tried, likeliest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ...errors import TrustError, UsageError
from .anchors import Anchors
from .code import ID_BITS
from .detect import (
    Evidence,
    MarkVerdict,
    Score,
    hypotheses_per_delta,
    score,
    verdict,
)
from .embed import gather
from .keys import WatermarkKeyProvider, commit
from .mappings import Mapping, mappings
from .plan import Plan, ladder, of_record, plan
from .realign import RealignedStore
from .record import Record
from .secret import Secret
from .stdm import project
from .store import Store, Tensor
from .streams import KeyStreams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and how much was tried for it.

    Attributes:
        verdict: ``marked`` when the corrected p-value is at most 1e-12.
        log10_p: Power of ten of the p-value, corrected for all hypotheses.
        hypotheses: Number of hypotheses that the correction counts.
        score: The statistics of the best hypothesis, uncorrected.
        identity: Its payload in hexadecimal; empty when there was none.
        payload: Where it is from: ``given``, ``record``, ``decoded``, or ``undecodable``.
        mapping: How tensors were told: ``names``, ``shapes`` or ``pairs``, ``+original`` when they
            were realigned; ``none`` when no tensor could be.
        key_id: Of the record's commitment; empty without a record.
        anchors_sha256: Digest of the anchors that were used; empty without.
        scheme: The scheme that was looked for.
    """

    verdict: MarkVerdict
    log10_p: float
    hypotheses: int
    score: Score
    identity: str
    payload: str
    mapping: str
    key_id: str = ""
    anchors_sha256: str = ""
    scheme: str = "stdm-1"


class Request(NamedTuple):
    """What the owner has beside the key.

    Attributes:
        record: The record of the mark.
        identities: Payloads to test; those of the record, or a decoded one, if empty.
        anchors: The anchors of the mark.
        original: The model before it was marked.
        context: What the key was derived for; the record's is used where there is one.
    """

    record: Record | None = None
    identities: Sequence[int] = ()
    anchors: Anchors | None = None
    original: Store | None = None
    context: str = ""


class _Trial(NamedTuple):
    """One family of hypotheses: a way to tell tensors, realigned or not."""

    mapping: Mapping
    realigned: bool

    @property
    def label(self) -> str:
        return self.mapping.how + ("+original" if self.realigned else "")


def verify_store(
    store: Store, provider: WatermarkKeyProvider, request: Request, *, what: str = "the model"
) -> Verification:
    """Look for the mark of a key in a store of tensors.

    Args:
        store: The model in question.
        provider: Gives the key.
        request: What else the owner has.
        what: Name of the model for messages.

    Raises:
        TrustError: The key is not the record's, or the anchors are not.
        NotMarked: Without a record: nothing in it could bear a mark.
    """
    record = request.record
    context = request.context if record is None else record.context
    key = provider.derive(context.encode("utf-8", "surrogatepass"))
    laid, deltas = _numbers(store, request, what)
    check_key(key, record)
    _check_anchors(request, laid)
    identities, payload = wanted_identities(request)
    trials = _trials(store, laid, request, pairs=bool(identities))
    each = hypotheses_per_delta(identities, request.anchors) * len(deltas)
    hypotheses = max(1, sum(one.mapping.count for one in trials) * each)
    search = _Search(store, KeyStreams(key), laid, deltas, identities, request)
    best, how = Score(0.0, "blind", 0, 0, None, None, deltas[0]), "none"
    for trial in trials:
        found = search.best(trial)
        if how == "none" or found.log10_p < best.log10_p:
            best, how = found, trial.label
        if verdict(best.log10_p, hypotheses)[0] is MarkVerdict.MARKED:
            break
    said, adjusted = verdict(best.log10_p, hypotheses)
    if best.identity is None and not identities:
        payload = "undecodable"
    return Verification(
        said, adjusted, hypotheses, best,
        "" if best.identity is None else f"{best.identity:016x}", payload, how,
        "" if record is None else record.key_id,
        "" if request.anchors is None else request.anchors.sha256,
    )  # fmt: skip


def _numbers(store: Store, request: Request, what: str) -> tuple[Plan, tuple[float, ...]]:
    """Return the plan and the steps to try, from the record or else from the shapes."""
    if request.record is not None:
        return of_record(request.record), (float(request.record.parameters["delta"]),)
    laid = plan((store if request.original is None else request.original).tensors, what)
    return laid, ladder(laid.delta)


def check_key(key: Secret, record: Record | None) -> None:
    """Raise TrustError when a record's commitment is to another key."""
    if record is None:
        return
    if commit(key, bytes.fromhex(record.salt)).digest.hex() != record.commitment:
        raise TrustError(
            "wrong-key", f"the key is not the one of the record (key id {record.key_id})",
            "give the key the mark was made with",
        )  # fmt: skip


def _check_anchors(request: Request, laid: Plan) -> None:
    anchors, record = request.anchors, request.record
    if anchors is None:
        return
    alien = record is not None and record.anchors_sha256 not in ("", anchors.sha256)
    if alien or len(anchors.before) != laid.chips:
        raise TrustError("watermark-anchors", "the anchors are not those of this mark")


def wanted_identities(request: Request) -> tuple[tuple[int, ...], str]:
    """Return the payloads to test, and where they are from. Raises UsageError."""
    if request.identities:
        if not all(0 <= one < 1 << ID_BITS for one in request.identities):
            raise UsageError("a payload is a number of 64 bits")
        return tuple(dict.fromkeys(request.identities)), "given"
    if request.record is not None:
        return (int(request.record.identity, 16),), "record"
    return (), "decoded"


def _trials(store: Store, laid: Plan, request: Request, *, pairs: bool) -> list[_Trial]:
    found = [_Trial(one, False) for one in mappings(laid.parts, store.tensors, pairs=pairs)]
    if request.original is not None:
        found += [_Trial(one.mapping, True) for one in found if one.mapping.how != "pairs"]
    return found


class _Search(NamedTuple):
    """What all trials share."""

    store: Store
    streams: KeyStreams
    laid: Plan
    deltas: tuple[float, ...]
    identities: tuple[int, ...]
    request: Request

    def best(self, trial: _Trial) -> Score:
        """Return the best score of one trial over the steps and payloads."""
        store = self._realigned(trial.mapping) if trial.realigned else self.store
        if trial.mapping.groups:
            return min(self._pairs(trial.mapping), key=lambda one: one.log10_p)
        evidence = gather(store, trial.mapping.tensors, self.streams, self.laid)
        anchors = self.request.anchors
        scores = [score(evidence, delta, self.identities, anchors) for delta in self.deltas]
        return min(scores, key=lambda one: one.log10_p)

    def _realigned(self, mapping: Mapping) -> Store:
        original = self.request.original
        assert original is not None
        owned = mappings(self.laid.parts, original.tensors, pairs=False)
        of_part = owned[0].tensors if owned else {}
        origins = {
            tensor.name: of_part[part]
            for part, tensor in mapping.tensors.items()
            if part in of_part
        }
        return RealignedStore(self.store, original, origins)

    def _pairs(self, mapping: Mapping) -> Iterator[Score]:
        """Yield, for each step and payload, the score of the best way to tell tensors of a shape"""
        import numpy as np

        base = gather(self.store, mapping.tensors, self.streams, self.laid)
        spans, first = {}, 0
        for part in self.laid.parts:
            spans[part.name] = slice(first, first + part.chips)
            first += part.chips
        known = {
            (part.name, one.name): self._projected(one, part.name, part.chips)
            for mine, theirs in mapping.groups
            for part in mine
            for one in theirs
        }
        for delta in self.deltas:
            for identity in self.identities:
                values = base.values.copy()
                for mine, theirs in mapping.groups:
                    gains = np.array([
                        [
                            self._matches(base, spans[part.name], known[part.name, one.name],
                                          delta, identity)
                            for one in theirs
                        ]
                        for part in mine
                    ])  # fmt: skip
                    for row, column in _greedily(gains):
                        values[spans[mine[row].name]] = known[mine[row].name, theirs[column].name]
                yield score(base._replace(values=values), delta, (identity,), self.request.anchors)

    def _projected(self, tensor: Tensor, name: str, chips: int) -> NDArray[np.float64]:
        return project(self.store, tensor, name, self.streams, self.laid.length, chips).values

    def _matches(
        self,
        base: Evidence,
        span: slice,
        values: NDArray[np.float64],
        delta: float,
        identity: int,
    ) -> int:
        evidence = Evidence(values, base.dithers[span], base.places[span])
        found = score(evidence, delta, (identity,), None)
        return 2 * found.matches - found.chips


def _greedily(gains: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of an assignment, the best first."""
    import numpy as np

    left = gains.astype(np.float64)
    for _ in range(min(left.shape)):
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        yield int(row), int(column)
        left[row, :] = left[:, column] = -np.inf
