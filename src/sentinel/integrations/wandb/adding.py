"""Large files that are added to an artifact: copied and hashed in one pass.

wandb reads a file twice when it is added, for its MD5 and for its copy, and a guard would read the
copy again when it is logged. Here all that is done in one reading. The copy is hashed anew when it
is logged if anything about it says that it was touched.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any

from ...limits import MIB
from .digests import algorithm
from .opened import OPEN
from .sealing import Sealed, copy

WORTH_IT = 16 * MIB
"""Smaller files are left to wandb: to read them again costs next to nothing."""

_KNOWN = threading.local()


def guarded_file(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``Artifact.add_file`` that reads large files once."""

    @wraps(original)
    def add_file(
        self: Any, local_path: Any, name: Any = None, is_tmp: Any = False, skip_cache: Any = False,
        policy: Any = "mutable", overwrite: Any = False, **more: Any,
    ) -> Any:  # fmt: skip
        def add(path: Any, name: Any, policy: Any) -> Any:
            return original(self, path, name, is_tmp, skip_cache, policy, overwrite, **more)

        sealed = None if is_tmp else _copied(self, local_path, policy)
        if sealed is None:
            return add(local_path, name, policy)
        with _kept(sealed), _digest_known(sealed):
            entry = add(sealed.path, name or os.path.basename(local_path), "immutable")
        return _noted(self, local_path, sealed, entry)

    return add_file


def guarded_local(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``Artifact._add_local_file``, by which folders are added, that reads them once."""

    @wraps(original)
    def _add_local_file(
        self: Any, name: Any, path: Any, digest: Any = None, skip_cache: Any = False,
        policy: Any = "mutable", overwrite: Any = False, **more: Any,
    ) -> Any:  # fmt: skip
        sealed = None if digest else _copied(self, path, policy)
        if sealed is None:
            return original(self, name, path, digest, skip_cache, policy, overwrite, **more)
        with _kept(sealed):
            entry = original(
                self, name, sealed.path, sealed.md5, skip_cache, "immutable", overwrite, **more
            )
        return _noted(self, path, sealed, entry)

    return _add_local_file


def guarded_digest(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``md5_file_b64`` that knows the digest of a copy that was just made."""

    @wraps(original)
    def md5_file_b64(*paths: Any) -> Any:
        sealed = getattr(_KNOWN, "sealed", None)
        if sealed is not None and len(paths) == 1 and os.fspath(paths[0]) == sealed.path:
            return sealed.md5
        return original(*paths)

    return md5_file_b64


def _copied(artifact: Any, path: Any, policy: Any) -> Sealed | None:
    """Return a copy among those of wandb that wait for their upload, where one is to be made."""
    from wandb.sdk.artifacts.staging import get_staging_dir

    plain = policy in (None, "mutable") and not algorithm(artifact)
    if not plain or getattr(artifact, "_final", False) or OPEN.guard_for(None) is None:
        return None
    target = os.path.join(str(get_staging_dir()), f"tmp{os.urandom(8).hex()}")
    try:
        if not os.path.isfile(path) or os.path.getsize(path) < WORTH_IT:
            return None
        return copy(os.fspath(path), target)
    except OSError:  # wandb says what is wrong
        _unlink(target)
        return None


@contextmanager
def _kept(sealed: Sealed) -> Iterator[None]:
    try:
        yield
    except BaseException:
        _unlink(sealed.path)
        raise


@contextmanager
def _digest_known(sealed: Sealed) -> Iterator[None]:
    _KNOWN.sealed = sealed
    try:
        yield
    finally:
        _KNOWN.sealed = None


def _noted(artifact: Any, path: Any, sealed: Sealed, entry: Any) -> Any:
    added = artifact._added_local_paths
    added.pop(sealed.path, None)
    added[os.fspath(path)] = entry
    OPEN.copies.note(sealed)
    return entry


def _unlink(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
