"""Is it a Core ML model? Asked of every protobuf message, so that this imports little."""

from __future__ import annotations

from ..artifacts import Artifact
from ..limits import Budget
from .protobuf import VARINT, Window
from .protobuf_shape import ANY, Shape, fits

TYPES = (
    *range(200, 203), *range(300, 305), *range(400, 405), 500, 501, 502, 555, 556, 560,
    *range(600, 611), 900, *range(2000, 2007), 3000,
)  # fmt: skip
"""Fields of a model that say of which type it is."""
_SHAPE = Shape({1: VARINT, 2: ANY, 10: VARINT} | dict.fromkeys(TYPES, ANY), frozenset((1,)))


def looks_like_coreml(artifact: Artifact, head: bytes) -> bool:
    """Return True for a Core ML model with a part that says of which type it is."""
    if not fits(artifact, _SHAPE):
        return False
    window = Window(artifact.reader, Budget())
    return any(field.number in TYPES for field in window.fields(0, window.size))
