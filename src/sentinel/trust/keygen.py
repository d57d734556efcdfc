"""A new key pair for signing."""

from __future__ import annotations

import os

from ..errors import ReadError, UsageError
from .extras import need
from .keys import PublicKey

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def generate(path: str, password: bytes | None = None) -> tuple[str, str]:
    """Make a key pair on P-256 and write it.

    Args:
        path: Where the private key goes, readable by its owner alone; the public key goes beside
            it, with ``.pub`` at the end. Neither may exist.
        password: Encrypts the private key.

    Returns:
        Where the public key is, and its key id.

    Raises:
        ReadError: A file cannot be written.
        UsageError: One is there already, or ``cryptography`` is not installed.
    """
    need("sign", "cryptography")
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = generate_private_key(SECP256R1())
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    public = f"{path}.pub"
    for place in (path, public):
        if os.path.lexists(place):
            raise UsageError(f"{place}: there is a file already", "it is not overwritten")
    known = PublicKey(key.public_key(), public)
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden), 0o600)
    try:
        _write(public, known.pem(), 0o644)
    except ReadError:
        os.unlink(path)  # half a pair is of no use
        raise
    return public, known.keyid


def _write(path: str, data: bytes, mode: int) -> None:
    try:
        with open(os.open(path, _FLAGS, mode), "wb") as stream:
            try:
                stream.write(data)
                stream.flush()
            except OSError:
                os.unlink(path)
                raise
    except OSError as error:
        raise ReadError(f"{path}: cannot be written: {error.strerror or error}") from error
