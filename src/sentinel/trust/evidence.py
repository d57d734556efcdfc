"""What is signed about a model: statements whose signatures hold and that speak of its files.

Signatures are verified over bytes before those bytes are parsed. A statement that is signed well
but is no statement, or speaks of other files, counts for nothing; why is kept, for the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import TrustError
from . import statement as statements
from .attest.statements import check_subjects
from .attest.store import Stored
from .manifest import Manifest
from .signers import Panel
from .statement import Statement

_SIGNATURES = "https://model_signing/"


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that counts.

    Attributes:
        statement: The statement.
        signers: Who signed it.
    """

    statement: Statement
    signers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is signed about a model.

    Attributes:
        claims: What counts.
        refusals: Why the rest does not.
    """

    claims: tuple[Claim, ...]
    refusals: tuple[TrustError, ...]

    def of_type(self, predicate_type: str) -> tuple[Claim, ...]:
        """Return the claims of one kind.

        Raises:
            TrustError: There is none. The reason is that of the nearest miss, else
                ``missing-attestation``.
        """
        found = tuple(one for one in self.claims if one.statement.predicate_type == predicate_type)
        if found:
            return found
        near = [error for error in self.refusals if getattr(error, "kind", "") == predicate_type]
        for error in (*near, *(one for one in self.refusals if not getattr(one, "kind", ""))):
            raise TrustError(error.reason, error.message, error.hint)
        raise TrustError(
            "missing-attestation",
            f"no attestation of {predicate_type}",
            "make it with `sentinel attest`, or ask whoever signed the model for it",
        )


class _Unfit(TrustError):
    """A statement of a known kind that does not count."""

    def __init__(self, error: TrustError, kind: str) -> None:
        super().__init__(error.reason, error.message, error.hint)
        self.kind = kind


def gather(
    stored: Sequence[Stored], manifest: Manifest, panel: Panel, tolerated: Sequence[str] = ()
) -> Evidence:
    """Return what is signed about a model.

    Args:
        stored: The bundles beside it.
        manifest: Its files as they are.
        panel: Who may sign.
        tolerated: Names of files that need not be spoken of.
    """
    claims: list[Claim] = []
    refusals: list[TrustError] = []
    for number, group in enumerate(by_payload(stored).values(), 1):
        what = f"attestation {number}"
        try:
            claim = _claim(group, panel, what)
        except TrustError as error:
            refusals.append(error)
            continue
        kind = claim.statement.predicate_type
        if kind.startswith(_SIGNATURES):
            continue  # a further signature of the model, which has subjects of another kind
        try:
            check_subjects(claim.statement, manifest, tolerated=tolerated)
        except TrustError as error:
            refusals.append(_Unfit(error, kind))
        else:
            claims.append(claim)
    return Evidence(tuple(claims), tuple(refusals))


def by_payload(stored: Sequence[Stored]) -> dict[tuple[str, bytes], list[Stored]]:
    """Return bundles by what they hold: those of one payload add up their signers."""
    found: dict[tuple[str, bytes], list[Stored]] = {}
    for one in stored:
        envelope = one.bundle.envelope
        found.setdefault((envelope.payload_type, envelope.payload), []).append(one)
    return found


def _claim(group: Sequence[Stored], panel: Panel, what: str) -> Claim:
    signers = panel.signed(group, what)
    return Claim(statements.parse(group[0].bundle.envelope.payload, what=what), signers)
