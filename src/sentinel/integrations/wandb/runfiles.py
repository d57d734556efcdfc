"""Files of a run on their way out: ``run.save``, media, TensorBoard, and uploads by the public API.

wandb is told names of files in the run's folder, some of them links to files of the user. Each is
replaced by a sealed copy, and uploaded as it is now.
"""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from ..blocked import SentinelBlocked
from ..inspection import Inspection
from ..policy import Objection
from .board import unseen
from .opened import OPEN
from .sealing import Stage, copy

if TYPE_CHECKING:
    from .guard import WandbGuard

REFUSED = "sentinel-refused"
"""Folder beside the files of an offline run for what may not be synced."""

_LOG = logging.getLogger("sentinel.wandb")


def guarded_files(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``publish_files`` that checks first."""

    @wraps(original)
    def publish_files(self: Any, files_dict: Any) -> Any:
        stream = getattr(self, "_stream_id", None)
        guard = OPEN.guard_for(stream)
        if guard is None:
            return original(self, files_dict)
        entries = [(str(path), str(policy)) for path, policy in files_dict["files"]]
        return original(self, {**files_dict, "files": check(guard, stream, entries)})

    return publish_files


def guarded_tensorboard(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``publish_tbdata`` that shows wandb what may pass of TensorBoard's files."""

    @wraps(original)
    def publish_tbdata(self: Any, log_dir: Any, save: Any, root_logdir: Any = "") -> Any:
        stream = getattr(self, "_stream_id", None)
        guard = OPEN.guard_for(stream)
        if guard is None or guard.tensorboard:
            return original(self, log_dir, save, root_logdir)
        folder, root = os.fspath(log_dir), os.fspath(root_logdir or "")
        if "://" in folder:
            return unseen(guard, folder)
        if save:
            _LOG.warning("TensorBoard's files in %s are not uploaded, their metrics are", folder)
        shown = guard.boards.mirrored(stream, folder)
        return original(self, shown, False, guard.boards.shown(stream, root) if root else "")

    return publish_tbdata


def guarded_exit(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``deliver_exit`` that shows wandb the last of TensorBoard's files before."""

    @wraps(original)
    def deliver_exit(self: Any, *args: Any, **kwargs: Any) -> Any:
        for opening in OPEN:
            opening.guard.boards.catch_up(getattr(self, "_stream_id", None))
        return original(self, *args, **kwargs)

    return deliver_exit


def guarded_upload(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``wandb.apis.public.Run.upload_file`` that uploads a sealed copy."""

    @wraps(original)
    def upload_file(self: Any, path: str, root: str = ".") -> Any:
        guard = OPEN.guard_for(None)
        if guard is None:
            return original(self, path, root)
        name = os.path.relpath(path, os.path.abspath(root)).replace(os.sep, "/")
        from wandb.sdk.artifacts.staging import get_staging_dir

        stage = Stage(str(get_staging_dir()))
        try:
            # Names that climb out of the root keep their last parts, as wandb itself writes them.
            sealed = stage.take(path, name.replace("../", "__/"))
            found = guard.examine({name: sealed.path})
            guard.judge("log", f"file {name!r}", found)
            return original(self, sealed.path, stage.root)
        finally:
            stage.remove()

    return upload_file


def check(
    guard: WandbGuard, stream: str | None, entries: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Scan files of a run and put sealed copies in their place.

    Args:
        guard: Says what passes.
        stream: Id of the run.
        entries: Names in the run's folder, and when each is to be uploaded.

    Returns:
        What wandb may be told to upload.

    Raises:
        SentinelBlocked: One may not pass; none of them is uploaded.
    """
    folder = folder_of(stream)
    if folder is None:
        names = ", ".join(path for path, _ in entries)
        unknown = Objection("coverage.internal", names, "the run's folder is not known", "")
        guard.judge("log", "files of a run", Inspection((), (), {}), (unknown,))
    assert folder is not None
    files: dict[str, str] = {}
    allowed: list[tuple[str, str]] = []
    for path, policy in entries:
        for name in _names(folder, path):
            files[name] = os.path.join(folder, name)
            allowed.append((name, policy if guard.live else "now"))
    try:
        if not guard.live:
            _seal(folder, files)
        guard.judge("log", _what(files), guard.examine(files))
    except (OSError, SentinelBlocked) as error:
        _withdraw(folder, files)
        if isinstance(error, SentinelBlocked):
            raise
        unread = Objection("coverage.unreadable", _what(files), str(error), "")
        guard.judge("log", _what(files), Inspection((), (), {}), (unread,))
    return allowed


def folder_of(stream: str | None) -> str | None:
    """Return the folder of a run's files."""
    known = OPEN.folders.get(stream or "")
    if known is not None:
        return known
    import wandb

    run = wandb.run  # one that was there before the guard
    if run is not None and run.id == stream:
        return str(run.settings.files_dir)
    return None


def noted(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``Run._set_backend`` that remembers where the files of a run are."""

    @wraps(original)
    def _set_backend(self: Any, backend: Any) -> Any:
        OPEN.folders[str(self._settings.run_id)] = str(self._settings.files_dir)
        return original(self, backend)

    return _set_backend


def sweep(guard: WandbGuard, run: Any) -> None:
    """Move what may not pass out of the folder of an offline run.

    ``wandb sync`` of older versions uploads whatever lies in there, saved or not.

    Args:
        guard: Says what passes.
        run: The run, which is about to end.
    """
    folder = str(run.settings.files_dir)
    if not run.offline or not os.path.isdir(folder):
        return
    aside = os.path.join(os.path.dirname(folder), REFUSED)
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            short = os.path.relpath(path, folder).replace(os.sep, "/")
            try:
                guard.judge("log", f"run file {short}", guard.examine({short: path}))
            except SentinelBlocked:
                _put_aside(path, aside)


def _put_aside(path: str, aside: str) -> None:
    """Move a file away; where that cannot be done the others still are."""
    try:
        os.makedirs(aside, exist_ok=True)
        os.replace(path, os.path.join(aside, f"{os.urandom(4).hex()}{os.path.splitext(path)[1]}"))
    except OSError as error:
        _LOG.error("%r may not be synced and could not be moved away: %s", path, error)


def _names(folder: str, path: str) -> list[str]:
    """Return the files that are there now under a name or pattern.

    wandb uploads nothing of a folder that is saved; a link to one is removed all the same.
    """
    whole = os.path.join(folder, path)
    if os.path.isdir(whole):
        if os.path.islink(whole):
            os.unlink(whole)
        return []
    if os.path.lexists(whole):
        return [path]
    below = glob.glob(path, root_dir=folder, recursive=True)
    return [name for name in below if os.path.isfile(os.path.join(folder, name))]


def _seal(folder: str, files: dict[str, str]) -> None:
    """Put copies in the place of files: read-only ones for links and media."""
    for path in files.values():
        own = not os.path.islink(path) and os.stat(path).st_nlink == 1
        media = path.startswith(os.path.join(folder, "media", ""))
        mode = 0o600 if own and not media else 0o400  # who wrote it here may write it again
        temporary = f"{path}.sentinel-{os.urandom(8).hex()}"
        try:
            copy(path, temporary, mode)
            os.replace(temporary, path)
        except OSError:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            raise


def _withdraw(folder: str, files: dict[str, str]) -> None:
    """Remove copies and links of ours and of wandb from a run's folder."""
    for path in files.values():
        try:
            if os.path.islink(path) or not os.stat(path).st_mode & 0o200:
                os.unlink(path)
        except OSError:
            continue


def _what(files: dict[str, str]) -> str:
    names = list(files)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"run file {', '.join(names[:3])}{more}"
