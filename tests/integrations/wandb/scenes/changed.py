"""Files that change after they were scanned."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import wandb

from .stage import Notes, harmless_file, hostile, hostile_file, mark, settings


def overwrite(path: str, name: str) -> None:
    """Put hostile content into a file, in place."""
    with Path(path).open("r+b") as file:
        file.write(hostile(name))


def main() -> None:
    notes = Notes()
    import sentinel.integrations.wandb  # noqa: F401

    run = wandb.init(settings=settings(), sentinel_guard=True)  # type: ignore[call-arg]
    for policy in ("now", "live", "end"):
        path = harmless_file(f"saved-{policy}.pkl", mark(f"honest-{policy}"))
        notes.attempt(policy, lambda path=path, policy=policy: run.save(path, policy=policy))  # type: ignore[misc]
        overwrite(path, f"later-{policy}")

    path = harmless_file("immutable.pkl", mark("honest-immutable"))
    artifact = wandb.Artifact("immutable", "model")
    artifact.add_file(path, policy="immutable")
    handle = notes.attempt("immutable", lambda: run.log_artifact(artifact))
    overwrite(path, "later-immutable")
    handle.wait(30)

    path = harmless_file("between.pkl", mark("honest-between"))
    artifact = wandb.Artifact("between", "model")
    artifact.add_file(path, policy="immutable")
    harmless_file("between.pkl", "changed, and harmless still")
    notes.attempt("between", lambda: run.log_artifact(artifact).wait(30))

    path = harmless_file("again.pkl", mark("first-save"))
    run.save(path)
    harmless_file("again.pkl", mark("second-save"))
    run.save(path)
    inside = Path(run.dir) / "checkpoint.pkl"
    for count in ("first-inside", "second-inside"):
        inside.write_bytes(Path(harmless_file("inside.pkl", mark(count))).read_bytes())
        notes.attempt(count, lambda: run.save(str(inside), base_path=run.dir))
    os.mkfifo("pipe")
    artifact = wandb.Artifact("gone", "model")
    gone = hostile_file("gone")
    artifact.add_file(gone, policy="immutable")
    Path(gone).unlink()
    notes.attempt("gone", lambda: run.log_artifact(artifact).wait(30))
    several = wandb.Artifact("several", "model")
    several.add_file(harmless_file("part.pkl", mark("part")))
    notes.attempt("upsert", lambda: run.upsert_artifact(several, distributed_id="several"))
    for _ in range(200):  # until the first part is on its way, and its copy is gone
        if not Path(str(several.manifest.entries["part.pkl"].local_path)).exists():
            break
        threading.Event().wait(0.05)
    notes.attempt("finish", lambda: run.finish_artifact(several, distributed_id="several"))
    retried = wandb.Artifact("retried", "model")
    retried.add_file(harmless_file("good.pkl", mark("good")))
    retried.add_file(hostile_file("bad"))
    notes.attempt("with bad", lambda: run.log_artifact(retried))
    again = wandb.Artifact("again", "model")
    entry = retried.manifest.entries["good.pkl"]
    again.add_file(str(entry.local_path), name="good.pkl")
    notes.attempt("without bad", lambda: run.log_artifact(again).wait(30))
    folder = Path("mine/folder")
    folder.mkdir()
    (folder / "inside.pkl").write_bytes(hostile("inside-folder"))
    harmless_file("folder-beside.pkl", mark("beside"))
    notes.attempt("folder", lambda: run.save("mine/folder*"))
    run.finish()
    notes.say("reached", True)


if __name__ == "__main__":
    main()
