"""A download that skips the cache, and one that does not after it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import wandb

from .stage import Notes, harmless_file, mark, settings


def main() -> None:
    notes = Notes()
    keyword: dict[str, Any] = {}
    if sys.argv[2] == "guarded":
        import sentinel.integrations.wandb  # noqa: F401

        keyword = {"sentinel_guard": True}
    run = wandb.init(settings=settings(), **keyword)
    for name in ("first", "second-one"):
        artifact = wandb.Artifact(name, "model")
        artifact.add_file(harmless_file(f"{name}.pkl", mark(name)), skip_cache=True)
        run.log_artifact(artifact).wait(30)
    first = run.use_artifact("first:latest")
    notes.attempt("first", lambda: first.download("got/first", skip_cache=True))
    second = run.use_artifact("second-one:latest")
    notes.attempt("second", lambda: second.download("got/second"))
    entry = run.use_artifact("first:latest").get_entry("first.pkl")
    notes.attempt("entry", lambda: entry.download("got/entry", skip_cache=True))
    other = run.use_artifact("second-one:latest").get_entry("second-one.pkl")
    notes.attempt("other", lambda: other.download("got/other"))
    for path in ("got/first/first.pkl", "got/entry/first.pkl"):
        notes.say(path, mark("first").encode() in Path(path).read_bytes())
    run.finish()


if __name__ == "__main__":
    main()
