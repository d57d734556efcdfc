"""Models that run code become models that are data, with the same answers."""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
import torch
import xgboost
from safetensors.torch import load as load_tensors
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sentinel import Verdict
from sentinel.cli import main
from sentinel.errors import TrustError, UsageError
from sentinel.trust import LoadPolicy, secure_load
from sentinel.trust.jail import convert

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is of Linux")

X, Y = load_iris(return_X_y=True)
MODELS: dict[str, Callable[[], Any]] = {
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
    "forest": lambda: RandomForestClassifier(5, random_state=0),
    "neighbours": lambda: KNeighborsClassifier(),
}
MORE: dict[str, Callable[[], Any]] = {
    "ridge": lambda: Ridge(),
    "boosting": lambda: GradientBoostingClassifier(n_estimators=5, random_state=0),
    "svc": lambda: SVC(),
    "mlp": lambda: MLPClassifier((8,), max_iter=50, random_state=0),
}


def _same_answers(name: str, make: Callable[[], Any], folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make().fit(X, Y)
    file = folder / f"{name}.pkl"
    file.write_bytes(pickle.dumps(model))
    made = convert(file, "skops")
    unknown = skops.io.get_untrusted_types(data=made.data)
    again = skops.io.loads(made.data, trusted=unknown)
    assert np.array_equal(again.predict(X), model.predict(X))
    assert type(model).__name__ in made.type


@pytest.mark.parametrize("name", MODELS)
def test_scikit_learn_to_skops(name: str, tmp_path: Path) -> None:
    _same_answers(name, MODELS[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", MORE)
def test_more_of_scikit_learn_to_skops(name: str, tmp_path: Path) -> None:
    _same_answers(name, MORE[name], tmp_path)


def test_xgboost_to_ubj(tmp_path: Path) -> None:
    model = xgboost.XGBClassifier(n_estimators=3).fit(X, Y)
    joblib.dump(model, tmp_path / "m.joblib")
    made = convert(tmp_path / "m.joblib", "ubj")
    again = xgboost.Booster(model_file=bytearray(made.data))
    ours = again.predict(xgboost.DMatrix(X)).argmax(1)
    assert np.array_equal(ours, model.predict(X))
    assert made.report.verdict is Verdict.CLEAN


def test_a_torch_module_to_safetensors(tmp_path: Path) -> None:
    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    torch.save(module, tmp_path / "m.pt")
    made = convert(tmp_path / "m.pt", "safetensors")
    assert made.taken == "state_dict()"
    again = load_tensors(made.data)
    assert again.keys() == module.state_dict().keys()
    assert all(torch.equal(again[name], value) for name, value in module.state_dict().items())


def test_the_tensors_of_a_checkpoint_and_nothing_beside(tmp_path: Path) -> None:
    state = {"state_dict": {"w": torch.ones(2, dtype=torch.bfloat16)}, "epoch": 3}
    torch.save(state, tmp_path / "c.pt")
    made = convert(tmp_path / "c.pt", "safetensors")
    assert made.taken == "state_dict"
    assert torch.equal(load_tensors(made.data)["w"], torch.ones(2, dtype=torch.bfloat16))


def test_the_tensors_of_a_checkpoint_under_a_name_of_its_own(tmp_path: Path) -> None:
    one, two = {"w": torch.ones(2)}, {"w": torch.zeros(2)}
    torch.save({"net": one, "args": {"lr": 0.1}, "epoch": 3}, tmp_path / "c.pt")
    made = convert(tmp_path / "c.pt", "safetensors")
    assert made.taken == "net"
    assert torch.equal(load_tensors(made.data)["w"], torch.ones(2))
    torch.save({"net": one, "ema": two}, tmp_path / "two.pt")
    with pytest.raises(TrustError, match=r"several sets of tensors \(net, ema\)"):
        convert(tmp_path / "two.pt", "safetensors")
    torch.save({"epoch": 3}, tmp_path / "none.pt")
    with pytest.raises(TrustError, match="no tensors by name; save its state_dict"):
        convert(tmp_path / "none.pt", "safetensors")


def test_a_library_that_is_not_here_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "c.pt")
    with monkeypatch.context() as patch:
        patch.setattr("sentinel.trust.extras.find_spec", lambda name: name != "torch" or None)
        with pytest.raises(UsageError, match="torch is needed") as raised:
            convert(tmp_path / "c.pt", "safetensors")
        assert raised.value.hint == "pip install torch"
    (tmp_path / "m.pkl").write_bytes(b"cno.such.library\nModel\n.")
    with pytest.raises(TrustError, match="ModuleNotFoundError") as refused:
        convert(tmp_path / "m.pkl", "skops")
    assert refused.value.hint == "install the library that the model was made with"


def test_a_level_of_the_loader(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(3, 2), tmp_path / "m.pt")
    policy = LoadPolicy(levels=("convert",), fail_on=None, require_complete=False)
    found = secure_load(tmp_path / "m.pt", policy=policy)
    assert found.level == "convert"
    assert isinstance(found.obj, dict)
    assert sorted(found.obj) == ["bias", "weight"]


class _Attack:
    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, ("echo marker",)


def test_what_is_known_to_be_malicious_is_not_loaded_there_either(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(_Attack()))
    with pytest.raises(TrustError) as raised:
        convert(tmp_path / "m.pkl", "skops")
    assert raised.value.reason == "findings"


def test_what_is_not_converted(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(UsageError, match="nothing to convert to"):
        convert(tmp_path / "m.pkl", "onnx")
    np.save(tmp_path / "a.npy", np.zeros(2))
    with pytest.raises(TrustError) as raised:
        convert(tmp_path / "a.npy", "skops")
    assert raised.value.reason == "no-safe-way"
    (tmp_path / "link.pkl").symlink_to(tmp_path / "m.pkl")
    with pytest.raises(TrustError) as raised:
        convert(tmp_path / "link.pkl", "skops")
    assert raised.value.reason == "symlink"


def test_what_makes_no_sense_is_told_before_anything_is_loaded(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps({"a": np.zeros(1)}))
    command = ["convert", str(tmp_path / "m.pkl"), "--to", "safetensors"]
    for more, said in (
        (["-o", str(tmp_path / "no" / "m.safetensors")], "no such directory"),
        (["--seconds", "nan"], "--seconds and --memory"),
        (["--seconds", "inf"], "--seconds and --memory"),
        (["--memory", "1e300"], "--seconds and --memory"),
    ):
        assert main([*command, *more]) == 2
        assert said in capfd.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["m.pkl"]
    assert main(command) == 0  # their nearest twin


def test_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "c.pt")
    arguments = ["convert", str(tmp_path / "c.pt"), "--to", "safetensors"]
    assert main(arguments) == 0
    told = capfd.readouterr().err
    assert "c.safetensors" in told
    assert "clean now" in told
    assert load_tensors((tmp_path / "c.safetensors").read_bytes())["w"].sum() == 2

    assert main(arguments) == 2
    assert "--force replaces it" in capfd.readouterr().err

    (tmp_path / "m.pkl").write_bytes(pickle.dumps(_Attack()))
    assert main(["convert", str(tmp_path / "m.pkl"), "--to", "skops"]) == 1
    assert "refused (findings)" in capfd.readouterr().err
    assert not (tmp_path / "m.skops").exists()
