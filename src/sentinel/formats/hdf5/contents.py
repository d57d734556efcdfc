"""Values of an HDF5 file that may be files themselves: pickles, archives, programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice

from ...errors import ParseError, UnsupportedError
from ...limits import Budget
from ...readers import MemoryReader, SubRangeReader
from ...readers.base import Reader
from .. import Member
from .attributes import sequences
from .btree import chunks_of
from .bytes import Cursor, Store
from .chunk_arrays import extensible_array, fixed_array
from .chunks import unpack
from .datatype import Datatype, count_of
from .heaps import GlobalHeaps
from .model import Filter
from .storage import Layout

_SHOWN = 200
_FILE = re.compile(
    rb"\x80[\x01-\x05]|PK[\x03\x05]|\x7fELF|MZ|\x1f\x8b|BZh|\xfd7z|\x89HDF|\x93NUMPY|#!|"
    rb"\xcf\xfa\xed\xfe|\xce\xfa\xed\xfe|\xca\xfe\xba\xbe|c[a-z_]"
)
_ANY_PICKLE = re.compile(rb"[\x80(\])}cNIKMJLGFSUTXVCBPi\x82-\x84\x88-\x8f\x95-\x97]")
_ROWS = 4_096
_TEXTS = 64
_CHUNKS = 65_536
_KEY = 2
_CONFIGS = ("model_config", "training_config")


def short_text(reader: Reader, offset: int, length: int) -> str:
    """Return a text of the file, cut to 200 characters and at its first zero byte."""
    raw = reader.pread(offset, min(length, _SHOWN)).partition(b"\0")[0]
    return raw.decode("utf-8", "backslashreplace")


def keras_config(name: str, text: str) -> bool:
    """Return True for an attribute that Keras builds objects from."""
    begins = text.lstrip()[:1]
    if name in _CONFIGS and begins in ("{", "["):
        return True
    if name in _CONFIGS and not begins:
        return len(text) == _SHOWN  # what begins with that many spaces may be JSON still
    return begins == "{" and '"class_name"' in text


def file_like(reader: Reader, where: tuple[int, int], lenient: bool) -> bool:
    """Return True when a value may be a file.

    Args:
        reader: The file it is in.
        where: ``(offset, length)`` of the value.
        lenient: Take anything that an old pickle could begin with, not only telling marks.
    """
    head = reader.pread(where[0], min(where[1], 8))
    if len(head) < 2:
        return False
    return bool(_FILE.match(head) or (lenient and _ANY_PICKLE.match(head)))


def trimmed(reader: Reader, where: tuple[int, int]) -> tuple[int, int]:
    """Return the range of a text without the zero bytes that fill it up."""
    tail = min(where[1], 64)
    padding = reader.pread(where[0] + where[1] - tail, tail)
    return where[0], where[1] - (len(padding) - len(padding.rstrip(b"\0")))


def ends_as_pickle(reader: Reader, where: tuple[int, int]) -> bool:
    """Return True when a text ends with a full stop, which PyTables takes for a pickle."""
    return reader.pread(where[0] + where[1] - 1, 1) == b"."


def window(reader: Reader, where: tuple[int, int], name: str) -> Member:
    """Return a value as a member that may turn out to be none."""
    key = _KEY + where[0] * 4
    return Member(key, name, partial(SubRangeReader, reader, *where), guess=True)


class Contents:
    """The values of datasets of bytes.

    Args:
        store: The file.
        heaps: Its sequences of any length.
        budget: Pays for what is decompressed.
    """

    def __init__(self, store: Store, heaps: GlobalHeaps, budget: Budget) -> None:
        self._store = store
        self._heaps = heaps
        self._budget = budget

    def members(
        self,
        kind: Datatype,
        shape: tuple[int, ...] | None,
        layout: Layout,
        filters: tuple[Filter, ...],
        path: str,
    ) -> Iterator[Member]:
        """Yield the values of a dataset that may be files.

        Raises:
            ParseError: Values of a kind that programs unpickle are stored in a way not read here.
        """
        count = count_of(shape)
        if not count or not _of_bytes(kind):
            return
        if layout.indexed == "implicit" and layout.address >= 0:
            start = self._store.base + layout.address
            layout = Layout("contiguous", start, count * kind.size)
        if layout.indexed.startswith("index"):
            if not (kind.text or kind.kind == "string" or len(shape or ()) > 1):
                raise UnsupportedError(f"chunks with {layout.indexed} are not followed")
        elif kind.kind == "vlen":
            yield from self._sequences(kind, count, layout, filters, path)
        elif layout.kind in ("compact", "contiguous"):
            yield from self._plain(kind, shape or (), (layout.offset, layout.length), path)
        elif layout.kind == "chunked" and len(shape or ()) <= 1:
            yield from self._chunked(kind, count, layout, filters, path)

    def _plain(
        self, kind: Datatype, shape: tuple[int, ...], where: tuple[int, int], path: str
    ) -> Iterator[Member]:
        reader = self._store.reader
        if where[0] < 0:
            return
        if kind.size == 1:
            if file_like(reader, where, lenient=len(shape) <= 1):
                yield window(reader, where, path)
            return
        for index in range(min(_ROWS, where[1] // max(1, kind.size))):
            value = (where[0] + index * kind.size, kind.size)
            if file_like(reader, value, lenient=kind.kind == "opaque" and index < _TEXTS):
                yield window(reader, value, f"{path}[{index}]" if shape else path)
            elif index >= _TEXTS:
                return

    def _chunked(
        self, kind: Datatype, count: int, layout: Layout, filters: tuple[Filter, ...], path: str
    ) -> Iterator[Member]:
        places = list(islice(self._places(layout), _CHUNKS))
        if not places:
            return
        head = self._chunk(places[0], kind.size, filters)
        reader = MemoryReader(head[: 2 * max(8, kind.size)])
        if file_like(reader, (0, reader.size), lenient=True):
            parts = partial(self._joined, places, kind.size, count, filters)
            yield Member(_KEY + self._store.base + places[0][0] * 4, path, parts, guess=True)

    def _joined(
        self,
        places: list[tuple[int, int, int]],
        size: int,
        count: int,
        filters: tuple[Filter, ...],
    ) -> Reader:
        parts = []
        for place in places:
            self._budget.check_time()
            parts.append(self._chunk(place, size, filters))
        return MemoryReader(b"".join(parts)[: count * size], self._store.reader.stats)

    def _sequences(
        self, kind: Datatype, count: int, layout: Layout, filters: tuple[Filter, ...], path: str
    ) -> Iterator[Member]:
        most = _TEXTS if kind.text else _ROWS
        left, reader = min(count, most), self._store.reader
        for cursor in self._pointers(kind, layout, filters, left):
            rows = min(left, cursor.left // max(1, kind.size))
            for number, where in enumerate(sequences(cursor, kind, rows, self._heaps)):
                if file_like(reader, where, lenient=not kind.text):
                    yield window(reader, where, f"{path}[{number}]")
            left -= rows
            if left <= 0:
                break
        if count > most and not kind.text:
            raise ParseError(f"only {most} of its {count} sequences of bytes were read")

    def _pointers(
        self, kind: Datatype, layout: Layout, filters: tuple[Filter, ...], rows: int
    ) -> Iterator[Cursor]:
        store = self._store
        if layout.kind in ("compact", "contiguous"):
            if layout.offset >= 0:
                wanted = min(layout.length, rows * kind.size)
                yield store.read(layout.offset - store.base, wanted)
            return
        for place in islice(self._places(layout), _CHUNKS):
            if not filters:
                place = (place[0], min(place[1], rows * kind.size), 0)
            data = self._chunk(place, kind.size, filters)
            yield Cursor(data, store.offset_size, store.length_size)

    def _places(self, layout: Layout) -> Iterator[tuple[int, int, int]]:
        if layout.indexed == "tree" and layout.address >= 0:
            yield from chunks_of(self._store, layout.address, layout.rank)
        elif layout.indexed == "single" and layout.address >= 0:
            yield layout.address, layout.length, 0
        elif layout.indexed == "fixed array" and layout.address >= 0:
            yield from fixed_array(self._store, layout.address, layout.length)
        elif layout.indexed == "extensible array" and layout.address >= 0:
            yield from extensible_array(self._store, layout.address, layout.length)

    def _chunk(self, place: tuple[int, int, int], size: int, filters: tuple[Filter, ...]) -> bytes:
        address, length, mask = place
        raw = self._store.read(address, length).data
        kept = [found for bit, found in enumerate(filters) if not mask >> bit & 1]
        return unpack(raw, kept, size, self._budget)


def _of_bytes(kind: Datatype) -> bool:
    if kind.kind == "vlen":
        return kind.text or (kind.base is not None and kind.base.size == 1)
    return kind.kind in ("opaque", "string") or (kind.kind != "enum" and kind.size == 1)
