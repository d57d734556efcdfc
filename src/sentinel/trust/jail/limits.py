"""How much a jailed process may use."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import UsageError
from ...limits import GIB, MIB

_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class JailLimits:
    """What a conversion may use; past it the process is ended.

    Attributes:
        seconds: Of wall time, the imports of the model's library included.
        cpu_seconds: Of processor time.
        memory: Bytes of address space beyond what the libraries take.
        result: Most bytes of the converted model.

    Raises:
        UsageError: One is not positive.
    """

    seconds: float = 300.0
    cpu_seconds: int = 240
    memory: int = 8 * GIB
    result: int = 4 * GIB

    def __post_init__(self) -> None:
        given = (self.seconds, self.cpu_seconds, self.memory, self.result)
        if not all(0 < value < _MOST for value in given):
            raise UsageError("every limit of the jail must be a positive number")


MOST_HEADER = 64 * 1024
"""Most bytes of the line with which a jailed process says what it made."""
MOST_COMPLAINT = MIB
"""Most bytes that are read of what a jailed process writes to standard error."""
