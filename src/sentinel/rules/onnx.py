"""What we think of an ONNX file: where its data lies, and which operators it asks for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..data import read
from ..findings import Finding, Severity
from ..formats.onnx_model import OnnxModel, OnnxNode, OnnxTensor
from . import RuleContext, rule
from .external_paths import leads_out

_REMEDY = "Do not open this model; get it again from a source you trust."
_INT64 = 1 << 63
_OWN = frozenset(("", "ai.onnx", "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.preview",
                  "ai.onnx.training"))  # fmt: skip
_KNOWN = frozenset((
    "com.microsoft", "com.microsoft.nchwc", "com.microsoft.experimental", "com.microsoft.dml",
    "com.microsoft.extensions", "com.microsoft.internal.nhwc", "com.ms.internal.nhwc",
    "ai.onnx.contrib", "org.pytorch.aten", "org.pytorch._caffe2", "org.pytorch.prim",
    "org.pytorch.quantized", "aten", "prim", "quantized", "onnxscript.atenlib",
    "ai.onnx.converters.tensorflow", "org.openvinotoolkit", "ai.graphcore", "com.amd",
    "com.qti.aisw", "com.xilinx", "com.vitis.customop", "vitis.customop", "com.arm",
    "com.intel.ai", "tvm", "onnx.brevitas", "brevitas.onnx", "qonnx.custom_op.general",
    "finn.custom_op.general", "mmdeploy", "mmcv", "trt.plugins", "TRT", "nvidia", "com.nvidia",
))  # fmt: skip
_KNOWN_ROOTS = ("pkg.", "qonnx.", "finn.")
_PYTHON = frozenset(("PyOp", "PythonOp", "PythonOpGrad", "PyCustomOp", "PyFunc"))
_ENGINES = frozenset(("EPContext", "TRTEngineOp", "TrtEngine", "PluginV2", "SNPE", "Snpe"))
_REMOTE = ("Azure", "OpenAI")
_PATHS = ("ep_cache_context", "DLC", "path", "file", "filename", "model_path", "engine_path")


@rule("SNT1320", "external-path", severity=Severity.HIGH, formats=("onnx",), cwe="CWE-22")
def external_path(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """A tensor's data is said to lie outside the folder of the model.

    **What.** Tensors may keep their data in another file, named by a path relative to the model.
    This path is absolute, climbs with `..`, is a URL, a network share or a drive, stands for
    memory of the process, or leads through a link to another folder.

    **Why it matters.** Loading the model reads that file into a tensor, and the model can hand it
    out as its output: passwords and keys become predictions. A network share sends the
    credentials of a Windows user to its host. Several versions of ONNX followed such paths
    (CVE-2022-25882, CVE-2024-27318, CVE-2024-5187).

    **Fix.** Do not load the model. External data lies beside the model under a plain name.
    """
    away = {location for location, size in model.siblings if size < 0}
    for tensor in model.tensors:
        for key, value in tensor.external:
            how = leads_out(value) if key in ("location", "basepath") else ""
            if not how and key == "location" and value in away:
                how = "is a link that leads out of the folder"
            if how:
                yield context.finding(
                    f"the data of {_called(tensor)} lies elsewhere: its {key} {how}",
                    offset=tensor.offset,
                    evidence=value[:200],
                    remedy=_REMEDY,
                )


@rule("SNT1321", "external-range", severity=Severity.MEDIUM, formats=("onnx",), cwe="CWE-125")
def external_range(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """The place of a tensor's external data cannot be right.

    **What.** Offset or length are no numbers, negative, do not fit 64 bits, disagree with the
    tensor's shape, or reach past the end of the data file beside the model; or there are keys
    that no writer uses.

    **Why it matters.** Readers that believe such numbers read memory that is not theirs. A library
    that sets attributes by such keys lets the file change its objects.

    **Fix.** Export the model again.
    """
    sizes = dict(model.siblings)
    for tensor in model.tensors:
        if not tensor.external:
            continue
        wrong = _range_problem(tensor, sizes)
        if wrong:
            yield context.finding(
                f"the external data of {_called(tensor)}: {wrong}",
                offset=tensor.offset,
                evidence=", ".join(f"{key}={value[:80]}" for key, value in tensor.external[:8]),
                remedy="Export the model again.",
            )


def _range_problem(tensor: OnnxTensor, sizes: dict[str, int]) -> str:
    entries = dict(tensor.external)
    strange = next((key for key in entries if "__" in key or not key.isprintable()), "")
    if strange:
        return f"the key {strange!r}"
    figures: dict[str, int] = {}
    for key in ("offset", "length"):
        text = entries.get(key, "")
        if not text:
            continue
        if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) >= _INT64:
            return f"its {key} is {text[:40]!r}"
        figures[key] = int(text)
    offset, length = figures.get("offset", 0), figures.get("length")
    wanted = wanted_bytes(tensor)
    if length is not None and wanted is not None and length < wanted:
        return f"{length} bytes where its shape wants {wanted}"
    size = sizes.get(entries.get("location", ""), -1)
    end = offset + (length if length is not None else wanted or 0)
    if 0 <= size < end:
        return f"it ends at {end} in a file of {size} bytes"
    return ""


@rule(
    "SNT1322", "custom-operator", severity=Severity.MEDIUM, formats=("onnx", "ort"), cwe="CWE-829"
)
def custom_operator(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """The graph uses an operator that only somebody's own library can provide.

    **What.** The operator is in no published operator set that we know: its domain is unknown, or
    its name is none of that domain's. Operators that the model defines itself are not counted,
    and those of well-known runtimes and compilers are reported as information.

    **Why it matters.** To run the model, a native library or a Python function has to be loaded
    that comes with it from the same source. That is code, and no scan of the model covers it.

    **Fix.** Find out which library the model needs and whether you trust it, or export the model
    with standard operators.
    """
    defined = {(one.domain, one.name) for one in model.functions}
    table = known_operators()
    for (domain, op), (node, count) in _operators(model).items():
        if (domain, op) in defined or op in _PYTHON or op in _ENGINES:
            continue
        if domain in _OWN and f"{domain or 'ai.onnx'} {op}" in table:
            continue
        known = domain in _KNOWN or domain.startswith(_KNOWN_ROOTS)
        yield context.finding(
            f"operator {op!r} of {'the runtime or compiler' if known else 'unknown origin'}"
            f" {domain!r} ({count} times)",
            offset=node.offset,
            evidence=f"{domain or 'ai.onnx'}::{op}"[:200],
            remedy="" if known else "Find out which library provides it.",
            severity=Severity.INFO if known else None,
        )


@rule(
    "SNT1323", "python-operator", severity=Severity.CRITICAL, formats=("onnx", "ort"), cwe="CWE-94"
)
def python_operator(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """An operator of the graph runs Python.

    **What.** The operator's name is one by which runtimes call into the Python interpreter (`PyOp`,
    `PythonOp`): its attributes name a module and a class or function.

    **Why it matters.** The runtime imports the module and calls what the model names.

    **Fix.** Do not load the model.
    """
    defined = {(one.domain, one.name) for one in model.functions}
    for (domain, op), (node, _) in _operators(model).items():
        if op in _PYTHON and (domain, op) not in defined:
            yield context.finding(
                f"the operator {op} runs Python code of the model's choice",
                offset=node.offset,
                evidence=_shown(domain, node),
                remedy=_REMEDY,
            )


@rule(
    "SNT1324",
    "operator-reaches-out",
    severity=Severity.HIGH,
    formats=("onnx", "ort"),
    cwe="CWE-829",
)
def operator_reaches_out(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """An operator opens a connection, or loads a compiled engine.

    **What.** The operator sends its input to a service on the network, or carries an engine that a
    compiler made for one kind of device, within the file or by the path of another one.

    **Why it matters.** Inputs leave the machine to wherever the model says. An engine is machine
    code in a format of its vendor, which no scan can look into.

    **Fix.** Find out who made the model. Compile engines yourself, from a model that was scanned.
    """
    for graph in model.graphs:
        for node in graph.nodes:
            if node.domain in _OWN:
                continue
            if node.op.startswith(_REMOTE) and node.domain in _KNOWN:
                yield context.finding(
                    f"the operator {node.op} sends its input over the network",
                    offset=node.offset,
                    evidence=_shown(node.domain, node),
                    remedy=_REMEDY,
                )
            elif node.op in _ENGINES:
                yield from _engine(node, context)


def _engine(node: OnnxNode, context: RuleContext) -> Iterator[Finding]:
    for key, value in node.texts:
        how = leads_out(value) if key in _PATHS and value.isprintable() else ""
        if how:
            yield context.finding(
                f"the engine of {node.op} lies elsewhere: {key} {how}",
                offset=node.offset,
                evidence=_shown(node.domain, node),
                remedy=_REMEDY,
            )
    yield context.finding(
        f"{node.op} holds an engine compiled for a device, which is not looked into",
        offset=node.offset,
        evidence=f"{node.domain}::{node.op}",
        severity=Severity.LOW,
    )


_BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64,
         14: 64, 15: 128, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2,
         26: 2}  # fmt: skip
"""Bits of an element by the number of its type (``TensorProto.DataType``)."""


def wanted_bytes(tensor: OnnxTensor) -> int | None:
    """Return how many bytes a tensor's shape and type take, or None where that is not known."""
    bits = _BITS.get(tensor.dtype)
    if bits is None or any(size < 0 for size in tensor.dims):
        return None
    for size in tensor.dims:
        bits *= size
    return -(-bits // 8)


@rule("SNT1325", "tensor-size", severity=Severity.MEDIUM, formats=("onnx", "ort"), cwe="CWE-130")
def tensor_size(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """A tensor's shape does not account for its data.

    **What.** The data within the file is longer or shorter than shape and type say, a size is
    negative, or the sizes come to more than 64 bits can count.

    **Why it matters.** Readers that trust the shape read or write beyond the data. Bytes that
    belong to no element can hide another file.

    **Fix.** Export the model again.
    """
    for tensor in model.tensors:
        wanted = wanted_bytes(tensor)
        problem = ""
        if any(size < 0 for size in tensor.dims):
            problem = "a negative size"
        elif wanted is not None and wanted >= _INT64:
            problem = "more bytes than 64 bits can count"
        elif wanted is not None and tensor.raw and not tensor.external and tensor.raw != wanted:
            problem = f"{tensor.raw} bytes of data where its shape wants {wanted}"
        if problem:
            yield context.finding(
                f"{_called(tensor)}: {problem}",
                offset=tensor.offset,
                evidence=f"type {tensor.dtype}, shape {list(tensor.dims[:8])}",
                remedy="Export the model again.",
            )


def _called(tensor: OnnxTensor) -> str:
    return f"tensor {tensor.name[:100]!r}" if tensor.name else f"the tensor in {tensor.where}"


def _shown(domain: str, node: OnnxNode) -> str:
    texts = ", ".join(f"{key}={value[:60]!r}" for key, value in node.texts[:6])
    return f"{domain or 'ai.onnx'}::{node.op}({texts})"[:300]


def _operators(model: OnnxModel) -> dict[tuple[str, str], tuple[OnnxNode, int]]:
    """Return each operator with its first use and the number of its uses."""
    found: dict[tuple[str, str], tuple[OnnxNode, int]] = {}
    for graph in model.graphs:
        for node in graph.nodes:
            key = ("" if node.domain == "ai.onnx" else node.domain, node.op)
            first, count = found.get(key, (node, 0))
            found[key] = (first, count + 1)
    return found


@cache
def known_operators() -> frozenset[str]:
    """Return the names of the operators of ONNX and ONNX Runtime, with their domains."""
    return frozenset(read("onnx_operators.txt").decode().splitlines())
