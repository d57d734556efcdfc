"""The Hyperscan engine, for processors that have AVX2.

Its compiled code ends the process with SIGILL on a processor without AVX2, at import, which
nothing can catch (darvid/python-hyperscan #151). So it is never imported before the processor has
been asked.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..errors import UsageError
from .engines import Occurring, Pattern, Re2Engine, StdlibEngine
from .spans import Compiled

_HINT = "use --engine re2, or leave the choice to auto"


def has_avx2() -> bool:
    """Return True when this processor is known to run what Hyperscan's wheels are compiled to."""
    if platform.machine().lower() in ("arm64", "aarch64"):
        return True
    if sys.platform != "linux":
        return False
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            return any(line.startswith("flags") and " avx2 " in f"{line.strip()} " for line in file)
    except OSError:
        return False


class HyperscanEngine:
    """A database of the patterns with literals; the others are those of RE2 or ``re``.

    Hyperscan looks for literals many times faster than an automaton goes over text. It is slower
    where the text is full of digits, which all shapes of numbers begin with, so those are left to
    the other engine.

    Args:
        groups: Patterns in groups: first those with literals.
        hints: See ``make_engine``.

    Raises:
        UsageError: Not installed, or not fit for this processor.
    """

    name, dense = "hyperscan", 16

    def __init__(self, groups: Sequence[Sequence[Pattern]], hints: str = "") -> None:
        if not has_avx2():
            raise UsageError("the engine hyperscan needs a processor with AVX2", _HINT)
        try:
            import hyperscan
        except ImportError:
            raise UsageError(
                "the engine hyperscan is not installed", "pip install sentinel-mlsecops[fast]"
            ) from None
        patterns, self._single = groups[0], _single(groups, hints)
        fold = hyperscan.HS_FLAG_CASELESS
        lines = hyperscan.HS_FLAG_DOTALL | hyperscan.HS_FLAG_ALLOWEMPTY
        self._database: Any = hyperscan.Database()
        self._database.compile(
            expressions=[pattern.text.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=[lines | (fold if pattern.ignore_case else 0) for pattern in patterns],
        )

    def occurring(self, chunk: bytes) -> list[Occurring]:
        """Return the patterns that match somewhere in ``chunk``."""
        found: dict[int, list[int]] = {}

        def note(index: int, start: int, end: int, flags: int, context: object) -> None:
            found.setdefault(index, []).append(end)

        self._database.scan(chunk, match_event_handler=note)
        return [*sorted(found.items()), *self._single.occurring(chunk)]

    def hinted(self, chunk: bytes) -> Iterator[int] | None:
        """Return the offsets behind the hints in ``chunk``, or None when it is not known."""
        return self._single.hinted(chunk)

    def pattern(self, index: int) -> Compiled:
        """Return one pattern, compiled when it is first asked for."""
        return self._single.pattern(index)

    def compiled(self, pattern: Pattern) -> Compiled:
        """Return a pattern of no group, compiled."""
        return self._single.compiled(pattern)

    def whole(self, patterns: Sequence[Pattern]) -> Callable[[bytes], list[int]]:
        """Return a function that gives the indexes of the patterns that match all of a value."""
        return self._single.whole(patterns)


def _single(groups: Sequence[Sequence[Pattern]], hints: str) -> Re2Engine | StdlibEngine:
    try:
        import re2
    except ImportError:
        return StdlibEngine(groups, 1)
    return Re2Engine(groups, re2, hints, 1)
