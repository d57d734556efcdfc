"""OCI: the manifests and indexes of images and artifacts, which models are handed round in too.

Layers are blobs named by their digest; they are files of their own (mostly tar or gzip streams, or
a model as it is) and told by their content. Docker's manifests of version 2, and those of Ollama,
have the same form. Format: OCI Image Format Specification 1.1, *manifest*, *index*, *descriptor*.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from . import Parsed

_MOST = 4 * MIB  # what registries take
_MOST_ENTRIES = 10_000
_CUT = 1000
_TITLE = "org.opencontainers.image.title"
_LISTS = {"layers": "layer", "manifests": "manifest", "blobs": "blob"}


class Descriptor(NamedTuple):
    """A blob that is named.

    Attributes:
        role: ``config``, ``layer``, ``manifest``, ``blob`` or ``subject``.
        media_type: What it is said to be.
        digest: Its digest, as it is written.
        size: Its size in bytes; -1 where that is no number.
        title: The file name that it is to be kept under, or nothing.
        urls: Addresses it may be fetched from.
    """

    role: str
    media_type: str
    digest: str
    size: int
    title: str
    urls: tuple[str, ...]


class OciManifest(NamedTuple):
    """What a manifest or an index names."""

    media_type: str
    descriptors: tuple[Descriptor, ...]


def looks_like_manifest(artifact: Artifact, head: bytes) -> bool:
    """Return True for JSON that begins with descriptors: lists of blobs with digests."""
    named = b'"digest"' in head and b'"mediaType"' in head
    return named and any(b'"%s"' % key.encode() in head for key in (*_LISTS, "config"))


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a manifest or an index.

    Raises:
        ParseError: It is no JSON object that names blobs.
        LimitExceeded: It is larger than 4 MiB, or names more than 10,000 blobs.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a manifest of more than {_MOST} bytes is not read")
    budget.check_time()
    try:
        document = json.loads(artifact.reader.pread(0, _MOST))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON ({type(error).__name__})") from error
    if not isinstance(document, dict):
        raise ParseError("no JSON object")
    found: list[Descriptor] = []
    for role, entry in _entries(document):
        if len(found) >= _MOST_ENTRIES:
            raise LimitExceeded(f"more than {_MOST_ENTRIES} blobs")
        found.append(_descriptor(role, entry))
    if not found:
        raise ParseError("it names no blobs")
    return Parsed(OciManifest(_text(document.get("mediaType")), tuple(found)))


def _entries(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ("config", "subject"):
        if isinstance(document.get(key), dict):
            yield key, document[key]
    for key, role in _LISTS.items():
        listed = document.get(key)
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict):
                yield role, entry


def _descriptor(role: str, entry: dict[str, Any]) -> Descriptor:
    notes, urls, size = entry.get("annotations"), entry.get("urls"), entry.get("size")
    return Descriptor(
        role,
        _text(entry.get("mediaType")),
        _text(entry.get("digest")),
        size if type(size) is int else -1,
        _text(notes.get(_TITLE)) if isinstance(notes, dict) else "",
        tuple(_text(url) for url in urls[:100]) if isinstance(urls, list) else (),
    )


def _text(value: object) -> str:
    return value[:_CUT] if isinstance(value, str) else ""
