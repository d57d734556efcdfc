"""Keys that live in a service or on a token, through the ``securesystemslib`` package.

The data is sent to the service to be signed, or its digest is; the private key is never here.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from ..errors import TrustError, UsageError
from .extras import need
from .keys import ByKey, PublicKey, read_small

SCHEMES = ("awskms", "azurekms", "file2", "gcpkms", "hsm", "hv", "tkey")
"""Schemes of URIs that stand for a key. GnuPG makes signatures of another kind."""


def is_uri(text: str) -> bool:
    """Return whether a text is the URI of a key rather than a file."""
    return scheme_of(text) in SCHEMES


def scheme_of(text: str) -> str:
    """Return what stands before the first colon; empty without one."""
    head, colon, _ = text.partition(":")
    return head if colon else ""


class ServiceKey(ByKey):
    """A key that is asked to sign by its URI.

    Args:
        uri: The URI.
        public_key: The key's public half; every signature is verified with it.

    Raises:
        TrustError: The key cannot be reached, or is another one.
        UsageError: ``securesystemslib`` or the library of the service is not installed.
    """

    __slots__ = ("_signer", "_uri")

    def __init__(self, uri: str, public_key: PublicKey) -> None:
        need("kms", "securesystemslib", "cryptography")
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
        from securesystemslib.signer import Signer, SSlibKey  # type: ignore[attr-defined]

        _check_file(uri)
        self.verifier = public_key
        self._uri = scheme_of(uri)
        try:
            known = SSlibKey.from_crypto(load_pem_public_key(public_key.pem()))
            self._signer = Signer.from_priv_key_uri(uri, known)
        except ImportError as error:
            hint = "install the library of the service"
            raise UsageError(f"{self._uri}: {error}", hint) from None
        except Exception as error:  # each service has errors of its own
            raise self._failed(error) from None

    def sign(self, data: bytes) -> bytes:
        """Return a signature over the data.

        Raises:
            TrustError: The service gives none, or one that its public key does not verify.
        """
        try:
            signature = bytes.fromhex(self._signer.sign(data).signature)
        except Exception as error:
            raise self._failed(error) from None
        try:
            self.verifier.verify(signature, data)
        except TrustError:
            raise TrustError(
                "wrong-key", f"{self._uri}: the public key given is not that of the service"
            ) from None
        return signature

    def _failed(self, error: Exception) -> TrustError:
        # Its text may hold tokens and addresses: the kind of error is all that is told.
        return TrustError(
            "key-service",
            f"{self._uri}: the key cannot be used ({type(error).__name__})",
            "check the URI, the credentials and the public key",
        )

    def __repr__(self) -> str:
        return f"ServiceKey({self._uri}, {self.keyid[:16]})"


def _check_file(uri: str) -> None:
    if scheme_of(uri) != "file2":
        return
    prefix = os.environ.get("CRYPTO_SIGNER_PATH_PREFIX", "")
    read_small(os.path.join(prefix, urlsplit(uri).path), private=True)
