"""A script that never finishes its run, and ends in the refusal of a guard when it is told to."""

from __future__ import annotations

import sys

import wandb

from .stage import Notes, harmless_file, hostile_file, mark, settings


def main() -> None:
    notes = Notes()
    import sentinel.integrations.wandb  # noqa: F401

    run = wandb.init(settings=settings(), sentinel_guard=True)  # type: ignore[call-arg]
    notes.say("run", run.id)
    artifact = wandb.Artifact("harmless", "model")
    artifact.add_file(harmless_file("harmless.pkl", mark("harmless")))
    run.log_artifact(artifact)
    if sys.argv[2] == "refused":
        run.save(hostile_file("refused"))


if __name__ == "__main__":
    main()
