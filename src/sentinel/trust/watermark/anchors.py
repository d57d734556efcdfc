"""Anchors: where each projection was before it was moved, 8 bytes for a chip.

With them the interference of the weights themselves falls out of the test, which then survives much
more. They are worth something only when their digest was attested before the dispute: anchors that
are made afterwards can be fitted to any model.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...errors import TrustError
from .record import read_bounded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = b"SNTANCH1"
_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Anchors:
    """The owner's notes on the chips, in their order.

    Attributes:
        before: Projections before they were moved, in units of their tensor's RMS.
        shift: How far each was moved; NaN for a chip that was left alone.
    """

    before: NDArray[np.float32] = field(repr=False)
    shift: NDArray[np.float32] = field(repr=False)

    def to_bytes(self) -> bytes:
        """Return the file: magic, number of chips, then both values of each chip."""
        import numpy as np

        pairs = np.stack([self.before, self.shift], axis=1).astype("<f4")
        return _MAGIC + struct.pack("<Q", len(self.before)) + bytes(pairs.tobytes())

    @property
    def sha256(self) -> str:
        """Digest of the file, for the record and its attestation."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes, what: str) -> Anchors:
        """Return what a file holds. Raises TrustError when it is no file of anchors."""
        import numpy as np

        size = len(data) - 16
        if data[:8] != _MAGIC or size < 0 or size != 8 * struct.unpack_from("<Q", data, 8)[0]:
            raise TrustError(
                "watermark-anchors", f"{what}: no file of anchors, or cut short",
                "give the file that embed wrote",
            )  # fmt: skip
        pairs = np.frombuffer(data, "<f4", offset=16).reshape(-1, 2)
        return cls(pairs[:, 0].copy(), pairs[:, 1].copy())


def read_anchors(path: str) -> Anchors:
    """Return the anchors in a file. Raises UsageError and TrustError."""
    return Anchors.from_bytes(read_bounded(path, 8 * _MOST + 16), path)
