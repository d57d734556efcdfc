"""Readers of what personal data travels in: one line each, imported only when they are met.

A source has the signature ``read(artifact, budget, sampling) -> Iterator[Piece]``. It yields text
and batches of rows in bounded pieces, ``Skipped`` for what sampling left out, and a ``Gap`` for
what cannot be read: never silence. It raises nothing but ``SentinelError``, which ``read`` below
turns into a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import NamedTuple, cast

from ...artifacts import Artifact
from ...errors import LimitExceeded, ReadError, SentinelError, UnsupportedError
from ...findings import Gap
from ...limits import Budget
from ..model import Piece


class Sampling(NamedTuple):
    """How much of a large file is read.

    Attributes:
        full: Whether everything is read whatever its size.
        over: Bytes above which a file is sampled.
        head: Bytes read from the start of a sampled text.
        windows: Further windows of ``window`` bytes at line ends, spread over the rest.
        window: Bytes of each.
    """

    full: bool = False
    over: int = 256 * 1024 * 1024
    head: int = 16 * 1024 * 1024
    windows: int = 64
    window: int = 1024 * 1024


class Source(NamedTuple):
    """One line of the table of sources.

    Attributes:
        name: Short name (``csv``, ``xlsx``).
        suffixes: Lower-case file name endings, with the dot.
        names: Lower-case whole file names.
        magic: ``(offset, bytes)`` pairs, any of which decides whatever the name. A source that has
            some is never chosen by name.
        read: ``module:function`` below ``sentinel.pii.sources``.
        recognise: ``module:function`` below ``sentinel.formats`` that is asked about binary data
            without any such mark, as ``(artifact, head) -> bool``.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    read: str = ""
    recognise: str = ""


TEXT = Source("text", read="text:read")
"""What everything is read as that is nothing else."""

SOURCES: tuple[Source, ...] = (
    Source("zip", magic=((0, b"PK\x03\x04"), (0, b"PK\x05\x06")), read="archive:read_zip"),
    Source("ole", magic=((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),), read="office:read_ole"),
    Source("gzip", magic=((0, b"\x1f\x8b\x08"),), read="archive:read_gzip"),
    Source("bzip2", magic=((4, b"1AY&SY"), (4, b"\x17rE8P\x90")), read="archive:read_bzip2"),
    Source("xz", magic=((0, b"\xfd7zXZ\0"),), read="archive:read_xz"),
    Source("zstd", magic=((0, b"\x28\xb5\x2f\xfd"),), read="archive:read_zstd"),
    Source("lz4", magic=((0, b"\x04\x22\x4d\x18"),), read="archive:read_lz4"),
    Source("7z", magic=((0, b"7z\xbc\xaf\x27\x1c"),), read="archive:read_7z"),
    Source("rar", magic=((0, b"Rar!\x1a\x07"),), read="archive:read_rar"),
    Source("tar", magic=((257, b"ustar"),), read="archive:read_tar"),
    Source("sqlite", magic=((0, b"SQLite format 3\0"),), read="sqlite:read"),
    Source("npy", magic=((0, b"\x93NUMPY"),), read="npy:read"),
    Source(
        "pickle",
        magic=((0, b"\x80\2"), (0, b"\x80\3"), (0, b"\x80\4"), (0, b"\x80\5")),
        read="pickled:read",
    ),
    Source(
        "old-pickle", (".pkl", ".pickle", ".joblib", ".dill", ".sav"), read="pickled:read_named"
    ),
    Source("zlib", read="archive:read_zlib", recognise="archive.compress:looks_like_zlib"),
    Source("zfile", read="archive:read_zfile", recognise="archive.compress:looks_like_zfile"),
    Source("lzma", read="archive:read_lzma", recognise="archive.compress:looks_like_lzma"),
    Source("notebook", (".ipynb",), read="notebook:read"),
    Source(
        "json",
        (".json", ".jsonl", ".ndjson", ".jsonlines", ".ldjson", ".geojson", ".har"),
        read="json_text:read",
    ),
    Source("csv", (".csv", ".tsv", ".psv", ".tab"), read="csv_text:read"),
)
"""All sources; the first whose magic, then whose name fits is taken, else plain text."""

_HEAD = 4096
_POINTERS = {
    "Git LFS": "run `git lfs pull` and scan again",
    "DVC": "run `dvc pull` and scan the file it brings",
}


def pick(artifact: Artifact, head: bytes) -> Source:
    """Return the source that reads an artifact.

    Args:
        artifact: The file; only its name counts.
        head: Its first 4096 bytes.
    """
    for source in SOURCES:
        if any(head.startswith(mark, offset) for offset, mark in source.magic):
            return source
    return _unmarked(artifact, head) or _named(artifact.leaf.lower()) or TEXT


def _named(leaf: str) -> Source | None:
    """Return the source that a file's name, in lower case, stands for."""
    for source in SOURCES:
        if source.magic or source.recognise:
            continue
        if leaf in source.names or leaf.endswith(source.suffixes):
            return source
    return None


def _unmarked(artifact: Artifact, head: bytes) -> Source | None:
    """Return the source of binary data that has no mark of its own."""
    from ...formats import load
    from .encodings import is_binary

    if not is_binary(head):
        return None
    for source in SOURCES:
        if source.recognise and load(source.recognise)(artifact, head):
            return source
    return None


def read(
    artifact: Artifact, budget: Budget, sampling: Sampling | None = None, source: str = ""
) -> Iterator[Piece]:
    """Yield all there is to look at in an artifact.

    Args:
        artifact: The file, or a member of one.
        budget: Limits and clock.
        sampling: How much of a large file is read.
        source: Name of the source where it is known; else content and name tell.

    Yields:
        Text, batches of rows, what was skipped, and gaps. Nothing for an empty file.
    """
    try:
        head = artifact.reader.pread(0, _HEAD)
        if head:
            yield from _pieces(artifact, head, budget, sampling or Sampling(), source)
    except SentinelError as error:
        yield gap_of(artifact, error)


def _pieces(
    artifact: Artifact, head: bytes, budget: Budget, sampling: Sampling, name: str
) -> Iterator[Piece]:
    from ...formats.identify import pointer_of

    pointer = pointer_of(head)
    if pointer:
        detail = f"a {pointer} pointer; the file itself is not here"
        yield Gap("pointer", artifact.location(), detail, _POINTERS[pointer])
        return
    source = _by_name()[name] if name else pick(artifact, head)
    module, _, function = source.read.partition(":")
    reader = getattr(import_module(f"{__name__}.{module}"), function)
    yield from cast("Callable[..., Iterator[Piece]]", reader)(artifact, budget, sampling)


def _by_name() -> dict[str, Source]:
    return {source.name: source for source in SOURCES}


def gap_of(artifact: Artifact, error: SentinelError) -> Gap:
    """Return the gap that an error leaves."""
    reason = "malformed"
    if isinstance(error, LimitExceeded):
        reason = "limit"
    elif isinstance(error, UnsupportedError):
        reason = "unsupported"
    elif isinstance(error, ReadError):
        reason = "unreadable"
    return Gap(reason, artifact.location(), error.message, error.hint)
