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
from ...errors import SentinelError, gap_reason
from ...findings import Gap
from ...limits import Budget
from ..model import Batch, Piece


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
            some is never chosen by name; one of letters alone does not count in plain text.
        read: ``module:function`` below ``sentinel.pii.sources``.
        recognise: ``module:function`` below ``sentinel`` that is asked about what is no plain text
            and has no such mark, as ``(artifact, head) -> bool``.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    magic: tuple[tuple[int, bytes], ...] = ()
    read: str = ""
    recognise: str = ""


MEDIA: tuple[tuple[int, bytes], ...] = (
    (0, b"\x89PNG\r\n"), (0, b"\xff\xd8\xff"), (0, b"GIF87a"), (0, b"GIF89a"), (0, b"II*\0"),
    (0, b"MM\0*"), (8, b"WEBPVP8"), (8, b"WAVEfmt"), (8, b"AVI LIST"), (4, b"ftyp"), (0, b"ID3"),
    (0, b"\xff\xfb"), (0, b"\xff\xf3"), (0, b"OggS"), (0, b"fLaC"), (0, b"\x1aE\xdf\xa3"),
    (0, b"\0\0\1\0"), (0, b"\0\0\1\xba"), (0, b"FLV\1"), (0, b"FORM"), (0, b"8BPS"),
)  # fmt: skip
"""How pictures, sound and films begin."""

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
    Source("parquet", magic=((0, b"PAR1"), (0, b"PARE")), read="columnar:read_parquet"),
    Source("arrow", magic=((0, b"ARROW1\0\0"),), read="columnar:read_arrow"),
    Source("arrow-stream", (".arrow", ".arrows"), read="columnar:read_named_arrow"),
    Source("feather", magic=((0, b"FEA1"),), read="columnar:read_feather"),
    Source("orc", magic=((0, b"ORC"),), read="columnar:read_orc"),
    Source("avro", magic=((0, b"Obj\1"),), read="avro:read"),
    Source("pdf", magic=((0, b"%PDF-"),), read="pdf:read"),
    Source("npy", magic=((0, b"\x93NUMPY"),), read="npy:read"),
    Source(
        "pickle",
        magic=((0, b"\x80\2"), (0, b"\x80\3"), (0, b"\x80\4"), (0, b"\x80\5")),
        read="pickled:read",
    ),
    Source(
        "old-pickle", (".pkl", ".pickle", ".joblib", ".dill", ".sav"), read="pickled:read_named"
    ),
    Source("gguf", magic=((0, b"GGUF"),), read="model_headers:read_gguf"),
    Source(
        "safetensors",
        read="model_headers:read_safetensors",
        recognise="pii.sources.model_headers:looks_like_safetensors",
    ),
    Source("onnx", (".onnx",), read="onnx:read"),
    Source("tokenizer", names=("tokenizer.json",), read="vocabulary:read_tokenizer"),
    Source("vocab-json", names=("vocab.json", "encoder.json"), read="vocabulary:read_places"),
    Source("vocab-text", names=("vocab.txt", "merges.txt"), read="vocabulary:read_lines"),
    Source("tiktoken", (".tiktoken",), read="vocabulary:read_ranks"),
    Source(
        "sentencepiece",
        ("tokenizer.model", "spiece.model", "bpe.model", ".spm"),
        read="model_headers:read_pieces",
    ),
    Source("media", magic=MEDIA, read="media:read"),
    Source("zlib", read="archive:read_zlib", recognise="formats.archive.compress:looks_like_zlib"),
    Source(
        "zfile", read="archive:read_zfile", recognise="formats.archive.compress:looks_like_zfile"
    ),
    Source("lzma", read="archive:read_lzma", recognise="formats.archive.compress:looks_like_lzma"),
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
        if any(_marks(head, offset, mark) for offset, mark in source.magic):
            return source
    return _unmarked(artifact, head) or _named(artifact.leaf.lower()) or TEXT


def _marks(head: bytes, offset: int, mark: bytes) -> bool:
    if not head.startswith(mark, offset):
        return False
    if not mark.isalnum():
        return True
    from .encodings import is_plain

    return not is_plain(head)


def _named(leaf: str) -> Source | None:
    """Return the source that a file's name, in lower case, stands for."""
    for source in SOURCES:
        if source.magic or source.recognise:
            continue
        if leaf in source.names or leaf.endswith(source.suffixes):
            return source
    return None


def _unmarked(artifact: Artifact, head: bytes) -> Source | None:
    """Return the source of data without a mark, which is no plain text either."""
    from .encodings import is_plain

    if is_plain(head):
        return None
    root = __name__.partition(".")[0]
    for source in SOURCES:
        if source.recognise and _load(f"{root}.{source.recognise}")(artifact, head):
            return source
    return None


def _load(reference: str) -> Callable[..., object]:
    module, _, function = reference.partition(":")
    return cast("Callable[..., object]", getattr(import_module(module), function))


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

    pointer = pointer_of(head, artifact.leaf)
    if pointer:
        detail = f"a {pointer} pointer; the file itself is not here"
        yield Gap("pointer", artifact.location(), detail, _POINTERS[pointer])
        return
    source = _by_name()[name] if name else pick(artifact, head)
    reader = cast("Callable[..., Iterator[Piece]]", _load(f"{__name__}.{source.read}"))
    for piece in reader(artifact, budget, sampling):
        yield piece
        if isinstance(piece, Batch):
            from .key_values import settings

            yield from settings(piece)


def _by_name() -> dict[str, Source]:
    return {source.name: source for source in SOURCES}


def gap_of(artifact: Artifact, error: SentinelError) -> Gap:
    """Return the gap that an error leaves."""
    return Gap(gap_reason(error), artifact.location(), error.message, error.hint)
