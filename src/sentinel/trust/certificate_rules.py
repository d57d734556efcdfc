"""What a certificate must be before its key may vouch for a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..errors import TrustError
from .keys import read_small

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, ExtensionType, Name

    Kind = TypeVar("Kind", bound=ExtensionType)

_HASHES = ("sha256", "sha384", "sha512")
_SMALLEST_RSA = 2048
_SMALLEST_EC = 256
_ALTERNATIVES = {
    "email": "RFC822Name",
    "uri": "UniformResourceIdentifier",
    "dns": "DNSName",
}


class Rules(NamedTuple):
    """The rules at one time, for one document.

    Attributes:
        now: When all must hold.
        what: The document, for error messages.
    """

    now: datetime
    what: str

    def check_leaf(self, leaf: Certificate) -> None:
        """Check that a certificate is valid now and may sign code.

        Raises:
            TrustError: ``certificate-expired``, ``certificate-not-yet-valid`` or
                ``certificate-usage``.
        """
        from cryptography.x509 import BasicConstraints, ExtendedKeyUsage, KeyUsage
        from cryptography.x509.oid import ExtendedKeyUsageOID

        self._check_each(leaf)
        usage = self._extension(leaf, KeyUsage)
        if usage is not None and not usage.digital_signature:
            raise self._usage(leaf, "its key usage does not have digitalSignature")
        extended = self._extension(leaf, ExtendedKeyUsage)
        if extended is None or ExtendedKeyUsageOID.CODE_SIGNING not in extended:
            raise self._usage(leaf, "its extended key usage does not have codeSigning")
        basic = self._extension(leaf, BasicConstraints)
        if basic is not None and basic.ca:
            raise self._usage(leaf, "it is that of an authority")

    def check_subject(self, leaf: Certificate, wanted: str) -> None:
        """Check whom a certificate was issued to.

        Args:
            leaf: The certificate.
            wanted: The whole subject in RFC 4514's form, or an alternative name with its kind.

        Raises:
            TrustError: Someone else (``certificate-subject``).
        """
        kind, colon, value = wanted.partition(":")
        if colon and kind in _ALTERNATIVES:
            matches = value in self._alternatives(leaf, _ALTERNATIVES[kind])
        else:
            matches = leaf.subject == self._name(wanted)
        if not matches:
            raise TrustError(
                "certificate-subject",
                f"{self.what}: signed by {shown(leaf.subject)}, not by {wanted}",
                "a subject is given whole, in the order in which it stands here",
            )

    def check_path(self, path: Sequence[Certificate]) -> None:
        """Check every certificate above the signer's, the root among them.

        Args:
            path: From the signer's certificate to the root; each issued by the one after it.

        Raises:
            TrustError: One of them is not valid now, or may not issue this one.
        """
        from cryptography.x509 import BasicConstraints, ExtendedKeyUsage, KeyUsage
        from cryptography.x509.oid import ExtendedKeyUsageOID

        may_sign_code = (
            ExtendedKeyUsageOID.CODE_SIGNING,
            ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        )
        for below, issuer in enumerate(path[1:]):
            self._check_each(issuer)
            basic = self._extension(issuer, BasicConstraints)
            if basic is None or not basic.ca:
                raise self._usage(issuer, "it is not that of an authority")
            if basic.path_length is not None and below > basic.path_length:
                raise self._usage(issuer, "too many certificates are below it")
            usage = self._extension(issuer, KeyUsage)
            if usage is not None and not usage.key_cert_sign:
                raise self._usage(issuer, "its key usage does not have keyCertSign")
            extended = self._extension(issuer, ExtendedKeyUsage)
            if extended is not None and not any(one in extended for one in may_sign_code):
                raise self._usage(issuer, "its extended key usage does not have codeSigning")

    def _check_each(self, certificate: Certificate) -> None:
        name = shown(certificate.subject)
        if self.now > certificate.not_valid_after_utc:
            until = certificate.not_valid_after_utc.strftime("%Y-%m-%d %H:%M UTC")
            raise TrustError(
                "certificate-expired",
                f"{self.what}: the certificate of {name} expired on {until}",
                "have the model signed again; a signature without a timestamp ends with it",
            )
        if self.now < certificate.not_valid_before_utc:
            since = certificate.not_valid_before_utc.strftime("%Y-%m-%d %H:%M UTC")
            message = f"{self.what}: the certificate of {name} is valid only from {since}"
            raise TrustError("certificate-not-yet-valid", message, "check the clock")
        self._check_strength(certificate)
        self._check_extensions(certificate)

    def _check_strength(self, certificate: Certificate) -> None:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.dsa import DSAPublicKey
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

        try:
            algorithm = certificate.signature_hash_algorithm
        except UnsupportedAlgorithm:
            raise self._invalid(certificate, "its algorithm is not used here") from None
        key = certificate.public_key()
        if algorithm is not None and algorithm.name not in _HASHES:
            raise self._invalid(certificate, f"signed over a {algorithm.name}")
        if isinstance(key, RSAPublicKey) and key.key_size < _SMALLEST_RSA:
            raise self._invalid(certificate, f"an RSA key of {key.key_size} bits")
        if isinstance(key, EllipticCurvePublicKey) and key.key_size < _SMALLEST_EC:
            raise self._invalid(certificate, f"a key on {key.curve.name}")
        if isinstance(key, DSAPublicKey):
            raise self._invalid(certificate, "a DSA key")

    def _check_extensions(self, certificate: Certificate) -> None:
        from cryptography import x509

        known = (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)
        also = (x509.SubjectAlternativeName, x509.CertificatePolicies)
        for one in certificate.extensions:
            limits = isinstance(one.value, x509.NameConstraints)
            if limits or (one.critical and not isinstance(one.value, known + also)):
                raise self._invalid(
                    certificate, f"its extension {one.oid.dotted_string} is unknown"
                )

    def _extension(self, certificate: Certificate, kind: type[Kind]) -> Kind | None:
        from cryptography.x509 import ExtensionNotFound

        try:
            return certificate.extensions.get_extension_for_class(kind).value
        except ExtensionNotFound:
            return None

    def _alternatives(self, leaf: Certificate, kind: str) -> list[str]:
        from cryptography import x509

        names = self._extension(leaf, x509.SubjectAlternativeName)
        return [] if names is None else list(names.get_values_for_type(getattr(x509, kind)))

    def _name(self, wanted: str) -> Name:
        from cryptography.x509 import Name

        try:
            return Name.from_rfc4514_string(wanted)
        except ValueError:
            message = f"{wanted!r} is no subject of a certificate"
            hint = "give it as CN=model-signer,O=Example, or email:, uri: or dns: and the name"
            raise TrustError("certificate-subject", message, hint) from None

    def _usage(self, certificate: Certificate, why: str) -> TrustError:
        message = f"{self.what}: the certificate of {shown(certificate.subject)} may not: {why}"
        return TrustError("certificate-usage", message)

    def _invalid(self, certificate: Certificate, why: str) -> TrustError:
        message = f"{self.what}: the certificate of {shown(certificate.subject)}: {why}"
        return TrustError("certificate-invalid", message)


def read_pem(path: str) -> list[Certificate]:
    """Return the certificates of a PEM file, at least one.

    Raises:
        ReadError: It cannot be read.
        TrustError: It has no certificate, or one that cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificates

    data = read_small(path)
    try:
        found = load_pem_x509_certificates(data)
        for one in found:
            _parse(one)
        return found
    except Exception:
        hint = "give certificates in PEM, all of them whole"
        raise TrustError("certificate-invalid", f"{path}: not a certificate", hint) from None


def read_der(raw: bytes, what: str) -> Certificate:
    """Return a certificate out of a bundle. Raises TrustError when it is none."""
    from cryptography.x509 import load_der_x509_certificate

    try:
        certificate = load_der_x509_certificate(raw)
        _parse(certificate)
    except Exception:  # errors of many kinds, not all of them ValueErrors
        raise TrustError("certificate-invalid", f"{what}: a certificate cannot be read") from None
    return certificate


def _parse(certificate: Certificate) -> tuple[object, ...]:
    """Have every part of a certificate parsed that is otherwise parsed where it is asked for."""
    return (
        shown(certificate.subject),
        shown(certificate.issuer),
        certificate.public_key(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        list(certificate.extensions),
    )


def shown(name: Name) -> str:
    """Return a subject as people write it."""
    return name.rfc4514_string()[:200] or "nobody"
