"""Checkpoints in MessagePack as Flax's ``msgpack_serialize`` writes them, by the msgpack library.

Flax itself is not installed for the tests: it needs JAX. What it adds to MessagePack is three
extension types, which its documentation of serialization describes.
"""

from __future__ import annotations

from typing import Any

import msgpack


def array(shape: tuple[int, ...], data: bytes, dtype: str = "float32", kind: int = 1) -> Any:
    """Return an array (or, as kind 3, a scalar) the way Flax packs it."""
    return msgpack.ExtType(kind, msgpack.packb((shape, dtype, data), use_bin_type=True))


def checkpoint(**more: Any) -> bytes:
    """Return a checkpoint of a small layer with an optimizer's state."""
    layer = {"kernel": array((4, 8), bytes(128)), "bias": array((8,), bytes(32))}
    state = {
        "params": {"Dense_0": layer},
        "step": 7,
        "rate": array((), bytes(4), kind=3),
        "phase": msgpack.ExtType(2, msgpack.packb((0.5, -0.5))),
        "opt_state": {"0": {"mu": {"Dense_0": layer}, "count": array((), bytes(4), "int32")}},
        **more,
    }
    found: bytes = msgpack.packb(state, strict_types=True, use_bin_type=True)
    return found


def pickled(data: bytes, kind: bytes = b"O") -> bytes:
    """Return an array as msgpack-numpy packs one of Python objects."""
    value = {b"nd": True, b"type": b"|O", b"kind": kind, b"shape": (1,), b"data": data}
    found: bytes = msgpack.packb({"weights": value}, use_bin_type=True)
    return found
