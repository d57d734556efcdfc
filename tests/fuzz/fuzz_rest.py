"""Fuzzes what the other fuzzers leave out: ``python -m tests.fuzz.fuzz_rest --format oci``."""

from __future__ import annotations

import io
import json
import sys
from functools import cache
from pathlib import Path

import numpy as np

from tests.corpus.malicious.oci_files import index, manifest
from tests.fuzz.archive_fuzz import loop_each
from tests.kit.graphs import mxnet_parameters
from tests.kit.natives import elf
from tests.kit.polyglots import llamafile
from tests.kit.proto import message
from tests.kit.runtimes import RKNN, tensorrt

FORMATS = (
    "npy", "torch", "torch-shard", "torch-tar", "torchscript", "torch-export", "python", "oci",
    "openvino", "keras-metadata", "zarr", "tensorrt", "rknn", "llamafile", "mlpackage", "prototxt",
    "mxnet-params",
)  # fmt: skip
MARKS = (
    b"\x93NUMPY", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"\x80\x02", b"ustar", b"{", b"[",
    b"\"", b"<", b"def ", b"(", b"\n", b"\x0a", b"\x12", b"sha256:", b"layer", b"\x7fELF",
)  # fmt: skip
_MANIFESTS = Path(__file__).resolve().parents[1] / "corpus" / "real" / "coreml"
_SOURCE = """import os
import torch.nn as nn
class Net(nn.Module):
    def __init__(self, size: int = 3) -> None:
        self.layer = nn.Linear(size, size)
    def forward(self, x):
        return [self.layer(x) for _ in range(2)] or eval(f"{x}")
"""
_SCRIPT = """class M(Module):
  __parameters__ = ["weight", ]
  weight : Tensor
  def forward(self: __torch__.M, x: Tensor) -> Tensor:
    _0 = torch.add(torch.mul(x, self.weight), CONSTANTS.c0, alpha=1)
    return ops.aten.relu(_0)
"""
_NET = """name: "net"
layer { name: "l" type: "Python" python_param { module: "m" layer: "L" } }
layer { name: "r" type: "ReLU" bottom: "l" top: 'r' }
"""
_XML = """<?xml version="1.0"?>
<net name="m" version="11"><layers><layer id="0" name="x" type="Parameter" version="opset1">
<data shape="1,3" element_type="f32"/><output><port id="0" precision="FP32"><dim>1</dim></port>
</output></layer><layer id="1" type="Const"><data offset="0" size="4"/></layer></layers>
<edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/></edges></net>
"""
_GRAPH = {
    "graph_module": {"graph": {"nodes": [
        {"target": "torch.ops.aten.add.Tensor", "inputs": [{"name": "self", "arg": {"as_int": 1}}],
         "outputs": [], "metadata": {"stack_trace": "a"}},
    ], "inputs": [], "outputs": []}, "signature": {}, "module_call_graph": []},
    "opset_version": {"aten": 10}, "range_constraints": {}, "schema_version": {"major": 8},
}  # fmt: skip
_ZARR = {"zarr_format": 2, "dtype": "<f4", "shape": [4], "chunks": [4], "order": "C",
         "compressor": {"id": "blosc"}, "fill_value": 0, "filters": None}  # fmt: skip


@cache
def seeds(name: str) -> list[bytes]:
    """Return ordinary and hostile files of a format, small ones."""
    if name in ("torch", "torch-shard", "torch-tar"):
        return _torch(name)
    found: dict[str, list[bytes]] = {
        "npy": [_npy(np.zeros((2, 3))), _npy(np.array([{}], object)), _npy(np.zeros(3, "i4,S5"))],
        "torchscript": [_SCRIPT.encode()],
        "torch-export": [json.dumps(_GRAPH).encode()],
        "python": [_SOURCE.encode()],
        "oci": [manifest(title="a"), index(), manifest(urls=["http://127.0.0.1:9/x"])],
        "openvino": [_XML.encode()],
        "keras-metadata": [_metadata()],
        "zarr": [json.dumps(_ZARR).encode()],
        "tensorrt": [tensorrt(elf(3)), tensorrt(metadata=b'{"a": 1}')],
        "rknn": [RKNN, RKNN + elf(3)],
        "llamafile": [llamafile()],
        "mlpackage": [path.read_bytes() for path in sorted(_MANIFESTS.glob("*.json"))],
        "prototxt": [_NET.encode()],
        "mxnet-params": [mxnet_parameters("arg:w", "arg:b")],
    }
    return found[name]


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _metadata() -> bytes:
    node = message(
        (1, 0), (2, "root"), (3, "_tf_keras_sequential"),
        (4, json.dumps({"class_name": "Sequential", "config": {"layers": []}})),
    )  # fmt: skip
    return message((1, [node, node]))


def _torch(name: str) -> list[bytes]:
    import torch

    from tests.formats.test_torch_tar import CHECKPOINT
    from tests.formats.torch_kit import saved

    if name == "torch-tar":
        return [CHECKPOINT]
    if name == "torch":
        whole = {"a": torch.ones(3), "b": torch.zeros(20, dtype=torch.uint8), "c": [1, "x"]}
        return [saved(whole), saved(torch.nn.Linear(2, 2)), saved({})]
    return [saved({"a": torch.ones(3)}) + saved({"b": torch.zeros(2)})]


if __name__ == "__main__":
    sys.exit(loop_each(FORMATS, seeds, lambda name: MARKS))
