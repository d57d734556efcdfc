"""Files that change after they were scanned."""

from __future__ import annotations

import os
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
    run.finish()
    notes.say("reached", True)


if __name__ == "__main__":
    main()
