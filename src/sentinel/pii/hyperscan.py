"""The Hyperscan engine, for processors that have AVX2.

Its compiled code ends the process with SIGILL on a processor without AVX2, at import, which
nothing can catch (darvid/python-hyperscan #151). So it is never imported before the processor has
been asked.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import UsageError
from .engines import Compiled, Pattern, Re2Engine, StdlibEngine

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
    """One database of all patterns; single patterns are those of RE2 or ``re``.

    Args:
        groups: Patterns in groups.

    Raises:
        UsageError: Not installed, or not fit for this processor.
    """

    name = "hyperscan"

    def __init__(self, groups: Sequence[Sequence[Pattern]]) -> None:
        if not has_avx2():
            raise UsageError("the engine hyperscan needs a processor with AVX2", _HINT)
        try:
            import hyperscan
        except ImportError:
            raise UsageError(
                "the engine hyperscan is not installed", "pip install sentinel-mlsecops[fast]"
            ) from None
        self._single = _single(groups)
        patterns = [pattern for group in groups for pattern in group]
        fold, once, lines = (
            hyperscan.HS_FLAG_CASELESS,
            hyperscan.HS_FLAG_DOTALL,
            hyperscan.HS_FLAG_ALLOWEMPTY,
        )
        flags = [once | lines | (fold if pattern.ignore_case else 0) for pattern in patterns]
        self._database: Any = hyperscan.Database()
        self._database.compile(
            expressions=[pattern.text.encode() for pattern in patterns],
            ids=list(range(len(patterns))),
            elements=len(patterns),
            flags=flags,
        )

    def occurring(self, chunk: bytes) -> list[int]:
        """Return the indexes of the patterns that match somewhere in ``chunk``."""
        found: set[int] = set()

        def note(index: int, start: int, end: int, flags: int, context: object) -> None:
            found.add(index)

        self._database.scan(chunk, match_event_handler=note)
        return sorted(found)

    def pattern(self, index: int) -> Compiled:
        """Return one pattern, compiled when it is first asked for."""
        return self._single.pattern(index)

    def compiled(self, pattern: Pattern) -> Compiled:
        """Return a pattern of no group, compiled."""
        return self._single.compiled(pattern)

    def whole(self, patterns: Sequence[Pattern]) -> Callable[[bytes], list[int]]:
        """Return a function that gives the indexes of the patterns that match all of a value."""
        return self._single.whole(patterns)


def _single(groups: Sequence[Sequence[Pattern]]) -> Re2Engine | StdlibEngine:
    try:
        import re2
    except ImportError:
        return StdlibEngine(groups)
    return Re2Engine(groups, re2)
