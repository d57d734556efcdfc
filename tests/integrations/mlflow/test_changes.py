"""A file that is changed between its scan and its upload, which reads it once more."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import V3, Scene, estimator, log_estimator

Change = Callable[[Path], None]
Racing = Callable[[Change], None]


@pytest.fixture
def racing(monkeypatch: pytest.MonkeyPatch) -> Racing:
    """Let something happen once, when the upload begins: the guard has scanned by then."""

    def install(change: Change) -> None:
        done: list[bool] = []
        for owner in (LocalArtifactRepository, HttpArtifactRepository):
            for name in ("log_artifact", "log_artifacts"):
                monkeypatch.setattr(owner, name, _late(vars(owner)[name], change, done))

    return install


def _late(original: Any, change: Change, done: list[bool]) -> Any:
    def upload(self: Any, local: Any, *args: Any, **kwargs: Any) -> Any:
        if not done:
            done.append(True)
            change(Path(local))
        return original(self, local, *args, **kwargs)

    return upload


def clean_file(scene: Scene) -> Path:
    path = scene.folder / "clean.pkl"
    path.write_bytes(b"N." + b" " * (len(scene.payload.bytes) - 2))
    return path


def clean_directory(scene: Scene) -> Path:
    folder = scene.folder / "clean"
    (folder / "below").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "below/c.txt"):
        (folder / name).write_text("nothing")
    return folder


def rewrite(scene: Scene, name: str = "") -> Change:
    """Write the payload into a file, and give it the times that it had."""

    def change(local: Path) -> None:
        path = local / name if name else local
        found = path.stat()
        path.write_bytes(scene.payload.bytes)
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    return change


def log_file(scene: Scene) -> None:
    mlflow.log_artifact(str(clean_file(scene)), "here")


def log_directory(scene: Scene) -> None:
    mlflow.log_artifacts(str(clean_directory(scene)), "here")


def log_model(scene: Scene) -> None:
    log_estimator(estimator())


WAYS = {"a file": (log_file, ""), "a directory": (log_directory, "b.txt"),
        "a model": (log_model, "model.pkl")}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("guarded", [True, False])
def test_it_does_not_stay(any_scene: Scene, racing: Racing, way: str, guarded: bool) -> None:
    log, name = WAYS[way]
    racing(rewrite(any_scene, name))
    if not guarded:
        log(any_scene)
        assert any_scene.store.holds(any_scene.payload.mark), "this is what leaks"
        return
    with pytest.raises(SentinelBlocked, match="it changed while it was logged") as caught:  # noqa: SIM117
        with MLflowGuard(quiet=True):
            log(any_scene)
    assert caught.value.rule == "coverage.changed"
    assert caught.value.artifact.endswith(name or "here/clean.pkl")
    assert "not removed" not in caught.value.hint
    assert any_scene.store.holds(any_scene.payload.mark) == []
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.verdict"] == "blocked"
    if V3 and way == "a model":
        assert mlflow.last_logged_model().status.value == "FAILED"


def test_nothing_of_a_model_stays(any_scene: Scene, racing: Racing) -> None:
    racing(rewrite(any_scene, "model.pkl"))
    before = {path for path in any_scene.store.files() if "artifacts" in path.parts}
    with pytest.raises(SentinelBlocked), MLflowGuard(GuardPolicy(report=False), quiet=True):
        log_estimator(estimator())
    after = {path for path in any_scene.store.files() if "artifacts" in path.parts}
    assert after == before


def test_what_did_not_change_stays(any_scene: Scene, racing: Racing) -> None:
    racing(lambda local: None)
    with MLflowGuard(quiet=True):
        log_file(any_scene)
        log_directory(any_scene)
        info = log_estimator(estimator())
    assert mlflow.sklearn.load_model(info.model_uri) is not None
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.verdict"] == "clean"


def test_a_report_that_cannot_be_made_is_no_change(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentinel.integrations.mlflow import report

    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr(report, "html_report", full)
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    assert mlflow.sklearn.load_model(info.model_uri) is not None


def appear(scene: Scene) -> Change:
    return lambda local: (local / "evil.pkl").write_bytes(scene.payload.bytes) and None


def appear_in_a_new_directory(scene: Scene) -> Change:
    def change(local: Path) -> None:
        (local / "fresh").mkdir()
        (local / "fresh" / "evil.pkl").write_bytes(scene.payload.bytes)

    return change


def take_the_place_of_another(scene: Scene) -> Change:
    def change(local: Path) -> None:
        other = scene.folder / "other"
        other.write_bytes(scene.payload.bytes)
        other.replace(local / "below" / "c.txt")

    return change


def lie_where_a_link_leads(scene: Scene) -> Change:
    def change(local: Path) -> None:
        (local / "a.txt").unlink()
        (local / "a.txt").symlink_to(scene.payload.file())

    return change


def exchange_a_directory(scene: Scene) -> Change:
    def change(local: Path) -> None:
        (local / "below").rename(scene.folder / "away")
        (local / "below").mkdir()
        (local / "below" / "c.txt").write_bytes(scene.payload.bytes)

    return change


@pytest.mark.parametrize(
    "make",
    [
        appear,
        appear_in_a_new_directory,
        take_the_place_of_another,
        lie_where_a_link_leads,
        exchange_a_directory,
    ],
)
@pytest.mark.parametrize("guarded", [True, False])
def test_ways_to_change_a_directory(
    scene: Scene, racing: Racing, make: Callable[[Scene], Change], guarded: bool
) -> None:
    racing(make(scene))
    with (
        pytest.raises(SentinelBlocked, match="it changed while") if guarded else nullcontext(),
        MLflowGuard(quiet=True) if guarded else nullcontext(),
    ):
        log_directory(scene)
    assert bool(scene.store.holds(scene.payload.mark) != []) is not guarded


def test_a_change_that_is_undone_is_noticed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    original = vars(LocalArtifactRepository)["log_artifacts"]
    aside = scene.folder / "aside"

    def upload(self: Any, local: Any, *args: Any, **kwargs: Any) -> Any:
        path = Path(local) / "b.txt"
        path.rename(aside)
        path.write_bytes(scene.payload.bytes)
        try:
            return original(self, local, *args, **kwargs)
        finally:
            aside.replace(path)

    monkeypatch.setattr(LocalArtifactRepository, "log_artifacts", upload)
    with pytest.raises(SentinelBlocked, match="it changed while"), MLflowGuard(quiet=True):
        log_directory(scene)
    assert scene.store.holds(scene.payload.mark) == []


def test_earlier_files_beside_it_stay(any_scene: Scene, racing: Racing) -> None:
    mlflow.log_text("before", "here/before.txt")
    racing(rewrite(any_scene, "b.txt"))
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        log_directory(any_scene)
    assert mlflow.artifacts.load_text(f"{any_scene.artifact_uri}/here/before.txt") == "before"


def test_an_upload_that_fails_half_way(scene: Scene, racing: Racing) -> None:
    def change(local: Path) -> None:
        rewrite(scene, "b.txt")(local)
        repository = LocalArtifactRepository(scene.artifact_uri)
        stored = Path(repository.artifact_dir) / "here" / "b.txt"
        stored.parent.mkdir(parents=True)
        stored.write_bytes(scene.payload.bytes)
        raise ConnectionError("half way")

    racing(change)
    with pytest.raises(SentinelBlocked, match="it changed while"), MLflowGuard(quiet=True):
        log_directory(scene)
    assert scene.store.holds(scene.payload.mark) == []


def test_an_upload_that_fails_by_itself_is_told_as_it_is(scene: Scene, racing: Racing) -> None:
    def change(local: Path) -> None:
        raise ConnectionError("half way")

    racing(change)
    with pytest.raises(ConnectionError, match="half way"), MLflowGuard(quiet=True):
        log_directory(scene)


def test_a_store_that_removes_nothing_is_told_of(
    scene: Scene, racing: Racing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionError("kept for ten years")

    monkeypatch.setattr(LocalArtifactRepository, "delete_artifacts", refuse)
    racing(rewrite(scene))
    with pytest.raises(SentinelBlocked) as caught, MLflowGuard(quiet=True):
        log_file(scene)
    assert "not removed from the store: here/clean.pkl: kept for ten years" in str(caught.value)


def test_a_warning_lets_it_stay_and_says_so(
    scene: Scene, racing: Racing, caplog: pytest.LogCaptureFixture
) -> None:
    racing(rewrite(scene))
    with MLflowGuard(on_block="warn", quiet=True):
        log_file(scene)
    assert scene.store.holds(scene.payload.mark)
    assert "it changed while it was logged" in caplog.text
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.verdict"] == "warned"


@pytest.mark.parametrize("how", ["fail_closed", "incomplete"])
def test_whoever_lets_pass_what_is_not_scanned_sees_it_tagged(
    scene: Scene, racing: Racing, how: str
) -> None:
    policy = GuardPolicy(incomplete="warn") if how == "incomplete" else None
    racing(rewrite(scene))
    with MLflowGuard(policy, fail_closed=how != "fail_closed", quiet=True):
        log_file(scene)
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.verdict"] == "unscanned"
