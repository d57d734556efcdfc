"""The blocks of a rar archive of version 4 or 5, unpacked from bytes (RARLAB's technical notes).

Only what says which members there are is read; nothing is decompressed.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...limits import MIB, Budget

_MARK4 = b"Rar!\x1a\x07\x00"
_MARK5 = b"Rar!\x1a\x07\x01\x00"
_BLOCK4 = Struct("<HBHH")
_FILE4 = Struct("<LLBLLBBHL")
_HEADER_MAX = 2 * MIB
_LINKS5 = {1: "symlink", 2: "symlink", 3: "symlink", 4: "hardlink", 5: "copy"}


class RarFile(NamedTuple):
    """A member as its header gives it.

    Attributes:
        kind: ``file``, ``directory``, ``symlink``, ``hardlink`` or ``copy``.
        offset: Where its bytes start.
        packed: How many there are in the archive.
        size: Bytes after decompression, as claimed.
        stored: True when they are not compressed.
        encrypted: True when a password is needed.
        link: Target of a link, else empty.
    """

    name: str
    kind: str
    offset: int
    packed: int
    size: int
    stored: bool
    encrypted: bool
    link: str


class RarListing(NamedTuple):
    """The members, where the blocks end, whether they are encrypted, and what broke the walk."""

    files: tuple[RarFile, ...]
    end: int
    locked: bool
    broken: str = ""
    reason: str = "malformed"


class _Block(NamedTuple):
    """A block: type, body, and the range of the data behind it."""

    kind: int
    flags: int
    body: bytes
    extra: bytes
    data: int
    length: int


def read_blocks(artifact: Artifact, budget: Budget) -> RarListing:
    """Walk the blocks of an archive.

    Raises:
        ParseError: There is no rar signature.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    head = artifact.reader.pread(0, 8)
    if head.startswith(_MARK5):
        return _walk(artifact, budget, 8, 5)
    if head.startswith(_MARK4):
        return _walk(artifact, budget, 7, 4)
    raise ParseError("no rar signature")


def _walk(artifact: Artifact, budget: Budget, at: int, version: int) -> RarListing:
    files: list[RarFile] = []
    limit = budget.limits.max_members
    end_kind, lock_kind, file_kind = (5, 4, 2) if version == 5 else (0x7B, -1, 0x74)
    try:
        while at < artifact.reader.size:
            budget.check_time()
            block = _block5(artifact, at) if version == 5 else _block4(artifact, at)
            at = block.data + block.length
            if block.kind == lock_kind or (
                version == 4 and block.kind == 0x73 and block.flags & 0x80
            ):
                return RarListing(tuple(files), artifact.reader.size, True)
            if block.kind == end_kind:
                return RarListing(tuple(files), at, False)
            if block.kind == file_kind:
                if len(files) >= limit:
                    raise LimitExceeded(f"more than {limit} members")
                files.append(_file5(block) if version == 5 else _file4(block))
    except ParseError as error:
        return RarListing(tuple(files), at, False, error.message)
    except LimitExceeded as error:
        return RarListing(tuple(files), at, False, error.message, "limit")
    return RarListing(tuple(files), at, False)


def _block5(artifact: Artifact, at: int) -> _Block:
    head = artifact.reader.pread(at, 16)
    size, start = _vint(head, 4)
    if not 0 < size <= _HEADER_MAX:
        raise ParseError(f"a block header of {size} bytes")
    body = artifact.reader.pread(at + start, size)
    if len(body) < size:
        raise ParseError("the archive ends in the middle of a header")
    kind, pos = _vint(body, 0)
    flags, pos = _vint(body, pos)
    extra_size = data_size = 0
    if flags & 1:
        extra_size, pos = _vint(body, pos)
    if flags & 2:
        data_size, pos = _vint(body, pos)
    cut = max(len(body) - extra_size, pos)
    return _Block(kind, flags, body[pos:cut], body[cut:], at + start + size, data_size)


def _file5(block: _Block) -> RarFile:
    body = block.body
    flags, pos = _vint(body, 0)
    size, pos = _vint(body, pos)
    _, pos = _vint(body, pos)
    pos += 4 * bool(flags & 2) + 4 * bool(flags & 4)
    method, pos = _vint(body, pos)
    _, pos = _vint(body, pos)
    length, pos = _vint(body, pos)
    name = body[pos : pos + length].decode("utf-8", "surrogateescape")
    kind = "directory" if flags & 1 else "file"
    link, encrypted = "", False
    for record, content in _records5(block.extra):
        if record == 1:
            encrypted = True
        elif record == 5:
            redirect, at = _vint(content, 0)
            _, at = _vint(content, at)
            length, at = _vint(content, at)
            kind = _LINKS5.get(redirect, "copy")
            link = content[at : at + length].decode("utf-8", "surrogateescape")
    stored = not method >> 7 & 7
    return RarFile(name, kind, block.data, block.length, size, stored, encrypted, link)


def _records5(extra: bytes) -> list[tuple[int, bytes]]:
    records = []
    at = 0
    while at < len(extra):
        size, start = _vint(extra, at)
        kind, pos = _vint(extra, start)
        records.append((kind, extra[pos : start + size]))
        at = max(start + size, at + 1)
    return records


def _block4(artifact: Artifact, at: int) -> _Block:
    head = artifact.reader.pread(at, 7)
    if len(head) < 7:
        raise ParseError("the archive ends in the middle of a header")
    _, kind, flags, size = _BLOCK4.unpack(head)
    if size < 7:
        raise ParseError(f"a block header of {size} bytes")
    body = artifact.reader.pread(at + 7, size - 7)
    if len(body) < size - 7:
        raise ParseError("the archive ends in the middle of a header")
    length = 0
    if flags & 0x8000 or kind in (0x74, 0x7A):
        length = int.from_bytes(body[:4], "little")
        if kind in (0x74, 0x7A) and flags & 0x100:
            length |= int.from_bytes(body[25:29], "little") << 32
    return _Block(kind, flags, body, b"", at + size, length)


def _file4(block: _Block) -> RarFile:
    body, flags = block.body, block.flags
    if len(body) < _FILE4.size:
        raise ParseError("a file header that is too short")
    _, size, host, _, _, _, method, length, attributes = _FILE4.unpack_from(body)
    at = _FILE4.size
    if flags & 0x100:
        size |= int.from_bytes(body[at + 4 : at + 8], "little") << 32
        at += 8
    raw = body[at : at + length]
    name = _unicode4(raw) if flags & 0x200 and b"\0" in raw else raw.decode("utf-8", "replace")
    kind = "directory" if flags & 0xE0 == 0xE0 else "file"
    if host == 3 and attributes & 0o170000 == 0o120000:
        kind = "symlink"
    return RarFile(
        name.replace("\\", "/"),
        kind,
        block.data,
        block.length,
        size,
        method == 0x30,
        bool(flags & 4),
        "",
    )


def _unicode4(raw: bytes) -> str:
    """Decode the name that follows the plain one, packed as its differences from it."""
    plain, _, packed = raw.partition(b"\0")
    high, at = (packed[0] if packed else 0), 1
    out: list[int] = []
    flags = bits = 0
    while at < len(packed) and len(out) < len(raw):
        if not bits:
            flags, bits, at = packed[at], 8, at + 1
        bits -= 2
        mode = flags >> bits & 3
        step = packed[at : at + 2]
        if not step or (mode == 2 and len(step) < 2):
            break
        if mode == 0:
            out.append(step[0])
        elif mode == 1:
            out.append(step[0] | high << 8)
        elif mode == 2:
            out.append(step[0] | step[1] << 8)
        else:
            count = (step[0] & 0x7F) + 2
            shift = step[1] if step[0] & 0x80 and len(step) > 1 else 0
            top = high << 8 if step[0] & 0x80 else 0
            out += [(c + shift & 0xFF) | top for c in plain[len(out) : len(out) + count]]
        at += 2 if mode == 2 or (mode == 3 and step[0] & 0x80) else 1
    return "".join(map(chr, out)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number in groups of seven bits, and where it ends."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if not byte & 0x80:
            return value, at
        shift += 7
    raise ParseError("a number that does not end")
