"""Archives and compressed files: what is in them, read as what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

from ...artifacts import Artifact
from ...formats import BY_NAME, Parsed, load
from ...limits import Budget
from ..model import Piece
from . import Sampling
from .members import Quiet, read_members

_WEIGHTS = re.compile(r"(?:[^/]+/)?(?:data|\.data|tensors|constants|xl)/[^/]*\Z|(?:.*/)?version\Z")
_TORCH = re.compile(r"(?:[^/]+/)?data\.pkl\Z")


def read_zip(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the members of a zip archive; of an Office document, its text and tables."""
    from . import office

    parsed = _parsed("zip", artifact, budget)
    members = list(parsed.members)
    names = [member.name for member in members]
    parsed = parsed._replace(members=members)
    kind = office.kind_of(names)
    if kind:
        yield from office.read(kind, artifact, parsed, budget, sampling)
    else:
        yield from read_members(artifact, parsed, budget, sampling, _quiet(names))


def _quiet(names: Iterable[str]) -> Quiet | None:
    """Return what tells the weights of a model archive, or None for another archive."""
    if any(_TORCH.match(name) for name in names):
        return lambda name: _WEIGHTS.match(name) is not None
    return None


def _parsed(name: str, artifact: Artifact, budget: Budget) -> Parsed:
    return cast("Parsed", load(BY_NAME[name].parse)(artifact, budget))


def _read(name: str, artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    yield from read_members(artifact, _parsed(name, artifact, budget), budget, sampling)


def read_tar(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the members of a tar archive."""
    return _read("tar", artifact, budget, sampling)


def read_gzip(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a gzip file expands to."""
    return _read("gzip", artifact, budget, sampling)


def read_bzip2(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a bzip2 file expands to."""
    return _read("bzip2", artifact, budget, sampling)


def read_xz(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what an xz file expands to."""
    return _read("xz", artifact, budget, sampling)


def read_zstd(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a Zstandard file expands to; needs the ``archives`` extra."""
    return _read("zstd", artifact, budget, sampling)


def read_lz4(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what an LZ4 file expands to; needs the ``archives`` extra."""
    return _read("lz4", artifact, budget, sampling)


def read_7z(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the members of a 7-Zip archive."""
    return _read("7z", artifact, budget, sampling)


def read_rar(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the members of a rar archive."""
    return _read("rar", artifact, budget, sampling)


def read_zlib(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a zlib stream expands to, such as joblib writes."""
    return _read("zlib", artifact, budget, sampling)


def read_lzma(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a legacy lzma file expands to."""
    return _read("lzma", artifact, budget, sampling)


def read_zfile(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield what a file of joblib before 0.10 expands to."""
    return _read("zfile", artifact, budget, sampling)
