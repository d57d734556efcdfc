"""Readers of what personal data travels in: one line each, imported only when they are met.

A source has the signature ``read(artifact, budget, sampling) -> Pieces``. It yields text and
batches of rows in bounded pieces, ``Skipped`` for what sampling left out, and a ``Gap`` for what
cannot be read: never silence. It raises nothing but ``SentinelError``, which becomes a gap.
"""

from __future__ import annotations

from typing import NamedTuple


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
        magic: First bytes, any of which decides whatever the name.
        read: ``module:function`` below ``sentinel.pii.sources``.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    magic: tuple[bytes, ...] = ()
    read: str = ""


SOURCES: tuple[Source, ...] = ()
"""All sources; the first whose magic, then whose name fits is taken, else plain text."""
