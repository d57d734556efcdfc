"""Writers of safetensors and GGUF files that say whatever a test wants.

They follow the published formats and check nothing; the libraries refuse to write most of this.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
_CODES = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "B",
          U64: "Q", I64: "q", F64: "d"}  # fmt: skip


def entry(begin: int, end: int, shape: Any = None, dtype: Any = "U8") -> dict[str, Any]:
    """Return the description of a safetensors tensor, of single bytes unless told otherwise."""
    return {
        "dtype": dtype,
        "shape": [end - begin] if shape is None else shape,
        "data_offsets": [begin, end],
    }


def safetensors(header: Mapping[str, Any] | bytes, data: bytes = b"", length: int = -1) -> bytes:
    """Return a safetensors file.

    Args:
        header: The header, as an object or as bytes that may be anything.
        data: What follows it.
        length: What the file gives as the length of its header, if not the truth.
    """
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length < 0 else length) + raw + data


class Gguf:
    """Writes a GGUF file.

    Args:
        version: Of the format; 1 has lengths of four bytes.
        order: ``<`` or ``>``.
        align: Alignment of the tensors.
    """

    def __init__(self, version: int = 3, order: str = "<", align: int = 32) -> None:
        self.version = version
        self.order = order
        self.align = align
        self.keys: list[bytes] = []
        self.infos: list[bytes] = []
        self.data = bytearray()

    def pack(self, code: str, *values: Any) -> bytes:
        """Return numbers in the file's byte order."""
        return struct.pack(self.order + code, *values)

    def size(self, number: int) -> bytes:
        """Return a length or count."""
        return self.pack("I" if self.version == 1 else "Q", number)

    def text(self, value: str | bytes) -> bytes:
        """Return a text behind its length."""
        raw = value.encode() if isinstance(value, str) else value
        return self.size(len(raw)) + raw

    def value(self, kind: int, value: Any) -> bytes:
        """Return a value without its type."""
        if kind == STRING:
            return self.text(value)
        if kind == ARRAY:
            inner, items = value
            head = self.pack("I", inner) + self.size(len(items))
            return head + b"".join(self.value(inner, one) for one in items)
        return self.pack(_CODES[kind], value)

    def key(self, name: str, kind: int, value: Any) -> Gguf:
        """Add a key."""
        self.keys.append(self.text(name) + self.pack("I", kind) + self.value(kind, value))
        return self

    def tensor(
        self, name: str, data: bytes = b"", shape: Sequence[int] | None = None, kind: int = 24,
        offset: int | None = None,
    ) -> Gguf:  # fmt: skip
        """Add a tensor: single bytes at the next aligned place, unless told otherwise."""
        self.data += bytes(-len(self.data) % self.align)
        axes = [len(data)] if shape is None else list(shape)
        place = len(self.data) if offset is None else offset
        self.infos.append(
            self.text(name)
            + self.pack("I", len(axes))
            + b"".join(map(self.size, axes))
            + self.pack("IQ", kind, place)
        )
        self.data += data
        return self

    def file(self, tensors: int | None = None, keys: int | None = None) -> bytes:
        """Return the file; counts may be given that are not the truth."""
        head = b"GGUF" + self.pack("I", self.version)
        head += self.size(len(self.infos) if tensors is None else tensors)
        head += self.size(len(self.keys) if keys is None else keys)
        head += b"".join(self.keys) + b"".join(self.infos)
        return head + bytes(-len(head) % self.align) + bytes(self.data)


def old_ggml(
    magic: bytes = b"tjgg", version: int | None = 3, *, tokens: int = 3, kind: int = 0,
    data: bytes = bytes(64), shape: Sequence[int] = (4, 4),
) -> bytes:  # fmt: skip
    """Return a LLaMA file from before GGUF with one tensor."""
    out = magic + (b"" if version is None else struct.pack("<I", version))
    out += struct.pack("<7I", tokens, 4, 1, 1, 1, 1, 0)
    for number in range(tokens):
        word = f"t{number}".encode()
        out += struct.pack("<I", len(word)) + word
        if version is not None:
            out += struct.pack("<f", 0.0)
    name = b"tok_embeddings.weight"
    out += struct.pack("<3I", len(shape), len(name), kind)
    out += struct.pack(f"<{len(shape)}I", *shape) + name
    if magic == b"tjgg":
        out += bytes(-len(out) % 32)
    return out + data
