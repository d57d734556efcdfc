"""The table of write paths, in every store: nothing passes the guard, everything passes without."""

from __future__ import annotations

import mlflow
import pytest

from sentinel.integrations import MLflowGuard, SentinelBlocked
from tests.integrations.mlflow.kit import Scene
from tests.integrations.mlflow.paths import PATHS

SWALLOWED = {"autolog", "log_image_in_background"}
"""Paths whose errors MLflow keeps to itself: the guard raises them at its end."""
every_path = pytest.mark.parametrize("name", PATHS)


@pytest.fixture
def never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a guard MLflow would load the payload to see what it imports."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("not in this test")

    monkeypatch.setattr("mlflow.utils.requirements_utils._capture_imported_modules", refuse)


@every_path
def test_a_guarded_path_is_blocked_and_leaves_nothing(any_scene: Scene, name: str) -> None:
    with pytest.raises(SentinelBlocked) as caught, MLflowGuard(quiet=True) as guard:
        PATHS[name](any_scene)
        assert name in SWALLOWED, "nothing was raised where it was logged"
    assert any_scene.store.holds(any_scene.payload.mark) == []
    assert guard.blocks[0] is caught.value
    assert caught.value.rule.startswith("SNT")
    assert mlflow.get_run(any_scene.run_id) is not None, "the run is usable"


@every_path
def test_the_same_path_leaks_without_a_guard(
    any_scene: Scene, name: str, never_loaded: None
) -> None:
    PATHS[name](any_scene)
    assert any_scene.store.holds(any_scene.payload.mark)


def test_a_repository_that_was_cached_before_is_guarded(http_scene: Scene) -> None:
    mlflow.log_text("nothing", "first.txt")  # the client keeps the repository of the run
    with MLflowGuard(quiet=True) as guard:
        with pytest.raises(SentinelBlocked):
            mlflow.log_artifact(str(http_scene.payload.file()))
        guard.blocks[0].acknowledge()
    assert http_scene.store.holds(http_scene.payload.mark) == []


def test_a_clean_file_passes(any_scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        mlflow.log_text(f"clean {any_scene.payload.mark}", "clean.txt")
    assert len(any_scene.store.holds(any_scene.payload.mark)) == 1
