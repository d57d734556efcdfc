"""The header of a 7z archive, unpacked from bytes (7-Zip's ``7zFormat.txt``).

Every count is checked against the bytes that are left or the limit on members before anything is
made of it: the header of a few bytes that claims four billion files costs nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from ...errors import LimitExceeded, ParseError
from ...limits import Budget

_END = 0x00
_HEADER = 0x01
_ARCHIVE_PROPERTIES = 0x02
_ADDITIONAL_STREAMS = 0x03
_MAIN_STREAMS = 0x04
_FILES = 0x05
_PACK = 0x06
_UNPACK = 0x07
_SUBSTREAMS = 0x08
_SIZE = 0x09
_CRC = 0x0A
_FOLDER = 0x0B
_UNPACK_SIZE = 0x0C
_NUM_UNPACK = 0x0D
_EMPTY_STREAM = 0x0E
_EMPTY_FILE = 0x0F
_NAMES = 0x11
_ATTRIBUTES = 0x15
_ENCODED = 0x17
_CODERS = 32


class Coder(NamedTuple):
    """One step of a folder: method id, its properties, its streams in and out."""

    method: bytes
    properties: bytes
    inputs: int
    outputs: int


class Folder(NamedTuple):
    """A chain of coders over packed streams, and the sizes of what the files in it hold.

    Attributes:
        coders: The steps; where they are a chain, the one that gives the result first.
        packed: ``(offset, size)`` of each packed stream.
        size: Bytes that come out.
        parts: Sizes of the files that follow one another in what comes out.
        linear: True when each coder feeds the one before it.
        digest: True when the header gives a checksum for all of it.
    """

    coders: tuple[Coder, ...]
    packed: tuple[tuple[int, int], ...]
    size: int
    parts: tuple[int, ...]
    linear: bool
    digest: bool = False


class FileRecord(NamedTuple):
    """A file of the list: name, attributes, and whether it has bytes."""

    name: str
    attributes: int
    has_stream: bool
    is_directory: bool


class Contents(NamedTuple):
    """What a header says. ``encoded`` means that its one folder holds the true header."""

    folders: tuple[Folder, ...] = ()
    files: tuple[FileRecord, ...] = ()
    encoded: bool = False


class Cursor:
    """Reads numbers off a header; running out of bytes is a ParseError."""

    __slots__ = ("at", "budget", "data")

    def __init__(self, data: bytes, budget: Budget) -> None:
        self.data = data
        self.at = 0
        self.budget = budget

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        if length < 0 or self.at + length > len(self.data):
            raise ParseError("the header ends too early")
        self.at += length
        return self.data[self.at - length : self.at]

    def byte(self) -> int:
        """Return the next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """Return a number of one to nine bytes; ones at the top of the first count the rest."""
        first = self.byte()
        mask, value = 0x80, 0
        for shift in range(0, 64, 8):
            if not first & mask:
                return value | (first & (mask - 1)) << shift
            value |= self.byte() << shift
            mask >>= 1
        return value

    def count(self, each: int = 1) -> int:
        """Return a number of things that take at least ``each`` bytes apiece from here on."""
        value = self.number()
        if value * each > len(self.data) - self.at:
            raise ParseError(f"the header counts {value} things it has no room for")
        return value

    def bits(self, count: int) -> list[bool]:
        """Return ``count`` bits, highest first."""
        data = self.take((count + 7) // 8)
        return [bool(data[i >> 3] & 0x80 >> (i & 7)) for i in range(count)]

    def bits_or_all(self, count: int) -> list[bool]:
        """Return ``count`` bits, or as many ones when a leading byte says so."""
        return [True] * count if self.byte() else self.bits(count)


def read_contents(data: bytes, budget: Budget) -> Contents:
    """Unpack a header.

    Args:
        data: Its bytes.
        budget: Bounds the number of files.

    Raises:
        ParseError: It is malformed.
        LimitExceeded: It lists more files than are looked at.
    """
    cursor = Cursor(data, budget)
    kind = cursor.byte()
    if kind == _ENCODED:
        return Contents(_streams(cursor), (), True)
    if kind != _HEADER:
        raise ParseError("no 7z header where the archive says")
    folders: tuple[Folder, ...] = ()
    files: tuple[FileRecord, ...] = ()
    while (kind := cursor.byte()) != _END:
        if kind == _ARCHIVE_PROPERTIES:
            while cursor.number() != _END:
                cursor.take(cursor.number())
        elif kind == _ADDITIONAL_STREAMS:
            _streams(cursor)
        elif kind == _MAIN_STREAMS:
            folders = _streams(cursor)
        elif kind == _FILES:
            files = _files(cursor)
        else:
            raise ParseError(f"unknown part {kind:#04x} in the header")
    return Contents(folders, files)


def _streams(cursor: Cursor) -> tuple[Folder, ...]:
    packed: list[tuple[int, int]] = []
    folders: list[Folder] = []
    while (kind := cursor.byte()) != _END:
        if kind == _PACK:
            packed = _pack_info(cursor)
        elif kind == _UNPACK:
            folders = _unpack_info(cursor, packed)
        elif kind == _SUBSTREAMS:
            folders = _substreams(cursor, folders)
        else:
            raise ParseError(f"unknown part {kind:#04x} among the streams")
    return tuple(folders)


def _pack_info(cursor: Cursor) -> list[tuple[int, int]]:
    offset = cursor.number() + 32
    count = cursor.count()
    packed: list[tuple[int, int]] = []
    while (kind := cursor.byte()) != _END:
        if kind == _SIZE:
            for _ in range(count):
                size = cursor.number()
                packed.append((offset, size))
                offset += size
        elif kind == _CRC:
            cursor.take(4 * sum(cursor.bits_or_all(count)))
        else:
            raise ParseError(f"unknown part {kind:#04x} among the packed streams")
    return packed


def _unpack_info(cursor: Cursor, packed: list[tuple[int, int]]) -> list[Folder]:
    if cursor.byte() != _FOLDER:
        raise ParseError("no folders where the header says")
    count = cursor.count()
    if cursor.byte():
        raise ParseError("folders in another stream are not read")
    raw = [_folder(cursor) for _ in range(count)]
    if cursor.byte() != _UNPACK_SIZE:
        raise ParseError("no sizes of folders")
    folders: list[Folder] = []
    used = 0
    for coders, order, streams in raw:
        sizes = [cursor.number() for coder in coders for _ in range(coder.outputs)]
        size = sizes[order[0]] if order else max(sizes, default=0)
        mine = tuple(packed[used : used + streams])
        used += streams
        chain = tuple(coders[at] for at in order) or coders
        folders.append(Folder(chain, mine, size, (size,), bool(order)))
    while (kind := cursor.byte()) != _END:
        if kind != _CRC:
            raise ParseError(f"unknown part {kind:#04x} among the folders")
        known = cursor.bits_or_all(count)
        cursor.take(4 * sum(known))
        folders = [f._replace(digest=d) for f, d in zip(folders, known, strict=True)]
    return folders


def _folder(cursor: Cursor) -> tuple[tuple[Coder, ...], list[int], int]:
    """Return the coders, the order of their chain if they are one, and the streams they take."""
    count = cursor.count()
    if not 0 < count <= _CODERS:
        raise ParseError(f"a folder of {count} coders")
    coders = tuple(_coder(cursor) for _ in range(count))
    inputs, outputs = sum(c.inputs for c in coders), sum(c.outputs for c in coders)
    feeds = {cursor.number(): cursor.number() for _ in range(max(outputs - 1, 0))}
    streams = max(inputs - len(feeds), 0)
    if streams > 1:
        for _ in range(streams):
            cursor.number()
    order = _chain(feeds, count) if inputs == outputs == count else []
    return coders, order, streams


def _coder(cursor: Cursor) -> Coder:
    flags = cursor.byte()
    method = cursor.take(flags & 0x0F)
    inputs, outputs = (cursor.number(), cursor.number()) if flags & 0x10 else (1, 1)
    if inputs > _CODERS or outputs > _CODERS:
        raise ParseError("a coder of too many streams")
    properties = cursor.take(cursor.number()) if flags & 0x20 else b""
    return Coder(method, properties, inputs, outputs)


def _chain(feeds: dict[int, int], count: int) -> list[int]:
    """Return the coders from the one that gives the result to the one that takes packed bytes.

    Args:
        feeds: For the input of a coder, the coder whose output it takes.
        count: Number of coders.
    """
    ends = set(range(count)) - set(feeds.values())
    order = [ends.pop()] if len(ends) == 1 else []
    while order and order[-1] in feeds and len(order) < count:
        order.append(feeds[order[-1]])
    return order if len(set(order)) == count and max(order) < count else []


def _substreams(cursor: Cursor, folders: list[Folder]) -> list[Folder]:
    counts = [1] * len(folders)
    kind = cursor.byte()
    if kind == _NUM_UNPACK:
        counts = [cursor.number() for _ in folders]
        limit = cursor.budget.limits.max_members
        if sum(counts) > limit:
            raise LimitExceeded(f"more than {limit} members", "raise --max-members to read on")
        kind = cursor.byte()
    done = []
    for folder, count in zip(folders, counts, strict=True):
        sizes = [cursor.number() for _ in range(count - 1)] if kind == _SIZE else []
        if count:
            sizes.append(max(folder.size - sum(sizes), 0))
        done.append(folder._replace(parts=tuple(sizes)))
    if kind == _SIZE:
        kind = cursor.byte()
    while kind != _END:
        if kind != _CRC:
            raise ParseError(f"unknown part {kind:#04x} among the substreams")
        # A folder of one file whose digest is known already is not listed again.
        listed = sum(
            count
            for folder, count in zip(folders, counts, strict=True)
            if count != 1 or not folder.digest
        )
        cursor.take(4 * sum(cursor.bits_or_all(listed)))
        kind = cursor.byte()
    return done


def _files(cursor: Cursor) -> tuple[FileRecord, ...]:
    count = cursor.number()
    limit = cursor.budget.limits.max_members
    if count > limit:
        raise LimitExceeded(f"more than {limit} members", "raise --max-members to read on")
    names = [""] * count
    attributes = [0] * count
    empty = [False] * count
    empty_file: list[bool] = []
    while (kind := cursor.number()) != _END:
        part = Cursor(cursor.take(cursor.number()), cursor.budget)
        if kind == _EMPTY_STREAM:
            empty = part.bits(count)
        elif kind == _EMPTY_FILE:
            empty_file = part.bits(sum(empty))
        elif kind == _NAMES:
            names = _names(part, count)
        elif kind == _ATTRIBUTES:
            attributes = _attributes(part, count)
    files = []
    rest = iter(empty_file)
    for name, attribute, is_empty in zip(names, attributes, empty, strict=True):
        directory = is_empty and not next(rest, False)
        files.append(FileRecord(name, attribute, not is_empty, directory))
    return tuple(files)


def _names(part: Cursor, count: int) -> list[str]:
    if part.byte():
        raise ParseError("names in another stream are not read")
    text = part.data[part.at :].decode("utf-16-le", "replace")
    names = text.split("\0")[:count]
    return names + [""] * (count - len(names))


def _attributes(part: Cursor, count: int) -> list[int]:
    defined = part.bits_or_all(count)
    if part.byte():
        raise ParseError("attributes in another stream are not read")
    return [int.from_bytes(part.take(4), "little") if known else 0 for known in defined]
