"""DVC pointers: the model lies beside them, ignored by git, and this leads to it.

A ``.dvc`` file or ``dvc.lock`` names files by path and MD5. The file in the workspace is the one
that was committed only if its MD5 is the one named, so only then does it count as scanned.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator

from ..errors import LimitExceeded, ParseError, ReadError, SentinelError
from ..findings import Gap, Location
from ..limits import MIB, Limits
from ..readers import open_file
from ..targets import Target, walk
from .outs import Out, read_outs

__all__ = ["follow"]

_MOST_BYTES = 16 * MIB
_MOST_FILES = 100_000
_LOCK = "dvc.lock"


def follow(targets: Iterable[Target], root: str, limits: Limits) -> Iterator[Target]:
    """Yield targets, each DVC pointer among them replaced by the files that it stands for.

    Args:
        targets: What was named.
        root: Directory of the project; a pointer that leads out of it is not followed.
        limits: Bounds of the size of a file.

    Yields:
        The other targets as they are; for every output of a pointer its files in the workspace, or
        a target with the gap that says why they cannot be scanned.
    """
    seen: set[str] = set()
    for target in targets:
        followed = _outputs(target, root, limits) if _is_pointer(target) else (target,)
        for found in followed:
            name = os.path.abspath(found.path)
            if found.gap is not None or name not in seen:
                seen.add(name)
                yield found


def _is_pointer(target: Target) -> bool:
    name = os.path.basename(target.path)
    return target.gap is None and (name == _LOCK or name.endswith(".dvc"))


def _outputs(target: Target, root: str, limits: Limits) -> Iterator[Target]:
    pointer = target.path
    try:
        outs = list(read_outs(_text(pointer), lock=os.path.basename(pointer) == _LOCK))
    except SentinelError as error:
        yield _told(pointer, Out("", ""), error.message, error.hint, _reason(error))
        return
    if not outs:
        yield target  # some other file of that name; what it is, is for the engine to say
    for out in outs:
        yield from _output(pointer, out, root, limits)


def _output(pointer: str, out: Out, root: str, limits: Limits) -> Iterator[Target]:
    path = os.path.normpath(os.path.join(os.path.dirname(pointer), out.path))
    if not _inside(path, root):
        yield _not_here(pointer, out, "lies outside of the project")
    elif not out.md5:
        yield _not_here(pointer, out, "has no MD5 there", "scan the file itself")
    elif not os.path.exists(path):
        yield _not_here(pointer, out, "is not here", "run `dvc pull`, then scan the file it brings")
    else:
        try:
            same = _same_folder(path, out) if out.is_folder else _same_file(path, out, limits)
        except (ReadError, OSError) as error:
            yield _not_here(pointer, out, f"cannot be read: {error}")
            return
        if same:
            yield from walk([path])
            return
        hint = "`dvc commit` records what is here, `dvc checkout` brings what was recorded"
        yield _not_here(pointer, out, "is not the one that the pointer names", hint)


def _text(path: str) -> str:
    with open_file(path) as reader:
        if reader.size > _MOST_BYTES:
            raise LimitExceeded(f"a DVC pointer of more than {_MOST_BYTES} bytes")
        data = reader.pread(0, reader.size)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"a DVC pointer that is not UTF-8: {error.reason}") from error


def _inside(path: str, root: str) -> bool:
    return os.path.abspath(path).startswith(os.path.abspath(root).rstrip(os.sep) + os.sep)


def _same_file(path: str, out: Out, limits: Limits) -> bool:
    if os.path.isdir(path):
        return False
    with open_file(path) as reader:
        if out.size is not None and out.size != reader.size:
            return False
        if reader.size > limits.max_file_size:
            return True  # it will not be scanned, and the report of that says why
    return _md5(path) == out.md5


def _same_folder(path: str, out: Out) -> bool:
    """Return whether a folder is the one named: the MD5 of DVC's list of its files."""
    if not os.path.isdir(path):
        return False
    names: list[str] = []
    for folder, _, files in os.walk(path):
        names += (os.path.join(folder, name) for name in files)
        if len(names) > min(_MOST_FILES, out.files if out.files is not None else _MOST_FILES):
            return False
    entries = {os.path.relpath(name, path).replace(os.sep, "/"): _md5(name) for name in names}
    listed = [{"md5": entries[name], "relpath": name} for name in sorted(entries)]
    digest = hashlib.md5(json.dumps(listed).encode(), usedforsecurity=False)
    return f"{digest.hexdigest()}.dir" == out.md5


def _md5(path: str) -> str:
    digest = hashlib.md5(usedforsecurity=False)  # what DVC uses
    with open_file(path) as reader:
        for offset in range(0, reader.size, MIB):
            digest.update(reader.pread(offset, MIB))
    return digest.hexdigest()


def _reason(error: SentinelError) -> str:
    if isinstance(error, LimitExceeded):
        return "limit"
    return "unreadable" if isinstance(error, ReadError) else "malformed"


def _not_here(pointer: str, out: Out, what: str, hint: str = "") -> Target:
    return _told(pointer, out, f"not scanned: DVC pointer; {out.path!r} {what}", hint)


def _told(pointer: str, out: Out, detail: str, hint: str, reason: str = "pointer") -> Target:
    location = Location(pointer, line=out.line or None)
    return Target(pointer, named=True, gap=Gap(reason, location, detail, hint))
