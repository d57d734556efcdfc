"""Marks and verifies files of tensors, by whatever tells where in them the tensors are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from ...readers.file import FileReader
from .embed import Marked, embed_store
from .file_store import FileStore, copied, open_model, refuse_signed
from .keys import WatermarkKeyProvider
from .kinds import Job
from .verify import Request, Verification, verify_store

Opener: TypeAlias = Callable[[FileReader, str], FileStore]


def embed_file(
    path: str,
    out: str,
    job: Job,
    opens: Opener,
    finish: Callable[[FileStore], None] | None = None,
) -> Marked:
    """Write a marked copy of a file, of the same size and layout.

    Args:
        path: The file; it is only read.
        out: Where the copy goes; it appears whole or not at all.
        job: What to mark it with.
        opens: Tells where the tensors are.
        finish: What the format wants done to the copy once its tensors are written.

    Raises:
        NotMarked: It cannot be marked.
        TrustError: It carries a signature, is malformed, or changed meanwhile.
        UsageError: A path cannot be used, or ``out`` exists.
    """
    refuse_signed(os.path.dirname(path), os.path.dirname(out))
    with open_model(path) as reader, copied(reader, out) as copy:
        source = opens(reader, path)
        target = os.open(copy, os.O_RDWR)
        try:
            with open_model(copy) as written:
                store = FileStore(reader, source.tensors, source.offsets, target)
                check = FileStore(written, source.tensors, source.offsets)
                marked = embed_store(
                    store, job.provider, job.identity, context=job.context, what=path,
                    written=lambda: check,
                )  # fmt: skip
                if finish is not None:
                    finish(store)
                os.fsync(target)
        finally:
            os.close(target)
    return marked


@contextmanager
def opened(path: str, opens: Opener) -> Iterator[FileStore]:
    """Open the tensors of a file. Raises UsageError, and what the opener raises."""
    with open_model(path) as reader:
        yield opens(reader, path)


def verify_file(
    path: str, provider: WatermarkKeyProvider, request: Request, opens: Opener
) -> Verification:
    """Look for the mark of a key in a file. Raises as ``verify_store`` and the opener do."""
    with opened(path, opens) as store:
        return verify_store(store, provider, request, what=path)
