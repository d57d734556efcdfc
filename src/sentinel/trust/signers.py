"""Who signed a payload, of those whom a policy names, and whether they are enough.

One signer counts once: a key that is listed twice, a key that also has a certificate, and the many
certificates that an authority gives to one subject are one signer each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ReadError, SettingsError, TrustError
from . import dsse
from .keys import PublicKey, load_public_key
from .policy import Signers

if TYPE_CHECKING:
    from .attest.store import Stored
    from .certificates import CertificateTrust
    from .sigstore_keyless import SigstoreTrust


class Who(NamedTuple):
    """A signer that was found.

    Attributes:
        shown: Its name for people.
        marks: What it is known by; two that share a mark are one.
    """

    shown: str
    marks: frozenset[str]


class Panel:
    """The signers of a policy, their keys read.

    Args:
        signers: What the policy says.
        now: When certificates must be valid.

    Raises:
        SettingsError: A file that the policy names cannot be read.
        TrustError: It holds no key or no certificate.
        UsageError: An extra is missing.
    """

    __slots__ = ("_certificates", "_identities", "_keys", "threshold")

    def __init__(self, signers: Signers, now: datetime) -> None:
        self.threshold = signers.threshold
        try:
            self._keys = [(key.id, load_public_key(key.public_key)) for key in signers.keys]
            self._certificates = _certificates(signers, now)
        except ReadError as error:
            raise SettingsError(f"the policy names {error.message}") from error
        self._identities = _identities(signers)

    def signed(self, bundles: Sequence[Stored], what: str) -> tuple[str, ...]:
        """Return who signed a payload.

        Args:
            bundles: Bundles of one and the same payload.
            what: Names the payload, for messages.

        Returns:
            The signers, each once, at least as many as the threshold.

        Raises:
            TrustError: None of them signed it, or too few.
        """
        found: list[Who] = []
        refusals: list[TrustError] = []
        for one in bundles:
            if one.bundle.envelope.payload_type != dsse.IN_TOTO:
                kind = one.bundle.envelope.payload_type[:80]
                raise TrustError("payload-type", f"{what}: holds {kind!r}")
            found += self._who(one, what, refusals)
        distinct = _distinct(found)
        if not distinct:
            raise _clearest(refusals, what)
        if len(distinct) < self.threshold:
            names = ", ".join(who.shown for who in distinct)
            raise TrustError(
                "threshold", f"{what}: signed by {names}: {len(distinct)} of {self.threshold}"
            )
        return tuple(who.shown for who in distinct)

    def _who(self, one: Stored, what: str, refusals: list[TrustError]) -> Iterator[Who]:
        for name, key in self._keys:
            if _holds(one, key, what):
                yield Who(name, frozenset((key.keyid,)))
        material = one.bundle.material
        if material.method == "certificate":
            for trust in self._certificates:
                try:
                    key = trust.bind(material, what=what)
                except TrustError as error:
                    refusals.append(error)
                    continue
                if _holds(one, key, what):
                    yield Who(trust.subject, frozenset((key.keyid, f"subject {trust.subject}")))
        if material.method == "sigstore":
            for keyless in self._identities:
                try:
                    shown = keyless.check(one.bundle, one.raw, what=what)
                except TrustError as error:
                    refusals.append(error)
                    continue
                yield Who(shown, frozenset((f"identity {shown}",)))


def _certificates(signers: Signers, now: datetime) -> list[CertificateTrust]:
    from .certificates import CertificateTrust

    return [CertificateTrust(one.roots, one.subject, now=now) for one in signers.certificates]


def _identities(signers: Signers) -> list[SigstoreTrust]:
    if not signers.sigstore:
        return []
    from .sigstore_keyless import SigstoreTrust

    return [SigstoreTrust(one.identity, one.issuer) for one in signers.sigstore]


def _holds(one: Stored, key: PublicKey, what: str) -> bool:
    try:
        dsse.verify(one.bundle.envelope, [key], what=what)
    except TrustError as error:
        if error.reason != "bad-signature":
            raise
        return False
    return True


def _distinct(found: Sequence[Who]) -> list[Who]:
    seen: set[str] = set()
    kept = []
    for who in found:
        if not who.marks & seen:
            kept.append(who)
        seen |= who.marks
    return kept


def _clearest(refusals: Sequence[TrustError], what: str) -> TrustError:
    # The nearest miss tells most: a certificate of the right subject that expired, before one
    # that leads to another root.
    far = ("certificate-untrusted", "certificate-subject", "identity", "wrong-method")
    near = [error for error in refusals if error.reason not in far]
    for error in (*near, *refusals):
        return error
    return TrustError(
        "bad-signature",
        f"{what}: not signed by anyone the policy names, or changed since",
        "compare the public key with its owner's, or get the model again",
    )
