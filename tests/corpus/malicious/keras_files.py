"""Keras configurations, archives and HDF5 files that act, each beside one that does not."""

from __future__ import annotations

import base64
import io
import json
import marshal
from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.case import ABSENT, COMMAND, EVIL, GOOD, URL, Case

CODE = base64.encodebytes(marshal.dumps((lambda: print("SENTINEL_MARKER")).__code__)).decode()
"""A function by value, as Keras writes one: it prints a word, and nothing ever calls it."""


def cases() -> Iterator[Case]:
    yield from _configs()
    yield from _yaml()
    yield from _hdf5()


def model(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a configuration as Keras 3 writes it, around some layers."""
    first = layer("InputLayer", batch_shape=[None, 4], dtype="float32", name="input")
    config = {"name": "sequential", "trainable": True, "layers": [first, *layers]}
    whole = {"module": "keras", "class_name": "Sequential", "config": config}
    return {**whole, "registered_name": None, **more}


def layer(kind: str, /, module: str = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return the configuration of a layer."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def function(name: str, module: str = "builtins") -> dict[str, Any]:
    """Return a function by name."""
    return {
        "module": module, "class_name": "function", "config": name, "registered_name": "function",
    }  # fmt: skip


def by_value() -> dict[str, Any]:
    """Return a function by value."""
    settings = {"code": CODE, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": settings}


def old_lambda(**more: Any) -> dict[str, Any]:
    """Return a Lambda layer as Keras 2 writes one."""
    config = {
        "name": "lambda", "function": [CODE, None, None], "function_type": "lambda",
        "module": "__main__", "output_shape": None, "output_shape_type": "raw", "arguments": {},
        **more,
    }  # fmt: skip
    return {"class_name": "Lambda", "config": config}


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "lambda": (model(layer("Lambda", function=by_value(), arguments={})), "critical"),
    "lambda-old": (model(old_lambda()), "critical"),
    "lambda-old-shape": (
        model(old_lambda(function="relu", function_type="function", output_shape=[CODE])),
        "critical",
    ),
    "lambda-junk-in-base64": (
        model(old_lambda(function=["!?" + CODE.replace("A", "A*"), None, None])), "critical",
    ),
    "lambda-time-distributed": (
        model(layer("TimeDistributed", layer=layer("Lambda", function=by_value()))), "critical",
    ),
    "lambda-bidirectional": (
        model(layer("Bidirectional", layer=layer("RNN", cell=layer("X", function=by_value())))),
        "critical",
    ),
    "lambda-nested-model": (model(model(layer("Lambda", function=by_value()))), "critical"),
    "lambda-own-class": (
        model({**layer("Own", module="x", fn=by_value()), "registered_name": "P>Own"}), "critical",
    ),
    "lambda-in-compile": (
        model(layer("Dense", units=1), compile_config={"loss": by_value()}), "critical",
    ),
    "module-os": (model(layer("system", module="os", command=COMMAND)), "critical"),
    "module-posix": (model(function("system", "posix")), "critical"),
    "module-subprocess": (model(layer("Popen", module="subprocess", args=COMMAND)), "critical"),
    "module-builtins": (model(layer("exec", module="builtins", source="1")), "critical"),
    "module-importlib": (model(layer("import_module", module="importlib", name="x")), "critical"),
    "module-pickle": (model(function("loads", "pickle")), "critical"),
    "module-unknown": (model(layer("Thing", module="nobody_knows.this")), "medium"),
    "registered-as-well": (
        model({**layer("system", module="os"), "registered_name": "P>system"}), "critical",
    ),
    "unsafe-mode": (
        model(function("enable_unsafe_deserialization", "keras.config")), "critical",
    ),
    "get-file": (model(function("get_file", "keras.utils"), origin=URL), "high"),
    "get-file-inner": (
        model(layer("get_file", module="keras.src.utils.file_utils", origin=URL)), "high",
    ),
    "load-model": (model(layer("load_model", module="keras.models", filepath=ABSENT)), "high"),
    "activation": (model(layer("Dense", units=1, activation=function("eval"))), "high"),
    "activation-dotted": (model(layer("Dense", units=1, activation="os.system")), "high"),
    "loss": (model(layer("Dense", units=1), compile_config={"loss": "builtins.exec"}), "high"),
    "vocabulary": (model(layer("StringLookup", vocabulary="/etc/passwd")), "high"),
    "vocabulary-url": (model(layer("TextVectorization", vocabulary=URL)), "high"),
    "vocabulary-up": (model(layer("IntegerLookup", vocabulary="../../secret.txt")), "high"),
    "saved-model-layer": (model(layer("TFSMLayer", filepath="other")), "high"),
    "operator": (
        model({"class_name": "TFOpLambda", "config": {"function": "io.write_file"}}), "high",
    ),
    "hub": (model({"class_name": "KerasLayer", "config": {"handle": URL}}), "high"),
}  # fmt: skip
"""Configurations by name, with the least severity of what is found."""

PLAIN = model(
    layer("Dense", units=2, activation="relu", name="os_system"),
    layer("StringLookup", vocabulary=["/etc/passwd", "b"]),
    {**layer("Own", module="__main__"), "registered_name": "P>Own"},
    {"class_name": "TFOpLambda", "config": {"name": "tf.math.add", "function": "math.add"}},
    compile_config={"loss": "mse", "metrics": ["accuracy"]},
)
"""A configuration with the likes of all of them."""


def _configs() -> Iterator[Case]:
    twin = json.dumps(PLAIN).encode()
    for name, (document, expect) in HOSTILE.items():
        text = json.dumps(document).encode()
        yield Case(f"json-{name}", "keras", "model.json", text, twin, expect, False)
        yield Case(
            f"zip-{name}", "keras", "m.keras", keras_file(text), keras_file(twin), expect, False
        )
    text = json.dumps(HOSTILE["lambda"][0]).encode()
    padded = b" " * 9000 + text
    yield Case("json-padded", "keras", "model.json", padded, None, "critical", False)
    begins = b'{"x": "' + b"y" * 2_000_000 + b'", ' + text[1:]
    yield Case("zip-late", "keras", "m.keras", keras_file(begins), None, "critical", False)
    shouting = zipped({"CONFIG.JSON": text, "metadata.json": b"{}", "model.weights.h5": b"x"})
    yield Case("zip-case", "keras", "m.zip", shouting, None, "critical", False)


def keras_file(config: bytes) -> bytes:
    """Return a ``.keras`` file around a configuration, without weights."""
    return zipped({"metadata.json": b'{"keras_version": "3.8.0"}', "config.json": config})


def _yaml() -> Iterator[Case]:
    plain = (
        "backend: tensorflow\nclass_name: Sequential\nconfig:\n- class_name: Dense\n  config: {}\n"
    )
    code = (
        plain + "- class_name: Lambda\n  config:\n    function: !!python/tuple [4wEA, null, null]\n"
    )
    tagged = plain + f"  x: !!python/object/apply:os.system ['{COMMAND}']\n"
    for name, text in (("lambda", code), ("constructor", tagged)):
        yield Case(
            f"yaml-{name}", "keras", "model.yaml", f"keras_version: 2.2\n{text}".encode(),
            f"keras_version: 2.2\n{plain}".encode(), "critical", False,
        )  # fmt: skip


def _hdf5() -> Iterator[Case]:
    try:
        import h5py
        import numpy as np
    except ImportError:
        return

    def made(build: Any, **options: Any) -> bytes:
        out = io.BytesIO()
        with h5py.File(out, "w", **options) as file:
            file.create_dataset("weights", data=np.zeros((2, 3), "f4"))
            build(file)
        return out.getvalue()

    def text(name: str, value: str) -> Any:
        return lambda file: file.attrs.__setitem__(name, value)

    def raw(data: bytes, **options: Any) -> Any:
        values = np.frombuffer(data, np.uint8)
        return lambda file: file.create_dataset("g/blob", data=values, **options)

    evil, good = EVIL[4], GOOD[4]
    for name in ("lambda", "lambda-old", "module-os", "activation"):
        document, expect = HOSTILE[name]
        for version in ("earliest", "latest"):
            hostile = made(text("model_config", json.dumps(document)), libver=version)
            benign = made(text("model_config", json.dumps(PLAIN)), libver=version)
            yield Case(f"h5-{name}-{version}", "hdf5", "m.h5", hostile, benign, expect, False)
    document = json.dumps(HOSTILE["lambda"][0])
    spaced = made(text("model_config", " " * 5000 + document))
    quiet = made(text("model_config", " " * 5000 + json.dumps(PLAIN)))
    yield Case("h5-spaces-first", "hdf5", "m.h5", spaced, quiet, "critical", False)
    plain = made(lambda file: file.__setitem__("link", h5py.SoftLink("/weights")))
    for name, file in (("sibling", "other.h5"), ("up", "../x.h5"), ("root", "/etc/x.h5")):
        linked = made(lambda f, to=file: f.__setitem__("link", h5py.ExternalLink(to, "/weights")))
        yield Case(f"link-{name}", "hdf5", "m.h5", linked, plain, "high", False)
        stored = made(lambda f, to=file: f.create_dataset("e", (9,), "u1", external=[(to, 0, 9)]))
        yield Case(f"storage-{name}", "hdf5", "m.h5", stored, plain, "high", False)

    def virtual(file: str) -> Any:
        def build(target: Any) -> None:
            target.create_dataset("own", data=np.zeros(4))
            layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
            layout[:] = h5py.VirtualSource(file, "own", shape=(4,))
            target.create_virtual_dataset("virtual", layout)

        return build

    own = made(virtual("."), libver="v110")
    for name, file, expect in (("sibling", "x.h5", "medium"), ("root", "/etc/x.h5", "high")):
        hostile = made(virtual(file), libver="v110")
        yield Case(f"virtual-{name}", "hdf5", "m.h5", hostile, own, expect, False)
    forms: dict[str, dict[str, Any]] = {
        "contiguous": {}, "chunked": {"chunks": (7,)},
        "gzip": {"chunks": (16,), "compression": "gzip", "shuffle": True, "fletcher32": True},
        "lzf": {"chunks": (16,), "compression": "lzf"},
        "growing": {"chunks": (8,), "maxshape": (None,)},
    }  # fmt: skip
    for name, options in forms.items():
        for version in ("earliest", "latest"):
            yield Case(
                f"bytes-{name}-{version}", "hdf5", "m.h5",
                made(raw(evil, **options), libver=version),
                made(raw(good, **options), libver=version), stream=evil,
            )  # fmt: skip
    for number in (0, 2, 4):
        hostile = made(lambda f, n=number: f.attrs.__setitem__("meta", np.bytes_(EVIL[n])))
        benign = made(lambda f, n=number: f.attrs.__setitem__("meta", np.bytes_(GOOD[n])))
        yield Case(f"attribute-{number}", "hdf5", "m.h5", hostile, benign, stream=EVIL[number])
        hostile = made(lambda f, n=number: f.attrs.__setitem__("meta", np.void(EVIL[n])))
        benign = made(lambda f, n=number: f.attrs.__setitem__("meta", np.void(GOOD[n])))
        yield Case(f"opaque-attribute-{number}", "hdf5", "m.h5", hostile, benign,
                   stream=EVIL[number])  # fmt: skip

    def rows(data: bytes) -> Any:
        def build(file: Any) -> None:
            kind = h5py.vlen_dtype(np.uint8)
            values = file.create_dataset("rows", (2,), dtype=kind, chunks=(1,), maxshape=(None,))
            values[1] = np.frombuffer(data, np.uint8)

        return build

    for version in ("earliest", "latest"):
        hostile, benign = (made(rows(data), libver=version) for data in (EVIL[0], GOOD[0]))
        yield Case(f"rows-{version}", "hdf5", "m.h5", hostile, benign, stream=EVIL[0])
    block = made(lambda file: None, userblock_size=8192)
    before, quiet = evil + block[len(evil) :], good + block[len(good) :]
    yield Case("user-block", "hdf5", "m.h5", before, quiet, stream=evil)
    whole = made(lambda file: None)
    yield Case("trailing", "hdf5", "m.h5", whole + evil, whole + good, stream=evil)
    deep = made(text("model_config", json.dumps(HOSTILE["lambda"][0])), userblock_size=16384)
    zip_first = zipped({"readme.txt": b"hello"})
    hidden = zip_first + deep[len(zip_first) :]
    yield Case("behind-a-zip", "hdf5", "m.h5", hidden, None, "critical", False)
