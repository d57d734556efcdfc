"""Pictures, sound and video: what they show is not read."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Artifact
from ...findings import Gap
from ...limits import Budget
from ..model import Piece
from . import Sampling


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the gap that a picture, sound or film leaves."""
    yield Gap("unsupported", artifact.location(), "pictures, sound and video are not read")
