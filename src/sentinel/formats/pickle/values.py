"""Symbolic values: what a pickle's stack holds when nothing is ever built.

A scalar literal is the ``int`` position of its opcode in the machine's buffer, decoded only when
somebody asks (``literals.decode``). A tuple is a Python tuple of values. Everything else is one of
the classes below. Values may be shared any number of times (a "billion laughs" stays small), so
whoever walks them must bound the walk.
"""

from __future__ import annotations

from typing import TypeAlias

Value: TypeAlias = "int | tuple[Value, ...] | Global | Call | Container | Persistent | Opaque"


Buffer: TypeAlias = "bytes | bytearray"
"""What positions index: all of a small input, or what has been kept of a large one."""


class Global:
    """A name the stream imports.

    Attributes:
        module: Module as the unpickler would import it (Python 2 names already mapped).
        name: Attribute path within it, dots included.
        offset: Position of the opcode that first named it.
        how: ``GLOBAL``, ``STACK_GLOBAL``, ``INST`` or ``EXT``.
        spelled: ``(module, name)`` as written, where the unpickler maps it to something else.
        computed: True when the name was made by calling functions rather than written down.
    """

    __slots__ = ("computed", "how", "module", "name", "offset", "spelled")

    def __init__(
        self,
        module: str,
        name: str,
        offset: int,
        how: str,
        spelled: tuple[str, str] | None = None,
        computed: bool = False,
    ) -> None:
        self.module = module
        self.name = name
        self.offset = offset
        self.how = how
        self.spelled = spelled
        self.computed = computed

    def __repr__(self) -> str:
        return f"Global({self.module}.{self.name})"


class Call:
    """The result of a call that the unpickler would make.

    Attributes:
        kind: ``REDUCE``, ``NEWOBJ``, ``NEWOBJ_EX``, ``INST`` or ``OBJ``.
        callee: What is called.
        args: Positional arguments (a tuple of values, or a single value that is not a tuple).
        kwargs: Keyword arguments of NEWOBJ_EX, else None.
        offset: Position of the opcode.
        count: How many equal calls this stands for.
        states: States given to it by BUILD; the first few only.
        items: Items stored into it by the list, dict and set opcodes; the first few only.
    """

    __slots__ = ("args", "callee", "count", "items", "kind", "kwargs", "offset", "states")

    def __init__(
        self, kind: str, callee: Value, args: Value, offset: int, kwargs: Value | None = None
    ) -> None:
        self.kind = kind
        self.callee = callee
        self.args = args
        self.kwargs = kwargs
        self.offset = offset
        self.count = 1
        self.states: list[Value] | None = None
        self.items: list[Value] | None = None

    def __repr__(self) -> str:
        return f"Call({self.kind}, {self.callee!r})"


class Container:
    """A list, dict, set or frozenset built by opcodes.

    Attributes:
        kind: ``list``, ``dict``, ``set`` or ``frozenset``.
        offset: Position of the opcode that made it.
        items: Its elements (keys and values in turn for a dict), runs of scalars as one ``Run``;
            the first few only (``literals.elements`` lists them).
        more: True when not all of them were kept.
    """

    __slots__ = ("items", "kind", "more", "offset")

    def __init__(self, kind: str, offset: int, items: list[Value] | None = None) -> None:
        self.kind = kind
        self.offset = offset
        self.items: list[Value | Run] = list(items) if items else []
        self.more = False

    def __repr__(self) -> str:
        return f"Container({self.kind}, {len(self.items)})"


class Run:
    """Scalars of a container that were taken in one step, as positions in the buffer."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Persistent:
    """A reference that the loader resolves (``persistent_load``); torch names storages so."""

    __slots__ = ("id", "offset")

    def __init__(self, id: Value, offset: int) -> None:
        self.id = id
        self.offset = offset


class Opaque:
    """A value that the file alone cannot tell (an out-of-band buffer, a host's extension code)."""

    __slots__ = ("offset", "what")

    def __init__(self, what: str, offset: int) -> None:
        self.what = what
        self.offset = offset


KEEP = 256
"""Elements of one container, or states of one instance, that are kept for the rules to look at."""
