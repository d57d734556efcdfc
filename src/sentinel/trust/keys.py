"""Keys that sign and verify: files, and keys in a service or on a token by their URI.

Elliptic curves P-256, P-384 and P-521 are what OpenSSF Model Signing knows; Ed25519 serves for
attestations alone. The private key never leaves its object: it is in no repr and no error.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Protocol

from ..errors import ReadError, TrustError, UsageError
from ..limits import KIB
from . import dsse
from .bundle import Bundle, Material, wrong_method
from .dsse import Verifier
from .extras import need

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import (
        EllipticCurvePrivateKey,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    AnyPrivate = EllipticCurvePrivateKey | Ed25519PrivateKey
    AnyPublic = EllipticCurvePublicKey | Ed25519PublicKey

__all__ = [
    "ByKey",
    "PrivateKey",
    "PublicKey",
    "Signer",
    "Verifier",
    "load_public_key",
    "load_signer",
    "public_key_from",
]

_LARGEST = 256 * KIB
_CURVES = {"secp256r1": "SHA256", "secp384r1": "SHA384", "secp521r1": "SHA512"}
_KINDS = "an elliptic-curve key on P-256, P-384 or P-521, or an Ed25519 key, in PEM"


class Signer(Protocol):
    """Something that signs."""

    @property
    def keyid(self) -> str:
        """SHA-256 of the public key in PEM, in hexadecimal."""
        ...

    @property
    def verification_material(self) -> Material:
        """What a bundle says about how to verify it."""
        ...

    @property
    def verifier(self) -> PublicKey:
        """What verifies the signatures that this makes."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return a signature over the data. Raises TrustError when none can be had."""
        ...


class PublicKey:
    """A public key that is trusted.

    Args:
        key: The key, of the ``cryptography`` package.
        name: Where it is from, for error messages.
    """

    __slots__ = ("_key", "keyid", "name")
    method = "key"

    def __init__(self, key: AnyPublic, name: str = "public key") -> None:
        _check_kind(key, name)
        self._key = key
        self.name = name
        self.keyid = hashlib.sha256(_pem(key)).hexdigest()

    @property
    def is_ec(self) -> bool:
        """Whether it is a key that OpenSSF Model Signing knows."""
        return hasattr(self._key, "curve")

    def pem(self) -> bytes:
        """Return the key in PEM."""
        return _pem(self._key)

    def check(self, bundle: Bundle, raw: bytes, *, what: str) -> str:
        """Verify a bundle that this key signed, and return the key's name. Raises TrustError."""
        material = bundle.material
        if material.method != self.method:
            raise wrong_method(material, self.method, what)
        if material.hint and material.hint != self.keyid:
            raise TrustError(
                "wrong-key",
                f"{what}: signed with the key {material.hint[:16]}, not {self.keyid[:16]}",
                "compare the public key with its owner's",
            )
        dsse.verify(bundle.envelope, [self], what=what)
        return f"key {self.keyid[:16]}"

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise TrustError (``bad-signature``) unless this key made the signature."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            if isinstance(self._key, Ed25519PublicKey):
                self._key.verify(signature, data)
            else:
                self._key.verify(signature, data, _ecdsa(self._key))
        except (InvalidSignature, ValueError):
            raise TrustError("bad-signature", f"{self.name}: not a signature of this key") from None

    def __repr__(self) -> str:
        return f"PublicKey({self.keyid[:16]})"


class ByKey:
    """What is the same of all that sign with a key alone.

    Attributes:
        verifier: What verifies the signatures.
    """

    __slots__ = ("verifier",)
    verifier: PublicKey

    @property
    def keyid(self) -> str:
        """SHA-256 of the public key in PEM, in hexadecimal."""
        return self.verifier.keyid

    @property
    def verification_material(self) -> Material:
        """The digest of the public key, as a hint."""
        return Material("key", hint=self.keyid)


class PrivateKey(ByKey):
    """A private key that was read from a file.

    Args:
        key: The key, of the ``cryptography`` package.
        name: Where it is from, for error messages.
    """

    __slots__ = ("_key",)

    def __init__(self, key: AnyPrivate, name: str = "private key") -> None:
        self._key = key
        self.verifier = PublicKey(key.public_key(), name)

    def sign(self, data: bytes) -> bytes:
        """Return a signature over the data."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(data)
        return self._key.sign(data, _ecdsa(self._key))

    def __repr__(self) -> str:
        return f"PrivateKey({self.keyid[:16]})"


def load_public_key(path: str | os.PathLike[str]) -> PublicKey:
    """Read a public key in PEM.

    Raises:
        ReadError: The file cannot be read.
        TrustError: It is not a key of a kind that is used here.
        UsageError: The ``sign`` extra is not installed.
    """
    name = os.fsdecode(path)
    return public_key_from(read_small(name), name)


def public_key_from(data: bytes, name: str = "public key") -> PublicKey:
    """Return the public key that PEM stands for. Raises TrustError when there is none."""
    need("sign", "cryptography")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if b"PRIVATE KEY" in data:
            hint = "give the public half, and this one to nobody"
            raise TrustError("key-invalid", f"{name}: is a private key", hint) from None
        raise TrustError("key-invalid", f"{name}: not a public key", f"give {_KINDS}") from None
    return PublicKey(key, name)  # type: ignore[arg-type]  # its kind is checked there


def load_signer(
    source: str | os.PathLike[str],
    password: bytes | None = None,
    *,
    public_key: str | os.PathLike[str] | None = None,
) -> Signer:
    """Return what signs with a key.

    Args:
        source: A private key's file in PEM, or the URI of a key elsewhere (``awskms:``,
            ``gcpkms:``, ``azurekms:``, ``hv:`` for Vault, ``hsm:``, ``tkey:``, ``file2:``).
        password: Of an encrypted file.
        public_key: File of the public key; needed for a URI.

    Raises:
        ReadError: A file cannot be read.
        TrustError: The file is open to others, or not a key of a kind that is used here.
        UsageError: An extra is not installed, or a URI without its public key.
    """
    from . import kms

    text = os.fsdecode(source)
    if kms.is_uri(text):
        if public_key is None:
            raise UsageError(f"{kms.scheme_of(text)}: the public key is needed too")
        return kms.ServiceKey(text, load_public_key(public_key))
    return _load_private_key(text, password)


def _load_private_key(path: str, password: bytes | None) -> PrivateKey:
    need("sign", "cryptography")
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = read_small(path, private=True)
    if b"ENCRYPTED" not in data:  # a password that is not needed is no reason to fail
        password = None
    try:
        key = load_pem_private_key(data, password)
    except TypeError:
        raise TrustError("key-encrypted", f"{path}: is encrypted; give its password") from None
    except (ValueError, UnsupportedAlgorithm):
        if password is not None:
            raise TrustError("key-encrypted", f"{path}: the password does not open it") from None
        raise TrustError("key-invalid", f"{path}: not a private key", f"give {_KINDS}") from None
    return PrivateKey(key, path)  # type: ignore[arg-type]  # its kind is checked there


def read_small(path: str, *, private: bool = False) -> bytes:
    """Return the content of a key or certificate file.

    Args:
        path: The file; links are followed, as they are how secrets are mounted.
        private: Refuse a file that its group or others may read.

    Raises:
        ReadError: It cannot be read.
        TrustError: It is too large, or open to others.
    """
    try:
        with open(path, "rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(_LARGEST + 1)
            if private and b"PUBLIC KEY" in data:
                hint = "sign with the private half of it"
                raise TrustError("key-invalid", f"{path}: is a public key", hint)
            if private and os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise TrustError(
                    "key-file-permissions",
                    f"{path}: others may read this private key (mode {stat.S_IMODE(mode):04o})",
                    f"chmod 600 {path}",
                )
    except (OSError, ValueError) as error:
        raise ReadError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > _LARGEST:
        raise TrustError("too-large", f"{path}: larger than any key or certificate")
    return data


def _check_kind(key: object, name: str) -> None:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if isinstance(key, EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return
    if not isinstance(key, Ed25519PublicKey):
        raise TrustError("key-invalid", f"{name}: a kind of key not used here", f"give {_KINDS}")


def _ecdsa(key: EllipticCurvePrivateKey | EllipticCurvePublicKey):  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

    return ECDSA(getattr(hashes, _CURVES[key.curve.name])())


def _pem(key: AnyPublic) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
