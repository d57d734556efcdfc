"""Makes the files of ``coreml/`` again: ``python make_coreml.py``, with coremltools 9.0.

They are kept because coremltools wants other versions of libraries than the tests do.
"""

from __future__ import annotations

from pathlib import Path

import coremltools as ct
import numpy as np
from coremltools.converters.mil import Builder
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder
from coremltools.models.pipeline import Pipeline

HERE = Path(__file__).resolve().parent / "coreml"


def network() -> ct.models.MLModel:
    """Return a network of two layers."""
    shape = [("x", datatypes.Array(3))], [("y", datatypes.Array(2))]
    builder = NeuralNetworkBuilder(*shape)
    weight = np.ones((2, 3), np.float32)
    builder.add_inner_product("layer", weight, np.zeros(2), 3, 2, True, "x", "h")
    builder.add_activation("last", "RELU", "h", "y")
    model = ct.models.MLModel(builder.spec, skip_model_load=True)
    model.author, model.short_description = "nobody", "two layers"
    model.user_defined_metadata["note"] = "text"
    return model


def main() -> None:
    """Make all files."""
    HERE.mkdir(exist_ok=True)
    ct.utils.save_spec(network().get_spec(), str(HERE / "network.mlmodel"))
    chain = Pipeline([("x", datatypes.Array(3))], [("y", datatypes.Array(2))])
    chain.add_model(network().get_spec())
    ct.utils.save_spec(chain.spec, str(HERE / "pipeline.mlmodel"))

    @Builder.program(input_specs=[Builder.TensorSpec(shape=(1, 3))])
    def program(x):
        weight = np.ones((20, 3), np.float32)
        return Builder.relu(x=Builder.linear(x=x, weight=weight, bias=np.zeros(20, np.float32)))

    package = HERE / "program.mlpackage"
    ct.convert(program, convert_to="mlprogram", skip_model_load=True).save(str(package))
    inner = package / "Data" / "com.apple.CoreML"
    (HERE / "program.mlmodel").write_bytes((inner / "model.mlmodel").read_bytes())
    (HERE / "Manifest.json").write_bytes((package / "Manifest.json").read_bytes())
    for path in sorted(package.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    package.rmdir()


if __name__ == "__main__":
    main()
