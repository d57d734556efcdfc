"""Credential files: formats known by their names, with secrets in places known by the format.

A password of eight small letters is nothing in a text and everything in a ``.pgpass``. What is
looked for is decided by the file's name alone, so a lookup costs next to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, partial
from itertools import islice

from .model import MOST_HITS, FileHit, Parser

__all__ = ["FileHit", "applies", "find"]

_MOST_BYTES = 4 << 20
# MLflow keeps each parameter and tag of a run in a file of its name.
_PARAMETER = re.compile(r"(?:^|/)(?:params|tags)/[^/]*$")
# Files that show how to write the real one.
_TEMPLATES = ("example", "sample", "template", "dist", "tmpl", "tpl", "j2", "default", "defaults")


@cache
def _table() -> tuple[dict[str, Parser], tuple[tuple[str, Parser], ...], dict[str, Parser]]:
    from .table import NAMES, PATHS, SUFFIXES

    return NAMES, PATHS, SUFFIXES


def _parameter(name: str, data: bytes) -> Iterator[FileHit]:
    from .tracking import parameter

    return parameter(name, data)


def _parts(path: str) -> tuple[str, str]:
    whole = path.replace("\\", "/").replace("!", "/").lower()
    return whole, whole.rpartition("/")[2]


def _parsers(path: str) -> list[Parser]:
    """Return the parsers for a file of this name, most special first."""
    whole, base = _parts(path[-512:])
    if base.rpartition(".")[2] in _TEMPLATES or base.startswith(("example.", "sample.")):
        return []
    names, paths, suffixes = _table()
    found = [parse for end, parse in paths if whole.endswith(end)]
    if base in names:
        found.append(names[base])
    if base.startswith(".env.") or base.endswith(".env"):
        found.append(names[".env"])
    if _PARAMETER.search(whole):
        found.append(partial(_parameter, base))
    if not found:
        parse = suffixes.get(base.rpartition(".")[2])
        found = [parse] if parse is not None and "." in base else []
    return found


def applies(path: str) -> bool:
    """Tell whether a file is one of the formats, by its name and the end of its path."""
    return bool(_parsers(path))


def find(path: str, data: bytes) -> Iterator[FileHit]:
    """Yield the credentials of a file, in order, none within another.

    Args:
        path: The file's path, of which the end matters.
        data: Its text as UTF-8; broken bytes may be in it. Only the first 4 MiB are read, and only
            2,000 credentials yielded: such files are small.

    Yields:
        Hits. Placeholders, references to variables and tokens that a provider's rule finds by
        their own mark are left out.
    """
    data = data[:_MOST_BYTES]
    found: dict[int, FileHit] = {}
    for parse in _parsers(path):
        for hit in islice(parse(data), MOST_HITS):
            found.setdefault(hit.start, hit)
    end = 0
    for hit in sorted(found.values(), key=lambda hit: (hit.start, -hit.end))[:MOST_HITS]:
        if hit.start >= end:
            yield hit
            end = hit.end
