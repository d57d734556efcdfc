"""Large files, which a guard reads once when they are added."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any

import wandb

from .stage import Notes, mark, settings
from .stage import _Call as Call

SIZE = 17 * 2**20


def large(name: str, *, evil: bool = False) -> str:
    """Write a large pickle and return its path."""
    path = Path("mine") / name / f"{name}.pkl"
    path.parent.mkdir(parents=True, exist_ok=True)
    first = Call(f"true {mark(name)}") if evil else mark(name)
    path.write_bytes(pickle.dumps([first, bytes(SIZE)]))
    return str(path)


def artifact_of(called: str, path: str, **more: Any) -> Any:
    artifact = wandb.Artifact(called, "model")
    artifact.add_file(path, **more)
    return artifact


def main() -> None:
    notes = Notes()
    keyword: dict[str, Any] = {}
    if sys.argv[2] == "guarded":
        import sentinel.integrations.wandb  # noqa: F401

        keyword = {"sentinel_guard": True}
    run = wandb.init(settings=settings(), **keyword)

    def log(artifact: Any) -> None:
        run.log_artifact(artifact).wait(60)

    path = large("honest")
    honest = artifact_of("honest", path, skip_cache=True)
    notes.say("name", honest.get_added_local_path_name(path))
    entry = honest.manifest.entries["honest.pkl"]
    notes.say("entry", [entry.digest, entry.size, entry.skip_cache])
    notes.attempt("honest", lambda: log(honest))
    folder = wandb.Artifact("folder", "model")
    folder.add_dir(str(Path(large("folder")).parent))
    notes.attempt("folder", lambda: log(folder))

    for name in ("file", "dir"):
        hostile = wandb.Artifact(f"evil-{name}", "model")
        evil = large(f"evil-{name}", evil=True)
        hostile.add_file(evil) if name == "file" else hostile.add_dir(str(Path(evil).parent))
        notes.attempt(f"evil-{name}", lambda hostile=hostile: log(hostile))  # type: ignore[misc]

    touched = artifact_of("touched", large("touched"))
    copy = Path(str(touched.manifest.entries["touched.pkl"].local_path))
    before = copy.stat()
    copy.chmod(0o600)
    with copy.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(b"\1")
    copy.chmod(before.st_mode)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    notes.attempt("touched", lambda: log(touched))

    twice = artifact_of("twice", large("twice"), name="same")
    staged = len(list(copy.parent.glob("*")))
    notes.attempt("conflict", lambda: twice.add_file(path, name="same"))
    notes.say("left", len(list(copy.parent.glob("*"))) - staged)
    notes.attempt("nothing", lambda: twice.add_file("mine/nothing.pkl"))
    run.finish()


if __name__ == "__main__":
    main()
