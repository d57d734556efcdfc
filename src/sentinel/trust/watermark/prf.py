"""A keyed number for each of many short addresses, whatever order they come in."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from .secret import Secret

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCK = 16


def blocks(key: Secret, purpose: str, addresses: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 16 bytes for each address of 16 bytes.

    A block cipher on distinct blocks is a pseudo-random function of them: nothing is encrypted
    here, which is why no mode of operation is wanted.

    Args:
        key: The key of one model or recipient.
        purpose: What the numbers are for; every purpose has numbers of its own.
        addresses: Of shape (n, 16).
    """
    import numpy as np
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    own = hmac.digest(key.reveal(), b"address\0" + purpose.encode(), "sha256")
    cipher = Cipher(algorithms.AES(own), modes.ECB()).encryptor()
    data = cipher.update(np.ascontiguousarray(addresses).tobytes())
    return np.frombuffer(data, np.uint8).reshape(-1, BLOCK)


def addresses(*columns: NDArray[Any]) -> NDArray[np.uint8]:
    """Return one address for each row of columns of equal length, 16 bytes together, zeros after.

    Args:
        columns: Numbers; their bytes are what counts, little-endian.
    """
    import numpy as np

    raw = [
        column.astype(column.dtype.newbyteorder("<"))
        .view(np.uint8)
        .reshape(len(column), column.itemsize)
        for column in columns
    ]
    width = sum(one.shape[1] for one in raw)
    return np.concatenate([*raw, np.zeros((len(raw[0]), BLOCK - width), np.uint8)], axis=1)
