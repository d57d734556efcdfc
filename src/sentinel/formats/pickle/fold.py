"""Constant folding: what a value would be, where harmless functions alone decide it.

Names and payloads are hidden by computing them (``"".join``, ``bytes.fromhex``, base64, zlib). The
functions here are our own re-statements of those; nothing of the stream is ever called. Work,
depth and size are bounded, and whatever is not known stays unknown (``None``).
"""

from __future__ import annotations

import base64
import binascii
import codecs
import zlib
from collections.abc import Callable
from collections.abc import Container as Holder
from typing import Any

from .literals import decode, elements
from .values import KEEP, Buffer, Call, Container, Global, Value

_DEPTH = 40
_STEPS = 4_000
_MOST = 1 << 20
_SMALL = 1 << 12
_CODECS = frozenset((
    "utf8", "ascii", "latin1", "iso88591", "utf16", "utf32", "rot13", "hex", "hexcodec",
    "base64", "base64codec", "rawunicodeescape", "unicodeescape", "utf7", "punycode", "idna",
    "zlib", "zip",
))  # fmt: skip


class Unknown(Exception):
    """A value that cannot be worked out."""


Known = dict[int, tuple[Value, Any]]
"""What calls work out to, by identity; the call is kept so that no other takes its place."""


def fold(data: Buffer, value: Value, absent: Holder[int] = (), known: Known | None = None) -> Any:
    """Return the Python constant that ``value`` stands for, or None when it is not known.

    Args:
        data: The machine's buffer.
        value: The value.
        absent: Positions of literals whose bytes are not in the buffer.
        known: What has been worked out before; filled.
    """
    if known is None or type(value) is not Call:
        return _fold(Folder(data, absent), value)
    if id(value) not in known:
        made = _fold(Folder(data, absent, known), value)
        if _is_small(made):
            known[id(value)] = (value, made)
        return made
    return known[id(value)][1]


def _fold(folder: Folder, value: Value) -> Any:
    try:
        return folder.value(value, 0)
    except (Unknown, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        return None
    except (zlib.error, RecursionError, MemoryError, LookupError):
        return None


def _is_small(made: Any) -> bool:
    return made is None or (isinstance(made, str | bytes) and len(made) <= _SMALL)


class Folder:
    """One bounded piece of folding.

    Args:
        data: The machine's buffer.
        absent: Positions of literals whose bytes are not in it.
        known: What has been worked out before.
    """

    __slots__ = ("absent", "data", "known", "steps")

    def __init__(self, data: Buffer, absent: Holder[int] = (), known: Known | None = None) -> None:
        self.data = data
        self.absent = absent
        self.known = {} if known is None else known
        self.steps = 0

    def value(self, value: Value, depth: int) -> Any:
        """Return the constant. Raises Unknown, or what the stated function would raise."""
        self.steps += 1
        if depth > _DEPTH or self.steps > _STEPS:
            raise Unknown
        if type(value) is int:
            if value in self.absent:
                raise Unknown
            made = decode(self.data, value, _MOST + 1)
            if isinstance(made, str | bytes) and len(made) > _MOST - 4:
                raise Unknown  # it may have been cut
            return made
        if type(value) is tuple:
            return tuple([self.value(item, depth + 1) for item in value])
        if type(value) is Container:
            return self._container(value, depth)
        if type(value) is Call:
            if id(value) not in self.known:
                return self._call(value, depth)
            made = self.known[id(value)][1]
            if made is None:
                raise Unknown
            return made
        raise Unknown

    def _container(self, value: Container, depth: int) -> Any:
        kept = elements(self.data, value, KEEP + 1)
        if value.more or len(kept) > KEEP:
            raise Unknown  # what has been cut makes another value
        items = [self.value(item, depth + 1) for item in kept]
        if value.kind == "dict":
            return dict(zip(items[::2], items[1::2], strict=True))
        return items if value.kind == "list" else frozenset(items)

    def _call(self, call: Call, depth: int) -> Any:
        name, bound = self._function(call.callee, depth)
        args = call.args if type(call.args) is tuple else ()
        given = [self.value(item, depth + 1) for item in args]
        values = [*given, *bound] if name.startswith("method.") else [*bound, *given]
        function = _PURE.get(name)
        if function is None:
            raise Unknown
        made = function(*values)
        if isinstance(made, str | bytes | list | tuple) and len(made) > _MOST:
            raise Unknown
        return made

    def _function(self, callee: Value, depth: int) -> tuple[str, list[Any]]:
        """Return the stated name of a callee and the values bound to it already."""
        if type(callee) is Global:
            return f"{_HOMES.get(callee.module, callee.module)}.{callee.name}", []
        if type(callee) is not Call or type(callee.callee) is not Global:
            raise Unknown
        maker = f"{_HOMES.get(callee.callee.module, callee.callee.module)}.{callee.callee.name}"
        args = callee.args if type(callee.args) is tuple else ()
        if maker == "builtins.getattr" and len(args) >= 2:
            owner, attribute = self.value(args[0], depth + 1), self.value(args[1], depth + 1)
            return f"builtins.{type(owner).__name__}.{attribute}", [owner]
        if maker == "operator.methodcaller":
            method, *rest = [self.value(item, depth + 1) for item in args]
            return f"method.{method}", rest
        raise Unknown


def _codec(transform: Callable[..., Any]) -> Callable[..., Any]:
    def run(value: Any, encoding: Any = "utf-8", errors: Any = "strict") -> Any:
        plain = str(encoding).lower().replace("-", "").replace("_", "")
        if plain not in _CODECS or len(value) > _MOST:
            raise Unknown
        if plain in ("zlib", "zip"):
            return _inflate(value)
        return transform(value, encoding, errors)

    return run


def _inflate(value: bytes, wbits: int = 15, *_: Any) -> bytes:
    return zlib.decompressobj(wbits).decompress(value, _MOST + 1)


def _join(separator: Any, items: Any) -> Any:
    return separator.join(list(items))


def _format(template: str, *args: Any) -> str:
    if len(template) > 4096 or any(mark in template for mark in ":.[!"):
        raise Unknown
    return template.format(*args)


def _add(left: Any, right: Any) -> Any:
    if type(left) is not type(right) or len(left) + len(right) > _MOST:
        raise Unknown
    return left + right


def _repeat(value: Any, times: Any) -> Any:
    if isinstance(value, int) or not 0 <= times <= _MOST // max(1, len(value)):
        raise Unknown
    return value * times


def _percent(template: str, args: Any) -> str:
    if len(template) > 4096 or any(char.isdigit() or char == "*" for char in template):
        raise Unknown
    return str(template % args)


def _string(value: Any = "", encoding: str | None = None, *_: Any) -> str:
    return str(value) if encoding is None else str(value, encoding)


def _bytes(value: Any = b"", encoding: str | None = None, *_: Any) -> bytes:
    if isinstance(value, str):
        return value.encode(encoding or "utf-8")
    if isinstance(value, int):
        raise Unknown
    return bytes(value)


def _method(name: str) -> Callable[..., Any]:
    def run(owner: Any, *args: Any) -> Any:
        if not isinstance(owner, str | bytes | bytearray) or len(owner) > _MOST:
            raise Unknown
        return getattr(owner, name)(*args)

    return run


_SAFE_METHODS = (
    "lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "swapcase", "casefold",
    "split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix", "hex",
    "splitlines",
)  # fmt: skip


def _methods() -> dict[str, Callable[..., Any]]:
    table: dict[str, Callable[..., Any]] = {
        "join": _join,
        "format": _format,
        "encode": _codec(codecs.encode),
        "decode": _codec(codecs.decode),
        "__add__": _add,
        "__mod__": _percent,
        "__mul__": _repeat,
        "__getitem__": lambda owner, key: owner[key],
        "replace": lambda owner, old, new, *_: _bounded_replace(owner, old, new),
    }
    table.update({name: _method(name) for name in _SAFE_METHODS})
    return table


def _bounded_replace(owner: Any, old: Any, new: Any) -> Any:
    if len(owner) * max(1, len(new)) > _MOST:
        raise Unknown
    return owner.replace(old, new)


_HOMES = {
    "__builtin__": "builtins",
    "_operator": "operator",
    "_codecs": "codecs",
    "_functools": "functools",
}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "codecs.encode": _codec(codecs.encode),
    "codecs.decode": _codec(codecs.decode),
    "operator.add": _add,
    "operator.concat": _add,
    "operator.mod": _percent,
    "operator.mul": _repeat,
    "operator.getitem": lambda owner, key: owner[key],
    "builtins.chr": chr,
    "builtins.ord": ord,
    "builtins.str": _string,
    "builtins.bytes": _bytes,
    "builtins.bytearray": _bytes,
    "builtins.list": lambda value=(): list(value),
    "builtins.tuple": lambda value=(): tuple(value),
    "builtins.reversed": lambda value: list(reversed(value)),
    "builtins.sorted": lambda value: sorted(value),
    "builtins.slice": lambda *bounds: slice(*bounds),
    "builtins.int": lambda value=0, base=10: int(value, base) if isinstance(value, str) else value,
    "builtins.hex": hex,
    "builtins.ascii": ascii,
    "builtins.repr": repr,
    "builtins.bytes.fromhex": bytes.fromhex,
    "builtins.bytearray.fromhex": bytes.fromhex,
    "builtins.format": lambda value: format(value),
    "base64.b64decode": lambda value, *_: base64.b64decode(value),
    "base64.urlsafe_b64decode": base64.urlsafe_b64decode,
    "base64.standard_b64decode": base64.b64decode,
    "base64.decodebytes": base64.decodebytes,
    "base64.b32decode": lambda value, *_: base64.b32decode(value),
    "base64.b16decode": lambda value, *_: base64.b16decode(value),
    "base64.b85decode": base64.b85decode,
    "base64.a85decode": lambda value: base64.a85decode(value),
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_hex": binascii.unhexlify,
    "binascii.a2b_base64": lambda value: binascii.a2b_base64(value),
    "zlib.decompress": _inflate,
    "gzip.decompress": lambda value: _inflate(value, 31),
}


def _table() -> dict[str, Callable[..., Any]]:
    table = dict(_FUNCTIONS)
    for name, function in _methods().items():
        for owner in ("builtins.str", "builtins.bytes", "builtins.bytearray", "method"):
            table[f"{owner}.{name}"] = function
    for owner in ("list", "tuple", "dict"):
        table[f"builtins.{owner}.__getitem__"] = lambda owner, key: owner[key]
    return table


_PURE = _table()
