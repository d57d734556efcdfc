"""Is this a pickle? Asked of bytes with no name that says so.

Only protocol 2 and later begin with a mark of their own; older pickles begin with any opcode. So
the question is put to the interpreter: the content must run to its end, or for a long while, or
have called something before it breaks.
"""

from __future__ import annotations

from ...artifacts import Artifact
from ...errors import LimitExceeded
from ...limits import KIB, Budget, Limits
from .machine import Machine
from .record import Recorder, StreamError
from .streams import STARTERS, plausible
from .window import Window

_ZIP = b"PK\x03\x04"
"""Read as opcodes this is PERSID, at which every plain unpickler stops."""

_LIMITS = Limits(
    max_calls=10_000, max_stack=100_000, max_memo=100_000, max_opcode_bytes=64 * KIB, timeout=5.0
)
_STEP = 4096


def looks_like_pickle(artifact: Artifact, head: bytes) -> bool:
    """Return True when the content is a pickle, or begins as one that breaks after doing something.

    Args:
        artifact: The content.
        head: Its first few kilobytes.

    Raises:
        ReadError: The bytes cannot be had.
    """
    if not head or head[0] not in STARTERS or head.startswith(_ZIP):
        return False
    recorder = Recorder(_LIMITS.max_calls)
    whole = len(head) == artifact.reader.size
    window = Window(None, head) if whole else Window(artifact.reader)
    machine = Machine(window, recorder, Budget(_LIMITS), 0)
    machine.step = _STEP
    try:
        machine.run()
    except StreamError as error:
        if recorder.calls and any(plausible(found) for found in recorder.globals):
            return True
        return _marked(head) and "the stream ends" in error.reason
    except LimitExceeded:
        return True  # that much of anything else would have broken long before
    if recorder.globals:
        return all(plausible(found) for found in recorder.globals) or _marked(head)
    return _marked(head) or window.origin(machine.position) == artifact.reader.size


def _marked(head: bytes) -> bool:
    return head[0] == 0x80 and len(head) > 1 and head[1] <= 5
