"""The keyword of ``wandb.init``, what it holds for, and that nothing of it stays."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from typing import Any

import wandb
import wandb.sdk.wandb_init

from .stage import Notes, harmless_file, hostile_file, settings

HOLDERS = ("wandb", "wandb.sdk", "wandb.sdk.wandb_init")


def inits() -> list[object]:
    return [sys.modules[name].init for name in HOLDERS]


def attributes() -> dict[str, object]:
    """Return all that a guard may replace, as it is stored."""
    from wandb.apis.public.files import File
    from wandb.apis.public.runs import Run as PublicRun
    from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry
    from wandb.sdk.interface.interface import InterfaceBase
    from wandb.sdk.wandb_run import Run

    found: dict[str, object] = {}
    for owner in (InterfaceBase, PublicRun, Run, ArtifactManifestEntry, File):
        for name, value in vars(owner).items():
            found[f"{owner.__module__}.{owner.__name__}.{name}"] = value
    return found | {f"{name}.init": sys.modules[name].init for name in HOLDERS}


def differing(before: dict[str, object]) -> list[str]:
    """Return what is not what it was; caches of wandb that fill with use are not meant."""
    now = attributes()
    return [
        name for name, value in before.items()
        if callable(value) and now.get(name) is not value
    ]  # fmt: skip


def log_hostile(run: Any, name: str) -> Any:
    return run.log_artifact(hostile_file(name), name=name, type="model").wait(30)


def start(**more: Any) -> Any:
    return wandb.init(settings=settings(), reinit="create_new", **more)


def main() -> None:
    notes = Notes()
    notes.attempt("before the import", lambda: wandb.init(sentinel_guard=True))  # type: ignore[call-arg]
    early = wandb.init
    parameters = dict(inspect.signature(early).parameters)
    first, untouched = inits(), attributes()

    from sentinel.integrations import WandbGuard
    from sentinel.integrations.wandb import install, uninstall
    from sentinel.integrations.wandb.install import patched

    after = dict(inspect.signature(wandb.init).parameters)
    notes.say("signature", [name for name in after if name not in parameters])
    notes.say("default", after["sentinel_guard"].default is None)
    notes.say("names", wandb.init.__name__ == early.__name__ and bool(wandb.init.__doc__))
    notes.say("hooks at rest", len(patched()))
    notes.attempt("wrong value", lambda: start(sentinel_guard="yes"))
    notes.attempt("early bound", lambda: early(sentinel_guard=True))  # type: ignore[call-arg]

    run = start()
    notes.say("hooks without the keyword", len(patched()))
    notes.attempt("unguarded", lambda: log_hostile(run, "unguarded"))
    run.finish()

    with start(sentinel_guard=True) as run:
        notes.say("hooks while open", len(patched()))
        notes.attempt("guarded", lambda: log_hostile(run, "guarded"))
        other = start()
        notes.attempt("another run", lambda: log_hostile(other, "another"))
        other.finish()
    notes.say("hooks after the run", len(patched()))

    guard = WandbGuard(all_runs=False, quiet=True)
    mine, other = start(sentinel_guard=guard), start(sentinel_guard=False)
    notes.attempt("own run", lambda: log_hostile(mine, "own"))
    notes.attempt("not its run", lambda: log_hostile(other, "other"))
    mine.finish()
    other.finish()
    notes.say("hooks after both", len(patched()))

    os.environ["SENTINEL_WANDB_GUARD"] = "1"
    run = start()
    notes.attempt("by the environment", lambda: log_hostile(run, "environment"))
    run.finish()
    run = start(sentinel_guard=False)
    notes.attempt("not by the environment", lambda: log_hostile(run, "declined"))
    run.finish()
    os.environ["SENTINEL_WANDB_GUARD"] = "0"

    run = start(mode="disabled", sentinel_guard=True)
    notes.say("hooks of a disabled run", len(patched()))
    run.finish()
    notes.attempt("init fails", lambda: wandb.init(mode="nonsense", sentinel_guard=True))  # type: ignore[call-arg]
    notes.say("hooks after a failure", len(patched()))

    nested(notes, WandbGuard, patched)
    notes.say("differs with guards closed", differing(untouched))
    uninstall()
    notes.say("init is what it was", all(a is b for a, b in zip(inits(), first, strict=True)))
    notes.say("differs at the end", differing(untouched))
    notes.attempt("after the end", lambda: wandb.init(sentinel_guard=True))  # type: ignore[call-arg]
    install()
    install()
    uninstall()
    notes.say("init once more", all(a is b for a, b in zip(inits(), first, strict=True)))
    foreign(notes, install, uninstall, first)


def nested(notes: Notes, guard_class: Any, patched: Any) -> None:
    """Open and close guards in eight threads, one in another and out of order."""
    failed: list[str] = []

    def work() -> None:
        for _ in range(50):
            first, second = guard_class(quiet=True), guard_class(quiet=True)
            one, two = first.opened(), second.opened()
            if not patched():
                failed.append("no hooks while two are open")
            first.closed(one)
            if not patched():
                failed.append("no hooks while one is open")
            second.closed(two)
            second.closed(two)
            try:
                with guard_class(quiet=True), guard_class(quiet=True):
                    raise KeyError
            except KeyError:
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes.say("threads", failed)
    notes.say("hooks after threads", len(patched()))


def foreign(notes: Notes, install: Any, uninstall: Any, first: list[object]) -> None:
    """Somebody else replaces ``wandb.init`` on top of ours: theirs stays, and works."""
    install()
    below = wandb.init

    def theirs(*args: Any, **kwargs: Any) -> Any:
        return below(*args, **kwargs)

    wandb.init = theirs  # type: ignore[assignment]
    uninstall()
    notes.say("foreign stays", wandb.init is theirs)
    run = wandb.init(settings=settings(), mode="offline")
    artifact = wandb.Artifact("x", "model")
    artifact.add_file(harmless_file("x.pkl"))
    run.log_artifact(artifact)
    run.finish()
    notes.say("foreign works", True)
    wandb.init = first[0]  # type: ignore[assignment]


if __name__ == "__main__":
    main()
