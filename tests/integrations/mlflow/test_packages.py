"""What a model asks to install and to import is judged with it."""

from __future__ import annotations

import json

import mlflow
import mlflow.sklearn
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard
from tests.integrations.mlflow.kit import Scene, estimator

SUPPLY = {
    "a repository of Git": ("mlflow\ngit+https://example.invalid/x.git\n", "SNT1809", "high"),
    "another index": ("--index-url http://example.invalid\nmlflow\n", "SNT1804", "medium"),
    "a name that is nearly another": ("nunpy==1.0\n", "SNT1820", "medium"),
}  # fmt: skip


@pytest.mark.parametrize("case", SUPPLY)
def test_supply_chain_of_the_directory(scene: Scene, case: str) -> None:
    text, rule, severity = SUPPLY[case]
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    (folder / "requirements.txt").write_text(text)
    with MLflowGuard(GuardPolicy(fail_on=None), quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    here = [one for one in found if one["artifact"].startswith("model/requirements.txt")]
    assert [one["severity"] for one in here if one["rule"] == rule] == [severity]


def test_the_neighbour_of_a_name_that_is_nearly_another_passes(scene: Scene) -> None:
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["numpy==2.2.0"]
    )
    with MLflowGuard(quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    assert "SNT1820" not in {one["rule"] for one in found}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loader_module: mlflow.sklearn", "loader_module: helpers.loader"),
        ("  sklearn:\n", "  sklearn:\n    skops_trusted_types: [builtins.eval]\n"),
        ("  sklearn:\n", "  sklearn:\n    skops_trusted_types:\n    - builtins.eval\n"),
    ],
)
def test_supply_chain_of_mlmodel(scene: Scene, old: str, new: str) -> None:
    folder = scene.folder / "model-directory"
    mlflow.sklearn.save_model(
        estimator(), folder, serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    text = (folder / "MLmodel").read_text()
    assert old in text
    (folder / "MLmodel").write_text(text.replace(old, new, 1))
    with MLflowGuard(GuardPolicy(fail_on=None), quiet=True):
        mlflow.log_artifacts(str(folder), "model")
    found = json.loads(mlflow.get_run(scene.run_id).data.tags["sentinel.findings"])
    assert [one for one in found if one["artifact"].startswith("model/MLmodel")]
