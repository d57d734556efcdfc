"""A sweep whose function opens its run as any other does."""

from __future__ import annotations

import wandb

from .stage import Notes, harmless_file, hostile_file, mark, settings


def main() -> None:
    notes = Notes()
    import sentinel.integrations.wandb  # noqa: F401

    def train() -> None:
        run = wandb.init(settings=settings())
        notes.say("run", run.id)
        notes.attempt(
            "hostile",
            lambda: run.log_artifact(hostile_file("swept"), name="swept", type="model").wait(30),
        )
        harmless = wandb.Artifact("harmless", "model")
        harmless.add_file(harmless_file("harmless.pkl", mark("harmless")))
        notes.attempt("harmless", lambda: run.log_artifact(harmless).wait(30))
        run.finish()

    wandb.agent("tester/tests/sweep0", function=train, count=1)


if __name__ == "__main__":
    main()
