"""The words in the headers of model files: safetensors, GGUF, SentencePiece. Never weights."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...limits import MIB, Budget
from ..model import Piece, Text
from . import Sampling, text
from .json_scan import values
from .key_values import assignment
from .protobuf import Window, fields
from .vocabulary import pieces

_MOST_HEADER = 100 * MIB
_LONGEST = 16 * MIB
_DEEPEST = 8
_CHECKED = 4096


def looks_like_safetensors(artifact: Artifact, head: bytes) -> bool:
    """Return True for the length of a header and the header's first byte.

    Args:
        artifact: The file; not read.
        head: Its first bytes.
    """
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < _MOST_HEADER


def read_safetensors(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the metadata of a safetensors file."""
    reader = artifact.reader
    head = reader.pread(0, 9)
    if not looks_like_safetensors(artifact, head):
        yield from text.read(artifact, budget, sampling)
        return
    length = int.from_bytes(head[:8], "little")
    if length > reader.size - 8:
        raise ParseError("safetensors: the file ends within its header", "get it again")
    data = reader.pread(8, length)
    words = [
        f"{value.steps[-1]}: {value.text}"
        for value in values(data, steps=True)
        if value.steps[:1] == ("__metadata__",)
    ]
    if words:
        yield Text("\n".join(words).encode("utf-8", "replace"), "__metadata__", line=0)


_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9


def read_gguf(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the key-value strings of a GGUF file, and the long pieces of its vocabulary."""
    version = int.from_bytes(artifact.reader.pread(4, 4), "little")
    if version not in (2, 3):
        raise ParseError(f"GGUF: version {version} is not known")
    header = _Gguf(artifact, budget)
    count = header.number(16, 8)
    header.at = 24
    for index in range(count):
        if not index % 100:
            budget.check_time()
        key = header.string().decode("utf-8", "replace")
        yield from header.value(header.take(4), key, 0)


class _Gguf:
    """Reads the header of a GGUF file forwards."""

    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self._window = Window(artifact.reader, MIB)
        self._size = artifact.reader.size
        self._budget = budget
        self.at = 0

    def number(self, at: int, width: int) -> int:
        """Return a number at an offset."""
        data = self._window.read(at, width)
        if len(data) < width:
            raise ParseError("GGUF: the file ends within its header", "get it again")
        return int.from_bytes(data, "little")

    def take(self, width: int) -> int:
        """Return the next number."""
        value = self.number(self.at, width)
        self.at += width
        return value

    def string(self) -> bytes:
        """Return the next string."""
        length = self.take(8)
        if length > self._size - self.at:
            raise ParseError("GGUF: the file ends within its header", "get it again")
        if length > _LONGEST:
            raise LimitExceeded(f"GGUF: a string of {length} bytes")
        self.at += length
        return self._window.read(self.at - length, length)

    def value(self, kind: int, key: str, depth: int) -> Iterator[Text]:
        """Yield what the next value says."""
        if kind == _STRING:
            yield Text(assignment(key.encode("utf-8", "replace"), self.string()), key, line=0)
        elif kind == _ARRAY:
            inner, count = self.take(4), self.take(8)
            if inner == _STRING:
                yield from pieces(self._strings(count), key)
            elif inner == _ARRAY and depth < _DEEPEST:
                for _ in range(count):
                    yield from self.value(_ARRAY, key, depth + 1)
            else:
                self._skip(inner, count)
        else:
            self._skip(kind, 1)

    def _skip(self, kind: int, count: int) -> None:
        if kind not in _SIZES or _SIZES[kind] * count > self._size - self.at:
            raise ParseError("GGUF: a malformed value", "get it again")
        self.at += _SIZES[kind] * count

    def _strings(self, count: int) -> Iterator[str]:
        for index in range(count):  # each takes eight bytes of the file at least
            if not index % _CHECKED:
                self._budget.check_time()
            yield self.string().decode("utf-8", "replace")


def read_pieces(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the long pieces of a SentencePiece model (``tokenizer.model``, ``.spm``)."""
    from .encodings import is_binary

    if not is_binary(artifact.reader.pread(0, _CHECKED)):
        yield from text.read(artifact, budget, sampling)
        return
    yield from pieces(_pieces(artifact, budget), "model.vocab")


def _pieces(artifact: Artifact, budget: Budget) -> Iterator[str]:
    window = Window(artifact.reader, MIB)
    for index, field in enumerate(fields(window, 0, artifact.reader.size)):
        if not index % _CHECKED:
            budget.check_time()
        if field.number != 1:
            continue
        for part in fields(window, field.start, field.start + field.length):
            if part.number == 1 and part.length < _CHECKED:
                yield window.read(part.start, part.length).decode("utf-8", "replace")
