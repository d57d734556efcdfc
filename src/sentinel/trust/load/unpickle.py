"""Level ``allowlist``: pickles and joblib's files, compressed or not, of exact names only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet

from ...errors import ParseError, TrustError
from ...formats.archive import codecs
from ...limits import MIB, Budget, Limits
from ...readers.base import Reader
from ...readers.stream import Codec, Stream, expand
from .checks import check
from .held import Held, keep
from .joblib_file import load_pickle
from .names import Name, table

_CHUNK = 8 * MIB
_COMPRESSED: dict[str, Callable[[], Codec]] = {
    "gzip": codecs.gzip_stream,
    "bzip2": codecs.bzip2_stream,
    "xz": codecs.xz_stream,
    "lzma": codecs.lzma_alone,
    "zlib": codecs.zlib_stream,
    "zstd": codecs.zstd_stream,
    "lz4": codecs.lz4_stream,
}

FORMATS: frozenset[str] = frozenset({"pickle", *_COMPRESSED})
"""What is read here, as a scan names it."""


def load(held: Held, kind: str, allow: AbstractSet[Name], limit: int) -> object:
    """Return the object of a pickle.

    Args:
        held: The file.
        kind: One of ``FORMATS``.
        allow: Names that may be used beside the table's.
        limit: Most bytes that it may decompress to.

    Raises:
        TrustError: As ``load_pickle`` and ``check`` raise it, or the compressed stream is broken.
    """
    names = table().with_extra(allow) if allow else table()
    if kind == "pickle":
        return _load(held, names)
    with _expanded(held, kind, limit) as inner:
        return _load(inner, names)


def _load(held: Held, names: object) -> object:
    try:
        found = load_pickle(held.view(), names)  # type: ignore[arg-type]
        check(found)
    except TrustError as error:
        raise TrustError(error.reason, f"{held.name}: {error.message}", error.hint) from error
    except Exception as error:
        raise TrustError(
            "malformed",
            f"{held.name}: its values do not make a model ({type(error).__name__})",
            "load it with the versions of the libraries that wrote it",
        ) from error
    return found


def _expanded(held: Held, kind: str, limit: int) -> Held:
    budget = Budget(Limits(max_expanded=3 * limit))
    with held.reader() as reader:
        try:
            codec = _COMPRESSED[kind]()
        except ParseError as error:
            raise TrustError("not-installed", error.message, error.hint) from error
        found = expand(Stream(reader, 0, reader.size, codec), budget)
        if found.error is not None:
            raise TrustError("malformed", f"{held.name}: {found.error.message}", found.error.hint)
        if found.end != reader.size:
            raise TrustError("malformed", f"{held.name}: bytes follow the compressed stream")
        return keep(_pieces(found.reader), held.name, limit, found.size)


def _pieces(reader: Reader) -> Iterator[bytes]:
    for start in range(0, reader.size, _CHUNK):
        yield reader.pread(start, _CHUNK)
