"""Formats that are data, checkpoints of PyTorch, and compressed files."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import joblib
import lightgbm
import numpy as np
import onnx
import pytest
import safetensors.numpy
import skops.io
import torch
import xgboost
from gguf import GGUFWriter
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from sentinel.errors import TrustError, UsageError
from sentinel.trust import LoadPolicy, secure_load
from sentinel.trust.load import torch_file
from tests.trust.load.kit import Reduced

X = np.random.default_rng(0).normal(size=(40, 3)).astype("f4")
Y = (X[:, 0] > 0).astype(int)


def _reason(path: Path, **options: Any) -> str:
    with pytest.raises(TrustError) as caught:
        secure_load(path, **options)
    return caught.value.reason


def test_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"a": X, "b": Y}, path)
    result = secure_load(path)
    assert result.level == "data-only"
    assert (result.obj["a"] == X).all()
    assert set(result.obj) == {"a", "b"}
    tensors = secure_load(path, framework="torch").obj
    assert torch.equal(tensors["a"], torch.from_numpy(X))


def test_numbers_that_numpy_does_not_have_need_torch(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "model.safetensors"
    save_file({"a": torch.ones(3, dtype=torch.float8_e4m3fn)}, path)
    assert secure_load(path, framework="torch").obj["a"].dtype == torch.float8_e4m3fn
    with pytest.raises(UsageError, match="NumPy"):
        secure_load(path)


def test_arrays_of_numpy(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", X)
    np.savez_compressed(tmp_path / "b.npz", x=X, y=Y)
    assert (secure_load(tmp_path / "a.npy").obj == X).all()
    assert sorted(secure_load(tmp_path / "b.npz").obj) == ["x", "y"]


def test_arrays_of_objects_are_no_data(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([Reduced(print)], dtype=object))
    np.savez(tmp_path / "b.npz", x=np.array(["a", None], dtype=object))
    for name in ("a.npy", "b.npz"):
        assert _reason(tmp_path / name, policy=LoadPolicy(fail_on=None)) in (
            "malformed",
            "findings",
        )


def test_an_array_that_announces_more_than_it_holds(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    raw = buffer.getvalue().replace(b"'shape': (3,), }      ", b"'shape': (3 << 40,), }"[:22])
    huge = buffer.getvalue().replace(b"(3,), }" + b" " * 12, b"(3000000000000,), }")
    assert huge != buffer.getvalue()
    for data in (raw, huge):
        (tmp_path / "a.npy").write_bytes(data)
        if data != buffer.getvalue():
            _reason(tmp_path / "a.npy", policy=LoadPolicy(fail_on=None, require_complete=False))


def test_onnx(tmp_path: Path) -> None:
    make = onnx.helper
    weight = onnx.numpy_helper.from_array(X[:3, :3], "w")
    graph = make.make_graph(
        [make.make_node("MatMul", ["x", "w"], ["y"])], "g",
        [make.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, 3])],
        [make.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 3])], [weight],
    )  # fmt: skip
    path = tmp_path / "model.onnx"
    model = make.make_model(graph)
    path.write_bytes(model.SerializeToString())
    assert secure_load(path).obj.graph.node[0].op_type == "MatMul"
    onnx.save(model, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    assert _reason(path, policy=LoadPolicy(fail_on=None, require_complete=False)) == "external-data"


def test_gguf(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_tensor("token_embd.weight", X)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = secure_load(path).obj
    path.unlink()
    assert found.tensors[0].name == "token_embd.weight"
    assert (found.tensors[0].data == X).all()


def test_boosters(tmp_path: Path) -> None:
    booster = xgboost.XGBClassifier(n_estimators=2).fit(X, Y).get_booster()
    for suffix in ("json", "ubj"):
        path = tmp_path / f"model.{suffix}"
        booster.save_model(path)
        found = secure_load(path)
        assert (found.level, found.format) == ("data-only", "xgboost")
        ours = found.obj.inplace_predict(X)
        assert (ours == booster.inplace_predict(X)).all()
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(X, Y).booster_
    model.save_model(tmp_path / "model.txt")
    assert (secure_load(tmp_path / "model.txt").obj.predict(X) == model.predict(X)).all()


def test_a_booster_that_leads_astray_is_no_data(tmp_path: Path) -> None:
    booster = xgboost.XGBClassifier(n_estimators=2).fit(X, Y).get_booster()
    model = json.loads(bytes(booster.save_raw("json")))
    trees = model["learner"]["gradient_booster"]["model"]["trees"]
    trees[0]["left_children"][0] = 1_000_000
    (tmp_path / "model.json").write_text(json.dumps(model))
    assert _reason(tmp_path / "model.json") == "findings"
    lenient = LoadPolicy(fail_on=None, require_complete=False)
    assert _reason(tmp_path / "model.json", policy=lenient) == "unsafe-values"


def test_skops_with_its_own_types_only(tmp_path: Path) -> None:
    skops.io.dump(LogisticRegression().fit(X, Y), tmp_path / "a.skops")
    found = secure_load(tmp_path / "a.skops")
    assert found.level == "data-only"
    assert type(found.obj) is LogisticRegression
    skops.io.dump(DecisionTreeClassifier().fit(X, Y), tmp_path / "b.skops")
    assert _reason(tmp_path / "b.skops") == "not-allowed"


@pytest.mark.parametrize("zipped", [True, False])
def test_weights_of_torch(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "model.pt"
    weights = {"w": torch.arange(6.0).reshape(2, 3), "step": 7}
    torch.save(weights, path, _use_new_zipfile_serialization=zipped)
    result = secure_load(path)
    assert (result.level, result.format) == ("allowlist", "torch")
    assert torch.equal(result.obj["w"], weights["w"])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_whole_module_of_torch_is_more_than_weights(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "model.pt"
    module = torch.nn.Linear(2, 2)
    torch.save(module, path, _use_new_zipfile_serialization=zipped)
    assert _reason(path) == "not-allowed"
    if not zipped:
        return
    allow = frozenset({("torch.nn.modules.linear", "Linear")})
    before = set(torch.serialization.get_safe_globals())
    found = secure_load(path, policy=LoadPolicy(allow=allow)).obj
    assert torch.equal(found.weight, module.weight)
    assert set(torch.serialization.get_safe_globals()) == before


@pytest.mark.parametrize(
    "hostile",
    [
        Reduced(print, ("never",)),
        {"w": torch.ones(2), "x": Reduced(eval, ("1",))},
        Reduced(torch.storage._load_from_bytes, (b"\x80\x04cos\nsystem\n.",)),
    ],
    ids=["print", "eval", "nested load"],
)
def test_hostile_checkpoints_are_refused(tmp_path: Path, hostile: Any) -> None:
    for zipped in (True, False):
        path = tmp_path / "model.pt"
        torch.save(hostile, path, _use_new_zipfile_serialization=zipped)
        assert _reason(path) == "findings"
        lenient = LoadPolicy(fail_on=None, require_complete=False)
        assert _reason(path, policy=lenient) == "not-allowed"


def test_a_hostile_pickle_elsewhere_in_a_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save({"w": torch.ones(2)}, path)
    assert secure_load(path).format == "torch"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("model/extra.pkl", b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
    assert _reason(path) == "findings"


def test_programs_of_torch_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    scripted = _scripted()
    path.write_bytes(scripted)
    with pytest.raises(TrustError):
        secure_load(path)


def _scripted() -> bytes:
    """Return a TorchScript archive's outline: a program beside the weights."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("m/data.pkl", b"\x80\x02}.")
        archive.writestr("m/constants.pkl", b"\x80\x02).")
        archive.writestr("m/code/__torch__.py", "class M(Module):\n  __parameters__ = []\n")
        archive.writestr("m/version", "3\n")
    return buffer.getvalue()


@pytest.mark.parametrize("version", ["2.5.1", "1.13.0+cu117", "nonsense", "2"])
def test_an_old_torch_is_not_used(version: str) -> None:
    with pytest.raises(UsageError, match="CVE-2025-32434"):
        torch_file.check_floor(version)


@pytest.mark.parametrize("version", ["2.6.0", "2.13.0+cpu", "3.0.0a0"])
def test_a_new_torch_is(version: str) -> None:
    torch_file.check_floor(version)


MODEL = LogisticRegression(C=5.0).fit(X, Y)


@pytest.mark.parametrize(
    "compress", [0, 3, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3)]
)
def test_joblib_however_it_is_compressed(tmp_path: Path, compress: Any) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump({"model": MODEL, "labels": np.array(["a", None], object)}, path, compress=compress)
    found = secure_load(path).obj
    assert (found["model"].predict(X) == MODEL.predict(X)).all()
    assert found["labels"].tolist() == ["a", None]


def test_joblib_is_not_imported() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from sentinel.trust.load.joblib_file import load_pickle;"
        "load_pickle(sys.stdin.buffer.read());"
        "print(sorted({'pickle', 'joblib', 'torch'} & set(sys.modules)))"
    )
    buffer = io.BytesIO()
    joblib.dump([np.array(["a", 2], object)], buffer)
    made = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
        input=buffer.getvalue(), capture_output=True, check=True,
    )  # fmt: skip
    assert b"joblib" not in made.stdout


def test_an_older_joblib_wrote_no_alignment(tmp_path: Path) -> None:
    """Files of joblib before 1.1: the wrapper has no alignment, and no padding follows."""
    array = np.arange(6, dtype="f8")
    description = {
        "subclass": np.ndarray, "shape": (6,), "order": "C", "dtype": array.dtype,
        "allow_mmap": True,
    }  # fmt: skip
    import pickle

    state = pickle.dumps(description, 3)[2:-1]
    data = (
        b"\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state + b"b"
        + array.tobytes() + b"."
    )  # fmt: skip
    (tmp_path / "model.joblib").write_bytes(data)
    assert secure_load(tmp_path / "model.joblib").obj.tolist() == array.tolist()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zlib.compress])
def test_compressed_files_within_bounds(tmp_path: Path, pack: Any) -> None:
    path = tmp_path / "model.joblib"
    plain = b"\x80\x04B" + struct.pack("<I", 200_000) + bytes(200_000) + b"."
    path.write_bytes(pack(plain))
    policy = LoadPolicy(max_size=100_000)
    assert _reason(path, policy=policy) == "too-large"
    assert secure_load(path, policy=LoadPolicy(max_size=300_000)).obj == bytes(200_000)
    path.write_bytes(pack(plain)[:-6])
    assert _reason(path, policy=LoadPolicy(require_complete=False)) == "malformed"


def test_a_file_that_is_two_formats_is_neither(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    safetensors.numpy.save_file({"a": X}, path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.pkl", b"\x80\x04}.")
    path.write_bytes(path.read_bytes() + buffer.getvalue())
    with pytest.raises(TrustError):
        secure_load(path, policy=LoadPolicy(fail_on=None, require_complete=False))
