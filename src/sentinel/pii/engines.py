"""The pass that says which patterns occur in a piece of text at all.

Three engines give the same answer: sets of RE2 automata, a Hyperscan database, and the standard
library, where literals gate the patterns. An automaton of RE2 is made state by state while it runs,
and one of many long patterns is never done; so several small sets are many times faster than one
large one, and a pattern is represented by the literals that it holds, or by a simpler one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from ..errors import UsageError
from .bounds import LEFT, LOOSE
from .spans import Compiled, Find, led_of_re2, of_re, of_re2

ENGINES = ("auto", "re2", "hyperscan", "stdlib")

_DIGIT = "[0-9]"
"""A pattern without literals that has this class in it has a digit in whatever it matches."""
_NUMBERED = re.compile(rb"^[^0-9\n]*[0-9][^\n]*", re.MULTILINE)

Occurring = tuple[int, Sequence[int]]
"""Index of a pattern, and offsets of which one is in each match or ends it, ascending: none where
that is not known."""


class Pattern(NamedTuple):
    """A pattern to look for.

    Attributes:
        text: In the syntax that RE2 and ``re`` share.
        literals: Lower-case bytes of which one must occur where it matches; empty for none.
        ignore_case: Whether case matters not.
        gate: Pattern that matches wherever this one does; empty for none.
    """

    text: str
    literals: tuple[bytes, ...]
    ignore_case: bool
    gate: str = ""


class Engine(Protocol):
    """Looks for many patterns at once, and gives each on its own."""

    name: str
    dense: int
    """Ends of matches in a chunk, from where on one search is faster than one for each line."""

    def occurring(self, chunk: bytes) -> list[Occurring]:
        """Return the patterns that match somewhere in ``chunk``.

        One that does not match may be among them; none that does is left out.
        """
        ...

    def hinted(self, chunk: bytes) -> Iterator[int] | None:
        """Return the offsets behind the hints in ``chunk``, or None when it is not known."""
        ...

    def pattern(self, index: int) -> Compiled:
        """Return one pattern, compiled when it is first asked for."""
        ...

    def compiled(self, pattern: Pattern) -> Compiled:
        """Return a pattern of no group, compiled."""
        ...

    def whole(self, patterns: Sequence[Pattern]) -> Callable[[bytes], list[int]]:
        """Return a function that gives the indexes of the patterns that match all of a value."""
        ...


def make_engine(groups: Sequence[Sequence[Pattern]], name: str = "auto", hints: str = "") -> Engine:
    """Return an engine.

    Args:
        groups: Patterns, in groups that go well together; indexes run through all of them.
        name: One of ``ENGINES``; ``auto`` takes RE2 where it is installed, else the standard
            library.
        hints: Pattern of which it only matters where matches end; empty for none.

    Raises:
        UsageError: The engine is not installed, or not fit for this processor.
    """
    if name == "hyperscan":
        from .hyperscan import HyperscanEngine

        return HyperscanEngine(groups, hints)
    if name != "stdlib":
        try:
            import re2
        except ImportError:
            if name == "re2":
                raise UsageError(
                    "the engine re2 is not installed", "pip install sentinel-mlsecops[pii]"
                ) from None
        else:
            return Re2Engine(groups, re2, hints)
    return StdlibEngine(groups)


class Re2Engine:
    """Sets of RE2 automata, one for each group.

    Args:
        groups: Patterns in groups.
        re2: The module ``re2``.
        hints: Pattern of which it only matters where matches end; empty for none.
        first: Number of the first group to tell the occurring patterns of.
    """

    name, dense = "re2", 0

    def __init__(
        self, groups: Sequence[Sequence[Pattern]], re2: Any, hints: str = "", first: int = 0
    ) -> None:
        self._compile, self._set_type = re2.compile, re2.Set
        self._plain, self._folded = _options(re2, fold=False), _options(re2, fold=True)
        self._patterns = [pattern for group in groups for pattern in group]
        self._compiled: list[Compiled | None] = [None] * len(self._patterns)
        self._sets: list[tuple[int, Any]] = []
        self._chunk, self._line = b"", b"\n"
        base = 0
        for number, group in enumerate(groups):
            if group and number >= first:
                self._sets.append((base, self._set(group)))
            base += len(group)
        # Matched from where the search begins, it is never traced back to where a hint begins.
        whole = f"(?s:.*?)(?:{hints})".encode()
        self._hints = led_of_re2(self._compile(whole, self._plain)) if hints else None

    def _set(self, group: Sequence[Pattern]) -> Any:
        found = self._set_type.SearchSet(self._plain)
        for pattern in group:
            found.Add(_gate(pattern))
        found.Compile()
        return found

    def occurring(self, chunk: bytes) -> list[Occurring]:
        """Return the patterns that match somewhere in ``chunk``."""
        found: list[Occurring] = []
        line = self._led(chunk)
        for base, automaton in self._sets:
            matched = automaton.Match(line)
            if matched:
                found += [(base + index, ()) for index in matched]
        return found

    def hinted(self, chunk: bytes) -> Iterator[int] | None:
        """Return the offsets behind the hints in ``chunk``, or None when it is not known."""
        return _ends(self._hints, self._led(chunk)) if self._hints is not None else None

    def _led(self, chunk: bytes) -> bytes:
        """Return a chunk behind the end of a line: gates and hints know of no start of a text."""
        if self._chunk is not chunk:
            self._chunk, self._line = chunk, b"\n" + chunk
        return self._line

    def pattern(self, index: int) -> Compiled:
        """Return one pattern, compiled when it is first asked for."""
        compiled = self._compiled[index]
        if compiled is None:
            compiled = self._compiled[index] = self.compiled(self._patterns[index])
        return compiled

    def compiled(self, pattern: Pattern) -> Compiled:
        """Return a pattern of no group, compiled."""
        options = self._folded if pattern.ignore_case else self._plain
        return of_re2(self._compile(pattern.text.encode(), options))

    def whole(self, patterns: Sequence[Pattern]) -> Callable[[bytes], list[int]]:
        """Return a function that gives the indexes of the patterns that match all of a value."""
        automaton = self._set_type.FullMatchSet(self._plain)
        for pattern in patterns:
            automaton.Add(_text(pattern))
        automaton.Compile()

        def match(value: bytes) -> list[int]:
            return automaton.Match(value) or []

        return match


def _ends(find: Find, line: bytes) -> Iterator[int]:
    size = len(line)
    end = find(line, 0, size)[0][1]
    while end >= 0:
        yield end - 1
        end = find(line, end - 1, size)[0][1]


def _gate(pattern: Pattern) -> bytes:
    """Return what stands for a pattern in a set: its gate, else its literals, else itself."""
    if pattern.literals and not pattern.gate:
        return b"(?i:" + b"|".join(map(re.escape, pattern.literals)) + b")"
    text = pattern.gate or pattern.text
    for left, loose in LOOSE.items():
        if text.startswith(left):
            text = loose + text.removeprefix(left)
    return (f"(?i:{text})" if pattern.ignore_case else text).encode()


def _options(re2: Any, *, fold: bool) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.case_sensitive = not fold
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


def _text(pattern: Pattern) -> bytes:
    return (f"(?i:{pattern.text})" if pattern.ignore_case else pattern.text).encode()


class StdlibEngine:
    """The standard library's ``re``, each pattern gated by its literals.

    Args:
        groups: Patterns in groups.
        first: Number of the first group to tell the occurring patterns of.
    """

    name, dense = "stdlib", 512

    def __init__(self, groups: Sequence[Sequence[Pattern]], first: int = 0) -> None:
        self._patterns = [pattern for group in groups for pattern in group]
        self._compiled: list[Compiled | None] = [None] * len(self._patterns)
        self._gates: dict[bytes, list[int]] = {}
        self._cores: dict[int, re.Pattern[bytes]] = {}
        self._ungated: list[int] = []
        passed = sum(map(len, groups[:first]))
        for index, pattern in enumerate(self._patterns[passed:], passed):
            for literal in pattern.literals:
                self._gates.setdefault(literal.lower(), []).append(index)
            if not pattern.literals:
                self._ungated.append(index)

    def occurring(self, chunk: bytes) -> list[Occurring]:
        """Return the patterns that match somewhere in ``chunk``, and where their literals end."""
        lowered = chunk.lower()
        ends: dict[int, list[int]] = {}
        for literal, indexes in self._gates.items():
            at = lowered.find(literal)
            while at >= 0:
                at += len(literal)
                for index in indexes:
                    ends.setdefault(index, []).append(at)
                at = lowered.find(literal, at)
        found: list[Occurring] = [(index, sorted(those)) for index, those in ends.items()]
        numbered = b"\n".join(_NUMBERED.findall(chunk))
        for index in self._ungated:
            text = numbered if _DIGIT in self._patterns[index].text else chunk
            if self._core(index).search(text):
                found.append((index, ()))
        return sorted(found)

    def _core(self, index: int) -> re.Pattern[bytes]:
        """Return what a match holds behind its left bound, for which ``re`` looks much faster."""
        core = self._cores.get(index)
        if core is None:
            pattern = self._patterns[index]
            text = pattern.gate or pattern.text
            for left in filter(None, LEFT.values()):
                text = text.removeprefix(left)
            fold = re.IGNORECASE if pattern.ignore_case else 0
            core = self._cores[index] = re.compile(text.encode(), fold)
        return core

    def hinted(self, chunk: bytes) -> None:
        """Return None: to look for hints takes as long as for what they are hints at."""

    def pattern(self, index: int) -> Compiled:
        """Return one pattern, compiled when it is first asked for."""
        compiled = self._compiled[index]
        if compiled is None:
            compiled = self._compiled[index] = self.compiled(self._patterns[index])
        return compiled

    def compiled(self, pattern: Pattern) -> Compiled:
        """Return a pattern of no group, compiled."""
        return of_re(_compiled(pattern))

    def whole(self, patterns: Sequence[Pattern]) -> Callable[[bytes], list[int]]:
        """Return a function that gives the indexes of the patterns that match all of a value."""
        compiled = [_compiled(pattern) for pattern in patterns]

        def match(value: bytes) -> list[int]:
            return [index for index, one in enumerate(compiled) if one.fullmatch(value)]

        return match


def _compiled(pattern: Pattern) -> re.Pattern[bytes]:
    return re.compile(pattern.text.encode(), re.IGNORECASE if pattern.ignore_case else 0)
