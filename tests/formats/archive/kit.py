"""Builds zip and tar archives record by record, so that any of them can lie.

Payloads are inert: a pickle that would print a marker, never loaded by any test.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from sentinel.artifacts import Artifact
from sentinel.findings import Finding
from sentinel.limits import Budget, Limits
from sentinel.readers import MemoryReader

PICKLE = b"cbuiltins\nprint\n(S'sentinel-marker'\ntR."
HARMLESS = b"\x80\x04K\x01."


def artifact(data: bytes, name: str = "test.bin") -> Artifact:
    """Return bytes as an artifact."""
    return Artifact(name, MemoryReader(data))


def budget(**limits: Any) -> Budget:
    """Return a budget with some limits changed."""
    return Budget(Limits(**limits))


def raw_deflate(data: bytes) -> bytes:
    """Return a raw deflate stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


@dataclass
class Entry:
    """A member: what its bytes are, and what each header says where it lies.

    ``local`` and ``central`` replace fields of the one header or the other: ``name``, ``method``,
    ``flags``, ``crc``, ``compressed``, ``size``, ``extra``, ``attributes``, ``offset``.
    """

    name: str | bytes
    data: bytes = HARMLESS
    method: int = 0
    flags: int = 0
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    listed: bool = True
    present: bool = True
    after: bytes = b""

    @property
    def packed(self) -> bytes:
        return raw_deflate(self.data) if self.method == 8 else self.data

    def fields(self, changes: dict[str, Any]) -> dict[str, Any]:
        name = self.name.encode() if isinstance(self.name, str) else self.name
        known = {
            "name": name,
            "method": self.method,
            "flags": self.flags,
            "crc": zlib.crc32(self.data),
            "compressed": len(self.packed),
            "size": len(self.data),
            "extra": b"",
            "attributes": 0o100644 << 16,
        }
        return known | changes


def local_header(fields: dict[str, Any]) -> bytes:
    """Return a local header with its name and extra field."""
    name, extra = fields["name"], fields["extra"]
    head = struct.pack(
        "<4s5H3L2H",
        b"PK\x03\x04",
        20,
        fields["flags"],
        fields["method"],
        0,
        33,
        fields["crc"],
        fields["compressed"],
        fields["size"],
        len(name),
        len(extra),
    )
    return head + name + extra


def central_header(fields: dict[str, Any], offset: int) -> bytes:
    """Return a directory entry."""
    name, extra = fields["name"], fields["extra"]
    head = struct.pack(
        "<4s2B5H3L5H2L",
        b"PK\x01\x02",
        20,
        3,
        20,
        fields["flags"],
        fields["method"],
        0,
        33,
        fields["crc"],
        fields["compressed"],
        fields["size"],
        len(name),
        len(extra),
        0,
        0,
        0,
        fields["attributes"],
        fields.get("offset", offset),
    )
    return head + name + extra


def end_record(count: int, size: int, start: int, comment: bytes = b"") -> bytes:
    """Return an end-of-central-directory record."""
    fields = (b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, size, start, len(comment))
    return struct.pack("<4s4H2LH", *fields) + comment


def build(
    *entries: Entry,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    suffix: bytes = b"",
    comment: bytes = b"",
    base: int = 0,
    count: int | None = None,
    directory_size: int | None = None,
    directory_start: int | None = None,
) -> bytes:
    """Return a zip archive; ``base`` is what its offsets count from."""
    out = bytearray(prefix)
    offsets = []
    for entry in entries:
        offsets.append(len(out) - base)
        if entry.present:
            out += local_header(entry.fields(entry.local)) + entry.packed
        out += entry.after
    out += before_directory
    start = len(out) - base
    listed = [(e, o) for e, o in zip(entries, offsets, strict=True) if e.listed]
    directory = b"".join(central_header(e.fields(e.central), o) for e, o in listed)
    out += directory
    out += end_record(
        len(listed) if count is None else count,
        len(directory) if directory_size is None else directory_size,
        start if directory_start is None else directory_start,
        comment,
    )
    return bytes(out) + suffix


def tar_header(
    name: bytes,
    size: int | bytes = 0,
    flag: bytes = b"0",
    *,
    link: bytes = b"",
    mode: int = 0o644,
    magic: bytes = b"ustar\x0000",
    checksum: int | None = None,
) -> bytes:
    """Return a tar header block."""
    block = bytearray(512)
    block[0 : len(name)] = name
    block[100:108] = b"%07o\0" % mode
    block[108:116] = block[116:124] = b"0000000\0"
    block[124:136] = b"%011o\0" % size if isinstance(size, int) else size
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = flag
    block[157 : 157 + len(link)] = link
    block[257 : 257 + len(magic)] = magic
    block[148:156] = b"%06o\0 " % (sum(block) if checksum is None else checksum)
    return bytes(block)


def tar_member(name: bytes, data: bytes = HARMLESS, **fields: Any) -> bytes:
    """Return a header and the padded bytes of a file."""
    size = fields.pop("size", len(data))
    return tar_header(name, size, **fields) + data + bytes(-len(data) % 512)


def judge(data: bytes, format_name: str, name: str = "test.bin") -> list[Finding]:
    """Return what the rules of a format find in an archive."""
    from sentinel.formats import BY_NAME, load
    from sentinel.rules import RuleContext, rules_for

    thing = artifact(data, name)
    parsed: Any = load(BY_NAME[format_name].parse)(thing, Budget())
    return [
        finding
        for rule in rules_for(format_name)
        for finding in rule.check(parsed.model, RuleContext(thing, rule))
    ]
