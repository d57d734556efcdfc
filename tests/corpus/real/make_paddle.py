"""Makes the file of ``paddle/`` again: ``python make_paddle.py``, with paddlepaddle 3.3.1.

It is kept because PaddlePaddle is larger than all that the tests use it for.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import paddle

HERE = Path(__file__).resolve().parent / "paddle"


class Network(paddle.nn.Layer):
    """A layer, and a branch that the values decide."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = paddle.nn.Linear(4, 2)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        """Return what it works out."""
        h = paddle.nn.functional.relu(self.layer(x))
        if h.sum() > 1:
            h = h + 1
        return h


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    given = paddle.static.InputSpec([None, 4], "float32")
    network = paddle.jit.to_static(Network(), input_spec=[given], full_graph=True)
    with tempfile.TemporaryDirectory() as folder:
        paddle.jit.save(network, f"{folder}/model")
        shutil.copy(f"{folder}/model.json", HERE / "inference.json")
