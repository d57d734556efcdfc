"""How many bytes a sound verdict costs, for every format there is.

A reader over HTTP pays for every byte. So a whole scan of a large file (recognising it, parsing,
judging, its members) asks for no more than a stated number of bytes, as its reader counts them;
what is asked for twice counts twice, and 70 KB of each figure are the first and last bytes that
tell what a file is. Formats in which anything may stand anywhere are read in full, and say why.
"""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import gguf
import h5py
import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import skops.io
import torch
from onnx import TensorProto, helper
from safetensors.numpy import save
from sklearn.linear_model import LinearRegression

from sentinel.artifacts import Artifact
from sentinel.engine import Scanner
from sentinel.findings import Report, Verdict
from sentinel.formats import FORMATS
from sentinel.readers import MemoryReader
from tests.corpus.malicious.arrays import zipped
from tests.formats.torch_kit import saved, scripted
from tests.kit import graphs, natives, polyglots, runtimes, tfs
from tests.kit.flat import lite, lite_graph, lite_operator
from tests.kit.lua import Lua
from tests.kit.msgpacks import array, checkpoint
from tests.kit.proto import message
from tests.kit.rstream import R
from tests.kit.tensor_files import Gguf, old_ggml

KB = 1000
MB = 1_000_000
WEIGHT = np.zeros((512, 512), "f4")
"""One of the arrays that the files hold: a megabyte."""


class Remote(MemoryReader):
    """Gives large files in pieces only, as a reader over HTTP does.

    A file on disk of up to 64 MiB is given whole to the reader of pickles, which is quicker then.
    """

    def view(self) -> bytes | None:  # type: ignore[override]
        return super().view() if self.size <= 64 * KB else None


class Needs(NamedTuple):
    """A file and what reading it may cost.

    Attributes:
        format: What it is.
        name: Its file name.
        make: Gives its bytes.
        most: Bytes that may be read.
        verdict: Of the scan.
    """

    format: str
    name: str
    make: Callable[[], bytes]
    most: int
    verdict: Verdict = Verdict.CLEAN


WHOLE = {
    "onnx-text": "text is read whole, and made anew in the binary form",
    "python": "source text: any line acts",
    "model-source": "source text: any line acts",
    "notebook": "source text: any cell acts",
    "shell-script": "source text: any line acts",
    "jinja": "source text: any expression acts",
    "torchscript": "source text: any statement may call an operator",
    "torch-export": "JSON: any node may name what is called",
    "config-code": "text: any key may name code",
    "bundle": "text: any key may name code or a path",
    "model-config": "JSON: any key may name code",
    "keras-config": "JSON: any layer may hold code",
    "keras-metadata": "JSON in protobuf: any layer may hold code",
    "requirements": "text: any line may name a source of packages",
    "prototxt": "text: any layer may be Python",
    "mxnet": "JSON: any node may be a custom operator",
    "mlpackage": "JSON of a few items",
    "oci": "JSON of a few blobs, which are files of their own",
    "zarr": "JSON of a few items; chunks are files of their own",
    "paddle": "operators only: parameters are a file of their own",
    "ncnn": "text: any layer may be a custom one; weights are a file of their own",
    "pmml": "XML: an entity may be declared or used anywhere",
    "openvino": "XML: any layer may be an extension; weights are a file of their own",
    "xgboost": "JSON, UBJSON or its old layout: any node may lead outside of its tree",
    "lightgbm": "text: any node may lead outside of its tree",
    "catboost": "tables of nodes, any of which may lead outside of its tree",
    "gzip": "a compressed stream cannot be entered in the middle",
    "bzip2": "a compressed stream cannot be entered in the middle",
    "xz": "a compressed stream cannot be entered in the middle",
    "lzma": "a compressed stream cannot be entered in the middle",
    "zlib": "a compressed stream cannot be entered in the middle",
    "zstd": "a compressed stream cannot be entered in the middle",
    "lz4": "a compressed stream cannot be entered in the middle",
    "zfile": "a compressed stream cannot be entered in the middle",
    "7z": "members are packed together, mostly into one compressed stream",
    "tensorrt": "an unpublished layout: libraries for the host may lie anywhere",
    "rknn": "an unpublished layout: libraries for the host may lie anywhere",
    "mnn": "libraries for the host may lie in any of its buffers",
}
"""Formats that are read in full, and why."""


def tensors(count: int) -> dict[str, torch.Tensor]:
    return {f"layers.{number}.weight": torch.zeros(512, 512) for number in range(count)}


def byte_tensors() -> bytes:
    return saved({f"w{number}": torch.zeros(100 * KB, dtype=torch.uint8) for number in range(80)})


def old_torch() -> bytes:
    return saved(tensors(12), _use_new_zipfile_serialization=False)


def linear() -> bytes:
    return scripted(torch.nn.Linear(1024, 2048).eval())


def shard() -> bytes:
    return saved({"a": torch.zeros(1_500_000)}) + saved({"b": torch.zeros(1_500_000)})


def old_tar() -> bytes:
    from tests.formats.test_torch_tar import STORAGE, packed, parts

    elements = struct.pack("<q", 3 * MB) + bytes(12 * MB)
    pieces = [pickle.dumps(1, 2), STORAGE, elements, pickle.dumps([], 2)]
    return packed(parts() | {"storages": pieces})


def in_tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for number in range(3):
            data = save({f"w{n}": WEIGHT for n in range(4)})
            info = tarfile.TarInfo(f"model-{number}.safetensors")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def in_zip() -> bytes:
    model = save({f"w{number}": WEIGHT for number in range(6)})
    return zipped({"a.safetensors": model, "b.safetensors": model, "about.txt": b"two models"})


def stored_in_rar() -> bytes:
    from tests.formats.archive.test_sevenzip import file5, rar5

    return rar5(file5("m.safetensors", save({f"w{number}": WEIGHT for number in range(6)})))


def npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{f"w{number}": WEIGHT for number in range(20)})
    return buffer.getvalue()


def npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((1024, 2048), "f4"))
    return buffer.getvalue()


def joblib_arrays() -> bytes:
    buffer = io.BytesIO()
    joblib.dump({f"w{number}": np.zeros(1 << 21, "f4") for number in range(4)}, buffer)
    return buffer.getvalue()


def gguf_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_token_list([f"token{number}" for number in range(5_000)])
        writer.add_token_scores([0.0] * 5_000)
        for number in range(20):
            writer.add_tensor(f"blk.{number}.weight", WEIGHT)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def big_endian() -> bytes:
    file = Gguf(order=">").key("general.name", 8, "a model")
    for number in range(10):
        file.tensor(f"blk.{number}", bytes(MB))
    return file.file()


def onnx_file() -> bytes:
    weights = [
        helper.make_tensor(f"w{n}", TensorProto.FLOAT, WEIGHT.shape, WEIGHT.tobytes(), raw=True)
        for n in range(20)
    ]
    nodes = [helper.make_node("MatMul", [f"x{n}", f"w{n}"], [f"x{n + 1}"]) for n in range(20)]
    given = helper.make_tensor_value_info("x0", TensorProto.FLOAT, [1, 512])
    result = helper.make_tensor_value_info("x20", TensorProto.FLOAT, [1, 512])
    graph = helper.make_graph(nodes, "g", [given], [result], weights)
    made: bytes = helper.make_model(graph).SerializeToString()
    return made


def ort_file() -> bytes:
    return runtimes.ort(data=bytes(MB), floats=MB // 4, names=" ".join(f"w{n}" for n in range(20)))


def hdf5() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Model", "config": {}}'
        for number in range(20):
            group = file.create_group(f"layer{number}")
            group.attrs["weight_names"] = [b"kernel:0"]
            group.create_dataset("kernel", data=np.ones(WEIGHT.shape, "f4"))
    return buffer.getvalue()


def keras() -> bytes:
    return zipped(
        {
            "metadata.json": b'{"keras_version": "3.8.0"}',
            "config.json": b'{"class_name": "Sequential", "config": {"layers": []}}',
            "model.weights.h5": hdf5(),
        }
    )


def skops_file() -> bytes:
    model = LinearRegression()
    model.coef_, model.intercept_ = np.zeros((1024, 2048)), np.zeros(1024)
    made: bytes = skops.io.dumps(model)
    return made


def parquet() -> bytes:
    buffer = io.BytesIO()
    table = pa.table({"a": pa.array(range(1_000_000), pa.int64())})
    pq.write_table(table, buffer, compression="none", use_dictionary=False)
    return buffer.getvalue()


def arrow() -> bytes:
    buffer = io.BytesIO()
    table = pa.table({"a": pa.array(range(1_000_000), pa.int64())})
    with pa.ipc.new_file(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def r_numbers() -> bytes:
    r = R()
    numbers = r.number(14, MB) + bytes(8 * MB)
    return r.file(r.listed(numbers, r.text("a"), numbers))


def torch7() -> bytes:
    lua = Lua()
    return lua.table(weight=lua.tensor(2_000_000))


def frozen() -> bytes:
    weight = message((8, message((1, 1), (4, bytes(MB)))))
    nodes = [tfs.node("Const", f"w{number}", "", ("value", weight)) for number in range(20)]
    return tfs.graph(*nodes)


def tflite() -> bytes:
    buffers: list[Any] = [{0: bytes(MB)} for _ in range(20)]
    return lite([{3: (4, 19)}], [lite_graph(lite_operator())], [{}, *buffers])


def flax() -> bytes:
    return checkpoint(**{f"w{number}": array((250_000,), bytes(MB)) for number in range(20)})


def executorch() -> bytes:
    return runtimes.executorch(segments=((0, 20 * MB),), data=bytes(20 * MB))


def mobile() -> bytes:
    return runtimes.mobile(weights=bytes(20 * MB))


def coreml() -> bytes:
    heavy = message((20, message((30, bytes(MB)))))
    return graphs.coreml(graphs.network(*[(140, heavy) for _ in range(20)]))


def caffe() -> bytes:
    blob = message((5, bytes(MB)))
    layer = message((1, "fc"), (2, "InnerProduct"), (3, "x"), (4, "y"), (7, blob))
    return graphs.caffe(*[layer] * 20)


def mxnet_parameters() -> bytes:
    return graphs.mxnet_parameters(*[f"arg:w{number}" for number in range(20)], floats=250_000)


def cntk() -> bytes:
    array = message((1, 1), (2, message((1, 250_000))), (4, message((1, bytes(MB)))))
    held = message((2, message((1, "value"), (2, message((1, 1), (2, 5), (7, array))))))
    return graphs.cntk(*[graphs.cntk_dictionary(type="Variable", uid="w", name="w") + held] * 20)


def llamafile() -> bytes:
    return polyglots.llamafile(data=big_endian())


NEEDED = (
    Needs("pickle", "m.pkl", lambda: pickle.dumps({"a": WEIGHT, "b": bytes(20 * MB)}, 4), 260 * KB),
    Needs("pickle", "m.joblib", joblib_arrays, 280 * KB),
    Needs("pickle", "legacy.pt", old_torch, 240 * KB),
    Needs("zip", "models.zip", in_zip, 400 * KB),
    Needs("zip", "m.npz", npz, 1700 * KB),
    Needs("torch", "m.pt", lambda: saved(tensors(20)), 170 * KB),
    Needs("torch", "bytes.pt", byte_tensors, 200 * KB),
    Needs("torch", "script.pt", linear, 240 * KB),
    Needs("torch-shard", "__0_0.distcp", shard, 400 * KB),
    Needs("tar", "models.tar", in_tar, 340 * KB),
    Needs("torch-tar", "old.pt", old_tar, 180 * KB),
    Needs("rar", "m.rar", stored_in_rar, 210 * KB),
    Needs("npy", "m.npy", npy, 72 * KB),
    Needs("parquet", "t.parquet", parquet, 150 * KB),
    Needs("arrow", "t.arrow", arrow, 72 * KB),
    Needs(
        "safetensors", "m.safetensors", lambda: save({f"w{n}": WEIGHT for n in range(20)}), 75 * KB
    ),
    Needs("gguf", "m.gguf", gguf_file, 360 * KB),
    Needs("gguf", "big-endian.gguf", big_endian, 230 * KB),
    Needs("gguf", "ggjt.bin", lambda: old_ggml(data=bytes(4 * MB), shape=(1000, 1000)), 230 * KB),
    Needs("onnx", "m.onnx", onnx_file, 130 * KB),
    Needs("ort", "m.ort", ort_file, 85 * KB),
    Needs("hdf5", "m.h5", hdf5, 170 * KB),
    Needs("keras", "m.keras", keras, 400 * KB),
    Needs("skops", "m.skops", skops_file, 340 * KB),
    Needs("r", "m.rds", r_numbers, 300 * KB),
    Needs("torch7", "m.t7", torch7, 150 * KB),
    Needs("savedmodel", "frozen.pb", frozen, 170 * KB),
    Needs("tflite", "m.tflite", tflite, 90 * KB),
    Needs("msgpack", "m.msgpack", flax, 240 * KB),
    Needs("executorch", "m.pte", executorch, 160 * KB),
    Needs("torch-mobile", "m.ptl", mobile, 80 * KB),
    Needs("coreml", "m.mlmodel", coreml, 110 * KB),
    Needs("caffe", "m.caffemodel", caffe, 130 * KB),
    Needs("mxnet-params", "m.params", mxnet_parameters, 80 * KB),
    Needs("cntk", "m.cntk", cntk, 125 * KB),
    Needs("llamafile", "m.llamafile", llamafile, 1700 * KB, Verdict.INCOMPLETE),
    Needs(
        "native", "libop.so", lambda: natives.elf() + bytes(20 * MB), 72 * KB, Verdict.INCOMPLETE
    ),
)


def examine(needs: Needs) -> tuple[Report, Remote]:
    reader = Remote(needs.make())
    return Scanner().scan_artifact(Artifact(needs.name, reader, asked=True)), reader


@pytest.mark.parametrize("needs", NEEDED, ids=lambda needs: f"{needs.format}-{needs.name}")
def test_a_verdict_costs_few_bytes(needs: Needs) -> None:
    report, reader = examine(needs)
    assert needs.format in report.formats
    assert report.verdict is needs.verdict
    assert reader.stats.bytes_read <= needs.most
    assert reader.size >= 5 * needs.most  # else it would show nothing


def test_every_format_that_is_read_says_what_it_costs() -> None:
    """A new format needs a line in ``NEEDED``, or in ``WHOLE`` with the reason."""
    measured = {needs.format for needs in NEEDED}
    assert measured | WHOLE.keys() == {entry.name for entry in FORMATS if entry.parse}
    assert not measured & WHOLE.keys()
