"""Bounds on what one scan may spend, and the purse that spends them.

Every number in an inspected file belongs to whoever made the file. The figures here keep time and
memory bounded all the same; reaching one is an *incomplete* answer, never a clean one.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from .errors import LimitExceeded

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


class Limits(NamedTuple):
    """The bounds of one scan. Sizes are bytes, times are seconds; the rest are counts.

    Attributes:
        max_file_size: Largest top-level file that is opened.
        max_depth: Containers within containers (a zip in a tar in a gzip is three).
        max_members: Members over all containers of one top-level file.
        max_expanded: Bytes that decompression may produce for one top-level file.
        max_ratio: Bytes out per byte in, once more than ``ratio_floor`` bytes came out.
        ratio_floor: Output below which the ratio is not judged.
        max_opcode_bytes: Bytes of pickle that are interpreted (skipped tensor data not counted).
        max_stack: Values alive on a pickle's stack.
        max_marks: Nested marks in a pickle.
        max_memo: Entries in a pickle's memo.
        max_calls: Calls recorded from one pickle; beyond it they are counted only.
        max_line: Longest module or attribute name in a pickle.
        max_streams: Pickles that follow one another in one file.
        max_text: Largest text member (source, configuration) that is read whole.
        timeout: Wall-clock backstop for one top-level file.
    """

    max_file_size: int = 1024 * GIB
    max_depth: int = 8
    max_members: int = 100_000
    max_expanded: int = 4 * GIB
    max_ratio: int = 2_000
    ratio_floor: int = 64 * MIB
    max_opcode_bytes: int = 1 * GIB
    max_stack: int = 5_000_000
    max_marks: int = 10_000
    max_memo: int = 10_000_000
    max_calls: int = 1_000_000
    max_line: int = 64 * KIB
    max_streams: int = 100_000
    max_text: int = 10 * MIB
    timeout: float = 300.0


DEFAULT_LIMITS = Limits()


class Budget:
    """What is left to spend on one top-level file; shared by all of its members.

    Args:
        limits: The bounds to hold.
    """

    __slots__ = ("expanded", "limits", "members", "started")

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self.members = 0
        self.expanded = 0
        self.started = time.monotonic()

    def spend_member(self, count: int = 1) -> None:
        """Count container members. Raises LimitExceeded beyond ``max_members``."""
        self.members += count
        if self.members > self.limits.max_members:
            raise LimitExceeded(
                f"more than {self.limits.max_members} members", "raise --max-members to read on"
            )

    def spend_expanded(self, count: int, consumed: int, produced: int) -> None:
        """Count decompressed bytes.

        Args:
            count: Bytes that just came out.
            consumed: Compressed bytes this stream has taken so far.
            produced: Bytes this stream has given so far, ``count`` included.

        Raises:
            LimitExceeded: Too many bytes in all, or too many per compressed byte.
        """
        self.expanded += count
        if self.expanded > self.limits.max_expanded:
            raise LimitExceeded(
                f"decompression gave more than {self.limits.max_expanded} bytes",
                "raise --max-expanded to read on",
            )
        if produced > self.limits.ratio_floor and produced > consumed * self.limits.max_ratio:
            raise LimitExceeded(
                f"decompression ratio above {self.limits.max_ratio}", "this looks like a bomb"
            )

    def check_time(self) -> None:
        """Raise LimitExceeded when the wall-clock backstop has passed."""
        if time.monotonic() - self.started > self.limits.timeout:
            raise LimitExceeded(
                f"took longer than {self.limits.timeout:g} s", "raise --timeout to read on"
            )
