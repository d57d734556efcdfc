"""Walks one serialised R object with a list of what is still to be read in place of recursion.

Source: ``src/main/serialize.c`` of R and "R Internals", section 1.8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from ...errors import LimitExceeded, ParseError
from ...limits import Budget
from .model import RCode
from .source import Source

_ITEMS = 20_000_000
_CODES = 10_000
_NAMES = 100_000
_SYMBOLS = 200
_TEXT = 200
_PENDING = 5_000_000
_ACTIVE = 1 << 15
_BLOBS = 1_000

SYMBOL, LIST, CLOSURE, ENVIRONMENT, PROMISE, CALL, SPECIAL, BUILTIN, CHARACTERS = range(1, 10)
LOGICAL, INTEGER, REAL, COMPLEX, STRINGS, DOTS = 10, 13, 14, 15, 16, 17
VECTOR, EXPRESSION, BYTECODE, POINTER, WEAK, RAW, S4 = 19, 20, 21, 22, 23, 24, 25
REFERENCE, ALTERNATIVE, ATTRIBUTED_LIST, ATTRIBUTED_CALL = 255, 238, 239, 240
REPEATED, REPEAT, PERSISTENT, PACKAGE, NAMESPACE = 243, 244, 247, 248, 249
UNBOUND = 252
_CONSTANTS = frozenset((254, 253, 252, 251, 250, 242, 241))
_WIDTHS = {LOGICAL: 4, INTEGER: 4, REAL: 8, COMPLEX: 16}
_TITLES = {
    CLOSURE: "closures", ENVIRONMENT: "environments", PROMISE: "promises", CALL: "calls",
    BYTECODE: "bytecode", POINTER: "external pointers", WEAK: "weak references", S4: "S4 objects",
    EXPRESSION: "expressions", ALTERNATIVE: "alternative representations", RAW: "raw vectors",
}  # fmt: skip


class Place(NamedTuple):
    """Where an item stands.

    Attributes:
        kind: ``value``, ``workspace`` (the list of variables), ``frame`` (the variables of an
            environment), ``table`` (a hashed one), ``binding`` (a variable's value) or ``code``.
        owner: Index of the code it is part of; -1 when it is part of none.
        where: ``value`` or ``environment``.
        name: The variable, for a binding.
    """

    kind: str
    owner: int = -1
    where: str = "value"
    name: str = ""


class _Draft:
    __slots__ = ("forced", "kind", "name", "offset", "symbols", "where")

    def __init__(self, kind: str, where: str, name: str, offset: int) -> None:
        self.kind, self.where, self.name, self.offset = kind, where, name, offset
        self.forced = True
        self.symbols: dict[str, None] = {}


Step = Callable[[], None]


class Walk:
    """One object on its way through the reader.

    Args:
        source: The bytes.
        budget: Bounds the time.
    """

    def __init__(self, source: Source, budget: Budget) -> None:
        self.counts: Counter[str] = Counter()
        self.names: list[str] = []
        self.packages: dict[str, None] = {}
        self.hooks: dict[str, None] = {}
        self.blobs: list[tuple[int, int]] = []
        self._source = source
        self._budget = budget
        self._drafts: list[_Draft] = []
        self._references: list[str] = []
        self._pending: list[Step] = []
        self._last_name = ""
        self._last_type = 0

    def codes(self) -> tuple[RCode, ...]:
        """Return what R may evaluate."""
        return tuple(
            RCode(
                draft.kind,
                draft.where,
                draft.name,
                draft.forced,
                tuple(draft.symbols),
                draft.offset,
            )
            for draft in self._drafts
        )

    def run(self, workspace: bool) -> None:
        """Read one object to its end.

        Raises:
            ParseError: It is broken.
            LimitExceeded: It is larger than is read.
        """
        place = Place("workspace" if workspace else "value")
        self._pending = [lambda: self._item(place)]
        done = 0
        while self._pending:
            self._pending.pop()()
            done += 1
            if not done & 4095:
                self._budget.check_time()
                if done > _ITEMS or len(self._pending) > _PENDING:
                    raise LimitExceeded(f"more than {_ITEMS} R objects")

    def _later(self, *places: Place) -> None:
        """Read items, in this order, before all that is pending."""
        for place in reversed(places):
            self._pending.append(lambda place=place: self._item(place))  # type: ignore[misc]

    def _times(self, count: int, place: Place) -> None:
        if count > 0:
            self._pending.append(lambda: self._times(count - 1, place))
            self._pending.append(lambda: self._item(place))

    def _item(self, place: Place) -> None:
        flags = self._source.integer()
        kind = flags & 0xFF
        self._last_type = kind
        if kind in _CONSTANTS:
            self._last_name = ""
            return
        if kind in _TITLES:
            self.counts[_TITLES[kind]] += 1
        if kind == REFERENCE:
            self._refer(flags, place)
        elif kind in (LIST, CLOSURE, PROMISE, CALL, DOTS):
            self._pair(kind, flags, place)
        elif kind == SYMBOL:
            self._source.integer()
            self._symbol(self._characters(), place)
        elif kind == ENVIRONMENT:
            self._environment(place)
        elif kind in (PERSISTENT, PACKAGE, NAMESPACE):
            self._strings(kind)
        elif kind == ALTERNATIVE:
            inner = place._replace(kind="value")
            self._later(inner, inner, inner)
        else:
            if flags & 0x200:
                self._later(_inside(place))
            self._vector(kind, place)

    def _refer(self, flags: int, place: Place) -> None:
        index = flags >> 8 or self._source.integer()
        if not 1 <= index <= len(self._references):
            raise ParseError("a reference to an R object that is not there")
        self._last_name = self._references[index - 1]
        self._note(self._last_name, place)

    def _symbol(self, name: str, place: Place) -> None:
        self._add(name)
        self._last_name = name
        self._note(name, place)

    def _add(self, name: str) -> None:
        self._references.append(name)
        if len(self._references) > _PENDING:
            raise LimitExceeded("more R references than are read")

    def _note(self, text: str, place: Place) -> None:
        if place.owner >= 0 and text:
            symbols = self._drafts[place.owner].symbols
            if len(symbols) < _SYMBOLS:
                symbols[text] = None

    def _characters(self) -> str:
        length = self._source.integer()
        if length == -1:
            return ""
        return self._source.cut_text(length, _TEXT).decode("utf-8", "backslashreplace")

    def _strings(self, kind: int) -> None:
        self._source.integer()
        texts = []
        count = self._source.integer()
        if count > 1_000:
            raise ParseError("a name of an R package in too many parts")
        for _ in range(count):
            if self._source.integer() & 0xFF != CHARACTERS:
                raise ParseError("no text where one belongs")
            texts.append(self._characters())
        name = texts[0] if texts else ""
        self._add("")
        (self.hooks if kind == PERSISTENT else self.packages)[name] = None

    def _environment(self, place: Place) -> None:
        self._source.integer()
        self._add("")
        inner = Place("value", -1, "environment")
        frame, table = Place("frame", -1, "environment"), Place("table", -1, "environment")
        self._later(inner, frame, table, inner)

    def _pair(self, kind: int, flags: int, place: Place) -> None:
        code = place
        if kind == PROMISE:
            code = self._code("promise", place)
        elif kind == CLOSURE:
            code = self._code("closure", place)
        elif flags >> 12 & _ACTIVE and place.kind in ("frame", "workspace"):
            self.counts["active bindings"] += 1
            code = self._code("active binding", place)
        steps: list[Step] = []
        inside = _inside(place)
        if flags & 0x200:
            steps.append(lambda: self._item(inside))
        self._last_name = ""
        if flags & 0x400:
            outer = inside if kind in (CLOSURE, PROMISE) else inside._replace(owner=-1)
            steps.append(lambda: self._item(outer))
        if kind == PROMISE:
            steps += [lambda: self._item(code), lambda: self._forced(code)]
            steps.append(lambda: self._item(code))
        elif kind == CLOSURE:
            steps += [lambda: self._item(code), lambda: self._item(code)]
        else:
            steps += [lambda: self._car(place, code), lambda: self._item(place)]
        self._pending += reversed(steps)

    def _car(self, place: Place, code: Place) -> None:
        """Read the value of a pair; in a list of variables it is bound to the tag before it."""
        if place.kind not in ("frame", "workspace"):
            self._item(_inside(place))
            return
        name = self._last_name
        if place.kind == "workspace" and len(self.names) < _NAMES:
            self.names.append(name)
        if code.owner >= 0 and code is not place:
            self._drafts[code.owner].name = name
        self._item(Place("binding", code.owner, place.where, name))

    def _code(self, kind: str, place: Place) -> Place:
        """Begin a piece of code; one within another belongs to the outer one as well."""
        if len(self._drafts) >= _CODES:
            raise LimitExceeded(f"more than {_CODES} pieces of code in one R file")
        if place.owner >= 0 and kind == "closure":
            return place._replace(kind="code")
        where = place.where if place.kind in ("binding", "frame") else "value"
        self._drafts.append(_Draft(kind, where, place.name, self._source.position - 4))
        return Place("code", len(self._drafts) - 1, place.where)

    def _forced(self, code: Place) -> None:
        self._drafts[code.owner].forced = self._last_type != UNBOUND

    def _vector(self, kind: int, place: Place) -> None:
        source = self._source
        if kind in _WIDTHS:
            source.numbers(self._length(), _WIDTHS[kind])
        elif kind in (CHARACTERS, SPECIAL, BUILTIN):
            self._note(self._characters(), place)
        elif kind == STRINGS:
            self._texts(self._length(), place)
        elif kind in (VECTOR, EXPRESSION):
            below = Place("frame", -1, place.where) if place.kind == "table" else _inside(place)
            self._times(self._length(), below)
        elif kind == RAW:
            where = source.raw(self._length())
            if where and where[1] > 8 and len(self.blobs) < _BLOBS:
                self.blobs.append(where)
        elif kind == BYTECODE:
            source.integer()
            self._bytecode(self._bytecode_place(place))
        elif kind in (POINTER, WEAK):
            self._add("")
            if kind == POINTER:
                inside = _inside(place)
                self._later(inside, inside)
        elif kind != S4:
            raise ParseError(f"an R object of the unknown type {kind}")

    def _texts(self, count: int, place: Place) -> None:
        source = self._source
        for number in range(count):
            if source.integer() & 0x2FF != CHARACTERS:
                raise ParseError("no text where one belongs")
            if place.owner >= 0:
                self._note(self._characters(), place)
            elif (length := source.integer()) > 0:
                source.cut_text(length, 0)
            if not number & 0xFFFF:
                self._budget.check_time()

    def _bytecode_place(self, place: Place) -> Place:
        return place if place.owner >= 0 else self._code("bytecode", place)

    def _length(self) -> int:
        length = self._source.integer()
        if length == -1:
            upper, lower = self._source.integer(), self._source.integer()
            length = (upper & 0xFFFFFFFF) << 32 | lower & 0xFFFFFFFF
        if length < 0 or length > self._source.size - self._source.position:
            raise ParseError("an R vector that is longer than the file")
        return length

    def _bytecode(self, place: Place) -> None:
        self._pending.append(lambda: self._constants(place))
        self._later(place)

    def _constants(self, place: Place) -> None:
        count = self._source.integer()
        self._repeat(count, place)

    def _repeat(self, count: int, place: Place) -> None:
        if count > 0:
            self._pending.append(lambda: self._repeat(count - 1, place))
            kind = self._source.integer()
            if kind == BYTECODE:
                self._bytecode(place)
            else:
                self._language(kind, place)

    def _language(self, kind: int, place: Place) -> None:
        """Read a constant of bytecode, whose calls and lists have a form of their own."""
        if kind == REPEATED:
            self._source.integer()
            return
        if kind == REPEAT:
            self._source.integer()
            kind = self._source.integer()
        if kind not in (CALL, LIST, ATTRIBUTED_CALL, ATTRIBUTED_LIST):
            self._item(place)
            return
        step = [lambda: self._language(self._source.integer(), place)] * 2
        self._pending += step
        self._later(*[place] * (2 if kind in (ATTRIBUTED_CALL, ATTRIBUTED_LIST) else 1))


def _inside(place: Place) -> Place:
    """Return the place of what is part of a value."""
    if place.kind in ("value", "code"):
        return place
    return Place("code" if place.owner >= 0 else "value", place.owner, place.where)
