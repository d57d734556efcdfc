"""Payloads in odd places: behind links, under names that are no text, and in other threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import mlflow
import pytest

from sentinel.integrations import MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import Scene, estimator, log_estimator


def below_a_link(scene: Scene, folder: Path) -> None:
    (folder / "linked").symlink_to(scene.payload.directory())


def below_a_link_of_a_link(scene: Scene, folder: Path) -> None:
    middle = scene.folder / "middle"
    middle.mkdir()
    (middle / "again").symlink_to(scene.payload.directory())
    (folder / "linked").symlink_to(middle)


def as_a_link(scene: Scene, folder: Path) -> None:
    (folder / "weights.bin").symlink_to(scene.payload.file())


def deep(scene: Scene, folder: Path) -> None:
    place = folder.joinpath(*("d" * 40))
    place.mkdir(parents=True)
    (place / "evil.pkl").write_bytes(scene.payload.bytes)


def hidden(scene: Scene, folder: Path) -> None:
    (folder / ".git" / "hooks").mkdir(parents=True)
    (folder / ".git" / "hooks" / "evil.pkl").write_bytes(scene.payload.bytes)


def _named(name: bytes) -> Callable[[Scene, Path], None]:
    def make(scene: Scene, folder: Path) -> None:
        (folder / os.fsdecode(name)).write_bytes(scene.payload.bytes)

    return make


PLACES: dict[str, Callable[[Scene, Path], None]] = {
    "below a link": below_a_link,
    "below a link of a link": below_a_link_of_a_link,
    "a link": as_a_link,
    "deep": deep,
    "hidden": hidden,
    "a line in its name": _named(b"a\nb.pkl"),
    "a command of a terminal in its name": _named(b"\x1b[2Jevil.pkl"),
    "a name that is no text": _named(b"\xff\xfe.pkl"),
    "no ending": _named(b"evil"),
    "the ending of a picture": _named(b"evil.png"),
    "our own report's name": lambda scene, folder: _own(scene, folder, "sentinel/report.html"),
    "our own provenance's name": lambda scene, folder: _own(
        scene, folder, "sentinel.provenance.json"
    ),
    "the attestations' name": lambda scene, folder: _own(
        scene, folder, ".sentinel/attestations.intoto.jsonl"
    ),
}


def _own(scene: Scene, folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(scene.payload.bytes)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("guarded", [True, False])
def test_it_is_found_in(scene: Scene, place: str, guarded: bool) -> None:
    folder = scene.folder / "odd"
    folder.mkdir()
    (folder / "a.txt").write_text("nothing")
    make = PLACES[place]
    make(scene, folder)
    with (
        pytest.raises(SentinelBlocked, match="SNT1101") if guarded else nullcontext() as caught,
        MLflowGuard(quiet=True) if guarded else nullcontext(),
    ):
        mlflow.log_artifacts(str(folder), "odd")
    if not guarded and make in (below_a_link, below_a_link_of_a_link):
        return  # a local store keeps the link, and others what it leads to
    assert bool(scene.store.holds(scene.payload.mark)) is not guarded
    if guarded:
        assert caught is not None
        assert all(line.isprintable() for line in str(caught.value).splitlines())
        assert mlflow.get_run(scene.run_id).data.tags["sentinel.verdict"] == "blocked"


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ("git+https://example.invalid/x.git", "SNT1809"),
        ("https://example.invalid/x-1.0-py3-none-any.whl", "SNT1810"),
    ],
)
def test_what_is_to_be_installed_besides(scene: Scene, more: str, rule: str) -> None:
    with pytest.raises(SentinelBlocked, match=rule), MLflowGuard(quiet=True):
        log_estimator(estimator(), pip_requirements=["scikit-learn==1.9.1", more])


def test_a_thread_that_rewrites_it_all_the_time(scene: Scene) -> None:
    """Whatever the thread is in the middle of, what is stored was scanned."""
    path = scene.folder / "racing.pkl"
    clean = b"N." + b" " * (len(scene.payload.bytes) - 2)
    path.write_bytes(clean)
    stop = threading.Event()

    def race() -> None:
        while not stop.is_set():
            path.write_bytes(scene.payload.bytes)
            path.write_bytes(clean)

    thread = threading.Thread(target=race)
    thread.start()
    blocked = 0
    try:
        with MLflowGuard(quiet=True):
            for _ in range(10):
                try:
                    mlflow.log_artifact(str(path), "racing")
                except SentinelBlocked as error:
                    error.acknowledge()
                    blocked += 1
                assert scene.store.holds(scene.payload.mark) == []
    finally:
        stop.set()
        thread.join()
    assert blocked
