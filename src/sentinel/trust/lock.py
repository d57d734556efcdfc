"""``sentinel.lock``: the last version of each model that was accepted; it only goes forward.

A signature cannot tell an old model from a new one, nor one name from another: that takes memory.
The file maps a name to a version and a manifest digest (the idea of TUF's trusted metadata). It is
replaced whole: whoever reads it, or is killed while writing it, meets the old one or the new one.
Whoever can write the file can take this protection away: keep it beside the policy, not the model.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import ReadError, SettingsError, TrustError
from ..limits import MIB
from . import files, strict_json, write

MAX_SIZE = 4 * MIB
MAX_NAME = 256
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FORMAT = 1
_WRITABLE = "the lock must be a writable file"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was last accepted under one name.

    Attributes:
        version: Its version, as signed.
        manifest: Its manifest digest, as measured.
    """

    version: int
    manifest: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a lock says to a model.

    Attributes:
        reason: Reason code of the refusal; empty when the model may pass.
        detail: One line for people.
        advances: Whether accepting the model changes the lock.
        older: Whether a newer version was accepted before.
    """

    reason: str
    detail: str
    advances: bool = False
    older: bool = False


def read(path: str) -> Mapping[str, Entry]:
    """Return the entries of a lock; a file that is not there has none.

    Raises:
        TrustError: The file is no lock (``bad-lock``).
        SettingsError: It cannot be read.
    """
    data = _content(path)
    if data is None:
        return MappingProxyType({})
    try:
        document = strict_json.loads(data, what=path, limit=MAX_SIZE)
    except TrustError as error:
        raise _bad(path, error.message) from error
    if not isinstance(document, dict) or document.keys() != {"lock", "models"}:
        raise _bad(path, "expected the keys lock and models")
    if document["lock"] != _FORMAT or isinstance(document["lock"], bool):
        raise _bad(path, "written by another version of this program")
    models = document["models"]
    if not isinstance(models, dict):
        raise _bad(path, "models is no table")
    return MappingProxyType({name: _entry(path, name, value) for name, value in models.items()})


def compare(locked: Entry | None, name: str, new: Entry, *, allow_rollback: bool = False) -> Step:
    """Say whether a model may follow what was accepted before.

    Args:
        locked: What is on record; None for nothing.
        name: The name that was asked for.
        new: The model at hand.
        allow_rollback: Whether an older version may pass; it never moves the lock back.
    """
    if locked is None:
        return Step("", f"first time that {name} is seen: nothing to compare it with", True)
    if new.version < locked.version:
        detail = f"version {new.version}, and {locked.version} was accepted before"
        return Step("" if allow_rollback else "rollback", detail, older=True)
    if new.version == locked.version:
        if new.manifest == locked.manifest:
            return Step("", f"version {new.version}, as on record")
        detail = f"version {new.version} was accepted with other files before"
        return Step("lock-digest-mismatch", detail)
    return Step("", f"version {new.version} follows {locked.version}", True)


def advance(path: str, name: str, new: Entry, *, allow_rollback: bool = False) -> Step:
    """Compare a model with the lock and move the lock forward, as one step among all processes.

    Args:
        path: The lock file; made when it is not there.
        name: The name that was asked for.
        new: The model at hand.
        allow_rollback: As in ``compare``.

    Returns:
        What the lock said; nothing was written where it refused.

    Raises:
        TrustError: The file is no lock.
        SettingsError: It cannot be read or written.
    """
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise SettingsError(f"{name[:80]!r} is no name of a model for a lock")
    with _alone(path):
        entries = dict(read(path))
        step = compare(entries.get(name), name, new, allow_rollback=allow_rollback)
        if step.advances:
            entries[name] = new
            _replace(path, entries)
    return step


def _content(path: str) -> bytes | None:
    try:
        return files.content(path, MAX_SIZE)
    except TrustError as error:
        if error.reason == "too-large":
            raise _bad(path, "too large") from error
        raise SettingsError(error.message, _WRITABLE) from error
    except ReadError as error:
        raise SettingsError(error.message, _WRITABLE) from error


def _entry(path: str, name: str, value: object) -> Entry:
    if not isinstance(value, dict) or value.keys() != {"version", "manifest"}:
        raise _bad(path, f"{name!r}: expected version and manifest")
    version, manifest = value["version"], value["manifest"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise _bad(path, f"{name!r}: its version is no whole number")
    if not isinstance(manifest, str) or not _HEX.fullmatch(manifest):
        raise _bad(path, f"{name!r}: its manifest is no SHA-256")
    return Entry(version, manifest)


def _replace(path: str, entries: Mapping[str, Entry]) -> None:
    models = {
        name: {"version": entry.version, "manifest": entry.manifest}
        for name, entry in entries.items()
    }
    document = {"lock": _FORMAT, "models": models}  # a name a line: it is a file that people diff
    text = json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False)
    data = text.encode("utf-8") + b"\n"
    if len(data) > MAX_SIZE:
        raise SettingsError(f"{path}: full", "take names out of it that are no longer used")
    try:
        write.replace(os.path.realpath(path), data)
    except ReadError as error:
        raise SettingsError(error.message, _WRITABLE) from error


@contextmanager
def _alone(path: str) -> Iterator[None]:
    # The lock itself is replaced, so what processes wait for is a file beside it that stays.
    guard = f"{os.path.realpath(path)}.guard"
    try:
        descriptor = os.open(guard, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        release = _wait(descriptor)
        try:
            yield
        finally:
            release()
    finally:
        os.close(descriptor)


def _wait(descriptor: int) -> Callable[[], None]:
    try:
        import fcntl
    except ImportError:  # pragma: no cover (Windows)
        return _wait_windows(descriptor)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return lambda: fcntl.flock(descriptor, fcntl.LOCK_UN)


def _wait_windows(descriptor: int) -> Callable[[], None]:  # pragma: no cover
    from importlib.util import find_spec

    if find_spec("msvcrt") is None:
        raise SettingsError("files cannot be locked on this system")
    import msvcrt

    locking, lock, unlock = (getattr(msvcrt, name) for name in ("locking", "LK_LOCK", "LK_UNLCK"))
    locking(descriptor, lock, 1)

    def release() -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        locking(descriptor, unlock, 1)

    return release


def _bad(path: str, what: str) -> TrustError:
    hint = "restore it from a backup; deleting it forgets which versions were accepted"
    return TrustError("bad-lock", f"{path}: no lock: {what}", hint)


def _unusable(path: str, error: OSError) -> SettingsError:
    return SettingsError(f"{path}: {error.strerror or error}", _WRITABLE)
