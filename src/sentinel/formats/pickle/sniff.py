"""Is this a pickle? Asked of bytes with no name that says so.

Only protocol 2 and later begin with a mark of their own; older pickles begin with any opcode. So
the question is put to the interpreter: the first few kilobytes must run without a break, and must
get somewhere.
"""

from __future__ import annotations

from ...artifacts import Artifact
from ...errors import LimitExceeded
from ...limits import Budget, Limits
from .machine import Machine
from .program import STARTERS, plausible
from .record import Recorder, StreamError
from .window import Window

_ZIP = b"PK\x03\x04"
"""Read as opcodes this is PERSID, at which every plain unpickler stops."""

_LIMITS = Limits(max_calls=10_000, max_stack=100_000, max_memo=100_000, timeout=5.0)


def looks_like_pickle(artifact: Artifact, head: bytes) -> bool:
    """Return True when the content is a pickle, or begins as one that breaks after doing something.

    Args:
        artifact: What the bytes belong to.
        head: Its first few kilobytes.
    """
    if not head or head[0] not in STARTERS or head.startswith(_ZIP):
        return False
    recorder = Recorder(_LIMITS.max_calls)
    machine = Machine(Window(None, head), recorder, Budget(_LIMITS), 0)
    whole = len(head) == artifact.reader.size
    try:
        machine.run()
    except StreamError as error:
        if any(plausible(found) for found in recorder.globals) and recorder.calls:
            return True
        ran_out = not whole and "the stream ends" in error.reason
        return ran_out and _got_somewhere(machine, artifact.reader.size)
    except LimitExceeded:
        return True
    if recorder.globals:
        return all(plausible(found) for found in recorder.globals) or head[0] == 0x80
    return head[0] == 0x80 or machine.position == artifact.reader.size


def _got_somewhere(machine: Machine, size: int) -> bool:
    """Return True when a run that hit the end of the sample had done real work until then."""
    if machine.position > size:
        return False
    if machine.data[0] == 0x80 and machine.data[1] <= 5:
        return True
    return bool(machine.memo.entries or machine.memo.owed) and bool(machine.stack or machine.marks)
