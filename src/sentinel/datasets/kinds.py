"""What a file of a dataset is by its content, and what its name says it is."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..artifacts import Artifact
from ..formats.identify import identify
from ..formats.native import code_of, describe
from ..formats.native_model import MACHINE_CODE
from ..pii.sources.encodings import encoding_of
from .images import kind_of as picture_kind

_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|script)\b", re.I)
_SVG = re.compile(rb"<svg[\s>]")
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml\b|!DOCTYPE\s+svg\b|!--|svg\b)", re.I)
_JSON = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*(?:[\[{\"\]\d-]|true|false|null))")
_MARKS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"PAR1", "Parquet", "columns"), (0, b"PARE", "Parquet", "columns"),
    (0, b"ARROW1\0\0", "Arrow", "columns"), (0, b"FEA1", "Feather", "columns"),
    (0, b"ORC", "ORC", "columns"), (0, b"Obj\1", "Avro", "columns"),
    (0, b"\x93NUMPY", "NumPy array", "array"), (0, b"\x89HDF\r\n\x1a\n", "HDF5", "array"),
    (0, b"SQLite format 3\0", "SQLite database", "columns"),
    (0, b"PK\x03\x04", "zip archive", "zip"), (0, b"PK\x05\x06", "zip archive", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Office document", "document"),
    (0, b"%PDF-", "PDF document", "document"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip archive", "packed"),
    (0, b"Rar!\x1a\x07", "RAR archive", "packed"), (257, b"ustar", "tar archive", "packed"),
    (0, b"\x1f\x8b\x08", "gzip stream", "stream"), (0, b"BZh", "bzip2 stream", "stream"),
    (0, b"\xfd7zXZ\0", "xz stream", "stream"), (0, b"\x28\xb5\x2f\xfd", "zstd stream", "stream"),
    (0, b"\x04\x22\x4d\x18", "lz4 stream", "stream"),
    (0, b"II*\0", "TIFF", "media"), (0, b"MM\0*", "TIFF", "media"), (4, b"ftyp", "MP4", "media"),
    (0, b"OggS", "Ogg", "media"), (0, b"fLaC", "FLAC", "media"), (0, b"ID3", "MP3", "media"),
    (0, b"\xff\xfb", "MP3", "media"), (0, b"\xff\xf3", "MP3", "media"),
    (0, b"RIFX", "WAV", "media"), (0, b"RF64", "WAV", "media"), (8, b"AVI LIST", "AVI", "media"),
    (0, b"\x1aE\xdf\xa3", "Matroska", "media"), (0, b"\0\0\1\0", "icon", "media"),
)  # fmt: skip
_TEXT = ("text", "json", "markup", "svg")
_EXPECTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((".csv", ".tsv", ".psv", ".tab"), ("text",)),
    **dict.fromkeys((".jsonl", ".ndjson", ".jsonlines", ".ldjson", ".json", ".geojson"),
                    ("json", "text")),
    **dict.fromkeys((".txt", ".md", ".rst", ".yaml", ".yml", ".toml"), _TEXT),
    ".svg": ("svg",), ".parquet": ("columns",), ".arrow": ("columns", "binary"),
    ".feather": ("columns",), ".orc": ("columns",), ".avro": ("columns",),
    ".npy": ("array",), ".npz": ("zip",), ".h5": ("array",), ".hdf5": ("array",),
    ".xlsx": ("zip",), ".zip": ("zip",), ".gz": ("stream",), ".pdf": ("document",),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".wav"), ("picture",)),
    **dict.fromkeys((".tif", ".tiff", ".mp3", ".mp4", ".ogg", ".flac"), ("media",)),
}  # fmt: skip
_PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".gif": "GIF", ".webp": "WebP",
             ".bmp": "BMP", ".wav": "WAV"}  # fmt: skip
_STREAMS = ("zlib", "zfile", "lzma")
_HEAD = 4096


class Kind(NamedTuple):
    """What a file is.

    Attributes:
        family: ``text``, ``json``, ``markup``, ``svg``, ``picture``, ``media``, ``columns``,
            ``array``, ``zip``, ``packed``, ``stream``, ``document``, ``program``, ``script``,
            ``pickle``, ``model``, ``pointer``, ``empty`` or ``binary``.
        title: What people call it.
    """

    family: str
    title: str


def kind_of(artifact: Artifact) -> Kind:
    """Return what a file is by its content alone.

    Raises:
        ReadError: It cannot be read.
    """
    head = artifact.reader.pread(0, _HEAD)
    if not head:
        return Kind("empty", "nothing")
    code = code_of(artifact.reader, head[:64])
    if code is not None:
        is_machine = code.kind in MACHINE_CODE
        return Kind("program" if is_machine else "script", describe(code))
    picture = picture_kind(head[:32])
    if picture:
        return Kind("picture", picture)
    plain = encoding_of(head) is not None
    for offset, mark, title, family in _MARKS:
        if head.startswith(mark, offset) and not (plain and mark.isalnum()):
            return Kind(family, title)
    return _by_format(artifact, head, plain)


def _by_format(artifact: Artifact, head: bytes, plain: bool) -> Kind:
    identity = identify(artifact, use_name=False)
    if identity.pointer:
        return Kind("pointer", f"{identity.pointer} pointer")
    if "pickle" in identity.formats and (not plain or _stops(artifact)):
        return Kind("pickle", "Python pickle")
    if not plain:
        if identity.formats and identity.formats[0] in _STREAMS:
            return Kind("stream", f"{identity.formats[0]} stream")
        if identity.formats:
            return Kind("model", identity.formats[0])
        return Kind("binary", "binary data of no known format")
    if _XML.match(head) and _SVG.search(head):
        return Kind("svg", "SVG")
    if _MARKUP.match(head):
        return Kind("markup", "HTML")
    return Kind("json", "JSON") if _JSON.match(head) else Kind("text", "text")


def _stops(artifact: Artifact) -> bool:
    """Return True for text that ends as pickles of text do; lines of prose may begin as one."""
    size = artifact.reader.size
    return artifact.reader.pread(max(0, size - 64), 64).rstrip().endswith(b".")


def mismatch(leaf: str, kind: Kind) -> str:
    """Return what a file's name promises where its content is something else; empty otherwise.

    Args:
        leaf: The file's name.
        kind: What it is.
    """
    name = leaf.lower()
    ending = name[name.rfind(".") :] if "." in name else ""
    expected = _EXPECTED.get(ending)
    if expected is None or kind.family in ("pointer", "empty"):
        return ""
    if kind.family == "picture" and "picture" in expected:
        return "" if _PICTURES[ending] == kind.title else _PICTURES[ending]
    if kind.family == "media" and ending == ".wav" and kind.title == "WAV":
        return ""
    return "" if kind.family in expected else ending
