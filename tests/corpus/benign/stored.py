"""HDF5 and Keras: arrays, tables and models as h5py, PyTables, pandas and Keras write them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from tests.corpus.benign.save import Saver

VERSIONS = ("earliest", "v108", "v110", "v112", "v114", "latest")


def hdf5(save: Saver) -> None:
    import h5py

    def fill(file: Any) -> None:
        group = file.create_group("layer")
        group.attrs["names"] = ["kernel:0", "bias:0"]
        group.attrs["about"] = "Trained on Tuesday. See the paper."
        group.attrs["fixed"] = np.bytes_(b"It ends with a full stop.")
        group.attrs["numbers"] = np.arange(9)
        for number in range(200):
            file.create_group(f"many/n{number}").attrs["index"] = number
        for number in range(30):
            file["many"].attrs[f"key{number}"] = f"value {number}"
        group.create_dataset("kernel", data=np.ones((40, 3), "f4"))
        group.create_dataset("packed", data=np.ones((40, 3), "f4"), chunks=(8, 3),
                             compression="gzip", shuffle=True, fletcher32=True)  # fmt: skip
        group.create_dataset("grows", data=np.arange(40), chunks=(3,), maxshape=(None,))
        file.create_dataset("image", data=np.full((8, 8, 3), 0x80, "u1"))
        file.create_dataset("bytes", data=np.frombuffer(b"\x80\x04 no pickle" * 9, "u1"))
        file.create_dataset("words", data=["a", "bc"])
        file.create_dataset("table", data=np.zeros(3, [("a", "i4"), ("b", "S3"), ("c", "f8", 2)]))
        file["alias"], file["soft"] = group, h5py.SoftLink("/layer/kernel")
        group["back"] = file["/"]

    for version in VERSIONS:
        for ordered in (False, True):
            block = 512 if ordered else 0

            def write(path: Path, v: str = version, o: bool = ordered, b: int = block) -> None:
                with h5py.File(
                    path, "w", libver=(v, "latest"), track_order=o, userblock_size=b
                ) as f:
                    fill(f)

            save.make(f"{version}-{'ordered' if ordered else 'plain'}.h5", write)


def tables(save: Saver) -> None:
    import pandas as pd
    import tables as tb

    frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [1.5, None]})
    for form in ("fixed", "table"):
        save.make(f"{form}.h5", lambda path, f=form: frame.to_hdf(path, key="k", format=f))

    def write(path: Path) -> None:
        with tb.open_file(path, "w") as file:
            file.root._v_attrs.settings = {"rate": 0.1, "layers": [1, 2]}
            rows = file.create_vlarray("/", "rows", tb.ObjectAtom())
            rows.append({"a": (1, 2)})
            file.create_array("/", "plain", np.arange(3))

    save.make("objects.h5", write)


def keras(save: Saver) -> None:
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    from keras import layers

    @keras.saving.register_keras_serializable(package="Corpus")
    class Scale(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    @keras.saving.register_keras_serializable(package="Corpus")
    def act(x: Any) -> Any:
        return x

    image = x = keras.Input((8, 8, 3))
    x = layers.Conv2D(2, 3, activation="relu", kernel_regularizer="l2")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Flatten()(layers.MaxPooling2D()(x))
    y = layers.Dense(3, activation=keras.activations.gelu)(x)
    x = layers.Add()([layers.Dense(3, name="os_system")(x), y]) * 2 + 1
    functional = keras.Model(image, keras.ops.relu(x))
    functional.compile("adam", keras.losses.CategoricalCrossentropy(), ["accuracy"])
    words = x = keras.Input((5,), dtype="int32")
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(layers.Embedding(9, 2)(x))
    x = layers.GRU(2)(layers.TimeDistributed(layers.Dense(2))(x))
    recurrent = keras.Model(words, x)
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.3)
    nested = keras.Sequential(
        [keras.Input((4,)), inner, layers.Rescaling(0.5), layers.Dropout(0.1)]
    )
    nested.compile(keras.optimizers.AdamW(schedule), "mse")
    custom = keras.Sequential([keras.Input((4,)), Scale(), layers.Dense(2, activation=act)])
    models = {
        "functional": functional, "recurrent": recurrent, "nested": nested, "custom": custom,
    }  # fmt: skip
    for name, model in models.items():
        save.make(f"{name}.keras", model.save)
        save.make(f"{name}.h5", model.save)
        save.make(f"{name}.weights.h5", model.save_weights)
        save.bytes(f"{name}.json", model.to_json().encode())
