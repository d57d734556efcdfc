"""Every way by which a file leaves through wandb, each with a hostile file of its own."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .stage import (
    Notes,
    harmless_file,
    hostile,
    hostile_file,
    mark,
    polyglot,
    settings,
)

Way = Callable[[Any, str], Any]


def log_path(run: Any, name: str) -> Any:
    return run.log_artifact(hostile_file(name), name=name, type="model").wait(30)


def _artifact(name: str, kind: str = "model") -> Any:
    import wandb

    return wandb.Artifact(name, kind)


def add_file(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_file(hostile_file(name))
    return run.log_artifact(artifact).wait(30)


def add_dir(run: Any, name: str) -> Any:
    folder = Path("mine") / name
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("harmless")
    (folder / "deep" / "weights.pkl").write_bytes(hostile(name))
    (folder / "z.txt").write_text("harmless")
    artifact = _artifact(name)
    artifact.add_dir(str(folder))
    return run.log_artifact(artifact).wait(30)


def new_file(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    with artifact.new_file("weights.pkl", mode="wb") as file:
        file.write(hostile(name))
    return run.log_artifact(artifact).wait(30)


def reference(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_reference(Path(hostile_file(name)).absolute().as_uri())
    return run.log_artifact(artifact).wait(30)


def immutable(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_file(hostile_file(name), policy="immutable")
    return run.log_artifact(artifact).wait(30)


def log_model(run: Any, name: str) -> Any:
    run.log_model(hostile_file(name), name=name)


def link_model(run: Any, name: str) -> Any:
    run.link_model(hostile_file(name), "registered", name=name)


def use_draft(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_file(hostile_file(name))
    run.use_artifact(artifact)


def log_code(run: Any, name: str) -> Any:
    folder = Path("mine") / name
    folder.mkdir(parents=True)
    (folder / "train.py").write_bytes(hostile(name))
    return run.log_code(str(folder), name=name)


def upsert(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_file(hostile_file(name))
    run.upsert_artifact(artifact, distributed_id=name)


def save_artifact(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact.add_file(hostile_file(name))
    artifact.save()


def module_log_artifact(run: Any, name: str) -> Any:
    import wandb

    return wandb.log_artifact(hostile_file(name), name=name, type="model").wait(30)


def in_thread(run: Any, name: str) -> Any:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            log_path(run, name)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def save_now(run: Any, name: str) -> Any:
    return run.save(hostile_file(name), policy="now")


def save_live(run: Any, name: str) -> Any:
    return run.save(hostile_file(name), policy="live")


def save_end(run: Any, name: str) -> Any:
    return run.save(hostile_file(name), policy="end")


def save_glob(run: Any, name: str) -> Any:
    harmless_file(f"{name}-harmless.pkl")
    hostile_file(name)
    return run.save(f"mine/{name}*", base_path="mine")


def save_in_folder(run: Any, name: str) -> Any:
    path = Path(run.dir) / f"{name}.pkl"
    path.write_bytes(hostile(name))
    return run.save(str(path), base_path=run.dir)


def image(run: Any, name: str) -> Any:
    import wandb

    Path(f"{name}.png").write_bytes(polyglot(name))
    run.log({name: wandb.Image(f"{name}.png")})


def html(run: Any, name: str) -> Any:
    import wandb

    run.log({name: wandb.Html(hostile(name, protocol=0).decode("ascii"), inject=False)})


def object3d(run: Any, name: str) -> Any:
    import wandb

    run.log({name: wandb.Object3D(hostile_file(name, ".glb"))})


def audio(run: Any, name: str) -> Any:
    import wandb

    run.log({name: wandb.Audio(hostile_file(name, ".wav"))})


def video(run: Any, name: str) -> Any:
    import wandb

    run.log({name: wandb.Video(hostile_file(name, ".mp4"))})


def molecule(run: Any, name: str) -> Any:
    import wandb

    run.log({name: wandb.Molecule(hostile_file(name, ".pdb"))})


def table(run: Any, name: str) -> Any:
    import wandb

    row = [1, wandb.Audio(hostile_file(name, ".wav"))]
    run.log({name: wandb.Table(columns=["a", "b"], data=[row])})


def object_in_artifact(run: Any, name: str) -> Any:
    import wandb

    artifact = _artifact(name)
    artifact.add(wandb.Audio(hostile_file(name, ".wav")), "thing")
    return run.log_artifact(artifact).wait(30)


def summary_media(run: Any, name: str) -> Any:
    import wandb

    run.summary[name] = wandb.Audio(hostile_file(name, ".wav"))


def upload_file(run: Any, name: str) -> Any:
    import wandb

    public = wandb.Api().run(f"tester/tests/{run.id}")
    public.upload_file(hostile_file(name))


def linked_dir(run: Any, name: str) -> Any:
    folder = Path("mine") / name
    folder.mkdir()
    (folder / "link.pkl").symlink_to(Path(hostile_file(f"{name}-target")).absolute())
    Path(f"mine/{name}-target.pkl").write_bytes(hostile(name))
    artifact = _artifact(name)
    artifact.add_dir(str(folder))
    return run.log_artifact(artifact).wait(30)


def draft(run: Any, name: str) -> Any:
    first = _artifact(name)
    first.add_file(harmless_file(f"{name}-first.pkl"))
    base = run.log_artifact(first).wait(30)
    more = base.new_draft()
    more.add_file(hostile_file(name))
    return run.log_artifact(more).wait(30)


def job(run: Any, name: str) -> Any:
    artifact = _artifact(name)
    artifact._type = "job"  # a name that wandb keeps for itself
    artifact.add_file(harmless_file("wandb-job.json"))
    artifact.add_file(hostile_file(name))
    return run.log_artifact(artifact).wait(30)


def joined_table(run: Any, name: str) -> Any:
    import wandb

    artifact = _artifact(name)
    tables = [
        wandb.Table(columns=["id", "sound"], data=[[1, wandb.Audio(hostile_file(name, ".wav"))]])
        for _ in range(2)
    ]
    artifact.add(wandb.JoinedTable(*tables, "id"), "joined")
    return run.log_artifact(artifact).wait(30)


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        log_path, add_file, add_dir, new_file, reference, immutable, log_model, link_model,
        use_draft, log_code, upsert, save_artifact, module_log_artifact, in_thread, save_now,
        save_live, save_end, save_glob, save_in_folder, image, html, object3d, audio, video,
        molecule, table, object_in_artifact, summary_media, upload_file, linked_dir, draft, job,
        joined_table,
    )
}  # fmt: skip
ALONE = ("save_alone", "in_fork")
"""Ways that need a run of their own, or a process."""


def _in_fork(run: Any, name: str) -> None:
    child = os.fork()
    if child == 0:
        code = 0
        try:
            log_path(run, name)
        except BaseException as error:
            Path(f"{name}.raised").write_text(type(error).__name__)
            code = 7
        finally:
            os._exit(code)
    os.waitpid(child, 0)


def main() -> None:
    import wandb

    notes = Notes()
    guarded = sys.argv[2] == "guarded"
    mode: Any = sys.argv[3]
    keyword: dict[str, Any] = {}
    if guarded:
        import sentinel.integrations.wandb  # noqa: F401

        keyword = {"sentinel_guard": True}
    run = wandb.init(mode=mode, settings=settings(), **keyword)
    notes.say("run", run.id)
    for name, way in WAYS.items():
        notes.attempt(name, lambda way=way, name=name: way(run, name))  # type: ignore[misc]
        harmless = _artifact(f"after-{name}")
        harmless.add_file(harmless_file(f"after-{name}.pkl", mark(f"after-{name}")))
        run.log_artifact(harmless)
    if mode == "online" and hasattr(os, "fork"):
        _in_fork(run, "in_fork")
    run.finish()
    if mode == "online":
        alone = _artifact("save_alone")
        alone.add_file(hostile_file("save_alone"))
        os.environ["SENTINEL_WANDB_GUARD"] = "1" if guarded else "0"
        notes.attempt("save_alone", lambda: alone.save(settings=settings()))
    notes.say("reached", True)


if __name__ == "__main__":
    main()
