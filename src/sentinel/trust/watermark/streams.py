"""The keyed random numbers of the scheme: AES-256 in counter mode, by purpose and tensor.

Any stretch of a stream can be had without what comes before it, so tensors are marked and read in
pieces.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, cast

from .secret import Secret

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 16


class KeyStreams:
    """The random numbers that one key gives.

    Args:
        key: The key of one model or recipient.
    """

    __slots__ = ("_key", "_table")

    def __init__(self, key: Secret) -> None:
        self._key = key
        self._table: Any = None

    def signs(self, name: str, start: int, count: int) -> NDArray[np.float32]:
        """Return ``count`` signs, -1 or 1, of a tensor from its element ``start`` on."""
        import numpy as np

        if self._table is None:
            bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
            self._table = (1.0 - 2.0 * bits).astype(np.float32)
        first = start // 8
        data = self.stream("sign", name, first, (start + count + 7) // 8 - first)
        signs = self._table[np.frombuffer(data, np.uint8)].reshape(-1)
        return cast("NDArray[np.float32]", signs[start - 8 * first :][:count])

    def dithers(self, name: str, count: int) -> NDArray[np.float64]:
        """Return one number in [0, 1) for each of the first ``count`` chips of a tensor."""
        import numpy as np

        data = self.stream("dither", name, 0, 8 * count)
        return (np.frombuffer(data, "<u8") >> np.uint64(11)) * 2.0**-53

    def rounding(self, name: str, start: int, count: int) -> NDArray[np.uint16]:
        """Return 16 random bits for each of ``count`` elements from ``start`` on."""
        import numpy as np

        return np.frombuffer(self.stream("round", name, 2 * start, 2 * count), "<u2")

    def order(self, count: int) -> NDArray[np.int64]:
        """Return a permutation of ``count`` chips, which says what code bit each of them bears."""
        import numpy as np

        keys = np.frombuffer(self.stream("order", "", 0, 8 * count), "<u8")
        return np.argsort(keys, kind="stable")

    def stream(self, purpose: str, name: str, start: int, length: int) -> bytes:
        """Return bytes of one stream.

        Args:
            purpose: What they are for; every purpose has a stream of its own.
            name: The tensor, or whatever else of the model has a stream of its own.
            start: Offset of the first byte.
            length: How many.
        """
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        label = purpose.encode() + b"\0" + name.encode("utf-8", "surrogatepass")
        key = hmac.digest(self._key.reveal(), label, "sha256")
        counter, skipped = divmod(start, _BLOCK)
        cipher = Cipher(algorithms.AES(key), modes.CTR(counter.to_bytes(_BLOCK, "big")))
        return cipher.encryptor().update(bytes(skipped + length))[skipped:]
