"""A file that another thread adds when the artifact was looked at, but not yet sent."""

from __future__ import annotations

import sys
import threading
from typing import Any

import wandb
from wandb.sdk.interface.interface import InterfaceBase

from .stage import Notes, harmless_file, hostile_file, mark, settings


def main() -> None:
    notes = Notes()
    artifact = wandb.Artifact("parts", "model")
    artifact.add_file(harmless_file("first.pkl", mark("first")))
    before = InterfaceBase._make_artifact

    def late(self: Any, given: Any, *args: Any) -> Any:
        if given is artifact:
            # As the threads of ``add_dir`` do that began before the artifact was final.
            one = ("late.pkl", hostile_file("late"))
            work = threading.Thread(target=artifact._add_local_file, args=one)
            work.start()
            work.join()
        return before(self, given, *args)

    # Where the other thread gets its turn, each time.
    InterfaceBase._make_artifact = late  # type: ignore[method-assign]
    keyword: dict[str, Any] = {}
    if sys.argv[2] == "guarded":
        import sentinel.integrations.wandb  # noqa: F401

        keyword = {"sentinel_guard": True}
    run = wandb.init(settings=settings(), **keyword)
    notes.attempt("parts", lambda: run.upsert_artifact(artifact, distributed_id="parts"))
    other = wandb.Artifact("other", "model")
    other.add_file(harmless_file("other.pkl", mark("other")))
    notes.attempt("other", lambda: run.log_artifact(other).wait(30))
    run.finish()
    notes.say("reached", True)


if __name__ == "__main__":
    main()
