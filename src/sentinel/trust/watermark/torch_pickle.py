"""The tensors that a checkpoint's pickle names, read from its opcodes without unpickling.

Only what ``torch.save`` writes for a tree of dictionaries, lists, numbers and tensors is followed;
anything else in the pickle is somebody's object, and such a file is not marked.
"""

from __future__ import annotations

import pickletools
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ...errors import TrustError

_MOST_OPCODES = 2_000_000
_MOST_NAMES = 200_000
_DEPTH = 16
_REBUILD = "torch._utils _rebuild_tensor_v2"
_PARAMETER = "torch._utils _rebuild_parameter"
_ORDERED = "collections OrderedDict"
_NOT_WEIGHTS = ("optim", "sched", "scaler", "_metadata")
_MARK = object()


class Name(str):
    """A name the pickle imports, module and attribute with a space between."""

    __slots__ = ()


class Storage(NamedTuple):
    """A storage: its type, its key and its number of elements."""

    kind: str
    key: str
    numel: int


class TorchTensor(NamedTuple):
    """A tensor: its storage, the offset of its first element in it, its extents and strides."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def tensors_of(data: bytes, path: str) -> dict[str, TorchTensor]:
    """Return the tensors of a checkpoint by name, nested names joined by dots.

    What belongs to an optimiser or scheduler is left out.

    Args:
        data: The pickle (``data.pkl``).
        path: Name of the file for messages.

    Raises:
        TrustError: It is no plain tree of tensors, or broken.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of escapes in names
            tree = _Machine().run(data)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TrustError(
            "not-a-state-dict",
            f"{path}: holds more than a tree of tensors ({_short(error)})",
            "save model.state_dict(), or safetensors",
        ) from None
    return dict(_walk(tree, "", 0, [0]))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


def _walk(
    value: Any, prefix: str, depth: int, seen: list[int]
) -> Iterator[tuple[str, TorchTensor]]:
    seen[0] += 1
    if depth > _DEPTH or seen[0] > _MOST_NAMES:
        return
    if isinstance(value, TorchTensor):
        yield prefix, value
        return
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = dict(enumerate(value)).items()
    else:
        return
    for key, item in items:
        if isinstance(key, str | int) and not str(key).lower().startswith(_NOT_WEIGHTS):
            yield from _walk(item, f"{prefix}.{key}" if prefix else str(key), depth + 1, seen)


class _Machine:
    """A stack for the opcodes that occur; one that does not occur in such a file is an error."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, data: bytes) -> Any:
        for number, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if number > _MOST_OPCODES:
                raise ValueError("too many opcodes")
            if opcode.name == "STOP":
                return self.stack.pop()
            if opcode.name in _IGNORED:
                continue
            if opcode.name in _PUSHED:
                self.stack.append(argument)
            else:
                _ACTIONS[opcode.name](self, argument)
        raise ValueError("no end")

    def marked(self) -> list[Any]:
        place = len(self.stack) - 1
        while self.stack[place] is not _MARK:
            place -= 1
            if place < 0:
                raise ValueError("no mark")
        found = self.stack[place + 1 :]
        del self.stack[place:]
        return found

    def taken(self, count: int) -> tuple[Any, ...]:
        if len(self.stack) < count:
            raise ValueError("an empty stack")
        found = tuple(self.stack[len(self.stack) - count :])
        del self.stack[len(self.stack) - count :]
        return found

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def remember(self, key: int | None) -> None:
        self.memo[len(self.memo) if key is None else key] = self.stack[-1]

    def store(self, pairs: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise ValueError("items of something that is no dictionary")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if not isinstance(key, str | int | float | bool) and key is not None:
                raise ValueError("a key that is neither text nor number")
            target[key] = value

    def extend(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, list):
            raise ValueError("elements of something that is no list")
        target.extend(values)

    def named(self) -> None:
        module, name = self.taken(2)
        self.push(Name(f"{module} {name}"))

    def build(self) -> None:
        self.taken(1)  # attributes of a dictionary (_metadata) hold no weights
        if not isinstance(self.stack[-1], dict):
            raise ValueError("attributes of something that is no dictionary")

    def storage(self) -> None:
        (found,) = self.taken(1)
        if not isinstance(found, tuple) or len(found) != 5 or found[0] != "storage":
            raise ValueError("a reference that is no storage")
        _, kind, key, _, count = found
        if not isinstance(kind, Name) or type(key) is not str or not _is_size(count):
            raise ValueError("a storage that is not described as one")
        module, _, name = kind.partition(" ")
        if module not in ("torch", "torch.storage"):
            raise ValueError(f"a storage of {module}")
        self.push(Storage(name, key, count))

    def reduce(self) -> None:
        callee, arguments = self.taken(2)
        if not isinstance(callee, Name) or not isinstance(arguments, tuple):
            raise ValueError("a call of something that is no name")
        if callee == _ORDERED and not arguments:
            self.push({})
        elif callee == _REBUILD:
            self.push(_rebuilt(arguments))
        elif callee == _PARAMETER and isinstance(arguments[0], TorchTensor):
            self.push(arguments[0])
        else:
            raise ValueError(f"a call of {callee}")


def _rebuilt(arguments: tuple[Any, ...]) -> TorchTensor:
    storage, offset, shape, strides = arguments[:4]
    if not isinstance(storage, Storage) or not _is_size(offset):
        raise ValueError("a tensor without a storage")
    for sizes in (shape, strides):
        if not isinstance(sizes, tuple) or len(sizes) > 64 or not all(map(_is_size, sizes)):
            raise ValueError("a tensor whose sizes are none")
    if len(shape) != len(strides):
        raise ValueError("a tensor with another number of strides than axes")
    return TorchTensor(storage, offset, shape, strides)


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**48


_IGNORED = {"PROTO", "FRAME"}
_PUSHED = {
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE", "BININT", "BININT1", "BININT2",
    "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT", "BINBYTES", "SHORT_BINBYTES",
    "BINSTRING", "SHORT_BINSTRING", "STRING",
}  # fmt: skip
_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "NONE": lambda machine, _: machine.push(None),
    "NEWTRUE": lambda machine, _: machine.push(True),
    "NEWFALSE": lambda machine, _: machine.push(False),
    "MARK": lambda machine, _: machine.push(_MARK),
    "EMPTY_DICT": lambda machine, _: machine.push({}),
    "EMPTY_LIST": lambda machine, _: machine.push([]),
    "EMPTY_TUPLE": lambda machine, _: machine.push(()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.marked())),
    "TUPLE1": lambda machine, _: machine.push(machine.taken(1)),
    "TUPLE2": lambda machine, _: machine.push(machine.taken(2)),
    "TUPLE3": lambda machine, _: machine.push(machine.taken(3)),
    "BINPUT": lambda machine, key: machine.remember(key),
    "LONG_BINPUT": lambda machine, key: machine.remember(key),
    "MEMOIZE": lambda machine, _: machine.remember(None),
    "BINGET": lambda machine, key: machine.push(machine.memo[key]),
    "LONG_BINGET": lambda machine, key: machine.push(machine.memo[key]),
    "GLOBAL": lambda machine, name: machine.push(Name(name)),
    "STACK_GLOBAL": lambda machine, _: machine.named(),
    "BINPERSID": lambda machine, _: machine.storage(),
    "REDUCE": lambda machine, _: machine.reduce(),
    "BUILD": lambda machine, _: machine.build(),
    "SETITEM": lambda machine, _: machine.store(list(machine.taken(2))),
    "SETITEMS": lambda machine, _: machine.store(machine.marked()),
    "APPEND": lambda machine, _: machine.extend(list(machine.taken(1))),
    "APPENDS": lambda machine, _: machine.extend(machine.marked()),
}
