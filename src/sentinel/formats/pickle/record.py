"""What an interpreted stream would do, written down as it goes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

from ...errors import LimitExceeded, ParseError
from .values import KEEP, Call, Global, Persistent, Value

_EXACT = 10_000
_MOST_RAW = 64
"""Calls of one callee that are kept one by one; more of the same shape are only counted."""

_NAMING = frozenset(
    ("builtins", "operator", "_operator", "functools", "_functools", "codecs", "_codecs", "copyreg")
)
"""Modules whose calls compute names or callables, so that no two of them are alike."""


class StreamError(ParseError):
    """A stream that the unpickler would refuse at some point.

    Args:
        position: Where in the buffer.
        reason: What is wrong there.
    """

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


class Planted(NamedTuple):
    """State or items stored into something that is not a fresh object of the stream.

    Attributes:
        how: ``BUILD`` or ``SETITEMS``; for an instance of the stream's own, the attribute that is
            planted in it (``planting``).
        target: What is changed.
        state: What is stored.
        offset: Position of the opcode.
    """

    how: str
    target: Value
    state: Value
    offset: int


class Recorder:
    """Collects what streams do.

    Args:
        max_calls: Most calls to keep.
        trace: Keep every event in order, each call as an object of its own (for ``explain``).
    """

    __slots__ = (
        "_counts",
        "_globals",
        "_instances",
        "_shared",
        "arrays",
        "calls",
        "demands",
        "events",
        "extensions",
        "keys",
        "listed",
        "max_calls",
        "payloads",
        "persistent",
        "planted",
        "raw",
        "shared",
        "torn_frames",
        "trace",
        "unclear",
    )  # fmt: skip

    def __init__(self, max_calls: int, trace: bool = False) -> None:
        self.max_calls = max_calls
        self.trace = trace
        self.shared = 0
        """How often a container was taken again, from the memo or by DUP."""
        self._globals: dict[tuple[str, str, bool], Global] = {}
        self._counts: Counter[Global] = Counter()
        self._instances: dict[Global, Call] = {}
        self._shared: dict[tuple[Global, str, int], Call] = {}
        self.calls: list[Call] = []
        self.planted: list[Planted] = []
        self.persistent: list[Persistent] = []
        self.arrays: list[tuple[int, int]] = []
        self.raw: list[tuple[int, int]] = []
        """``(offset, length)`` in the file of the first arrays and storages of single bytes."""
        self.extensions: list[tuple[int, int]] = []
        self.payloads: list[int] = []
        self.torn_frames: list[int] = []
        """Positions of frames longer than what follows, which unpicklers refuse."""
        self.demands: list[tuple[int, str]] = []
        self.listed: dict[int, tuple[Call, int]] = {}
        """Instances into which the list and set opcodes store, by identity, and where first."""
        self.keys: dict[int, str] = {}
        """Text of computed keys by identity; what is computed lives as long as the calls."""
        self.unclear: list[int] = []
        """Where an inline array begins whose length the file does not tell plainly."""
        self.events: list[tuple[int, str, object]] = []

    def note_raw(self, offset: int, length: int) -> None:
        """Note an array or storage of single bytes, as those of a smuggled file would be."""
        if length > 0 and len(self.raw) < _MOST_RAW:
            self.raw.append((offset, length))

    @property
    def globals(self) -> list[Global]:
        """Every distinct name that was imported, in order of appearance."""
        return list(self._globals.values())

    def knows(self, names: list[Global]) -> bool:
        """Return True when all these names have been imported already."""
        return all((found.module, found.name, found.computed) in self._globals for found in names)

    def name(self, found: Global) -> Global:
        """Note an import; the same name gives the same object."""
        known = self._globals.setdefault((found.module, found.name, found.computed), found)
        if self.trace:
            self.events.append((found.offset, "import", known))
        return known

    def new(self, callee: Value, args: Value, position: int) -> Call:
        """Note ``callee.__new__(callee, *args)``; plain instances of one class are one value."""
        if args == () and type(callee) is Global and not self.trace:
            known = self._instances.get(callee)
            if known is not None:
                known.count += 1
                return known
            made = self._instances[callee] = self._keep(Call("NEWOBJ", callee, args, position))
            return made
        return self.call("NEWOBJ", callee, args, position)

    def call(
        self, kind: str, callee: Value, args: Value, position: int, kwargs: Value | None = None
    ) -> Call:
        """Note a call and return what stands for its result."""
        if type(callee) is Global and not self.trace:
            self._counts[callee] += 1
            if self._counts[callee] > _EXACT and callee.module not in _NAMING and _plain(args):
                key = (callee, kind, len(args) if type(args) is tuple else -1)
                known = self._shared.get(key)
                if known is not None:
                    known.count += 1
                    return known
                made = self._shared[key] = self._keep(Call(kind, callee, args, position))
                return made
        return self._keep(Call(kind, callee, args, position, kwargs))

    def _keep(self, made: Call) -> Call:
        calls = self.calls
        calls.append(made)
        if len(calls) > self.max_calls:
            raise LimitExceeded(f"more than {self.max_calls} calls")
        if self.trace:
            self.events.append((made.offset, "call", made))
        return made

    def build(self, target: Value, state: Value, position: int) -> None:
        """Note ``BUILD``."""
        if self.trace:
            self.events.append((position, "build", (target, state)))
        if type(target) is not Call:
            self.plant("BUILD", target, state, position)
            return
        if target.states is None:
            target.states = []
        if len(target.states) < KEEP:
            target.states.append(state)

    def store(self, target: Call, items: list[Value], position: int) -> None:
        """Note items stored into an object that the stream made."""
        if target.items is None:
            target.items = []
        target.items += items[: KEEP - len(target.items)]
        if self.trace:
            self.events.append((position, "store", (target, items)))

    def store_into_name(self, target: Value, items: list[Value], position: int) -> None:
        """Note items stored into something imported."""
        self.plant("SETITEMS", target, tuple(items[:KEEP]), position)

    def note(self, position: int, demand: str) -> None:
        """Note something that no pickler asks for and that costs the loader dearly."""
        if len(self.demands) < KEEP:
            self.demands.append((position, demand))

    def plant(self, how: str, target: Value, state: Value, position: int) -> None:
        """Note state stored into what is not a fresh object, or an attribute that is a trap."""
        if len(self.planted) >= self.max_calls:
            raise LimitExceeded(f"more than {self.max_calls} stored states")
        self.planted.append(Planted(how, target, state, position))

    def persist(self, id: Value, position: int) -> Persistent:
        """Note a persistent id."""
        made = Persistent(id, position)
        self.persistent.append(made)
        if len(self.persistent) > self.max_calls:
            raise LimitExceeded(f"more than {self.max_calls} persistent ids")
        return made

    def mark(self) -> tuple[int, ...]:
        """Return a point to go back to, should what follows turn out to be no pickle."""
        return tuple(len(entries) for entries in self._lists())

    def rollback(self, mark: tuple[int, ...], start: int) -> None:
        """Forget what was seen since ``mark``, all of it at or behind position ``start``."""
        for entries, length in zip(self._lists(), mark, strict=True):
            del entries[length:]
        fresh = [key for key, found in self._globals.items() if found.offset >= start]
        for key in fresh:
            del self._globals[key]
        self._instances = {k: v for k, v in self._instances.items() if v.offset < start}
        self._shared = {k: v for k, v in self._shared.items() if v.offset < start}

    def _lists(self) -> tuple[list[Any], ...]:
        return (
            self.calls, self.planted, self.persistent, self.arrays, self.extensions,
            self.payloads, self.demands, self.torn_frames, self.events,
            self.unclear, self.raw,
        )  # fmt: skip

    def absorb(self, other: Recorder, start: int, accept: Callable[[Global], bool]) -> None:
        """Take over what another recorder saw from ``start`` on, where its names are believable."""
        names = [found for found in other.globals if found.offset >= start and accept(found)]
        if not names:
            return
        for found in names:
            self.name(found)
        self.calls += [call for call in other.calls if call.offset >= start]
        self.planted += [entry for entry in other.planted if entry.offset >= start]


def _plain(args: Value) -> bool:
    return type(args) is tuple and all(type(value) is int for value in args)
