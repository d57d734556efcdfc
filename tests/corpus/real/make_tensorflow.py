"""Makes the files of ``tensorflow/`` again: ``python make_tensorflow.py``, with TensorFlow 2.21.0.

They are kept because TensorFlow is too large to be installed for the tests (270 MB). All are
ordinary; the weights are random.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

HERE = Path(__file__).resolve().parent / "tensorflow"
OLD = tf.compat.v1


class Vocabulary(tf.Module):
    def __init__(self) -> None:
        index = tf.lookup.TextFileIndex
        rows = (tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER)
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer("words.txt", *rows), -1
        )

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, words: Any) -> Any:
        return self.table.lookup(words)


class Control(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
    def __call__(self, value: Any) -> Any:
        for _ in tf.range(10):
            value += 1.0
        if value > 3:
            value *= 2
        tf.print(value)
        return value


class Pictures(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, files: Any) -> Any:
        def small(data: Any) -> Any:
            return tf.image.resize(tf.io.decode_jpeg(data, channels=3), [8, 8])

        return tf.map_fn(small, files, fn_output_signature=tf.float32)


def saved(name: str, module: Any) -> None:
    """Keep the graph of a SavedModel and its hash sums."""
    if hasattr(module, "export"):
        module.export("saved", verbose=False)
    else:
        tf.saved_model.save(module, "saved")
    (HERE / f"{name}.pb").write_bytes(Path("saved/saved_model.pb").read_bytes())
    (HERE / "fingerprint.pb").write_bytes(Path("saved/fingerprint.pb").read_bytes())


def lite(name: str, converter: Any, **options: Any) -> None:
    """Keep what the converter to TensorFlow Lite gives."""
    for key, value in options.items():
        setattr(converter, key, value)
    (HERE / f"{name}.tflite").write_bytes(converter.convert())


def version1() -> None:
    """Keep a MetaGraph, a SavedModel and a frozen graph as version 1 wrote them."""
    graph = tf.Graph()
    with graph.as_default(), OLD.Session(graph=graph) as session:
        x = OLD.placeholder(tf.float32, [None, 4], "x")
        y = tf.matmul(x, OLD.get_variable("w", [4, 2]), name="y")
        OLD.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(y))
        OLD.summary.scalar("mean", tf.reduce_mean(y))
        session.run(OLD.global_variables_initializer())
        OLD.train.Saver().save(session, "./model")
        (HERE / "version1.meta").write_bytes(Path("model.meta").read_bytes())
        OLD.saved_model.simple_save(session, "old", {"x": x}, {"y": y})
        (HERE / "version1.pb").write_bytes(Path("old/saved_model.pb").read_bytes())
        frozen = OLD.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
        (HERE / "frozen.pb").write_bytes(frozen.SerializeToString())


def main() -> None:
    """Make all files in a folder of their own, so that no path of this machine is in them."""
    os.chdir(tempfile.mkdtemp())
    Path("words.txt").write_text("a\nb\nc\n", encoding="utf-8")
    HERE.mkdir(exist_ok=True)
    layers = tf.keras.layers
    dense = tf.keras.Sequential([layers.Input((4,)), layers.Dense(8, "relu"), layers.Dense(2)])
    picture = tf.keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(4, 3),
            layers.Flatten(),
            layers.Dense(10, "softmax"),
        ]
    )
    words = [layers.Input((None,)), layers.Embedding(20, 4), layers.LSTM(4), layers.Dense(1)]
    saved("recurrent", tf.keras.Sequential(words))
    saved("vocabulary", Vocabulary())
    saved("control", Control())
    saved("pictures", Pictures())
    saved("dense", dense)
    make = tf.lite.TFLiteConverter
    lite("dense", make.from_keras_model(dense))
    lite("quantised", make.from_keras_model(picture), optimizations=[tf.lite.Optimize.DEFAULT])
    saved("control", Control())
    flex = make.from_saved_model("saved")
    flex.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    lite("flex", flex)
    version1()


if __name__ == "__main__":
    main()
