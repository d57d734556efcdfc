"""Where reports go: standard output, and files that appear whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..errors import UsageError
from ..reports import find

_DEVICES = ("/dev/", "/proc/")


class Output(NamedTuple):
    """One report to write.

    Attributes:
        format: Its format.
        path: Its file; empty for standard output.
    """

    format: str
    path: str


def outputs(format: str, output: str | None, reports: Sequence[str]) -> tuple[Output, ...]:
    """Return what is to be written, checked before anything is scanned.

    Args:
        format: Value of ``--format``.
        output: Value of ``--output``.
        reports: Values of ``--report``, each ``FORMAT=PATH``.

    Raises:
        UsageError: An unknown format, a path given twice, or one that cannot be written.
    """
    wanted = [Output(format, "" if output in (None, "-") else str(output))]
    for text in reports:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"--report {text!r} is not FORMAT=PATH", "e.g. --report sarif=x.sarif")
        wanted.append(Output(name, path))
    seen: set[str] = set()
    for item in wanted:
        find(item.format)
        place = os.path.realpath(item.path) if item.path else ""
        if place in seen:
            raise UsageError(f"two reports would go to {item.path or 'standard output'!r}")
        seen.add(place)
        if item.path:
            _check(item.path)
    return tuple(wanted)


def _check(path: str) -> None:
    directory = os.path.dirname(path) or "."
    if not os.path.isdir(directory):
        raise UsageError(f"cannot write {path!r}: there is no directory {directory!r}")
    if os.path.isdir(path):
        raise UsageError(f"cannot write {path!r}: it is a directory")


def write(path: str, chunks: Iterable[str]) -> None:
    """Write a report.

    A file is written beside its place and renamed, so that nobody sees half of it. A link of that
    name is replaced, not followed: in a checkout of somebody else's it could lead anywhere.

    Args:
        path: The file; empty for standard output.
        chunks: The text, in pieces.

    Raises:
        UsageError: The file cannot be written.
    """
    try:
        if not path:
            sys.stdout.writelines(chunks)
        elif _is_device(path):
            _write_to(os.open(path, os.O_WRONLY), chunks)
        else:
            _replace(path, chunks)
    except OSError as error:
        if not path and isinstance(error, BrokenPipeError):
            raise
        name = repr(path) if path else "to standard output"
        raise UsageError(f"cannot write {name}: {error.strerror or error}") from error


def _is_device(path: str) -> bool:
    if path.startswith(_DEVICES):
        return True
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISLNK(mode)


def _replace(path: str, chunks: Iterable[str]) -> None:
    directory, name = os.path.split(path)
    draft = os.path.join(directory, f".{name[:100]}.{os.getpid()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(draft, flags, 0o666)
    try:
        _write_to(descriptor, chunks)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def _write_to(descriptor: int, chunks: Iterable[str]) -> None:
    with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for chunk in chunks:
            file.write(chunk)
