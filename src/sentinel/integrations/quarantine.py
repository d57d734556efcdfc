"""Keeping what was blocked for people to look at: the bytes, out of reach, and why.

A file is kept under the digest of its content with no permission but to read it, so that nothing
takes it for a model by its name.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from typing import BinaryIO

from ..limits import MIB
from .blocked import SentinelBlocked
from .inspection import Inspection

VARIABLE = "SENTINEL_QUARANTINE"


def folder() -> str:
    """Return where blocked files are kept."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(data, "sentinel", "quarantine")


def keep(error: SentinelBlocked, inspection: Inspection) -> None:
    """Copy the files that are to blame; that it cannot be done is told in the error's hint."""
    top, kept, failed = folder(), list[str](), ""
    for report in inspection.reports:
        if not (report.findings or report.coverage.gaps) or report.artifact not in inspection.paths:
            continue
        try:
            os.makedirs(top, mode=0o700, exist_ok=True)
            kept.append(_keep(top, inspection.paths[report.artifact], report.artifact, error))
        except OSError as why:  # one that cannot be had is no reason to lose the others
            failed = failed or f"{report.artifact}: {why.strerror or why}"
    if failed:
        error.hint = f"{error.hint}; not kept in {top}: {failed}"
    if kept:
        error.hint = f"{error.hint}; kept as {', '.join(kept)}"


def _keep(top: str, path: str, name: str, error: SentinelBlocked) -> str:
    temporary = os.path.join(top, f".{os.getpid()}.{os.urandom(8).hex()}")
    digest = hashlib.sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        with _opened(path) as source, os.fdopen(os.open(temporary, flags, 0o400), "wb") as copy:
            while block := source.read(MIB):
                digest.update(block)
                copy.write(block)
        kept = os.path.join(top, digest.hexdigest())
        os.replace(temporary, kept)
    except BaseException:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        raise
    with open(f"{kept}.json", "w", encoding="utf-8") as about:
        json.dump({"artifact": name, "rule": error.rule, "message": error.message}, about)
    return kept


def _opened(path: str) -> BinaryIO:
    """Open a file; a pipe or a device, which may have no end, raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError("not a file")
    return os.fdopen(descriptor, "rb")
