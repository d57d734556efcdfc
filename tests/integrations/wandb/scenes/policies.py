"""What a guard lets pass: its policy, its modes, and what happens when it cannot look."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import wandb

from tests.kit.natives import elf

from .stage import Notes, harmless_file, hostile, hostile_file, mark, settings

SECRET = "AKIA" + "Z7Q4WJ2LXN5BTRVC"
PERSON = "Jean Martin, jean.martin@gmail.com, IBAN DE89 3704 0044 0532 0130 00\n"


def log(run: Any, name: str, path: str, kind: str = "model") -> Any:
    artifact = wandb.Artifact(name, kind)
    artifact.add_file(path)
    return run.log_artifact(artifact).wait(30)


def text_file(name: str, text: str) -> str:
    path = Path("mine") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def table(rows: int) -> str:
    words = ["pine", "oak", "ash", "elm", "fir"]
    lines = [f"{n},{words[n % 5]} {words[n % 3]} {n * 7 % 101},{n % 2}" for n in range(rows)]
    return "id,text,label\n" + "\n".join(lines) + "\n"


def within(notes: Notes, guard: Any, act: Callable[[Any], None], name: str) -> None:
    run = wandb.init(settings=settings(), sentinel_guard=guard)  # type: ignore[call-arg]
    act(run)
    run.finish()
    notes.say(name, run.id)


def modes(notes: Notes, guard_class: Any) -> None:
    def warned(run: Any) -> None:
        notes.attempt("warned", lambda: log(run, "warned", hostile_file("warned")))

    within(notes, guard_class(on_block="warn", quiet=True), warned, "run of warned")

    def kept(run: Any) -> None:
        notes.attempt("kept", lambda: log(run, "kept", hostile_file("kept")))

    within(notes, guard_class(on_block="quarantine", quiet=True), kept, "run of kept")

    def clean(run: Any) -> None:
        log(run, "clean", harmless_file("clean.pkl", mark("clean")))

    within(notes, guard_class(), clean, "run of clean")

    def elsewhere(run: Any) -> None:
        artifact = wandb.Artifact("elsewhere", "model")
        url = f"{os.environ['WANDB_BASE_URL']}/model.pkl"
        artifact.add_reference(url, name="model.pkl", checksum=False)
        notes.attempt("elsewhere", lambda: run.log_artifact(artifact).wait(30))

    within(notes, guard_class(quiet=True), elsewhere, "run of elsewhere")


def failures(notes: Notes, guard_class: Any) -> None:
    from sentinel import Limits
    from sentinel.engine import Scanner
    from sentinel.integrations import GuardPolicy

    def tried(name: str) -> Callable[[Any], None]:
        path = harmless_file(f"{name}.pkl", mark(name))
        return lambda run: notes.attempt(name, lambda: log(run, name, path))

    small = GuardPolicy(limits=Limits(max_file_size=10))
    within(notes, guard_class(small, quiet=True), tried("too-large"), "run of too-large")
    late = GuardPolicy(limits=Limits(timeout=0.0))
    within(notes, guard_class(late, quiet=True), tried("too-slow"), "run of too-slow")
    before = Scanner.scan_path

    def broken(self: Any, path: Any) -> Any:
        raise MemoryError("the scanner broke")

    Scanner.scan_path = broken  # type: ignore[method-assign]
    try:
        within(notes, guard_class(quiet=True), tried("crash"), "run of crash")
        opened = guard_class(fail_closed=False, quiet=True)
        within(notes, opened, tried("crash-open"), "run of crash-open")
    finally:
        Scanner.scan_path = before  # type: ignore[method-assign]


def datasets(notes: Notes, guard_class: Any) -> None:
    import pickle

    def act(run: Any) -> None:
        data = text_file("clean.csv", table(200))
        notes.attempt("clean data", lambda: log(run, "data-clean", data, "dataset"))
        secret = text_file("secret.csv", table(50) + f"51,key {SECRET},0\n")
        notes.attempt("secret data", lambda: log(run, "data-secret", secret, "dataset"))
        Path("mine/rows.csv").write_bytes(pickle.dumps({"a": [1, 2]}))
        notes.attempt("pickled data", lambda: log(run, "data-pickle", "mine/rows.csv", "dataset"))
        Path("mine/photo.jpg").write_bytes(elf() + mark("elf").encode())
        notes.attempt("program", lambda: log(run, "data-program", "mine/photo.jpg", "dataset"))
        notes.attempt("secret model", lambda: log(run, "model-secret", secret))

    within(notes, guard_class(quiet=True), act, "run of datasets")

    def warned(run: Any) -> None:
        secret = text_file("secret.csv", table(50) + f"51,key {SECRET},0\n")
        notes.attempt("warned data", lambda: log(run, "data-warned", secret, "dataset"))

    within(notes, guard_class(datasets="warn", quiet=True), warned, "run of warned data")

    def personal(run: Any) -> None:
        path = text_file("log.txt", f"aws_access_key_id = {SECRET}\n{PERSON}")
        notes.attempt("personal", lambda: run.save(path))

    within(notes, guard_class(pii="block", quiet=True), personal, "run of personal")
    within(notes, guard_class(quiet=True), lambda run: run.save("mine/log.txt"), "run of any text")


def misuse(notes: Notes, guard_class: Any) -> None:
    for name in ("on_block", "pii", "datasets"):
        notes.attempt(f"bad {name}", lambda name=name: guard_class(**{name: "perhaps"}))  # type: ignore[misc]


def tensorboard(notes: Notes, guard_class: Any) -> None:
    folder = Path("mine/board")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.out.tfevents.1.host").write_bytes(hostile("board"))

    def act(run: Any) -> None:
        run._interface.publish_tbdata(str(folder), True, str(folder)) if hasattr(
            run, "_interface"
        ) else run._backend.interface.publish_tbdata(str(folder), True, str(folder))

    within(notes, guard_class(quiet=True), act, "run of board")


def main() -> None:
    notes = Notes()
    from sentinel.integrations import WandbGuard

    parts = {
        "modes": modes, "failures": failures, "datasets": datasets, "misuse": misuse,
        "tensorboard": tensorboard,
    }  # fmt: skip
    for part in parts.values():
        part(notes, WandbGuard)
    notes.say("arguments", sys.argv[2:])


if __name__ == "__main__":
    main()
