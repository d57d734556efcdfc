"""Artifacts with so many files that the list of their digests is a file too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import wandb

from .stage import Notes, harmless_file, mark, settings

COUNT = 2_001
FEW = (
    "honest", "missing", "swapped", "forged", "collision", "huge", "unlisted", "reference",
    "garbled", "single", "skip",
)  # fmt: skip


def artifact_of(name: str, *names: str) -> Any:
    artifact = wandb.Artifact(name, "model")
    for one in names or ("one", "two", "three"):
        artifact.add_file(harmless_file(f"{name}-{one}.pkl", mark(f"{name}-{one}")), f"{one}.pkl")
    return artifact


def prepare(notes: Notes) -> None:
    """Log them, guarded; lists are made of three files on but for the first."""
    import sentinel.integrations.wandb  # noqa: F401
    from sentinel.integrations.wandb import manifest

    run = wandb.init(settings=settings(), sentinel_guard=True)  # type: ignore[call-arg]
    folder = Path("mine/many")
    folder.mkdir(parents=True)
    for number in range(COUNT):
        (folder / f"{number}.txt").write_text(f"{number}")
    many = wandb.Artifact("many", "dataset")
    many.add_dir(str(folder), policy="immutable")
    notes.attempt("many", lambda: run.log_artifact(many).wait(120))
    manifest.MOST_FILES = 2
    for name in FEW:
        run.log_artifact(artifact_of(name)).wait(30)
    own = artifact_of("own")
    with own.new_file("sentinel.sha256") as file:
        file.write("of the user")
    run.log_artifact(own).wait(30)
    linked = wandb.Artifact("linked", "model")
    entry = run.use_artifact("honest:latest").get_entry("one.pkl")
    linked.add_reference(entry.ref_url(), "linked.pkl")
    notes.attempt("log linked", lambda: run.log_artifact(linked).wait(30))
    parts = artifact_of("parts", "one", "two", "three")
    run.upsert_artifact(parts, distributed_id="parts")
    notes.attempt("parts", lambda: run.finish_artifact(parts, distributed_id="parts").wait(30))
    run.finish()


def fetch(notes: Notes) -> None:
    """Fetch them, guarded."""
    import sentinel.integrations.wandb  # noqa: F401
    from sentinel.integrations.wandb import manifest

    run = wandb.init(settings=settings(), sentinel_guard=True)  # type: ignore[call-arg]

    def get(name: str, root: str | None = None, **more: Any) -> str:
        folder = root or f"got/{name}"
        return str(run.use_artifact(f"{name}:latest").download(root=folder, **more))

    one = run.use_artifact("many:latest")
    notes.attempt("many entry", lambda: one.get_entry("7.txt").download("got/entry"))
    for name in ("many", *FEW[:-2], "own", "parts"):
        notes.attempt(name, lambda name=name: get(name))  # type: ignore[misc]
    single = run.use_artifact("single:latest")
    notes.attempt("single", lambda: single.get_entry("two.pkl").download("got/single"))
    notes.attempt("other", lambda: single.get_entry("one.pkl").download("got/single"))
    notes.attempt("list itself", lambda: single.get_entry("sentinel.sha256").download("got/list"))
    notes.attempt("skip", lambda: get("skip", skip_cache=True))

    notes.attempt("linked skip", lambda: get("linked", "got/linked-skip", skip_cache=True))
    notes.attempt("linked", lambda: get("linked"))

    manifest.MOST_FILES = 2
    for name, base in (("draft", "honest"), ("second", "own")):
        draft = run.use_artifact(f"{base}:latest").new_draft()
        draft.add_file(harmless_file(f"{name}.pkl", mark(name)))
        notes.attempt(f"log {name}", lambda draft=draft: run.log_artifact(draft).wait(30))  # type: ignore[misc]
        notes.attempt(name, lambda name=name, base=base: get(base, f"got/{name}"))  # type: ignore[misc]
    run.finish()


def main() -> None:
    notes = Notes()
    (prepare if sys.argv[2] == "prepare" else fetch)(notes)
    notes.say("reached", True)


if __name__ == "__main__":
    main()
