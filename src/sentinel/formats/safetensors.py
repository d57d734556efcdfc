"""safetensors: a JSON header and one area of tensor data, which must fit each other exactly.

The format cannot run anything. What can be wrong is that a file is two files, that readers do not
agree about it, or that it carries bytes no tensor owns. Only the header is read, and the first
bytes of tensors. Format: https://github.com/huggingface/safetensors (README, "Format").
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, NoReturn

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import Budget
from ..readers import MemoryReader
from . import Member, Parsed
from .archive.anomalies import AnomalyLog
from .metadata_text import MetadataText
from .tensors import Span, TensorFile, behind, check_layout, members, probe

MOST_HEADER = 100_000_000
"""Bytes of header; the library itself refuses more."""
_MOST_OBJECTS = 3_000_000
_MOST_COMMAS = 12_000_000
_MOST_AXES = 64
_INT64 = 1 << 63
_NAME = 120
_START = re.compile(rb'(?s).{4}\x00{4}\s*\{\s*["}]')
BITS = {
    "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
    "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
    "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64,
}  # fmt: skip
"""Bits of one item by dtype."""


def looks_like_safetensors(artifact: Artifact, head: bytes) -> bool:
    """Return True for a length that fits the file and an object that begins behind it."""
    length = int.from_bytes(head[:8], "little")
    return bool(_START.match(head)) and (
        length <= artifact.reader.size - 8 or b'"data_offsets"' in head
    )


class _Header(NamedTuple):
    entries: dict[str, Any]
    duplicates: tuple[str, ...]
    rest: str


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the header of a safetensors file.

    Returns:
        A ``TensorFile``; bytes that belong to no tensor and files within tensors as members; a gap
        for data that ends early.

    Raises:
        ParseError: The header is no JSON object, or longer than the file.
        LimitExceeded: The header is longer than 100 MB or holds more than is kept.
    """
    length = _header_length(artifact)
    header = _read_header(artifact, length)
    budget.check_time()
    log = AnomalyLog()
    for key in header.duplicates:
        log.add("duplicate", f"the key {key[:_NAME]!r} occurs twice in one object", 8)
    if header.rest.strip(" \t\r\n"):
        log.add("header", "text behind the JSON object of the header", 8)
    text = MetadataText(log)
    _metadata(header.entries.pop("__metadata__", None), log, text)
    spans = [span for name, entry in header.entries.items() for span in _span(name, entry, log)]
    start = 8 + length
    layout = check_layout(artifact, spans, start, log)
    rest = behind(artifact, layout.end, log)
    files = probe(artifact, spans, start)
    model = TensorFile(
        "safetensors", 0, len(header.entries), start, log.close(), (*files, *text.files),
        tuple(text.urls), tuple(text.marked),
    )  # fmt: skip
    found = chain(members(artifact, layout, rest, files), _decoded(text))
    return Parsed(model, found, tuple(_gaps(artifact, layout.end)))


def _header_length(artifact: Artifact) -> int:
    start = artifact.reader.pread(0, 8)
    length = int.from_bytes(start, "little")
    if len(start) < 8:
        raise ParseError("the file ends within the length of the header")
    if length > artifact.reader.size - 8:
        raise ParseError(f"a header of {length} bytes in a file of {artifact.reader.size}")
    if length > MOST_HEADER:
        raise LimitExceeded(
            f"a header of {length} bytes; readers refuse more than {MOST_HEADER}",
            "treat the file as broken",
        )
    return length


def _read_header(artifact: Artifact, length: int) -> _Header:
    raw = artifact.reader.pread(8, length)
    if raw.count(b"{") + raw.count(b"[") > _MOST_OBJECTS or raw.count(b",") > _MOST_COMMAS:
        raise LimitExceeded("the header holds more values than are read")
    duplicates: list[str] = []
    decoder = json.JSONDecoder(
        object_pairs_hook=partial(_object, duplicates), parse_constant=_no_constant
    )
    try:
        text = raw.decode("utf-8")
        entries, end = decoder.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"the header is no JSON ({type(error).__name__})") from error
    if not isinstance(entries, dict):
        raise ParseError("the header is no JSON object")
    return _Header(entries, tuple(duplicates), text[end:])


def _object(duplicates: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) and len(duplicates) < 100:
        counts = Counter(key for key, _ in pairs)
        duplicates += [key for key, count in counts.items() if count > 1]
    return found


def _no_constant(name: str) -> NoReturn:
    raise ParseError(f"{name} in the header is no JSON")


def _metadata(metadata: object, log: AnomalyLog, text: MetadataText) -> None:
    if metadata is None:
        return
    if not isinstance(metadata, dict):
        log.add("metadata", "__metadata__ is no object", 8)
        return
    for key, value in metadata.items():
        if isinstance(value, str):
            text.add(key, value, 8)
        else:
            log.add("metadata", f"__metadata__[{key[:_NAME]!r}] is no text", 8)


def _span(name: str, entry: object, log: AnomalyLog) -> Iterator[Span]:
    shown = name[:_NAME]
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        log.add("entry", f"{shown!r} is not described by dtype, shape and data_offsets", 8)
        if not isinstance(entry, dict):
            return
    shape, offsets = _sizes(entry.get("shape")), _sizes(entry.get("data_offsets"))
    dtype = entry.get("dtype")
    if offsets is None or len(offsets) != 2:
        log.add("entry", f"the offsets of {shown!r} are not two numbers", 8)
        return
    begin, end = offsets
    if begin > end:
        log.add("reversed", f"{shown!r} ends at {end}, before it begins at {begin}", 8)
        return
    yield Span(begin, end, shown, isinstance(dtype, str) and BITS.get(dtype) == 8)
    if shape is None or len(shape) > _MOST_AXES:
        log.add("entry", f"the shape of {shown!r} is no list of sizes", 8)
    elif not isinstance(dtype, str) or dtype not in BITS:
        log.add("type", f"{shown!r} has the dtype {str(dtype)[:_NAME]!r}", 8)
    else:
        _check_size(shown, shape, BITS[dtype], end - begin, log)


def _sizes(value: Any) -> list[int] | None:
    """Return a value that is a list of sizes, else None."""
    if not isinstance(value, list):
        return None
    for item in value:
        if type(item) is not int or item < 0:
            return None
    return value


def _check_size(name: str, shape: list[int], bits: int, length: int, log: AnomalyLog) -> None:
    count = 1
    for extent in shape:
        count *= extent
        if count >= _INT64:
            log.add("huge", f"{name!r} has more items than 64 bits can count", 8)
            return
    if count * bits != length * 8:
        log.add("size", f"{name!r} takes {length} bytes for {count} items of {bits} bits", 8)


def _decoded(text: MetadataText) -> Iterator[Member]:
    for number, (key, data) in enumerate(text.decoded):
        yield Member(-1 - number, f"__metadata__[{key}]", partial(MemoryReader, data))


def _gaps(artifact: Artifact, end: int) -> Iterator[Gap]:
    if end > artifact.reader.size:
        yield Gap(
            "truncated",
            artifact.location(),
            f"the tensors end {end - artifact.reader.size} bytes past the end of the file",
            "get the file again from its source",
        )
