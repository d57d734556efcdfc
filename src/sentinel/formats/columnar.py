"""Parquet and Arrow files: their metadata, and the values that begin like a pickle.

Only the metadata is read (Parquet's footer, Arrow's schema), and of columns of plain bytes their
smallest and largest value and the beginning of the first page. Source: the Parquet format
specification (``parquet.thrift``) and Arrow's ``Schema.fbs``, ``Message.fbs``, ``File.fbs``.
"""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from ..readers import MemoryReader
from . import Member, Parsed
from .flatbuffer import Flat, Table
from .snappy import unpack
from .thrift import Thrift, Value

_MOST = 64 * MIB
_MOST_PAIRS = 10_000
_MOST_FIELDS = 20_000
_MOST_MEMBERS = 100
_PAGES = 64
_PAGE = 65_536
_BYTE_ARRAY, _FIXED = 6, 7
_PICKLE = re.compile(rb"(?s)\x80[\x02-\x05].*[.a-zA-Z]|\(?[cid][A-Za-z_][\w.]*\n[A-Za-z_]\w*\n")
_ENCODED = re.compile(rb"gA[JKLMNOPQRSTUVWXYZ][A-Za-z0-9+/_-]{12,}={0,2}\Z")
_SPARK = re.compile(rb'serializedClass\\*"\s*:\s*\\*"((?:[A-Za-z0-9+/=]|\\n){8,1000000})')
"""A class of a user's type, which PySpark unpickles when it reads the schema of the table."""
_EXTENSION = b"ARROW:extension:name"


class PickledValue(NamedTuple):
    """A value that begins like a pickle: where it is, and its size in bytes."""

    where: str
    size: int


class Columnar(NamedTuple):
    """What the metadata of a table in columns says.

    Attributes:
        kind: ``parquet`` or ``arrow``.
        keys: Keys of the metadata.
        pickles: Values of the metadata that are pickles.
        columns: Columns whose values begin like pickles.
        extensions: Names of extension types.
        elsewhere: Files that hold columns of this one.
    """

    kind: str
    keys: tuple[str, ...] = ()
    pickles: tuple[PickledValue, ...] = ()
    columns: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


def parse_parquet(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the footer of a Parquet file.

    Returns:
        A ``Columnar``; what begins like a pickle as members.

    Raises:
        ParseError: There is no footer, or it is broken.
        LimitExceeded: The metadata is longer than 64 MiB or holds too much.
    """
    budget.check_time()
    reader = artifact.reader
    end = reader.pread(reader.size - 8, 8)
    if end[4:] == b"PARE":
        gap = Gap("encrypted", artifact.location(), "the footer is encrypted")
        return Parsed(Columnar("parquet"), gaps=(gap,))
    length = int.from_bytes(end[:4], "little")
    if end[4:] != b"PAR1" or not 0 < length <= reader.size - 8:
        raise ParseError("no footer of Parquet at the end")
    if length > _MOST:
        raise LimitExceeded(f"metadata of more than {_MOST} bytes is not read")
    footer = Thrift(reader.pread(reader.size - 8 - length, length)).struct()
    found = _Found("parquet")
    for key, value in _pairs(footer.get(5)):
        found.pair("metadata", key, value)
        if key == b"ARROW:schema":
            _embedded_schema(value, budget, found)
    _columns(artifact, footer, found)
    return found.parsed(artifact)


def looks_like_arrow(artifact: Artifact, head: bytes) -> bool:
    """Return True for an Arrow stream, which has no magic bytes of its own."""
    length = int.from_bytes(head[4:8], "little")
    return 16 <= length <= artifact.reader.size - 8 and length % 8 == 0 and length < _MOST


def parse_arrow(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the schema of an Arrow file or stream.

    Returns:
        A ``Columnar``; what begins like a pickle as members.

    Raises:
        ParseError: The schema is broken.
        LimitExceeded: It is longer than 64 MiB or holds too much.
    """
    budget.check_time()
    reader = artifact.reader
    found = _Found("arrow")
    if reader.pread(0, 6) == b"ARROW1":
        end = reader.pread(reader.size - 10, 10)
        length = int.from_bytes(end[:4], "little")
        if end[4:] != b"ARROW1" or not 0 < length <= reader.size - 10:
            raise ParseError("no footer of Arrow at the end")
        data = _bounded(artifact, reader.size - 10 - length, length)
        buffer = Flat(MemoryReader(data), budget)
        root = buffer.root()
        _metadata(buffer, root, 4, "metadata", found)
        _schema(buffer, root, 1, found)
        start = 8
    else:
        start = 0
    head = reader.pread(start, 8)
    if head[:4] == b"\xff\xff\xff\xff":
        length = int.from_bytes(head[4:8], "little")
        _message(_bounded(artifact, start + 8, length), budget, found)
    return found.parsed(artifact)


def _bounded(artifact: Artifact, offset: int, length: int) -> bytes:
    if length > _MOST:
        raise LimitExceeded(f"metadata of more than {_MOST} bytes is not read")
    return artifact.reader.pread(offset, length)


class _Found:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.keys: dict[str, None] = {}
        self.pickles: list[PickledValue] = []
        self.columns: dict[str, None] = {}
        self.extensions: dict[str, None] = {}
        self.elsewhere: dict[str, None] = {}
        self.members: list[Member] = []

    def pair(self, where: str, key: bytes, value: bytes) -> None:
        """Take a pair of metadata."""
        name = key.decode("utf-8", "replace")[:200]
        if len(self.keys) < _MOST_PAIRS:
            self.keys[name] = None
        if key == _EXTENSION and len(self.extensions) < 100:
            self.extensions[value.decode("utf-8", "replace")[:200]] = None
        data = _pickle_in(value)
        held = [data] if data else []
        for match in islice(_SPARK.finditer(value), _MOST_MEMBERS):
            held.append(_pickle_in(match[1].replace(b"\\n", b"")))
        for one in held:
            if one:
                self.pickles.append(PickledValue(f"{where} {name}", len(one)))
                self.member(f"{where} {name}", one)

    def column(self, name: str, value: bytes) -> None:
        """Take a value of a column."""
        data = _pickle_in(value)
        if data:
            self.columns[name] = None
            self.member(f"column {name}", data)

    def member(self, name: str, data: bytes) -> None:
        """Have bytes looked into."""
        if len(self.members) < _MOST_MEMBERS:
            opened = partial(MemoryReader, data)
            self.members.append(Member(len(self.members), name, opened, ("pickle",)))

    def parsed(self, artifact: Artifact) -> Parsed:
        """Return it all."""
        model = Columnar(
            self.kind, tuple(self.keys), tuple(self.pickles[:1_000]), tuple(self.columns),
            tuple(self.extensions), tuple(self.elsewhere),
        )  # fmt: skip
        gaps: tuple[Gap, ...] = ()
        if self.columns:
            said = f"values of {', '.join(list(self.columns)[:5])} are pickles; a few were read"
            gaps = (Gap("sampled", artifact.location(), said, "keep no pickles in tables"),)
        return Parsed(model, self.members, gaps)


def _pickle_in(value: bytes) -> bytes:
    """Return the pickle that a value is, also in base64; empty when it is none."""
    if _PICKLE.match(value):
        return value
    if _ENCODED.match(value[:200] if len(value) > 200 else value) or value[:2] == b"gA":
        try:
            data = binascii.a2b_base64(value.replace(b"-", b"+").replace(b"_", b"/"))
        except ValueError:
            return b""
        return data if _PICKLE.match(data) else b""
    return b""


def _pairs(value: Value | None) -> Iterator[tuple[bytes, bytes]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            key, text = item.get(1), item.get(2)
            if isinstance(key, bytes) and isinstance(text, bytes):
                yield key, text


def _columns(artifact: Artifact, footer: dict[int, Value], found: _Found) -> None:
    texts = _text_columns(footer.get(2))
    groups = footer.get(4)
    pages = 0
    for group in groups if isinstance(groups, list) else ():
        chunks = group.get(1) if isinstance(group, dict) else None
        for chunk in chunks if isinstance(chunks, list) else ():
            if not isinstance(chunk, dict):
                continue
            path = chunk.get(1)
            if isinstance(path, bytes) and path and len(found.elsewhere) < 1_000:
                found.elsewhere[path.decode("utf-8", "replace")[:400]] = None
            about = chunk.get(3)
            if isinstance(about, dict) and about.get(1) in (_BYTE_ARRAY, _FIXED):
                name = _name(about.get(3))
                for key, value in _pairs(about.get(8)):
                    found.pair(f"column {name}", key, value)
                _statistics(name, about.get(12), found)
                if name not in texts and pages < _PAGES and about.get(1) == _BYTE_ARRAY:
                    pages += 1
                    _first_page(artifact, name, about, found)


def _text_columns(schema: Value | None) -> frozenset[str]:
    """Return the names of columns that are said to be text."""
    named = [one for one in schema if isinstance(one, dict)] if isinstance(schema, list) else []
    found = [one.get(4) for one in named if one.get(6) == 0]
    return frozenset(name.decode("utf-8", "replace") for name in found if isinstance(name, bytes))


def _name(path: Value | None) -> str:
    parts = [part for part in path if isinstance(part, bytes)] if isinstance(path, list) else []
    return ".".join(part.decode("utf-8", "replace")[:100] for part in parts[:16])


def _statistics(name: str, about: Value | None, found: _Found) -> None:
    for slot in (1, 2, 5, 6):
        value = about.get(slot) if isinstance(about, dict) else None
        if isinstance(value, bytes):
            found.column(name, value)


def _first_page(artifact: Artifact, name: str, about: dict[int, Value], found: _Found) -> None:
    """Look at the values at the beginning of a column: its dictionary, or its first page."""
    start = about.get(11) or about.get(9)
    codec = about.get(4)
    if not isinstance(start, int) or isinstance(start, bool):
        return
    data = artifact.reader.pread(start, _PAGE)
    try:
        thrift = Thrift(data)
        size = thrift.struct().get(3)
        if not isinstance(size, int) or size < 0:
            return
        body = _unpacked(data[thrift.at :][:size], codec)
    except (ParseError, LimitExceeded, zlib.error):
        return
    for value in _values(body):
        found.column(name, value)


def _unpacked(body: bytes, codec: Value | None) -> bytes:
    if codec == 0:
        return body
    if codec == 1:
        return unpack(body, _PAGE)
    if codec == 2:
        return zlib.decompressobj(47).decompress(body, _PAGE)
    return b""


def _values(body: bytes) -> Iterator[bytes]:
    """Yield the first values of a page: each has its length before it.

    A page of data begins with the levels of its values, whose length stands before them too.
    """
    at = 0
    for _ in range(16):
        length = int.from_bytes(body[at : at + 4], "little")
        value = body[at + 4 : at + 4 + length]
        if at + 4 > len(body) or not value:
            return
        yield value
        at += 4 + length


def _embedded_schema(value: bytes, budget: Budget, found: _Found) -> None:
    try:
        data = binascii.a2b_base64(value)
    except ValueError:
        return
    start = 8 if data[:4] == b"\xff\xff\xff\xff" else 4
    _message(data[start:], budget, found)


def _message(data: bytes, budget: Budget, found: _Found) -> None:
    buffer = Flat(MemoryReader(data), budget)
    root = buffer.root()
    _metadata(buffer, root, 4, "metadata", found)
    if buffer.scalar(root, 1, 1) == 1:
        _schema(buffer, root, 2, found)


def _schema(buffer: Flat, owner: Table, slot: int, found: _Found) -> None:
    at = owner.where(slot)
    if not at:
        return
    schema = buffer.table(at)
    _metadata(buffer, schema, 2, "schema", found)
    pending = _tables(buffer, schema, 1)
    for seen in range(_MOST_FIELDS + 1):
        if not pending:
            return
        if seen == _MOST_FIELDS:
            raise LimitExceeded(f"a schema of more than {_MOST_FIELDS} fields")
        field = pending.pop()
        name = buffer.text(field, 0)[:100]
        _metadata(buffer, field, 6, f"field {name}", found)
        pending += _tables(buffer, field, 5)


def _tables(buffer: Flat, owner: Table, slot: int) -> list[Table]:
    start, count = buffer.vector(owner, slot, 4)
    if count > _MOST_FIELDS:
        raise LimitExceeded(f"a schema of more than {_MOST_FIELDS} fields")
    return [buffer.table(start + 4 * number) for number in range(count)]


def _metadata(buffer: Flat, table: Table, slot: int, where: str, found: _Found) -> None:
    for pair in _tables(buffer, table, slot):
        key, value = (buffer.raw(*buffer.vector(pair, part, 1)) for part in (0, 1))
        found.pair(where, key, value)
