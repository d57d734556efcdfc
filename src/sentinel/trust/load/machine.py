"""A machine for pickles that makes what a table allows, and nothing else.

It knows the opcodes that writers of Python 3 emit. ``INST``, ``OBJ``, ``NEWOBJ_EX``, the extension
registry, persistent ids and out-of-band buffers are refused, as are Python 2's strings. A name
becomes a ``Token``, which can do nothing; ``NEWOBJ``, ``REDUCE`` and ``BUILD`` alone turn tokens
into objects, by the rules of ``names.py``, ``makers.py`` and ``states.py``. A token that is still
held when the pickle ends was used as something it is not allowed to be.

Lists and dicts are added to only where they are plain ones, keys are of a few kinds, no object gets
a state twice, and no state is given to a class, a function or a module.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakSet

from ...errors import TrustError
from . import makers, states
from .cost import Room
from .keys import check_key
from .names import Name, Names, refused, resolve
from .opcodes import OPCODES, STOP
from .stream import Stream

_DEEPEST = 8
_MOST_MEMO = 1 << 32
_NO_MARK = "a mark is missing"


class Token:
    """A name out of a pickle: it stands for an object, and cannot be called or looked into."""

    __slots__ = ("__weakref__", "name")

    def __init__(self, name: Name) -> None:
        self.name = name


class Pending:
    """Something that is made when its state comes, so that nothing half-made is ever seen.

    Args:
        finish: Takes the state, checks it, and makes the object.
    """

    __slots__ = ("__weakref__", "finish", "slots")

    def __init__(self, finish: Callable[[Any], object]) -> None:
        self.finish = finish
        self.slots: list[int] = []


_Inert = TypeVar("_Inert", Token, Pending)


class Machine:
    """Makes the object of one pickle.

    Args:
        data: The bytes.
        names: What may be used.
        at: Where the pickle begins.
        depth: How many pickles this one lies within.
    """

    def __init__(self, data: memoryview, names: Names, at: int = 0, depth: int = 0) -> None:
        if depth > _DEEPEST:
            raise TrustError("malformed", f"pickles nested deeper than {_DEEPEST}")
        self.data = data
        self.stream: Stream = Stream(data, at)
        self.names = names
        self.depth = depth
        self.stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._tokens: dict[Name, Token] = {}
        self._given: dict[int, tuple[Name, object]] = {}
        self._fresh: dict[int, object] = {}
        self._inert: WeakSet[Token | Pending] = WeakSet()
        self.room = Room(len(data))

    def load(self) -> object:
        """Return the object.

        Raises:
            TrustError: The pickle asks for something that is not allowed (``not-allowed``), is
                broken (``malformed``, ``truncated``), or holds values that would crash native code
                (``unsafe-values``).
        """
        stream, table = self.stream, OPCODES
        while True:
            at = stream.at
            code = stream.byte()
            if code == STOP:
                break
            action = table.get(code)
            if action is None:
                raise TrustError(
                    "not-allowed", f"opcode {chr(code)!r} at {at} has no place in a model"
                )
            try:
                action(self)
            except TrustError:
                raise
            except Exception as error:  # of a library that is given odd values, too
                kind = type(error).__name__
                raise TrustError("malformed", f"broken pickle at {at} ({kind})") from error
        return self._result()

    def _result(self) -> object:
        if len(self.stack) != 1 or self._marks:
            raise TrustError("malformed", "the pickle ends with other than one value")
        value = self.stack.pop()
        self._memo.clear()
        self._tokens.clear()
        self._given.clear()
        self._fresh.clear()
        if isinstance(value, Token | Pending):
            raise _left(value)
        for left in list(self._inert):
            raise _left(left)
        return value

    # Names

    def find(self, module: str, name: str) -> object:
        """Return what a name becomes on the stack: the object where models hold it, else a token.

        Raises:
            TrustError: The name is not allowed.
        """
        exact = self.names.current(module, name)
        if exact not in makers.MAKERS and not self.names.known(exact):
            raise refused(module, name)
        if self.names.may("value", exact):
            value = resolve(*exact)
            self._given[id(value)] = (exact, value)
            return value
        return self.token(exact)

    def token(self, name: Name) -> Token:
        """Return the token of a name."""
        found = self._tokens.get(name)
        if found is None:
            found = self._tokens[name] = self.inert(Token(name))
        return found

    def inert(self, thing: _Inert) -> _Inert:
        """Remember something that must be gone when the pickle ends."""
        self._inert.add(thing)
        return thing

    def name_of(self, thing: object) -> Name:
        """Return the name that put something on the stack. Raises TrustError where none did."""
        if isinstance(thing, Token):
            return thing.name
        given = self._given.get(id(thing))
        if given is None or given[1] is not thing:
            raise TrustError("not-allowed", "something is called that no name stands for")
        return given[0]

    def new_class(self, thing: object) -> type:
        """Return the class of which an instance may be made. Raises TrustError otherwise."""
        name = self.name_of(thing)
        if not self.names.may("new", name):
            raise refused(*name)
        found = resolve(*name)
        if not isinstance(found, type):
            raise refused(*name)
        return found

    # Making

    def reduce(self) -> None:
        """REDUCE: a maker of this package, or a callable that the user allows."""
        args = self.stack.pop()
        name = self.name_of(self.stack[-1])
        if type(args) is not tuple:
            raise TrustError("malformed", "arguments that are no tuple")
        self.room.spend(args)
        maker = makers.MAKERS.get(name)
        if maker is not None:
            made = maker(self, args)
        elif self.names.may_call(name):
            made = self._call(name, args)
        else:
            raise refused(*name)
        self.stack[-1] = self.take_in(made)

    def _call(self, name: Name, args: tuple[Any, ...]) -> object:
        function: Any = resolve(*name)
        return function(*args)

    def newobj(self) -> None:
        """NEWOBJ: an empty instance of an allowed class."""
        args = self.stack.pop()
        kind: Any = self.new_class(self.stack[-1])
        if type(args) is not tuple:
            raise TrustError("malformed", "arguments that are no tuple")
        self.room.spend(args)
        if self.names.may_call(self.name_of(self.stack[-1])):
            made = kind.__new__(kind, *args)
        else:
            made = makers.empty(kind, args)
        self.stack[-1] = self.take_in(made)

    def take_in(self, made: object) -> object:
        """Note something that was made; one state may be given to it."""
        if isinstance(made, Pending):
            return self.inert(made)
        self._fresh[id(made)] = made
        return made

    def build(self) -> None:
        """BUILD: the state of what was made last, once."""
        state = self.stack.pop()
        thing = self.stack[-1]
        self.room.spend(state)
        if isinstance(thing, Pending):
            made = thing.finish(state)
            for slot in thing.slots:
                if self._memo.get(slot) is thing:
                    self._memo[slot] = made
            self.stack[-1] = made
            return
        if self._fresh.pop(id(thing), None) is not thing:
            raise TrustError("not-allowed", "a state is given to something that takes none")
        states.give(thing, state, self.names)

    # Memo

    def put(self, index: int) -> None:
        """Remember the top of the stack."""
        if not 0 <= index < _MOST_MEMO:
            raise TrustError("malformed", f"memo index {index}")
        top = self.stack[-1]
        self._memo[index] = top
        if isinstance(top, Pending):
            top.slots.append(index)

    def memoize(self) -> None:
        """Remember the top of the stack under the next number."""
        self.put(len(self._memo))

    def get(self, index: int) -> None:
        """Push what was remembered."""
        if index not in self._memo:
            raise TrustError("malformed", f"nothing is in the memo at {index}")
        self.stack.append(self._memo[index])

    # Containers

    def mark(self) -> None:
        """Begin a group."""
        self._marks.append(self.stack)
        self.stack = []

    def items(self) -> list[Any]:
        """End a group and return it."""
        if not self._marks:
            raise TrustError("malformed", _NO_MARK)
        found, self.stack = self.stack, self._marks.pop()
        return found

    def pop(self) -> None:
        """Drop the top of the stack, or an empty group."""
        if self.stack:
            self.stack.pop()
        else:
            self.items()

    def extend(self, items: list[Any]) -> None:
        """Add to the list on top of the stack."""
        top = self.stack[-1]
        if type(top) is not list and type(top) is not deque:
            raise TrustError("not-allowed", f"items are added to a {type(top).__name__}")
        top.extend(items)

    def set_items(self, items: list[Any]) -> None:
        """Set keys of the dict on top of the stack."""
        top = self.stack[-1]
        kind = type(top)
        if kind not in (dict, OrderedDict, defaultdict) and id(top) not in self._fresh:
            raise TrustError("not-allowed", f"keys are set in a {kind.__name__}")
        if not isinstance(top, dict) or kind.__setitem__ not in _PLAIN_SETTERS:
            raise TrustError("not-allowed", f"keys are set in a {kind.__name__}")
        top.update(pairs(items))

    def add_items(self, items: list[Any]) -> None:
        """Add to the set on top of the stack."""
        top = self.stack[-1]
        if type(top) is not set:
            raise TrustError("not-allowed", f"items are added to a {type(top).__name__}")
        top.update(map(check_key, items))

    def last(self, count: int) -> None:
        """Make a tuple of the last values."""
        if len(self.stack) < count:
            raise TrustError("malformed", "too few values for a tuple")
        self.stack[-count:] = [tuple(self.stack[-count:])]


_PLAIN_SETTERS = (dict.__setitem__, OrderedDict.__setitem__)


def pairs(items: list[Any]) -> dict[Any, Any]:
    """Return keys and values as a dict. Raises TrustError for a key of no plain kind."""
    if len(items) % 2:
        raise TrustError("malformed", "a key without a value")
    return {check_key(key): value for key, value in zip(items[::2], items[1::2], strict=True)}


def _left(thing: Token | Pending) -> TrustError:
    if isinstance(thing, Token):
        return refused(*thing.name)
    return TrustError("malformed", "something was begun and never given its state")
