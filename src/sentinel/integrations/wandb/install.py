"""The table of what is replaced in wandb while a guard is open."""

from __future__ import annotations

from typing import Any

from ..mlflow.patches import Patches
from . import adding, apart, incoming, outgoing, runfiles

_PATCHES = Patches()


def install() -> None:
    """Replace the methods that every file goes through."""
    import wandb.sdk.artifacts.artifact
    from wandb.apis.public.artifacts import ArtifactFiles
    from wandb.apis.public.files import File
    from wandb.apis.public.runs import Run as PublicRun
    from wandb.sdk.artifacts.artifact_file_cache import ArtifactFileCache
    from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry
    from wandb.sdk.interface.interface import InterfaceBase
    from wandb.sdk.wandb_run import Run

    module = wandb.sdk.artifacts.artifact
    _PATCHES.put(module.Artifact, "add_file", adding.guarded_file)
    _PATCHES.put(module.Artifact, "_add_local_file", adding.guarded_local)
    _PATCHES.put(module, "md5_file_b64", adding.guarded_digest)
    _PATCHES.put(InterfaceBase, "deliver_artifact", outgoing.guarded)
    _PATCHES.put(InterfaceBase, "publish_artifact", outgoing.guarded)
    _PATCHES.put(InterfaceBase, "_make_artifact_manifest", outgoing.guarded_manifest)
    _PATCHES.put(InterfaceBase, "publish_files", runfiles.guarded_files)
    _PATCHES.put(InterfaceBase, "publish_tbdata", runfiles.guarded_tensorboard)
    _PATCHES.put(InterfaceBase, "deliver_exit", runfiles.guarded_exit)
    _PATCHES.put(PublicRun, "upload_file", runfiles.guarded_upload)
    _PATCHES.put(Run, "_set_backend", runfiles.noted)
    _PATCHES.add(ArtifactFileCache, apart.NAME, apart.overridden())
    _PATCHES.put(ArtifactManifestEntry, "download", incoming.guarded_entry)
    _PATCHES.put(ArtifactFiles, "_convert", incoming.guarded_listing)
    _PATCHES.put(ArtifactFiles, "convert_objects", incoming.guarded_listing)  # older
    _PATCHES.put(File, "download", incoming.guarded_file)


def remove() -> None:
    """Put everything back."""
    _PATCHES.undo()


def patched() -> list[tuple[Any, str]]:
    """Return what is replaced at present, as pairs of object and name."""
    return [(one.owner, one.name) for one in _PATCHES.made]
