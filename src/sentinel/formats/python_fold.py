"""What constant expressions come to: strings joined, reversed, decoded and unpacked by the source.

Only pure functions over constants are followed, each with a bound on what it may give. Whatever
else an expression holds makes it unknown, never wrong.
"""

from __future__ import annotations

import ast
import base64
import binascii
import bz2
import codecs
import lzma
import zlib
from collections.abc import Callable

from ..limits import MIB
from .python_names import Names

Value = str | bytes

_MOST = 4 * MIB
_DEPTH = 48
_STEPS = 200_000
_ERRORS = (
    ValueError, TypeError, LookupError, EOFError, OSError, OverflowError, MemoryError,
    zlib.error, lzma.LZMAError,
)  # fmt: skip


def _inflate(bits: int) -> Callable[[bytes], bytes]:
    return lambda data: zlib.decompressobj(bits).decompress(data, _MOST)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64.b64decode": base64.b64decode,
    "base64.standard_b64decode": base64.b64decode,
    "base64.urlsafe_b64decode": base64.urlsafe_b64decode,
    "base64.decodebytes": base64.decodebytes,
    "base64.b32decode": base64.b32decode,
    "base64.b16decode": base64.b16decode,
    "base64.b85decode": base64.b85decode,
    "base64.a85decode": base64.a85decode,
    "binascii.a2b_base64": binascii.a2b_base64,
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_hex": binascii.unhexlify,
    "zlib.decompress": _inflate(15),
    "gzip.decompress": _inflate(31),
    "bz2.decompress": lambda data: bz2.BZ2Decompressor().decompress(data, _MOST),
    "lzma.decompress": lambda data: lzma.LZMADecompressor().decompress(data, _MOST),
}
DECODERS = frozenset(_DECODERS) | frozenset(
    (
        "codecs.decode", "marshal.loads", "builtins.bytes.fromhex", "builtins.bytearray.fromhex",
        "builtins.chr", "binascii.a2b_uu", "base64.decode", "cryptography.fernet.Fernet",
        "codecs.getdecoder", "lzma.LZMADecompressor", "zlib.decompressobj",
    )
)  # fmt: skip
"""Functions whose results were hidden before: what they decode cannot be read in the source."""

_CODECS = frozenset(
    (
        "rot13", "rot_13", "rot-13", "hex", "hex_codec", "base64", "base64_codec", "zlib",
        "zlib_codec", "zip", "bz2", "bz2_codec", "utf8", "utf-8", "utf_8", "ascii",
        "latin1", "latin-1", "utf-16", "utf-16le", "utf_16_le", "unicode_escape",
        "unicode-escape",
    )
)  # fmt: skip
_METHODS: dict[str, int] = {
    "lower": 0, "upper": 0, "strip": 0, "lstrip": 0, "rstrip": 0, "swapcase": 0, "title": 0,
    "replace": 2, "removeprefix": 1, "removesuffix": 1,
}  # fmt: skip


class Folder:
    """Works out constant expressions of one source.

    Args:
        names: The names of the source.
        constants: Variables and the expressions that the source assigns them.
    """

    def __init__(self, names: Names, constants: dict[str, list[ast.expr]]) -> None:
        self._names = names
        self._constants = constants
        self._steps = 0
        self._level = 0

    def fold(self, node: ast.AST, depth: int = 0) -> Value | None:
        """Return the string or bytes an expression comes to; None when that is not known."""
        self._steps += 1
        if depth > _DEPTH or self._level > _DEPTH or self._steps > _STEPS:
            return None
        self._level += 1  # names are followed through folded names, which ``depth`` cannot see
        try:
            found = self._fold(node, depth + 1)
        except (*_ERRORS, UnicodeError):
            return None
        finally:
            self._level -= 1
        return found if found is not None and len(found) <= _MOST else None

    def _fold(self, node: ast.AST, depth: int) -> Value | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str | bytes) else None
        if isinstance(node, ast.Name):
            values = self._constants.get(node.id, [])
            return self.fold(values[0], depth) if len(values) == 1 else None
        if isinstance(node, ast.BinOp):
            return self._operation(node, depth)
        if isinstance(node, ast.JoinedStr):
            return self._joined(list(node.values), "", depth)
        if isinstance(node, ast.FormattedValue):
            return None if node.format_spec else self.fold(node.value, depth)
        if isinstance(node, ast.Subscript):
            return self._sliced(node, depth)
        if isinstance(node, ast.Call) and not node.keywords:
            return self._call(node, depth)
        return None

    def _operation(self, node: ast.BinOp, depth: int) -> Value | None:
        left = self.fold(node.left, depth)
        if left is None:
            return None
        if isinstance(node.op, ast.Mult) and isinstance(node.right, ast.Constant):
            times = node.right.value
            if isinstance(times, int) and 0 <= times <= _MOST // max(len(left), 1):
                return left * times
        right = self.fold(node.right, depth) if isinstance(node.op, ast.Add) else None
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        return left + right if isinstance(left, bytes) and isinstance(right, bytes) else None

    def _joined(self, parts: list[ast.expr], by: Value, depth: int) -> Value | None:
        found = [self.fold(part, depth) for part in parts]
        if isinstance(by, bytes):
            whole = [part for part in found if isinstance(part, bytes)]
            return by.join(whole) if len(whole) == len(found) else None
        texts = [part for part in found if isinstance(part, str)]
        return by.join(texts) if len(texts) == len(found) else None

    def _sliced(self, node: ast.Subscript, depth: int) -> Value | None:
        value = self.fold(node.value, depth)
        if value is None or not isinstance(node.slice, ast.Slice):
            return None
        bounds = [_number(part) for part in (node.slice.lower, node.slice.upper, node.slice.step)]
        return value[slice(*bounds)]

    def _call(self, node: ast.Call, depth: int) -> Value | None:
        if isinstance(node.func, ast.Attribute):
            found = self._method(node.func, node.args, depth)
            if found is not None:
                return found
        for path in self._names.paths(node.func):
            found = self._function(path, node.args, depth)
            if found is not None:
                return found
        return None

    def _method(self, func: ast.Attribute, args: list[ast.expr], depth: int) -> Value | None:
        owner = self.fold(func.value, depth)
        if owner is None:
            return None
        if func.attr == "join" and len(args) == 1:
            items = _items(args[0], self)
            return None if items is None else self._joined(items, owner, depth)
        given = [self.fold(arg, depth) for arg in args]
        if func.attr == "decode" and isinstance(owner, bytes):
            return _decoded(owner, given)
        if func.attr == "encode" and isinstance(owner, str):
            return owner.encode("utf-8", "surrogatepass")
        count = _METHODS.get(func.attr)
        if count is None or (count and len(given) != count):
            return None
        if func.attr == "replace" and len(owner) > 65_536:
            return None  # a replacement may give the product of two lengths
        result = getattr(owner, func.attr)(*given)
        return result if isinstance(result, str | bytes) else None

    def _function(self, path: str, args: list[ast.expr], depth: int) -> Value | None:
        if path == "builtins.chr" and len(args) == 1:
            number = _number(args[0])
            return None if number is None else chr(number)
        if path in ("builtins.bytes", "builtins.bytearray") and len(args) == 1:
            return _bytes_of(args[0]) or self.fold(args[0], depth)
        if path == "builtins.str" and len(args) == 2:
            value = self.fold(args[0], depth)
            return _decoded(value, [self.fold(args[1], depth)]) if value is not None else None
        value = self.fold(args[0], depth) if args else None
        if value is None:
            return None
        if path.endswith(".fromhex") and isinstance(value, str):
            return bytes.fromhex(value)
        if path == "codecs.decode" and len(args) == 2:
            return _decoded(value, [self.fold(args[1], depth)])
        decoder = _DECODERS.get(path)
        if decoder is None or len(args) != 1:
            return None
        return decoder(value.encode("ascii") if isinstance(value, str) else value)

    def characters(self, node: ast.expr) -> list[ast.expr] | None:
        """Return the items of ``map(chr, [..])``, ``reversed(..)`` and ``chr(x) for x in [..]``."""
        if isinstance(node, ast.Call) and len(node.args) == 2:
            mapped, numbers = node.args
            if "builtins.chr" in self._names.paths(mapped) and (found := _numbers(numbers)):
                return [ast.Constant(chr(one)) for one in found]
        if isinstance(node, ast.Call) and "builtins.reversed" in self._names.paths(node.func):
            value = self.fold(node.args[0]) if node.args else None
            if isinstance(value, str):
                return [ast.Constant(one) for one in reversed(value)]
        if isinstance(node, ast.GeneratorExp | ast.ListComp) and len(node.generators) == 1:
            return self._comprehended(node.elt, node.generators[0])
        return None

    def _comprehended(self, each: ast.expr, over: ast.comprehension) -> list[ast.expr] | None:
        plain = isinstance(each, ast.Call) and len(each.args) == 1 and not over.ifs
        if not plain or not isinstance(each, ast.Call) or not isinstance(over.target, ast.Name):
            return None
        numbers = _numbers(over.iter)
        argument = each.args[0]
        if numbers is None or "builtins.chr" not in self._names.paths(each.func):
            return None
        if isinstance(argument, ast.Name):
            return [ast.Constant(chr(one)) for one in numbers]
        if isinstance(argument, ast.BinOp) and isinstance(argument.left, ast.Name):
            change = _number(argument.right)
            if change is not None:
                return [ast.Constant(chr(_changed(argument.op, one, change))) for one in numbers]
        return None


def _changed(operator: ast.operator, left: int, right: int) -> int:
    if isinstance(operator, ast.BitXor):
        return left ^ right
    if isinstance(operator, ast.Sub):
        return left - right
    if isinstance(operator, ast.Add):
        return left + right
    raise ValueError("another operator")


def _items(node: ast.expr, folder: Folder) -> list[ast.expr] | None:
    if isinstance(node, ast.List | ast.Tuple):
        return list(node.elts)
    return folder.characters(node)


def _decoded(value: Value, given: list[Value | None]) -> Value | None:
    codec = given[0] if given else "utf-8"
    if not isinstance(codec, str) or codec.lower() not in _CODECS:
        return None
    if codec.lower().startswith(("zlib", "zip", "bz2")):
        data = value if isinstance(value, bytes) else b""
        return _DECODERS["bz2.decompress" if codec.startswith("bz2") else "zlib.decompress"](data)
    if isinstance(value, str) and not codec.lower().startswith("rot"):
        value = value.encode("ascii")
    if isinstance(value, bytes) and codec.lower().startswith("rot"):
        return None
    decode: Callable[[Value, str], object] = codecs.decode
    result = decode(value, codec)
    return result if isinstance(result, str | bytes) else None


def _number(node: ast.AST | None) -> int | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found = _number(node.operand)
        return None if found is None else -found
    return None


def _numbers(node: ast.expr) -> list[int] | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        return list(node.value)
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    found = [_number(item) for item in node.elts]
    whole = [one for one in found if one is not None]
    return whole if len(whole) == len(found) else None


def _bytes_of(node: ast.expr) -> bytes | None:
    numbers = _numbers(node)
    return None if numbers is None else bytes(numbers)
