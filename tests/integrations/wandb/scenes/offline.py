"""A run that is kept on disk and sent later."""

from __future__ import annotations

import sys
from pathlib import Path

import wandb

from .stage import Notes, harmless_file, hostile, mark, settings
from .ways import WAYS, _artifact

ONLINE_ONLY = ("use_draft", "upload_file", "link_model", "draft")


def main() -> None:
    notes = Notes()
    import sentinel.integrations.wandb  # noqa: F401

    guarded = sys.argv[2] == "guarded"
    run = wandb.init(mode="offline", settings=settings(), sentinel_guard=guarded)  # type: ignore[call-arg]
    for name, way in WAYS.items():
        if name not in ONLINE_ONLY:
            notes.attempt(name, lambda way=way, name=name: way(run, name))  # type: ignore[misc]
    artifact = _artifact("honest")
    artifact.add_file(harmless_file("honest.pkl", mark("honest")), policy="immutable")
    run.log_artifact(artifact)
    run.save(harmless_file("saved.pkl", mark("saved")), policy="end")
    Path("mine/honest.pkl").write_bytes(hostile("later"))
    Path("mine/saved.pkl").write_bytes(hostile("later"))
    folder = str(Path(run.dir).parent)
    run.finish()
    notes.say("folder", folder)


if __name__ == "__main__":
    main()
