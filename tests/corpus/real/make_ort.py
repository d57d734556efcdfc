"""Makes the files of ``ort/`` again: ``python make_ort.py``, with onnx and onnxruntime 1.32.

They are kept because ONNX Runtime is larger than all that the tests use it for.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnx import ModelProto, TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent / "ort"
ROWS = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 8])


def save(graph: object, name: str) -> None:
    """Write a graph as ONNX Runtime keeps it."""
    model: ModelProto = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="kit"
    )
    model.ir_version = 9
    helper.set_model_props(model, {"author": "the kit"})
    options = ort.SessionOptions()
    options.optimized_model_filepath = str(HERE / name)
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.add_session_config_entry("session.save_model_format", "ORT")
    ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def layers() -> object:
    """Return a layer with weights."""
    weight = np.random.default_rng(0).standard_normal((8, 4)).astype("f4")
    held = [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(np.zeros(4, "f4"), "b")]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])
    nodes = [helper.make_node("Gemm", ["x", "w", "b"], ["h"]), helper.make_node("Relu", "h", "y")]
    return helper.make_graph(nodes, "layers", [ROWS], [result], held)


def branches() -> object:
    """Return a branch with two bodies."""
    choice = helper.make_tensor_value_info("c", TensorProto.BOOL, [])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 8]) for name in "oy"]
    bodies = [
        helper.make_graph([helper.make_node(op, ["x"], ["o"])], op, [], ends[:1])
        for op in ("Relu", "Abs")
    ]
    node = helper.make_node("If", ["c"], ["y"], then_branch=bodies[0], else_branch=bodies[1])
    return helper.make_graph([node], "branches", [ROWS, choice], ends[1:])


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    save(layers(), "layers.ort")
    save(branches(), "branches.ort")
