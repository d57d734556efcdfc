"""What TorchScript operators and classes do, by their names."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from ..data import read

_TABLE = "torchscript_operators.txt"


class Kind(StrEnum):
    """What an operator is to a reader of the file."""

    ORDINARY = "ordinary"
    FILE = "file"
    LOADS = "loads"
    RPC = "rpc"
    COLLECTIVE = "collective"
    KNOWN_LIBRARY = "known-library"
    CUSTOM = "custom"
    UNKNOWN = "unknown"


class Operator(NamedTuple):
    """A judged name: its kind, and what it does in words that follow "the code"."""

    kind: Kind
    reason: str = ""


_FILES = {
    "aten::from_file": "maps a file into a tensor",
    "aten::save": "writes a file",
    "debugprims::load_tensor": "reads a tensor from a file",
}
_LOADS = {
    "load_library": "loads a native library",
    "load": "loads a pickle or a further model",
    "hub": "fetches and runs code",
    "PythonOp": "calls back into Python",
    "IgnoredPythonOp": "calls back into Python",
}
RPC = frozenset(("rpc_async", "rpc_sync", "rpc_remote", "to_here"))
"""Operators that call functions on other machines."""

_COLLECTIVES = frozenset(
    ("c10d", "c10d_functional", "_c10d_functional", "_c10d_functional_autograd", "symm_mem")
)
_OWN = frozenset((
    "aten", "prim", "prims", "quantized", "_quantized", "mkldnn", "mkldnn_prepacked", "mkl",
    "onednn", "sparse", "inductor", "profiler", "onnx", "static_runtime", "rngprims",
    "quantization", "quantized_decomposed", "prepacked", "xnnpack", "_caffe2", "metal",
    "metal_prepack", "vulkan", "vulkan_prepack", "tensorexpr", "cuda", "rnn", "dist_autograd",
    "nvprims", "_nnapi", "_dtensor", "_native", "export", "higher_order", "auto_functionalized",
    "c10d", "torchao",
))  # fmt: skip
"""Namespaces that PyTorch itself registers, in some build or release."""

_OWN_CLASSES = frozenset((
    "quantized", "rnn", "sparse", "xnnpack", "mkldnn", "metal", "vulkan", "profiler",
    "profiling", "cuda", "_nnapi",
))  # fmt: skip
_LIBRARIES = frozenset((
    "torchvision", "torchaudio", "torchtext", "torchrec", "fbgemm", "torch_scatter",
    "torch_sparse", "torch_cluster", "torch_spline_conv", "pyg", "detectron2", "xformers",
    "bitsandbytes", "flash_attn", "tensorrt", "torch_ipex", "ipex_prepack", "neuron",
))  # fmt: skip
"""Namespaces of published libraries, each by the library of that name."""

_PYTHON_SIDE = frozenset((
    "Tensor", "device", "Generator", "Size", "dtype", "layout", "memory_format", "strided",
    "sparse_coo", "jit", "int", "float", "bool", "classes", "Storage", "Stream", "Event",
    "FloatTensor",
))  # fmt: skip
"""Names below ``torch`` that are types or modules in the language, not operators."""


@lru_cache(maxsize=1)
def _table() -> bytes:
    return read(_TABLE)


def _registered(name: str) -> bool:
    return f"\n{name}\n".encode("utf-8", "replace") in _table()


@lru_cache(maxsize=8192)
def judge_operator(name: str) -> Operator:
    """Return what is known about a name.

    Args:
        name: As the code spells it (``torch.add``, ``ops.quantized.linear``,
            ``__torch__.torch.classes.quantized.Conv2dPackedParamsBase``).
    """
    root, _, rest = name.partition(".")
    if root == "__torch__":
        prefix = "torch.classes."
        return _class(rest.removeprefix(prefix)) if rest.startswith(prefix) else _ORDINARY
    if root == "torch":
        return _below_torch(rest)
    if name.rpartition(".")[2] == "load_library":
        return Operator(Kind.LOADS, _LOADS["load_library"])
    if root == "ops":
        namespace, _, operator = rest.partition(".")
        return _operator(namespace, operator) if operator else _ORDINARY
    return _operator(root, rest)


def judge_schema_name(name: str) -> Operator:
    """Return what is known about an operator by its registered name (``aten::add``)."""
    namespace, _, operator = name.partition("::")
    return _operator(namespace, operator.partition(".")[0])


_ORDINARY = Operator(Kind.ORDINARY)


def _below_torch(path: str) -> Operator:
    first, _, rest = path.partition(".")
    last = path.rpartition(".")[2]
    if first == "classes" and rest and last != "load_library":
        return _class(rest)
    if first == "ops" and rest and last != "load_library":
        namespace, _, operator = rest.partition(".")
        return _operator(namespace, operator) if operator else _ORDINARY
    if path.startswith("distributed.rpc") or path in RPC:
        return Operator(Kind.RPC, "calls functions on other machines")
    reason = _LOADS.get(last) or _LOADS.get(first)
    if reason:
        return Operator(Kind.LOADS, reason)
    if first in _PYTHON_SIDE or "." in path:
        return Operator(Kind.ORDINARY)
    return _operator("aten", path)


def _operator(namespace: str, operator: str) -> Operator:
    operator = operator.partition(".")[0]
    name = f"{namespace}::{operator}"
    if name in _FILES:
        return Operator(Kind.FILE, _FILES[name])
    if operator in RPC:
        return Operator(Kind.RPC, "calls functions on other machines")
    if operator == "load_library" or (namespace == "prim" and operator in _LOADS):
        return Operator(Kind.LOADS, _LOADS[operator])
    if namespace in _COLLECTIVES:
        return Operator(Kind.COLLECTIVE, "exchanges tensors with other processes")
    if namespace in _LIBRARIES:
        return Operator(Kind.KNOWN_LIBRARY, f"needs {namespace}")
    if _registered(name):
        return _ORDINARY
    return Operator(Kind.UNKNOWN if namespace in _OWN else Kind.CUSTOM)


def _class(path: str) -> Operator:
    namespace = path.partition(".")[0]
    if namespace in ("c10d", "dist_c10d", "dist_rpc"):
        return Operator(Kind.COLLECTIVE, "holds a process group")
    if namespace in _OWN_CLASSES:
        return _ORDINARY
    return Operator(Kind.KNOWN_LIBRARY if namespace in _LIBRARIES else Kind.CUSTOM)
