"""Downloads: honest, hostile, changed on the server, and changed where they were put."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import wandb

from .stage import Notes, harmless_file, hostile, hostile_file, mark, settings


def log(run: Any, name: str, path: str) -> Any:
    artifact = wandb.Artifact(name, "model")
    artifact.add_file(path)
    return run.log_artifact(artifact).wait(30)


def log_xxh(run: Any, name: str) -> None:
    """Log with wandb's other digest, where it has one."""
    artifact = wandb.Artifact(name, "model")
    if hasattr(artifact, "digest_algorithm"):
        from wandb.sdk.artifacts._generated import ArtifactDigestAlgorithm

        artifact._digest_algorithm = ArtifactDigestAlgorithm.MANIFEST_XXH128
    artifact.add_file(harmless_file(f"{name}.pkl", mark(name)))
    run.log_artifact(artifact).wait(30)


def prepare(notes: Notes) -> None:
    """Log what is fetched later: guarded and honest, unguarded and hostile."""
    import sentinel.integrations.wandb  # noqa: F401

    run = wandb.init(settings=settings())
    log(run, "unguarded", harmless_file("unguarded.pkl", mark("unguarded")))
    log(run, "hostile", hostile_file("hostile"))
    Path("hostile-run.pkl").write_bytes(hostile("hostile-run"))
    Path("honest-run.pkl").write_bytes(Path(harmless_file("honest-run.pkl")).read_bytes())
    run.save("hostile-run.pkl")
    run.save("honest-run.pkl")
    reference = wandb.Artifact("reference", "model")
    reference.add_reference(Path(hostile_file("referenced")).absolute().as_uri())
    run.log_artifact(reference).wait(30)
    run.finish()
    run = wandb.init(settings=settings(), sentinel_guard=True)  # type: ignore[call-arg]
    for name in ("honest", "tampered", "local", "metadata", "unlisted", "hidden", "garbled"):
        log(run, name, harmless_file(f"{name}.pkl", mark(name)))
    log_xxh(run, "xxh")
    log_xxh(run, "xxh-tampered")
    several = wandb.Artifact("several", "model")
    for name in ("one", "two", "three"):
        several.add_file(harmless_file(f"{name}.pkl", mark(name)))
    run.log_artifact(several).wait(30)
    notes.say("run", run.id)
    run.finish()


def fetch(notes: Notes) -> None:
    """Fetch each of them, guarded."""
    from sentinel.integrations import WandbGuard

    before = json.loads(Path("prepared.json").read_text())
    guard = WandbGuard(on_block="quarantine")
    run = wandb.init(settings=settings(), sentinel_guard=guard)  # type: ignore[call-arg]

    def get(name: str, root: str | None = None, **more: Any) -> str:
        return str(run.use_artifact(f"{name}:latest").download(root=root, **more))

    for name in ("honest", "unguarded", "hostile", "tampered", "metadata", "unlisted", "garbled",
                 "xxh", "xxh-tampered"):  # fmt: skip
        notes.attempt(name, lambda name=name: get(name, f"got/{name}"))  # type: ignore[misc]
    notes.attempt("several", lambda: get("several", "got/several"))
    notes.attempt("reference", lambda: get("reference", "got/reference"))
    hostile_one = run.use_artifact("hostile:latest")
    notes.attempt("entry", lambda: hostile_one.get_entry("hostile.pkl").download())
    notes.attempt("use_model", lambda: run.use_model("hostile:latest"))
    notes.attempt("file", lambda: run.use_artifact("hostile:latest").file("got/file"))
    notes.attempt("checkout", lambda: run.use_artifact("hostile:latest").checkout("got/checkout"))

    for name in ("hostile", "tampered", "metadata", "honest"):
        one = run.use_artifact(f"{name}:latest")
        into = f"got/files-{name}"
        notes.attempt(
            f"files {name}",
            lambda one=one, into=into: [file.download(into).close() for file in one.files()],  # type: ignore[misc]
        )

    get("local", "got/local")
    target = Path("got/local/local.pkl")
    times = target.stat()
    target.chmod(0o600)
    target.write_bytes(hostile("local-evil"))
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    notes.attempt("local", lambda: get("local", "got/local"))
    notes.attempt("local again", lambda: get("local", "got/local"))

    public = wandb.Api().run(f"tester/tests/{before['hostile run']}")
    notes.attempt("run file", lambda: public.file("hostile-run.pkl").download("got/run").close())
    honest = public.file("honest-run.pkl")
    notes.attempt("honest run file", lambda: honest.download("got/run").close())
    Path("got/mine").mkdir()
    Path("got/mine/hostile-run.pkl").write_bytes(hostile("hostile-run"))
    mine = public.file("hostile-run.pkl")
    notes.attempt("already there", lambda: mine.download("got/mine", exist_ok=True).close())
    there = Path("got/mine/hostile-run.pkl")
    notes.say("still there", there.exists())
    there.unlink()
    notes.attempt(
        "restore",
        lambda: run.restore("hostile-run.pkl", "/".join(public.path), root="got/re"),
    )
    notes.attempt("skip cache", lambda: get("tampered", "got/skip", skip_cache=True))
    run.finish()
    with WandbGuard(quiet=True):
        api = wandb.Api()
        notes.attempt(
            "without a run", lambda: api.artifact("tester/tests/hostile:latest").download("got/api")
        )
    notes.say("blocks", len(guard.blocks))


def main() -> None:
    notes = Notes()
    (prepare if sys.argv[2] == "prepare" else fetch)(notes)


if __name__ == "__main__":
    main()
