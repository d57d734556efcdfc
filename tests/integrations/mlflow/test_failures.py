"""What goes wrong: a scanner that crashes, a limit, a file that cannot be read. It fails closed."""

from __future__ import annotations

import os
import resource
from typing import Any

import mlflow
import pytest

from sentinel.engine import Scanner
from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from sentinel.limits import Limits
from tests.integrations.mlflow.kit import Scene, estimator, log_estimator


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner with a bug."""

    def crash(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Scanner, "scan_path", crash)
    monkeypatch.setattr(Scanner, "scan_artifact", crash)


def test_a_crash_blocks(any_scene: Scene, crashing: None) -> None:
    with pytest.raises(SentinelBlocked, match=r"coverage\.internal.*ZeroDivisionError"):  # noqa: SIM117
        with MLflowGuard(quiet=True):
            mlflow.log_text(any_scene.payload.mark, "one.txt")
    assert any_scene.store.holds(any_scene.payload.mark) == []


def test_a_crash_blocks_a_download(any_scene: Scene, request: pytest.FixtureRequest) -> None:
    mlflow.log_text("one", "one.txt")
    request.getfixturevalue("crashing")
    into = any_scene.folder / "into"
    into.mkdir()
    with pytest.raises(SentinelBlocked, match="not loaded"), MLflowGuard(quiet=True):
        mlflow.artifacts.download_artifacts(run_id=any_scene.run_id, dst_path=str(into))
    assert list(into.iterdir()) == []


def test_open_a_crash_passes_and_is_tagged(any_scene: Scene, crashing: None) -> None:
    with MLflowGuard(fail_closed=False, quiet=True) as guard:
        mlflow.log_text(any_scene.payload.mark, "one.txt")
    assert any_scene.store.holds(any_scene.payload.mark)
    assert mlflow.get_run(any_scene.run_id).data.tags["sentinel.verdict"] == "unscanned"
    assert "1 unscanned" in guard.summary()


def test_open_what_is_found_is_still_blocked(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(fail_closed=False, quiet=True):
        mlflow.log_artifact(str(scene.payload.file()))


def test_a_time_out_blocks(scene: Scene) -> None:
    policy = GuardPolicy(limits=Limits(timeout=0.0))
    path = scene.folder / "model.pkl"
    path.write_bytes(b"\x80\x04N." + scene.payload.mark.encode())
    with pytest.raises(SentinelBlocked, match=r"coverage\.limit"), MLflowGuard(policy, quiet=True):
        mlflow.log_artifact(str(path))


def test_a_file_above_the_limit_blocks(scene: Scene) -> None:
    policy = GuardPolicy(limits=Limits(max_file_size=10))
    with pytest.raises(SentinelBlocked, match=r"coverage\.limit"), MLflowGuard(policy, quiet=True):
        mlflow.log_text(scene.payload.mark, "model.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_blocks(scene: Scene) -> None:
    path = scene.payload.file()
    path.chmod(0)
    with pytest.raises(SentinelBlocked, match=r"coverage\.unreadable"), MLflowGuard(quiet=True):
        mlflow.log_artifact(str(path))


def test_a_pipe_in_a_directory_blocks(scene: Scene) -> None:
    folder = scene.folder / "with-a-pipe"
    folder.mkdir()
    os.mkfifo(folder / "model.pkl")
    with pytest.raises(SentinelBlocked, match=r"coverage\.special-file"):  # noqa: SIM117
        with MLflowGuard(quiet=True):
            mlflow.log_artifacts(str(folder))


def test_a_loop_of_links_ends(scene: Scene) -> None:
    folder = scene.folder / "loop"
    folder.mkdir()
    (folder / "again").symlink_to(folder)
    (folder / "evil.pkl").write_bytes(scene.payload.bytes)
    with pytest.raises(SentinelBlocked, match="SNT1101"), MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder))


def test_half_a_pickle_blocks(scene: Scene) -> None:
    path = scene.folder / "model.pkl"
    path.write_bytes(b"\x80\x04\x95\xff\xff\x00\x00\x00\x00\x00\x00]")
    with pytest.raises(SentinelBlocked, match=r"coverage\."), MLflowGuard(quiet=True):
        mlflow.log_artifact(str(path))


def test_what_could_not_be_read_may_be_let_through(scene: Scene) -> None:
    path = scene.folder / "model.pkl"
    path.write_bytes(b"\x80\x04\x95\xff\xff\x00\x00\x00\x00\x00\x00]")
    with MLflowGuard(GuardPolicy(incomplete="warn"), quiet=True):
        mlflow.log_artifact(str(path))
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.verdict"] == "unscanned"


def test_a_store_that_takes_no_tags_stops_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = mlflow.MlflowClient.log_batch

    def refuse(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("tags"):
            raise ConnectionError("no tags today")
        return original(*args, **kwargs)

    monkeypatch.setattr(mlflow.MlflowClient, "log_batch", refuse)
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    assert mlflow.sklearn.load_model(info.model_uri) is not None
    assert "no tags today" in caplog.text


def test_a_gigabyte_is_scanned_in_bounded_memory(scene: Scene) -> None:
    path = scene.folder / "sparse.bin"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    from sentinel.integrations.mlflow.checks import check
    from sentinel.integrations.mlflow.target import Target

    with MLflowGuard(quiet=True):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        check("log", path, "sparse.bin", Target("nowhere"))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 * 1024
