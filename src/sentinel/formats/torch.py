"""PyTorch's zip archives: checkpoints, TorchScript, packages and exported programs.

The pickles are interpreted here, once. Members that they prove to be plain tensor data are claimed
and never read; TorchScript text and packaged Python go to readers of their own. Whatever is left
(members nobody refers to, of another size, compressed, of unknown use) is the zip reader's to look
into. Sources: ``torch/serialization.py``, ``torch/package``, ``torch/export/pt2_archive`` and
``caffe2/serialize/inline_container.cc`` of PyTorch 2.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from ..artifacts import Artifact
from ..errors import SentinelError
from ..findings import Gap
from ..limits import MIB, Budget
from ..readers import SubRangeReader
from ..readers.base import Reader
from . import Member, Parsed
from .archive.zip import ZipEntry, open_entry, read_archive
from .archive.zip import parsed as parsed_zip
from .archive.zip_directory import Window
from .archive.zip_open import is_locked
from .pickle import PickleProgram
from .pickle import parse as parse_pickle
from .pickle.values import Buffer
from .torch_model import TorchArchive, TorchPickle
from .torch_native import member_head, native_kind
from .torch_proof import prove

if TYPE_CHECKING:
    from .torch_doubts import Native

__all__ = ["TorchArchive", "looks_like_torch", "parse"]

_MARKS = (
    b"/data.pkl", b"/constants.pkl", b"/bytecode.pkl", b"/.data/extern_modules",
    b"/.data/serialization_id", b"/archive_format", b"/data/aotinductor/", b"/.format_version",
)  # fmt: skip
_PICKLES = (".pkl", ".debug_pkl")
_DIRECTORY = 8 * MIB
_ENDS = 8
_EXTERNS = MIB
_PROBED = 64
_SNIFFED = 10_000
_GRAPH = "serialized_exported_program.json"
_OPERATOR = rb"[A-Za-z_]\w{0,80}::[A-Za-z_]\w{0,120}"
_OPERATORS = 10_000


def looks_like_torch(artifact: Artifact, head: bytes) -> bool:
    """Return True for a zip archive with members that PyTorch's loaders look for.

    Args:
        artifact: A zip archive.
        head: Its first 4096 bytes.
    """
    if _marked(head):
        return True
    window = Window(artifact.reader, artifact.reader.size)
    for end in islice(window.ends(), _ENDS):
        length = min(end.size, end.limit, _DIRECTORY)
        if _marked(window.read(end.limit - length, length)):
            return True
    return False


def _marked(data: bytes) -> bool:
    data = data.lower()
    return any(mark in data for mark in _MARKS)


_Pickled: TypeAlias = tuple[ZipEntry, Reader, Parsed]


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Parse a torch archive.

    Returns:
        A ``TorchArchive``; its pickles, already interpreted, its code and its sources as members;
        claims on those and on every proven storage.

    Raises:
        ParseError: This is no zip archive.
        ReadError: The file cannot be read.
        LimitExceeded: Out of time.
    """
    archive = read_archive(artifact, budget)
    entries = _first_readings(archive.entries)
    pickled = [found for entry in entries if (found := _pickle(artifact, entry, budget))]
    pickles = tuple(_fact(found) for found in pickled)
    proven, single, unproven, missing = prove(entries, pickles)
    proven += _raw(artifact, entries, budget)
    claimed = {entry.header_offset for entry in proven}
    rest = [entry for entry in entries if entry.header_offset not in claimed]
    native, gaps = _natives(artifact, rest)
    claimed.update(entry.header_offset for entry, _, _ in pickled)
    claimed.update(found.offset for found in native)
    kinds = _kinds(entries)
    texts = [(entry, names) for entry in rest if (names := _text_formats(entry.name, kinds))]
    model = TorchArchive(
        kinds,
        archive,
        pickles,
        proven,
        unproven,
        missing,
        native,
        _externs(artifact, entries, budget),
        tuple(_mobile_operators(pickles)),
    )
    claimed.update(entry.header_offset for entry, _ in texts)
    members = chain(_members(artifact, pickled, texts, budget), _files_in(artifact, single))
    container = parsed_zip(artifact, archive, budget)
    return Parsed(model, members, gaps, frozenset(claimed), container)


def _first_readings(entries: Sequence[ZipEntry]) -> list[ZipEntry]:
    """Return the entries that the zip reader keys by their offset, and so may be claimed by it.

    A folder that holds bytes, or an entry that is locked, keeps its offset from being claimed by
    another reading of the same header.
    """
    first: dict[int, ZipEntry] = {}
    for entry in entries:
        if entry.header_offset >= 0 and (entry.compressed or not entry.name.endswith("/")):
            first.setdefault(entry.header_offset, entry)
    return [
        entry for entry in first.values() if not is_locked(entry) and not entry.name.endswith("/")
    ]


def _pickle(artifact: Artifact, entry: ZipEntry, budget: Budget) -> _Pickled | None:
    """Interpret an entry that is named as a pickle; None leaves it to the zip reader."""
    if not entry.name.lower().endswith(_PICKLES):
        return None
    try:
        reader = open_entry(artifact, entry, budget)
        if not reader.size:
            return None
        parsed = parse_pickle(artifact.child(entry.name, reader), budget)
    except SentinelError:
        return None
    return entry, reader, parsed


def _fact(found: _Pickled) -> TorchPickle:
    entry, _, parsed = found
    assert isinstance(parsed.model, PickleProgram)
    return TorchPickle(entry.name, entry.header_offset, parsed.model, entry.method)


def _raw(artifact: Artifact, entries: Sequence[ZipEntry], budget: Budget) -> tuple[ZipEntry, ...]:
    """Return the members that configurations describe as raw weights, where there are any."""
    if not any(entry.name.endswith(".json") for entry in entries):
        return ()
    from .torch_raw import raw_weights

    return raw_weights(artifact, entries, budget)


def _text_formats(name: str, kinds: frozenset[str]) -> tuple[str, ...]:
    """Return the formats of a member that is program text; none for any other member."""
    lowered = f"/{name.lower()}"
    if _is_graph(lowered):
        return ("torch-export",)
    if not lowered.endswith(".py") or not kinds:
        return ()  # without PyTorch's records it holds a checkpoint, and is none
    if "/.data/ts_code/" in lowered:
        return ("torchscript",)
    if "/code/" not in lowered:
        return ("python",)
    if "package" not in kinds:
        return ("torchscript",)
    # A package may hold Python modules in a folder of that name.
    return ("torchscript", "python") if "torchscript" in kinds else ("python",)


def _is_graph(lowered: str) -> bool:
    folder, _, leaf = lowered.rpartition("/")
    return leaf == _GRAPH or (
        folder.endswith("/models") and leaf.endswith(".json") and leaf != ".json"
    )


def _files_in(artifact: Artifact, storages: Sequence[ZipEntry]) -> Iterator[Member]:
    """Yield storages of single bytes that begin like a file, of the largest ones."""
    if not storages:
        return
    from .embedded import file_at

    for entry in sorted(storages, key=lambda one: -one.size)[:_PROBED]:
        if file_at(artifact.reader, entry.data_offset, entry.size):
            window = partial(SubRangeReader, artifact.reader, entry.data_offset, entry.size)
            yield Member(-1 - entry.data_offset, f"bytes@{entry.data_offset}", window, guess=True)


def _members(
    artifact: Artifact,
    pickled: Sequence[_Pickled],
    texts: Sequence[tuple[ZipEntry, tuple[str, ...]]],
    budget: Budget,
) -> Iterator[Member]:
    for entry, reader, parsed in pickled:
        yield Member(entry.header_offset, entry.name, partial(_given, reader), ("pickle",), parsed)
    for entry, formats in texts:
        opens = partial(open_entry, artifact, entry, budget)
        yield Member(entry.header_offset, entry.name, opens, formats)


def _given(reader: Reader) -> Reader:
    return reader


def _kinds(entries: Sequence[ZipEntry]) -> frozenset[str]:
    """Return what the archive is, by the records that loaders look for below its root."""
    kinds: set[str] = set()
    for entry in entries:
        below = entry.name.lower().partition("/")[2]
        if below == "data.pkl":
            kinds.add("checkpoint")
        elif below == "constants.pkl":
            kinds.add("torchscript")
        elif below == "bytecode.pkl":
            kinds.add("mobile")
        elif below in (".data/extern_modules", ".data/python_version"):
            kinds.add("package")
        elif below == "archive_format" or below.startswith("data/aotinductor/"):
            kinds.add("exported")
    if "torchscript" in kinds:
        kinds.discard("checkpoint")
    return frozenset(kinds)


def _natives(
    artifact: Artifact, entries: Sequence[ZipEntry]
) -> tuple[tuple[Native, ...], tuple[Gap, ...]]:
    """Return the members that begin as native code, and a gap when there are too many to ask."""
    found: list[Native] = []
    for entry in entries[:_SNIFFED]:
        kind = native_kind(member_head(artifact.reader, entry))
        if kind:
            from .torch_doubts import Native

            found.append(Native(entry.name, entry.header_offset, kind))
    gaps: tuple[Gap, ...] = ()
    if len(entries) > _SNIFFED:
        detail = f"only {_SNIFFED} members were asked whether they are native code"
        gaps = (Gap("limit", artifact.location(), detail),)
    return tuple(found), gaps


def _externs(artifact: Artifact, entries: Sequence[ZipEntry], budget: Budget) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for entry in entries:
        if entry.name.lower().endswith("/.data/extern_modules"):
            try:
                text = open_entry(artifact, entry, budget).pread(0, _EXTERNS)
            except SentinelError:
                continue
            names.update(dict.fromkeys(text.decode("utf-8", "replace").split()))
    return tuple(names)


def _mobile_operators(pickles: Sequence[TorchPickle]) -> Iterator[tuple[str, str]]:
    for found in pickles:
        if found.name.lower().endswith("/bytecode.pkl"):
            names: dict[str, None] = {}
            data = found.program.data
            for match in re.finditer(_OPERATOR, data):
                if len(names) >= _OPERATORS:
                    break
                names[_literal_at(data, match).decode("utf-8", "replace")] = None
            yield from ((name, found.name) for name in names)


def _literal_at(data: Buffer, match: re.Match[bytes]) -> bytes:
    """Return the string literal that starts where a match does, or else the match."""
    start = match.start()
    length = 0
    if data[max(0, start - 5) : start - 4] == b"X":
        length = int.from_bytes(data[start - 4 : start], "little")
    elif data[max(0, start - 2) : start - 1] == b"\x8c":
        length = data[start - 1]
    return match[0][:length] if length else match[0]
