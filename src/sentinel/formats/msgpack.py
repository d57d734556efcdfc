"""MessagePack as Flax, Orbax and others keep checkpoints in it; the bytes of arrays are not read.

Flax writes arrays as extension type 1 (shape, name of the type, bytes), complex numbers as 2 and
NumPy's scalars as 3. ``msgpack-numpy`` writes maps with the key ``nd``, and gives those of kind
``O`` to pickle. Formats: the MessagePack specification; ``flax/serialization.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError, SentinelError
from ..limits import KIB, Budget
from ..readers import MemoryReader, SubRangeReader
from . import Member, Parsed
from .archive.anomalies import AnomalyLog
from .cursor import Cursor
from .embedded import file_at
from .msgpack_model import ITEM_SIZES, MsgpackFile

_DEPTH = 100
_VALUES = 5_000_000
_TEXTS = 5_000
_TEXT = 4 * KIB
_KEPT_KEYS = 100_000
_AXES = 64
_PROBED = 50
_WIDTHS = {0xC4: "B", 0xC5: "H", 0xC6: "I", 0xC7: "B", 0xC8: "H", 0xC9: "I", 0xD9: "B", 0xDA: "H",
           0xDB: "I", 0xDC: "H", 0xDD: "I", 0xDE: "H", 0xDF: "I"}  # fmt: skip
_PLAIN = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1,
          0xD1: 2, 0xD2: 4, 0xD3: 8}  # fmt: skip
_NUMBERS = {0xCC: "B", 0xCD: "H", 0xCE: "I", 0xCF: "Q", 0xD0: "b", 0xD1: "h", 0xD2: "i", 0xD3: "q"}
_ARRAY, _COMPLEX, _SCALAR, _TIME = 1, 2, 3, -1
_PICKLED_KEYS = frozenset(("nd", "kind", "data"))


def looks_like_msgpack(artifact: Artifact, head: bytes) -> bool:
    """Return True for a map whose first values can be walked and that holds arrays or few bytes."""
    walk = _Walk(Artifact(artifact.name, MemoryReader(head)), Budget())
    try:
        walk.value("", 0)
    except SentinelError:
        return walk.extensions > 0 or (
            walk.count > 20 and artifact.leaf.lower().endswith(".msgpack")
        )
    return walk.extensions > 0 or (
        walk.count > 1 and walk.cursor.at in (len(head), artifact.reader.size)
    )


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a file of MessagePack.

    Returns:
        A ``MsgpackFile``; bytes that a reader may give to pickle, and bytes behind the end, as
        members.

    Raises:
        ParseError: It breaks off or is no MessagePack.
        LimitExceeded: Too many values, or nested too deeply.
    """
    walk = _Walk(artifact, budget)
    walk.value("", 0)
    end = walk.cursor.at
    left = artifact.reader.size - end
    if left:
        walk.log.add("behind", f"{left} bytes behind the end", end)
        walk.blobs.append((end, left))
    model = MsgpackFile(walk.count, walk.arrays, walk.log.close(), tuple(walk.texts))
    return Parsed(model, _members(artifact, walk))


def _members(artifact: Artifact, walk: _Walk) -> Iterator[Member]:
    for offset, length in walk.pickles:
        window = partial(SubRangeReader, artifact.reader, offset, length)
        yield Member(offset, f"bytes@{offset}", window, ("pickle",))
    for offset, length in walk.blobs:
        window = partial(SubRangeReader, artifact.reader, offset, length)
        yield Member(offset, f"bytes@{offset}", window, guess=True)


class _Walk:
    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.budget, self.reader = budget, artifact.reader
        self.log = AnomalyLog()
        self.cursor = Cursor(artifact.reader, 0, budget, ">")
        self.count = self.arrays = self.kept = self.extensions = 0
        self.texts: list[tuple[str, str]] = []
        self.blobs: list[tuple[int, int]] = []
        self.pickles: list[tuple[int, int]] = []

    def value(self, key: str, depth: int) -> object:
        """Pass one value; return it where it is a short text or a number, else None."""
        self.count += 1
        if self.count > _VALUES:
            raise LimitExceeded(f"more than {_VALUES} values")
        if depth > _DEPTH:
            raise LimitExceeded(f"nested deeper than {_DEPTH}")
        mark = self.cursor.take(1)[0]
        if mark <= 0x7F or mark >= 0xE0:
            return mark if mark <= 0x7F else mark - 256
        if mark in _NUMBERS:
            return self.cursor.number(_NUMBERS[mark])
        if mark in _PLAIN:
            self.cursor.skip(_PLAIN[mark])
            return mark == 0xC3
        return self._sized(mark, key, depth)

    def _sized(self, mark: int, key: str, depth: int) -> object:
        if 0xD4 <= mark <= 0xD8:
            self._extension(1 << (mark - 0xD4), key)
            return None
        if mark == 0xC1:
            raise ParseError(f"a byte at {self.cursor.at - 1} that MessagePack never uses")
        length = self._length(mark)
        if mark <= 0x8F or mark in (0xDE, 0xDF):
            self._map(length, depth)
        elif mark <= 0x9F or mark in (0xDC, 0xDD):
            self._list(length, key, depth)
        elif mark <= 0xBF or mark in (0xD9, 0xDA, 0xDB):
            return self._text(length, key)
        elif mark in (0xC4, 0xC5, 0xC6):
            return self._bytes(length)
        else:
            self._extension(length, key)
        return None

    def _length(self, mark: int) -> int:
        if mark in _WIDTHS:
            return self.cursor.number(_WIDTHS[mark])
        return mark & (0x1F if mark >= 0xA0 else 0x0F)

    def _fits(self, count: int, what: str) -> None:
        if count > self.cursor.left:
            raise ParseError(f"{count} {what} at {self.cursor.at}, more than the file holds")

    def _text(self, length: int, key: str) -> str:
        found = self.cursor.take(min(length, _TEXT)).decode("utf-8", "replace")
        self.cursor.skip(max(length - _TEXT, 0))
        if key and len(self.texts) < _TEXTS:
            self.texts.append((key[:80], found))
        return found

    def _bytes(self, length: int) -> bytes:
        if length <= 64:
            return self.cursor.take(length)
        if len(self.blobs) < _PROBED:
            self.blobs.append((self.cursor.at, length))
        self.cursor.skip(length)
        return b""

    def _list(self, length: int, key: str, depth: int) -> None:
        self._fits(length, "items")
        for _ in range(length):
            self.value(key, depth + 1)

    def _map(self, length: int, depth: int) -> None:
        self._fits(2 * length, "keys and values")
        at = self.cursor.at
        seen: dict[object, tuple[object, int, int]] = {}
        for _ in range(length):
            key = self._key(self.value("", depth + 1))
            begin = self.cursor.at
            value = self.value(key, depth + 1)
            if key in seen:
                self.log.add("duplicate", f"the key {key[:80]!r} occurs twice in one map", begin)
            if self.kept < _KEPT_KEYS or len(seen) < 16:
                seen[key] = (value, begin, self.cursor.at - begin)
                self.kept += 1
        if seen.keys() >= _PICKLED_KEYS:
            self._numpy_map(seen, at)

    def _key(self, value: object) -> str:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    def _numpy_map(self, seen: dict[object, tuple[object, int, int]], at: int) -> None:
        kind = seen["kind"][0]
        if kind not in (b"O", "O"):
            return
        _, begin, length = seen["data"]
        self.log.add("pickled", "an array of Python objects, which msgpack-numpy unpickles", at)
        header = {0xC4: 2, 0xC5: 3, 0xC6: 5}
        cursor = Cursor(self.reader, begin, self.budget)
        skip = header.get(cursor.take(1)[0], 1)
        self.pickles.append((begin + skip, max(length - skip, 0)))

    def _extension(self, length: int, key: str) -> None:
        kind = self.cursor.number("b")
        start = self.cursor.at
        self.extensions += kind in (_ARRAY, _SCALAR)
        self._fits(length, "bytes of an extension")
        if kind in (_ARRAY, _SCALAR):
            self._array(key)
        elif kind not in (_COMPLEX, _TIME):
            self.log.add("extension", f"extension type {kind} of {length} bytes", start)
            if len(self.blobs) < _PROBED:
                self.blobs.append((start, length))
        used = self.cursor.at - start
        if used > length or (kind in (_ARRAY, _SCALAR) and used != length):
            raise ParseError(f"an extension at {start} is not as long as it says")
        self.cursor.skip(length - used)

    def _array(self, key: str) -> None:
        """Pass an array as Flax describes it: shape, name of the type, bytes."""
        start = self.cursor.at
        shown = key[:80]
        shape, name = None, None
        if self.cursor.take(1)[0] == 0x93:
            shape, name = self._shape(), self._name()
        if shape is None or name is None:
            self.log.add("array", f"{shown!r} is not described by shape, type and bytes", start)
            raise ParseError(f"an array at {start} is none")
        mark = self.cursor.take(1)[0]
        if mark not in (0xC4, 0xC5, 0xC6, 0xD9, 0xDA, 0xDB) and not 0xA0 <= mark <= 0xBF:
            raise ParseError(f"an array at {start} has no bytes")
        length = self._length(mark)
        self.arrays += 1
        self._check(shown, shape, name, length, start)
        at = self.cursor.at
        if length > 64 and len(self.blobs) < _PROBED and file_at(self.reader, at, length):
            self.blobs.append((at, length))
        self.cursor.skip(length)

    def _shape(self) -> list[int] | None:
        mark = self.cursor.take(1)[0]
        if not 0x90 <= mark <= 0x9F and mark not in (0xDC, 0xDD):
            return None
        count = self._length(mark)
        if count > _AXES:
            return None
        found = [self.value("", _DEPTH) for _ in range(count)]
        return [size for size in found if type(size) is int and size >= 0] if all(
            type(size) is int and size >= 0 for size in found
        ) else None  # fmt: skip

    def _name(self) -> str | None:
        found = self.value("", _DEPTH)
        if isinstance(found, bytes):
            return found.decode("latin-1")
        return found if isinstance(found, str) else None

    def _check(self, key: str, shape: list[int], name: str, length: int, at: int) -> None:
        if name in ("object", "O", "|O") or name.startswith("object"):
            self.log.add("object", f"{key!r} is an array of Python objects", at)
            self.blobs.append((self.cursor.at, length))
            return
        size = ITEM_SIZES.get(name)
        if size is None:
            if not name.startswith(("str", "bytes", "<U", "|S", "datetime", "timedelta")):
                self.log.add("type", f"{key!r} has the type {name[:80]!r}", at)
            return
        count = 1
        for extent in shape:
            count *= extent
        if count * size != length:
            detail = f"{key!r} has {length} bytes where {count} items of {name} are due"
            self.log.add("size", detail, at)
