"""Files on their way in: every download is hashed again and scanned.

wandb compares no digest when it downloads, and takes a changed file for the right one when its
time of change is old enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..inspection import Inspection
from ..policy import Objection
from .apart import apart
from .digests import agrees
from .listing import ListLost
from .manifest import difference, prepare
from .opened import OPEN
from .sealing import seal

if TYPE_CHECKING:
    from .guard import WandbGuard

_WHOSE = "_sentinel_artifact"
_TAMPERED = "it is not the file that was logged: its {} differs"
_HINT = "the server, a cache or somebody on the way gave other bytes; get it from its source"


def guarded_entry(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``ArtifactManifestEntry.download`` that checks what came."""

    @wraps(original)
    def download(self: Any, *args: Any, **kwargs: Any) -> Any:
        guard = OPEN.guard_for(None)
        if guard is None:
            return original(self, *args, **kwargs)
        _check_name(guard, str(self.path))
        _prepare(guard, self)
        with apart():
            path = original(self, *args, **kwargs)
        _check_entry(guard, self, str(path))
        return path

    return download


def guarded_file(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``wandb.apis.public.File.download`` that checks what came."""

    @wraps(original)
    def download(
        self: Any, root: str = ".", replace: bool = False, *args: Any, **kwargs: Any
    ) -> Any:
        guard = OPEN.guard_for(None)
        if guard is not None:
            _check_name(guard, str(self.name))
        mine = not replace and os.path.exists(os.path.join(root, str(self.name)))
        opened = original(self, root, replace, *args, **kwargs)
        if guard is not None:
            try:
                _check_file(guard, self, opened.name)
            except BaseException:
                opened.close()
                if not mine:  # it was there before, and nothing was downloaded
                    _remove(opened.name)
                raise
        return opened

    return download


def guarded_listing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes the files of ``Artifact.files``, which says whose they are."""

    @wraps(original)
    def made(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = original(self, *args, **kwargs)
        if not hasattr(found, "download"):
            found = list(found)
        for file in found if isinstance(found, list) else [found]:
            setattr(file, _WHOSE, self.artifact)
        return found

    return made


def _check_file(guard: WandbGuard, file: Any, path: str) -> None:
    name, artifact = str(file.name), vars(file).get(_WHOSE)
    objections: tuple[Objection, ...] = ()
    if artifact is not None:
        entry = artifact.manifest.entries.get(name)
        objections = (
            (Objection("integrity", name, "it is not in the artifact's manifest", _HINT),)
            if entry is None
            else _differences(entry, artifact, name, path)
        )
    what = f"file {name!r}" if artifact is None else _what(artifact)
    guard.judge("load", what, guard.examine({name: path}), objections)


def _check_name(guard: WandbGuard, name: str) -> None:
    """Refuse a file whose name would put it outside the folder, over whatever lies there."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or ".." in plain.split("/") or os.path.splitdrive(name)[0]:
        leads = Objection("integrity", name, "its name leads out of its folder", _HINT)
        guard.judge("load", f"file {name!r}", Inspection((), (), {}), (leads,))


def _prepare(guard: WandbGuard, entry: Any) -> None:
    """Refuse a file before it is fetched where nothing can say whether it is the right one."""
    try:
        prepare(entry._parent_artifact)
    except ListLost as error:
        lost = Objection("integrity", str(entry.path), error.message, _HINT)
        guard.judge("load", _what(entry._parent_artifact), Inspection((), (), {}), (lost,))


def _what(artifact: Any) -> str:
    return f"artifact {str(getattr(artifact, 'name', ''))!r}"


def _check_entry(guard: WandbGuard, entry: Any, path: str) -> None:
    artifact = entry._parent_artifact
    name = str(entry.path)
    try:
        objections = _differences(entry, artifact, name, path)
        kind = ""  # datasets were validated when they were logged
        guard.judge("load", _what(artifact), guard.examine({name: path}, kind=kind), objections)
    except BaseException:
        if entry.ref is None or _is_copy(entry, path):
            _forget(entry, path)
            _remove(path)
        raise


def _differences(entry: Any, artifact: Any, name: str, path: str) -> tuple[Objection, ...]:
    try:
        sealed = seal(path)
    except OSError as error:
        text = error.strerror or str(error)
        return (Objection("coverage.unreadable", name, text, "download it again"),)
    if entry.ref is None and not agrees(entry, sealed):
        return (Objection("integrity", name, _TAMPERED.format("digest in the manifest"), _HINT),)
    try:
        which = difference(artifact, entry, sealed)
    except ListLost as error:
        return (Objection("integrity", name, error.message, _HINT),)
    return (Objection("integrity", name, _TAMPERED.format(which), _HINT),) if which else ()


def _is_copy(entry: Any, path: str) -> bool:
    """Return whether a file is a copy that a download made, not what a reference leads to."""
    parts = urlsplit(str(entry.ref))
    if parts.scheme != "file":
        return True
    try:
        return not os.path.samefile(url2pathname(parts.path), path)
    except (OSError, ValueError):
        return True


def _forget(entry: Any, path: str) -> None:
    """Remove what wandb keeps of a file, so that the next download gets it anew."""
    from wandb.sdk.artifacts import artifact_manifest_entry
    from wandb.sdk.artifacts.artifact_file_cache import get_artifact_file_cache

    remembered = getattr(artifact_manifest_entry, "_checksum_cache_path", None)
    if remembered is not None:
        _remove(str(remembered(path)))
    cache = get_artifact_file_cache()
    try:
        if hasattr(cache, "check_digest_obj_path"):
            found = cache.check_digest_obj_path(
                entry.digest, entry.size or 0, algorithm=entry.digest_algorithm()
            )
        else:
            found = cache.check_md5_obj_path(entry.digest, entry.size or 0)
        kept = str(found[0])
        if os.path.exists(kept) and seal(kept).sha256 == seal(path).sha256:
            _remove(kept)
    except (OSError, ValueError, TypeError, AttributeError):  # a cache that is made otherwise
        pass


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
