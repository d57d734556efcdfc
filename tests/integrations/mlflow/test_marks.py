"""Models are marked with a watermark on a copy, where a policy has a key."""

from __future__ import annotations

from typing import Any

import mlflow
import mlflow.sklearn
import numpy as np
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard
from tests.integrations.mlflow.kit import ROWS, Scene, estimator, log_estimator, only3


def marked_policy(scene: Scene) -> GuardPolicy:
    from sentinel.trust.watermark.keys import keygen

    keygen(str(scene.folder / "mark.key"))
    return GuardPolicy(
        watermark_key=str(scene.folder / "mark.key"),
        watermark_records=str(scene.folder / "records"),
    )


def large_estimator() -> Any:
    from sklearn.neural_network import MLPClassifier

    rows = np.random.default_rng(0).normal(size=(60, 64))
    model = MLPClassifier((256,), max_iter=3, random_state=0)
    return model.fit(rows, (rows[:, 0] > 0).astype(int))


def test_a_model_is_marked_on_a_copy(scene: Scene) -> None:
    from sentinel.trust import load_watermark_key, verify_watermark
    from sentinel.trust.watermark.record import read_record

    model = large_estimator()
    before = [layer.copy() for layer in model.coefs_]
    policy = marked_policy(scene)
    with MLflowGuard(policy, quiet=True):
        info = log_estimator(model)
    assert all((a == b).all() for a, b in zip(before, model.coefs_, strict=True))
    loaded = mlflow.sklearn.load_model(info.model_uri)
    assert any((a != b).any() for a, b in zip(before, loaded.coefs_, strict=True))
    (record,) = (scene.folder / "records").glob("*.json")
    key = load_watermark_key(str(scene.folder / "mark.key"))
    verification = verify_watermark(loaded, key, record=read_record(str(record)))
    assert verification.verdict == "marked"
    assert info.metadata["sentinel"]["watermark"]["status"] == "marked"
    tags = mlflow.get_run(scene.run_id).data.tags
    assert tags["sentinel.watermark.status"] == "marked"


def test_a_model_that_cannot_be_marked_is_logged_as_it_is(scene: Scene) -> None:
    from sklearn.dummy import DummyClassifier

    model = DummyClassifier().fit(ROWS, [0, 1, 1])
    with MLflowGuard(marked_policy(scene), quiet=True):
        info = log_estimator(model)
    assert info.metadata["sentinel"]["watermark"]["status"] == "skipped"
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.watermark.reason"]


def test_without_a_key_nothing_is_said_of_marks(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    assert "watermark" not in info.metadata["sentinel"]


@only3
@pytest.mark.parametrize("how", ["pickle", "pt2"])
def test_a_module_is_marked_on_a_copy(scene: Scene, how: str) -> None:
    torch = pytest.importorskip("torch")
    import mlflow.pytorch

    from sentinel.trust import load_watermark_key, verify_watermark
    from sentinel.trust.watermark.record import read_record

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(64, 256), torch.nn.ReLU(), torch.nn.Linear(256, 8))
    before = {name: one.clone() for name, one in model.state_dict().items()}
    with MLflowGuard(marked_policy(scene), quiet=True):
        info = mlflow.pytorch.log_model(
            model, name="model", serialization_format=how, pip_requirements=["torch==2.13.0"],
            input_example=np.zeros((2, 64), dtype="float32"),
        )  # fmt: skip
    assert info.metadata["sentinel"]["watermark"]["status"] == "marked"
    assert all(torch.equal(one, before[name]) for name, one in model.state_dict().items())
    assert model.training
    loaded = mlflow.pytorch.load_model(info.model_uri)
    state = loaded.state_dict() if how == "pickle" else dict(loaded.state_dict())
    (record,) = (scene.folder / "records").glob("*.json")
    key = load_watermark_key(str(scene.folder / "mark.key"))
    found = verify_watermark(dict(state), key, record=read_record(str(record)))
    assert found.verdict == "marked"
