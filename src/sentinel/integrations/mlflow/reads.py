"""Downloads: what arrived is scanned before anybody is told where it is.

Only the outermost download of a thread is looked at. MLflow's repository of runs takes every error
of the repository within for "there is nothing here" and goes on, evil file and all.
"""

from __future__ import annotations

import os
from functools import wraps
from typing import Any

from ..blocked import SentinelBlocked
from .active import ACTIVE, HERE
from .checks import check
from .patches import ours
from .residue import Before
from .target import target_of


def guarded_download(original: Any) -> Any:
    """Wrap a method of a repository that downloads."""

    @wraps(original)
    def download_artifacts(
        self: Any, artifact_path: Any = None, dst_path: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        if not ACTIVE.guards or HERE.quiet:
            return original(self, artifact_path, dst_path, *args, **kwargs)
        if HERE.reading:
            found = original(self, artifact_path, dst_path, *args, **kwargs)
            _note(self, dst_path, found)
            return found
        before, found = Before(dst_path), None
        HERE.reading, HERE.in_place = 1, []
        try:
            found = original(self, artifact_path, dst_path, *args, **kwargs)
            _note(self, dst_path, found)
            place = target_of(self).at(artifact_path)
            check("load", found, place.path, place, only=before.written(found))
            return found
        except SentinelBlocked as error:
            before.remove(error, None if HERE.in_place else found)
            raise
        except BaseException:
            before.remove(None, None)  # a download, or half of one, that nobody has scanned
            raise
        finally:
            HERE.reading, HERE.in_place = 0, []

    return ours(download_artifacts)


def _note(repository: Any, dst_path: Any, found: Any) -> None:
    """Note what was returned without a copy: it is not ours to remove."""
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    if not dst_path and isinstance(repository, LocalArtifactRepository):
        HERE.in_place.append(os.fspath(found))
