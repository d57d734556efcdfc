"""Core ML, PaddlePaddle, Caffe, MXNet and CNTK: code by name, files elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.corpus.malicious.case import ABSENT, URL, Case
from tests.kit.graphs import (
    caffe,
    caffe_layer,
    cntk,
    cntk_dictionary,
    coreml,
    linked,
    mxnet,
    mxnet_parameters,
    network,
    operation,
    paddle,
    paddle_json,
    paddle_operator,
    pir,
    program,
)  # fmt: skip
from tests.kit.proto import message


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    yield from _coreml()
    yield from _paddle()
    yield from _caffe()
    yield from _mxnet()
    yield from _cntk()


def _case(name: str, file: str, data: bytes, twin: bytes, expect: str = "high") -> Case:
    return Case(name, "other-graph", file, data, twin, expect, reaches=False)


def _coreml() -> Iterator[Case]:
    plain = network((140, b""))
    good = coreml(plain)
    custom = network((500, message((10, "Mine"))))
    branch = network((605, message((1, custom[1]))))
    inner = (202, message((1, coreml(custom)), (2, "a")))
    for name, parts in {
        "layer": custom, "layer-in-branch": branch, "in-pipeline": inner,
        "model": (555, message((10, "Mine"))), "classifier": (403, custom[1]),
        "operator": program(operation("custom_layer", cls="Mine")),
    }.items():  # fmt: skip
        yield _case(f"coreml-{name}", "m.mlmodel", coreml(parts), good, "medium")
    yield _case("coreml-unnamed", "weights.bin", coreml(custom), good, "medium")
    near = coreml(program(operation("const", "@model_path/weights/weight.bin")))
    for name, path in {
        "climbs": "@model_path/../../marker", "absolute": ABSENT, "url": URL,
    }.items():  # fmt: skip
        hostile = coreml(program(operation("const", path)))
        yield _case(f"coreml-weights-{name}", "m.mlmodel", hostile, near)
        yield _case(f"coreml-linked-{name}", "m.mlmodel", coreml(linked(path)), good)
    yield _case("coreml-search", "m.mlmodel", coreml(linked("m", "../..")), good)
    manifests = [
        json.dumps({"fileFormatVersion": "1.0.0", "itemInfoEntries": {"A": {
            "author": "com.apple.CoreML", "path": path}}}).encode()
        for path in ("../../marker", "com.apple.CoreML/model.mlmodel")
    ]  # fmt: skip
    yield _case("coreml-manifest", "Manifest.json", *manifests)
    deep = custom[1]
    for _ in range(60):
        deep = message((1, message((1, "l"), (605, message((1, deep))))))
    yield _case("coreml-deep", "m.mlmodel", coreml((500, deep)), good, "incomplete")


def _paddle() -> Iterator[Case]:
    yield from _paddle_json()
    good = paddle(paddle_operator("matmul_v2", data_format="NCHW"))
    hostile = paddle(paddle_operator("py_func"))
    yield _case("paddle-python", "inference.pdmodel", hostile, good, "critical")
    yield _case("paddle-unnamed", "weights.bin", hostile, good, "critical")
    for kind, key, text in (
        ("save", "file_path", ABSENT), ("load_combine", "file_path", "../marker"),
        ("send", "endpoints", "127.0.0.1:9"),
    ):  # fmt: skip
        data = paddle(paddle_operator(kind, **{key: text}))
        yield _case(f"paddle-{kind}", "inference.pdmodel", data, good)


def _paddle_json() -> Iterator[Case]:
    good = paddle_json(pir("1.matmul", struct_name="/Linear/"), pir("2.if", pir("1.relu")))
    for name, (operator, expect) in {
        "python": (pir("1.py_func"), "critical"),
        "custom": (pir("3.act"), "medium"),
        "custom-in-branch": (pir("2.if", pir("3.act")), "medium"),
        "load": (pir("1.load_combine", file_path=ABSENT), "high"),
        "save": (pir("1.save_combine", file_path="../../marker"), "high"),
        "read": (pir("1.read_file", filename="/etc/passwd"), "high"),
        "send": (pir("0.send", endpoint=URL), "high"),
    }.items():  # fmt: skip
        yield _case(f"paddle-json-{name}", "inference.json", paddle_json(operator), good, expect)
    turned = paddle_json(pir("1.py_func"), first="program")
    yield _case("paddle-json-turned", "weights.bin", turned, good, "critical")


def _caffe() -> Iterator[Case]:
    data, near = caffe(caffe_layer("Python", "mine", "Layer")), caffe(caffe_layer("ReLU"))
    yield _case("caffe", "net.caffemodel", data, near, "critical")
    yield _case("caffe-unnamed", "weights.bin", data, near, "critical")
    text = 'name: "net"\nlayer {\n  name: "l"\n  type: "%s"\n  %s }\n'
    python = "python_param { module: 'mine' layer: 'Layer' }"
    hostile, good = text % ("Python", python), text % ("ReLU", "# type: 'Python'\n")
    yield _case("caffe-text", "net.prototxt", hostile.encode(), good.encode(), "critical")
    for name, spelled, plain in (
        ("joined", 'Py" "thon', 'Re" "LU'), ("commented", 'Py"#\n\'thon\' "', 'Re"#\n\'LU\' "'),
        ("escaped", "Pyt\\150on", "Re\\114U"),
    ):  # fmt: skip
        hostile, good = text % (spelled, python), text % (plain, "")
        yield _case(f"caffe-{name}", "net.prototxt", hostile.encode(), good.encode(), "critical")


def _mxnet() -> Iterator[Case]:
    good = mxnet("FullyConnected", num_hidden="8")
    file = "model-symbol.json"
    yield _case("mxnet-custom", file, mxnet("Custom", op_type="mine"), good, "medium")
    for op in ("_Native", "_NDArray"):
        yield _case(f"mxnet-{op}", file, mxnet(op, info="140735340871680"), good, "critical")
    yield _case("mxnet-other-name", "graph.json", mxnet("_Native", info="1"), good, "critical")
    held = mxnet_parameters("arg:w", "arg:b")
    yield _case("mxnet-cut", "model.params", held[:-30], held, "incomplete")


def _cntk() -> Iterator[Case]:
    good = cntk(cntk_dictionary(type="PrimitiveFunction", uid="p", name="n", op="Times"))
    state = cntk_dictionary(**{"class": "Mine", "module": "mine", "op_name": "op"})
    native = cntk_dictionary(module="mine.so", deserialize_method="make", op="op")
    for name, held in {"python": state, "native": native}.items():
        function = cntk_dictionary(type="UserDefinedFunction", uid="u", state=held)
        yield _case(f"cntk-{name}", "m.dnn", cntk(function), good, "critical")
    function = cntk_dictionary(type="UserDefinedFunction", uid="u", state=state)
    yield _case("cntk-unnamed", "weights.bin", cntk(function), good, "critical")
    old = "BCN".encode("utf-16-le") + bytes(64)
    yield _case("cntk-old", "m.model", old, good, "incomplete")
