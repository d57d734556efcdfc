"""Artifacts on their way out: sealed, scanned, and named by digests that can be checked later."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ...errors import ReadError
from ...findings import Report
from ..blocked import SentinelBlocked
from ..inspection import Inspection
from ..policy import Objection
from .digests import agrees
from .manifest import describe
from .opened import OPEN
from .sealing import Sealed, Stage

if TYPE_CHECKING:
    from .guard import WandbGuard

_WITHIN = ("wandb-artifact", "wandb-client-artifact")
_CHANGED = "the file is not what it was when it was added to the artifact"
_LATE = "it was added while the artifact was being logged"
_LATE_HINT = "add every file before the artifact is logged"
_CHANGED_HINT = "add the file once it is written, or with policy='mutable', and log it again"


def guarded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``deliver_artifact`` or ``publish_artifact`` that checks first."""

    @wraps(original)
    def artifact_out(self: Any, run: Any, artifact: Any, *args: Any, **kwargs: Any) -> Any:
        guard = OPEN.guard_for(getattr(self, "_stream_id", None))
        if guard is not None:
            check(guard, artifact)
        return original(self, run, artifact, *args, **kwargs)

    return artifact_out


def guarded_manifest(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``_make_artifact_manifest`` that sends the files that were checked and no others.

    Another thread may add one meanwhile, as to an artifact of which there will be more parts.
    """

    @wraps(original)
    def _make_artifact_manifest(self: Any, manifest: Any, *args: Any, **kwargs: Any) -> Any:
        guard = OPEN.guard_for(getattr(self, "_stream_id", None))
        if guard is not None:
            late = [
                Objection("coverage.changed", str(entry.path), _LATE, _LATE_HINT)
                for entry in list(manifest.entries.values())
                if entry.local_path and guard.sealed(str(entry.local_path)) is None
            ]
            if late:
                guard.judge("log", "an artifact", Inspection((), (), {}), tuple(late))
        return original(self, manifest, *args, **kwargs)

    return _make_artifact_manifest


def check(guard: WandbGuard, artifact: Any) -> None:
    """Scan an artifact and put sealed copies in the place of its files.

    Raises:
        SentinelBlocked: It may not pass; copies of what is to blame are gone.
    """
    from wandb.sdk.artifacts.staging import get_staging_dir

    _Check(guard, artifact, Stage(str(get_staging_dir()))).run()


class _Check:
    def __init__(self, guard: WandbGuard, artifact: Any, stage: Stage) -> None:
        self.guard = guard
        self.artifact = artifact
        self.stage = stage
        self.files: dict[str, str] = {}
        self.taken: list[tuple[Any, str, Sealed]] = []
        self.objections: list[Objection] = []
        self.elsewhere: list[str] = []
        self.moved: dict[str, str] = {}

    def run(self) -> None:
        try:
            self._gather()
            kind = str(self.artifact.type)
            found = self.guard.examine(self.files, top=self.stage.root, kind=kind)
            what = f"artifact {str(self.artifact.name)!r}"
            self.guard.judge("log", what, found, tuple(self.objections))
            taken = [(entry, sealed) for entry, _, sealed in self.taken]
            made = describe(self.artifact, taken, found, self.stage)
        except SentinelBlocked as error:
            self._clean(error.reports)
            raise
        except BaseException:
            self._clean(())
            raise
        self.guard.staged(self.stage.root, [*(sealed for _, sealed in taken), *made])
        self.guard.missed(self.elsewhere)

    def _gather(self) -> None:
        for entry in list(self.artifact.manifest.entries.values()):
            path = str(entry.path)
            if entry.ref is not None:
                self._reference(path, str(entry.ref))
            elif entry.local_path:
                self._take(entry, path)

    def _take(self, entry: Any, path: str) -> None:
        before = str(entry.local_path)
        known = self.guard.sealed(before)
        if known is not None and not os.path.lexists(before):
            self.taken.append((entry, before, known))  # uploaded already; there is nothing to send
            return
        try:
            source = self.moved.get(before, before)
            sealed = self.stage.take(source, path, OPEN.copies.untouched(source))
        except ReadError as error:
            self._object("coverage.unreadable", path, error.message, "check that it is there")
            return
        self.moved[before] = entry.local_path = sealed.path
        self.taken.append((entry, before, sealed))
        self.files[path] = sealed.path
        if not agrees(entry, sealed):
            self._object("coverage.changed", path, _CHANGED, _CHANGED_HINT)

    def _reference(self, path: str, ref: str) -> None:
        """Look at what a reference to a file of this machine leads to; nothing is uploaded."""
        parts = urlsplit(ref)
        if parts.scheme in ("", "file"):
            self.files[path] = os.path.abspath(unquote(parts.path))
        elif parts.scheme not in _WITHIN:  # artifacts are looked at when they are downloaded
            self.elsewhere.append(path)

    def _object(self, rule: str, path: str, text: str, hint: str) -> None:
        self.objections.append(Objection(rule, path, text, hint))

    def _clean(self, reports: tuple[Report, ...]) -> None:
        """Remove what is to blame; give the rest back as it was, so it can be logged without."""
        guilty = {one.artifact for one in reports if one.findings or one.coverage.gaps}
        guilty |= {one.artifact for one in self.objections}
        for entry, before, sealed in self.taken:
            copied = os.path.lexists(before)
            if copied or str(entry.path) in guilty:
                _unlink(sealed.path)
            elif os.path.lexists(sealed.path):
                os.rename(sealed.path, before)
            entry.local_path = before
        self.stage.remove()


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
