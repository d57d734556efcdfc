"""Where watermark keys come from, and what is derived from them.

One key makes any number of others: HKDF (RFC 5869) by model or recipient, and below that HMAC by
purpose and tensor. Signing keys are others again; nothing here signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import stat
from typing import NamedTuple, Protocol

from ...errors import TrustError, UsageError
from ..files import opened
from .secret import KEY_BYTES, Secret

_SALT = b"sentinel watermark key v1"
_COMMITMENT = b"sentinel watermark commitment v1"
_MOST_FILE = 1024
DEFAULT_VARIABLE = "SENTINEL_WATERMARK_KEY"


class WatermarkKeyProvider(Protocol):
    """Something that derives keys without giving its own away."""

    def derive(self, context: bytes) -> Secret:
        """Return the key of one model or recipient.

        Args:
            context: What the key is for; the empty one is the default of all models.

        Raises:
            UsageError: There is no usable key.
            TrustError: The key is not kept as a key must be.
        """
        ...


class HeldKey:
    """A key that is at hand, whole.

    Args:
        key: The master key.
    """

    __slots__ = ("_key",)

    def __init__(self, key: Secret) -> None:
        self._key = key

    def derive(self, context: bytes) -> Secret:
        """Return HKDF-SHA256 of the master key with the context as its info."""
        extracted = hmac.digest(_SALT, self._key.reveal(), "sha256")
        return Secret(hmac.digest(extracted, context + b"\x01", "sha256"))


class Commitment(NamedTuple):
    """What binds the owner to a key without showing it.

    Attributes:
        salt: 16 random bytes.
        digest: SHA-256 over a label, the salt and the key.
    """

    salt: bytes
    digest: bytes

    @property
    def key_id(self) -> str:
        """The first 8 bytes of the digest, in hexadecimal."""
        return self.digest[:8].hex()


def commit(key: Secret, salt: bytes | None = None) -> Commitment:
    """Return the commitment to a key, under a fresh salt unless one is given.

    It commits to the derived key, the one the mark was made with: a provider that derives as it
    likes could otherwise fit a key to a model afterwards.
    """
    salt = os.urandom(16) if salt is None else salt
    return Commitment(salt, hashlib.sha256(_COMMITMENT + salt + key.reveal()).digest())


def load_watermark_key(where: str) -> WatermarkKeyProvider:
    """Return the provider of a key.

    Args:
        where: ``env:NAME`` (base64 in a variable), ``file:PATH`` or a bare path (base64, readable
            by its owner alone), or ``exec:COMMAND`` (words as a shell would split them, or a JSON
            list; no shell is run).

    Raises:
        UsageError: There is no key there, or it is not 32 bytes in base64.
        TrustError: The file is open to others.
    """
    scheme, colon, rest = where.partition(":")
    if scheme == "env" and colon:
        return HeldKey(_from_environment(rest or DEFAULT_VARIABLE))
    if scheme == "exec" and colon:
        from .exec_key import ExecKey, words

        return ExecKey(words(rest))
    path = rest if scheme == "file" and colon else where
    if not path:
        raise UsageError("no key was named", "--key env:NAME, file:PATH or exec:COMMAND")
    return HeldKey(_from_file(path))


def keygen(path: str) -> None:
    """Write a fresh random key to a new file that its owner alone can read.

    Raises:
        UsageError: The file exists, or cannot be made.
    """
    text = base64.b64encode(os.urandom(KEY_BYTES)) + b"\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{path}: exists; a key is never overwritten") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)


def decoded(text: bytes, where: str) -> Secret:
    """Return the key that base64 text holds. Raises UsageError, which shows none of the text."""
    try:
        value = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != KEY_BYTES:
        raise UsageError(
            f"{where}: no key of {KEY_BYTES} bytes in base64", "sentinel watermark keygen FILE"
        )
    return Secret(value)


def _from_environment(name: str) -> Secret:
    text = os.environ.get(name)
    if not text:
        raise UsageError(f"the variable {name} holds no key")
    return decoded(os.fsencode(text), f"the variable {name}")


def _from_file(path: str) -> Secret:
    descriptor, status = opened(path)
    with os.fdopen(descriptor, "rb") as file:
        if os.name == "posix" and status.st_mode & 0o077:
            raise TrustError(
                "key-file-permissions",
                f"{path}: the key file has mode {stat.S_IMODE(status.st_mode):04o}",
                f"chmod 600 {path}, and take a new key if others could have read it",
            )
        return decoded(file.read(_MOST_FILE), path)
