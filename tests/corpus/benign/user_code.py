"""Classes such as anybody writes, for files that hold instances of them."""

from __future__ import annotations

import collections
import dataclasses
import enum
import sys
from typing import Any, NamedTuple


class Colour(enum.Enum):
    RED = 1
    GREEN = "g"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Flags(enum.Flag):
    A = enum.auto()
    B = enum.auto()


class Point(NamedTuple):
    x: float
    y: float = 0.0


Pair = collections.namedtuple("Pair", "left right")


@dataclasses.dataclass
class Settings:
    rate: float = 0.1
    names: list[str] = dataclasses.field(default_factory=lambda: ["a", "b"])
    parent: Settings | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: str


class Plain:
    def __init__(self, value: Any) -> None:
        self.value = value


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a, self.b = 1, [2]


class WithState:
    def __init__(self) -> None:
        self.cache, self.rate = {"x": 1}, 0.5

    def __getstate__(self) -> dict[str, Any]:
        return {"rate": self.rate}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


class WithArguments:
    def __init__(self, size: int, *, deep: bool = False) -> None:
        self.size, self.deep = size, deep

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        return (), {}


class Mapping(dict[str, int]):
    pass


class Sequence(list[int]):
    def __init__(self, items: Any = ()) -> None:
        super().__init__(items)
        self.name = "s"


class Outer:
    class Inner:
        def __init__(self) -> None:
            self.n = 3


class Counter(collections.Counter[str]):
    pass


def double(value: float) -> float:
    return value * 2


def objects() -> dict[str, Any]:
    """Return instances of all of them."""
    parent = Settings()
    return {
        "enum": [Colour.RED, Colour.GREEN, Level.HIGH, Flags.A | Flags.B],
        "named-tuple": [Point(1.0), Pair(1, "x")],
        "dataclass": [Settings(parent=parent), Frozen(1, "b")],
        "plain": Plain({"a": [Plain(1), Plain("text")]}),
        "slots": Slotted(),
        "state": WithState(),
        "arguments": WithArguments(3, deep=True),
        "mapping": Mapping(a=1, b=2),
        "sequence": Sequence([1, 2]),
        "inner": Outer.Inner(),
        "counter": Counter("hello"),
        "function": {"activation": double, "class": Plain},
        "method": Plain(1).__init__,
    }


def as_main() -> dict[str, Any]:
    """Return instances of the same classes as a script would write them, from ``__main__``."""
    main = sys.modules["__main__"]
    for name, value in list(globals().items()):
        if getattr(value, "__module__", "") == __name__:
            value.__module__ = "__main__"
            setattr(main, name, value)
    return objects()
