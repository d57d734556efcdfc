"""ONNX models, by onnx's own helpers and by torch's exporter; files of TensorFlow."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from tests.corpus.benign.save import Saver


def onnx(save: Saver) -> None:
    import numpy as np
    import onnx as o
    from onnx import helper as h

    def write(name: str, model: Any, **options: Any) -> None:
        o.checker.check_model(model)
        save.make(name, lambda path: o.save(model, path, **options))

    one = o.TensorProto.FLOAT
    weight = o.numpy_helper.from_array(np.ones((4, 4), np.float32), "w")
    x, y = (h.make_tensor_value_info(name, one, [1, 4]) for name in "xy")
    layer = h.make_node("MatMul", ["x", "w"], ["h"])
    last = h.make_node("Softmax", ["h"], ["y"])
    plain = h.make_graph([layer, last], "plain", [x], [y], [weight])
    model = h.make_model(plain, opset_imports=[h.make_opsetid("", 18)])
    write("plain.onnx", model)
    write("plain.bin", model)
    whole = o.ModelProto.FromString(model.SerializeToString())
    write("external.onnx", whole, save_as_external_data=True, size_threshold=0, location="data")
    (save.folder / "data").unlink()  # nothing but numbers, and no file of a kind that is read
    model.doc_string = "A layer and a softmax. See https://example.org/model"
    h.set_model_props(model, {"names": "{0: 'cat', 1: 'dog'}", "stride": "32", "task": "detect"})
    write("metadata.onnx", model)
    write("branch.onnx", _branch(o, weight))
    write("loop.onnx", _loop(o))
    write("function.onnx", _function(o, weight))
    write("mask.onnx", _mask(o, weight))
    write("kinds.onnx", _kinds(o, np))
    write("learned.onnx", _learned(o))
    exported = _torch()
    if exported:
        save.bytes("torch.onnx", exported)


def _graph(o: Any, nodes: Any, inputs: Any, outputs: Any, *tensors: Any, **more: Any) -> Any:
    h = o.helper

    def declared(rows: Any) -> Any:
        return [h.make_tensor_value_info(*row) for row in rows]

    graph = h.make_graph(nodes, "g", declared(inputs), declared(outputs), list(tensors))
    sets = [h.make_opsetid("", 18), *more.pop("sets", ())]
    return h.make_model(graph, opset_imports=sets, **more)


def _branch(o: Any, weight: Any) -> Any:
    h = o.helper
    result = [h.make_tensor_value_info("r", 1, [1, 4])]
    bodies = {
        name: h.make_graph([h.make_node(op, ["h"], ["r"])], name, [], result)
        for name, op in (("then_branch", "Relu"), ("else_branch", "Neg"))
    }
    nodes = [
        h.make_node("MatMul", ["x", "w"], ["h"]), h.make_node("Equal", ["rate", "k"], ["c"]),
        h.make_node("If", ["c"], ["y"], **bodies),
    ]  # fmt: skip
    constant = h.make_tensor("k", 7, [1], [16000])
    return _graph(o, nodes, [("x", 1, [1, 4]), ("rate", 7, [1])], [("y", 1, [1, 4])],
                  weight, constant)  # fmt: skip


def _loop(o: Any) -> Any:
    h = o.helper
    body = h.make_graph(
        [h.make_node("Add", ["a", "a"], ["b"]), h.make_node("Identity", ["go"], ["on"])], "body",
        [h.make_tensor_value_info("i", 7, []), h.make_tensor_value_info("go", 9, []),
         h.make_tensor_value_info("a", 1, [2])],
        [h.make_tensor_value_info("on", 9, []), h.make_tensor_value_info("b", 1, [2])],
    )  # fmt: skip
    return _graph(o, [h.make_node("Loop", ["n", "", "x"], ["y"], body=body)],
                  [("n", 7, []), ("x", 1, [2])], [("y", 1, [2])])  # fmt: skip


def _function(o: Any, weight: Any) -> Any:
    h = o.helper
    opset = h.make_opsetid("", 18)
    own = h.make_function(
        "custom", "Block", ["a", "b"], ["c"],
        [h.make_node("MatMul", ["a", "b"], ["m"]), h.make_node("Relu", ["m"], ["c"])], [opset],
    )  # fmt: skip
    call = h.make_node("Block", ["x", "w"], ["y"], domain="custom")
    return _graph(o, [call], [("x", 1, [1, 4])], [("y", 1, [1, 4])], weight,
                  functions=[own], sets=[h.make_opsetid("custom", 1)])  # fmt: skip


def _mask(o: Any, weight: Any) -> Any:
    h = o.helper
    constants = [h.make_tensor("pad", 1, [1], [0.0]), h.make_tensor("low", 1, [1], [-1e9])]
    nodes = [
        h.make_node("MatMul", ["x", "w"], ["h"]), h.make_node("Equal", ["x", "pad"], ["m"]),
        h.make_node("Where", ["m", "low", "h"], ["y"]),
    ]  # fmt: skip
    return _graph(o, nodes, [("x", 1, [1, 4])], [("y", 1, [1, 4])], weight, *constants)


def _kinds(o: Any, np: Any) -> Any:
    h, kinds = o.helper, ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?")
    arrays = [o.numpy_helper.from_array(np.zeros((3, 5), kind), f"t{kind}") for kind in kinds]
    arrays.append(o.numpy_helper.from_array(np.array(["a", "b"], object), "words"))
    arrays.append(h.make_tensor("bf", o.TensorProto.BFLOAT16, [2], [1.0, 2.0]))
    arrays.append(h.make_tensor("i4", o.TensorProto.INT4, [3], [1, 2, 3]))
    arrays.append(h.make_tensor("scalar", 1, [], [1.0]))
    return _graph(o, [h.make_node("Relu", ["x"], ["y"])], [("x", 1, [1])], [("y", 1, [1])], *arrays)


def _learned(o: Any) -> Any:
    h = o.helper
    node = h.make_node(
        "LinearClassifier", ["x"], ["label", "y"], domain="ai.onnx.ml", coefficients=[1.0] * 8,
        classlabels_strings=["a", "b"], intercepts=[0.0, 0.0],
    )  # fmt: skip
    return _graph(o, [node], [("x", 1, [1, 4])], [("label", 8, [1]), ("y", 1, [1, 2])],
                  sets=[h.make_opsetid("ai.onnx.ml", 3)])  # fmt: skip


def _torch() -> bytes:
    """Return what torch's own exporter writes; empty where the installed one cannot."""
    try:
        import torch
        from torch import nn

        network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))
        file = io.BytesIO()
        torch.onnx.export(network.eval(), (torch.ones(1, 3, 4, 4),), file, dynamo=False)
        return file.getvalue()
    except Exception:
        return b""


def tensorflow(save: Saver) -> None:
    """Keep the files that ``tests/corpus/real/make_tensorflow.py`` made with TensorFlow."""
    for path in sorted((Path(__file__).resolve().parents[1] / "real" / "tensorflow").iterdir()):
        save.bytes(path.name, path.read_bytes())


def other_graphs(save: Saver) -> None:
    """Keep files of coremltools, ONNX Runtime, PaddlePaddle; write others after their formats."""
    from tests.kit import graphs as kit

    for path in sorted((Path(__file__).resolve().parents[1] / "real" / "coreml").iterdir()):
        save.bytes(path.name, path.read_bytes())
    for library in ("ort", "paddle"):
        for path in sorted((Path(__file__).resolve().parents[1] / "real" / library).iterdir()):
            save.bytes(path.name, path.read_bytes())
    operators = [kit.paddle_operator(kind) for kind in ("feed", "matmul_v2", "relu", "fetch")]
    save.bytes("inference.pdmodel", kit.paddle(*operators))
    layers = [kit.caffe_layer(kind) for kind in ("Input", "Convolution", "ReLU", "Softmax")]
    save.bytes("net.caffemodel", kit.caffe(*layers))
    text = 'name: "net"\ninput: "data"\nlayer {\n  name: "l"\n  type: "ReLU"\n}\n'
    save.bytes("net.prototxt", text.encode())
    save.bytes("model-symbol.json", kit.mxnet("FullyConnected", num_hidden="8"))
    save.bytes("model-0000.params", kit.mxnet_parameters("arg:w", "arg:b"))
    times = kit.cntk_dictionary(type="PrimitiveFunction", uid="p", name="n", op="Times")
    save.bytes("model.dnn", kit.cntk(times))
