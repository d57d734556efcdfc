"""Signing with a certificate of one's own authority, and verifying one.

A signature is good when the signer's certificate leads to a root that the verifier gave, was
issued for signing code, to the subject that the verifier expects, and every certificate on the way
is valid now. There is no default root: the web's authorities vouch for servers, not for models.

RFC 5280, section 6, as far as such chains go; what is not understood (a critical extension, name
constraints) is refused rather than passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import TrustError, UsageError
from . import dsse
from .bundle import Bundle, Material, wrong_method
from .certificate_rules import Rules, read_der, read_pem, shown
from .extras import need
from .keys import PublicKey, Signer

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_MOST_STEPS = 64
_LONGEST = 8


class CertificateTrust:
    """Whose certificates are trusted.

    Args:
        roots: Files of the trusted roots in PEM; at least one.
        subject: Who must have signed: the whole subject as RFC 4514 writes it
            (``CN=model-signer,O=Example``), or one alternative name as ``email:``, ``uri:`` or
            ``dns:`` with the name.
        intermediates: Files of further certificates on the way, in PEM.
        now: The time at which all must be valid; that of the clock by default.

    Raises:
        ReadError: A file cannot be read.
        TrustError: A file has no certificate.
        UsageError: No root or no subject is given, or ``cryptography`` is not installed.
    """

    method = "certificate"

    def __init__(
        self,
        roots: Iterable[str | os.PathLike[str]],
        subject: str,
        *,
        intermediates: Iterable[str | os.PathLike[str]] = (),
        now: datetime | None = None,
    ) -> None:
        need("sign", "cryptography")
        self.roots = tuple(one for path in roots for one in read_pem(os.fsdecode(path)))
        if not self.roots:
            raise UsageError("a root certificate is needed", "no authority is trusted by default")
        if not subject.strip():
            raise UsageError(
                "the subject of the certificate is needed",
                "without it, anyone whom the authority knows could have signed",
            )
        self.subject = subject.strip()
        self._between = tuple(one for path in intermediates for one in read_pem(os.fsdecode(path)))
        self._now = now

    def bind(self, material: Material, *, what: str = "bundle") -> PublicKey:
        """Return the key of the signer's certificate.

        Raises:
            TrustError: The certificate must not be trusted; the reason says why.
        """
        if material.method != self.method:
            raise wrong_method(material, self.method, what)
        chain = [read_der(raw, what) for raw in material.chain]
        now = self._now or datetime.now(UTC)
        rules = Rules(now, what)
        leaf = chain[0]
        rules.check_leaf(leaf)
        rules.check_subject(leaf, self.subject)
        path = self._path(leaf, (*chain[1:], *self._between), what)
        rules.check_path(path)
        return PublicKey(leaf.public_key(), shown(leaf.subject))  # type: ignore[arg-type]

    def check(self, bundle: Bundle, raw: bytes, *, what: str) -> str:
        """Verify a bundle and return who signed it. Raises TrustError."""
        key = self.bind(bundle.material, what=what)
        dsse.verify(bundle.envelope, [key], what=what)
        return key.name

    def _path(
        self, leaf: Certificate, between: Sequence[Certificate], what: str
    ) -> tuple[Certificate, ...]:
        """Return a way from the signer to a root, the signer's certificate first."""
        steps = 0
        waiting: list[tuple[Certificate, ...]] = [(leaf,)]
        while waiting:
            path = waiting.pop()
            if path[-1] in self.roots:
                return path
            if len(path) == _LONGEST:
                continue
            for issuer in (*between, *self.roots):
                if issuer in path or issuer.subject != path[-1].issuer:
                    continue
                steps += 1
                if steps > _MOST_STEPS:
                    raise TrustError("certificate-invalid", f"{what}: the chain leads in circles")
                if _issued(path[-1], issuer):
                    waiting.append((*path, issuer))
        raise TrustError(
            "certificate-untrusted",
            f"{what}: the certificate of {shown(leaf.subject)} leads to none of the given roots",
        )


class CertificateSigner:
    """A key that signs together with its certificate.

    Args:
        signer: The key.
        certificate: File of its certificate in PEM.
        chain: Files of the certificates above, without need for the root.

    Raises:
        ReadError: A file cannot be read.
        TrustError: The certificate is not that of the key, not for signing code, or not valid now.
    """

    __slots__ = ("_signer", "verification_material")

    def __init__(
        self,
        signer: Signer,
        certificate: str | os.PathLike[str],
        chain: Iterable[str | os.PathLike[str]] = (),
    ) -> None:
        name = os.fsdecode(certificate)
        own, *above = read_pem(name)
        above.extend(one for path in chain for one in read_pem(os.fsdecode(path)))
        Rules(datetime.now(UTC), name).check_leaf(own)
        if PublicKey(own.public_key(), name).keyid != signer.keyid:  # type: ignore[arg-type]
            raise TrustError("wrong-key", f"{name}: not the certificate of the key that signs")
        self._signer = signer
        self.verification_material = Material("certificate", chain=_der([own, *above]))

    @property
    def keyid(self) -> str:
        """SHA-256 of the public key in PEM, in hexadecimal."""
        return self._signer.keyid

    @property
    def verifier(self) -> PublicKey:
        """The public key."""
        return self._signer.verifier

    def sign(self, data: bytes) -> bytes:
        """Return a signature over the data."""
        return self._signer.sign(data)


def _issued(certificate: Certificate, issuer: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _der(certificates: Iterable[Certificate]) -> tuple[bytes, ...]:
    from cryptography.hazmat.primitives.serialization import Encoding

    return tuple(one.public_bytes(Encoding.DER) for one in certificates)
