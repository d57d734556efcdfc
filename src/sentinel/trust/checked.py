"""Asking a parsed document for what it must have, with one clear error where it has not."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..errors import TrustError
from ..limits import KIB

_HEX = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST = re.compile(r"[0-9a-f]+")


class Ask(NamedTuple):
    """Who is asking: what every error of one document begins with.

    Attributes:
        reason: Reason code of its errors.
        what: What the document is.
    """

    reason: str
    what: str

    def refuse(self, message: str) -> TrustError:
        """Return the error for something that is wrong with the document."""
        return TrustError(self.reason, f"{self.what}: {message}")

    def mapping(self, value: object, name: str) -> Mapping[str, object]:
        """Return the value, which must be an object."""
        if not isinstance(value, dict):
            raise self.refuse(f"{name} must be an object")
        return value

    def sequence(self, value: object, name: str) -> list[object]:
        """Return the value, which must be an array."""
        if not isinstance(value, list):
            raise self.refuse(f"{name} must be an array")
        return value

    def text(self, value: object, name: str, *, most: int = 64 * KIB) -> str:
        """Return the value, which must be a text of at most ``most`` characters, not empty."""
        if not isinstance(value, str) or not value or len(value) > most:
            raise self.refuse(f"{name} must be a text")
        return value

    def only(self, value: Mapping[str, object], allowed: Collection[str], name: str) -> None:
        """Check that an object has no other keys than these."""
        for key in value:
            if key not in allowed:
                raise self.refuse(f"{name} has {key[:80]!r}, which does not belong there")

    def digest(self, value: object, name: str, algorithm: str = "sha256") -> str:
        """Return the value, which must be a digest in lower-case hexadecimal."""
        right = isinstance(value, str) and len(value) == _HEX[algorithm]
        if not right or not _DIGEST.fullmatch(str(value)):
            raise self.refuse(f"{name} must be a {algorithm} in lower-case hexadecimal")
        return str(value)

    def base64(self, value: object, name: str) -> bytes:
        """Return what a text in base64 stands for; only its one canonical form will do."""
        if not isinstance(value, str):
            raise self.refuse(f"{name} must be base64")
        try:
            data = base64.b64decode(value.encode("ascii"), validate=True)
        except (binascii.Error, ValueError):
            raise TrustError("base64-invalid", f"{self.what}: {name} is not base64") from None
        if base64.b64encode(data) != value.encode("ascii"):
            message = f"{self.what}: {name} is base64, but not as it must be written"
            raise TrustError("base64-invalid", message)
        return data
