"""Known classes and scripts doing what they are not known for, and pickles within pickles.

Each hostile pickle was once called clean and stands with its nearest ordinary neighbour.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sentinel import Severity, scan_bytes
from tests.corpus.malicious import keras_files
from tests.corpus.malicious.arrays import zipped
from tests.kit.assemble import BINPERSID, BUILD, EMPTY_TUPLE, NEWOBJ, PROTO, STOP, Code, Dialect
from tests.rules.bypass_kit import ECHO, GETATTR, SHELL, P, flagged, fresh, scan


def inner() -> bytes:
    return P.file(P.call("os", "system", ECHO))


LOADER = P.name("torch.storage", "_load_from_bytes")
HALVES = [inner()[:20], inner()[20:]]
UNTOLD = {
    "reduced": P.call("functools", "reduce", P.name("operator", "add"), HALVES),
    "chained": P.call("builtins", "bytes", P.call("itertools", "chain", *HALVES)),
    "persistent": P.value("key") + BINPERSID,
}


@pytest.mark.parametrize("data", UNTOLD.values(), ids=UNTOLD)
def test_bytes_that_only_running_tells_are_not_loaded_unseen(data: Code) -> None:
    assert flagged(scan(P.apply(LOADER, data)))
    assert flagged(scan(P.call("functools", "partial", LOADER, data)))


def test_long_bytes_written_as_text_are_read_to_their_end() -> None:
    old = Dialect(2)

    def file(last: Code) -> bytes:
        padding = P.value(b"\0" * (2 << 20))
        nested = bytes(PROTO(4) + P.tuple(padding, last) + STOP)
        return old.file(old.apply(old.name("torch.storage", "_load_from_bytes"), nested))

    assert flagged(scan_bytes(file(P.call("os", "system", ECHO)), "m.pkl"))
    assert not flagged(scan_bytes(file(P.value(1)), "m.pkl"))


@pytest.mark.parametrize("name", ["torch.hub.load", "np.load", "fetch"])
def test_what_a_script_has_imported_is_not_the_scripts_own(name: str) -> None:
    assert flagged(scan(P.call("__main__", name, "a text", "another")))
    assert not flagged(scan(P.call("__main__", "Colour", "red")))
    assert not flagged(scan(P.name("__main__", name.rpartition(".")[2]) + b"0" + P.value(1)))


def test_text_far_down_in_the_arguments_counts() -> None:
    filler = tuple(((),) for _ in range(500))
    assert flagged(scan(P.call("acme.shell", "Runner", ("sh", "-c", ECHO), filler)))
    assert not flagged(scan(P.call("acme.shell", "Runner", filler)))


@pytest.mark.parametrize("place", ["/tmp/a.npy", "../a.npy", "C:\\a.npy", "\\\\host\\a.npy"])
def test_an_array_of_old_joblib_is_read_from_beside_the_file_alone(place: str) -> None:
    def file(filename: str) -> Code:
        made = P.name("joblib.numpy_pickle_compat", "NDArrayWrapper") + EMPTY_TUPLE + NEWOBJ
        return (
            made + P.value({"filename": filename, "subclass": P.name("numpy", "ndarray")}) + BUILD
        )

    assert flagged(scan(file(place), "m.joblib"))
    assert not flagged(scan(file("m.joblib_01.npy"), "m.joblib"))


@pytest.mark.parametrize(
    ("module", "name", "args"),
    [
        ("xgboost.core", "Booster", (None, (), "/etc/x")),
        ("gensim.models.word2vec", "Word2Vec", (None, "/etc/x")),
        ("torch.utils.data.dataloader", "DataLoader", ([ECHO], 1, False, None, None, 0, SHELL)),
    ],
)
def test_classes_that_are_plain_data_alone_are_not_called(
    module: str, name: str, args: tuple[Any, ...]
) -> None:
    assert flagged(scan(P.call(module, name, *args)))
    assert not flagged(scan(fresh(module, name) + P.value({"a": 1}) + BUILD))


@pytest.mark.parametrize(
    ("module", "name", "severity"),
    [
        ("xgboost.core", "DMatrix", Severity.HIGH),
        ("catboost.core", "Pool", Severity.HIGH),
        ("sentence_transformers.models.Transformer", "Transformer", Severity.HIGH),
        ("joblib.memory", "Memory", Severity.HIGH),
        ("accelerate.utils.dataclasses", "DeepSpeedPlugin", Severity.HIGH),
        ("timm.layers.activations", "Swish", Severity.MEDIUM),
    ],
)
def test_classes_known_as_data_are_not_thereby_known_as_calls(
    module: str, name: str, severity: Severity
) -> None:
    called = scan(P.call(module, name, "/no/such/folder/MARKER"))
    assert max(finding.severity for finding in called.findings) == severity
    assert not flagged(
        scan(P.call(module, name, 1))
        if severity is Severity.MEDIUM
        else scan(fresh(module, name) + P.value({"path": "/no/such/folder/MARKER"}) + BUILD)
    )


@pytest.mark.parametrize("core", ["core", "_core"])
def test_numpys_two_names_for_its_core_are_one(core: str) -> None:
    mapped = P.name(f"numpy.{core}.memmap", "memmap") + P.tuple("MARKER", "u1", "w+") + NEWOBJ
    assert flagged(scan(mapped))
    assert not flagged(scan(P.call(f"numpy.{core}.numeric", "_frombuffer", b"12", "u1", (2,), "C")))


def test_classes_that_torch_stored_with_their_source_are_known() -> None:
    stored = P.tuple("module", P.name("torch.nn.modules.linear", "Linear"), "linear.py", "class x")
    method = P.apply(GETATTR, stored + BINPERSID, "forward")
    assert not flagged(scan(P.value({"hook": method})))
    hostile = P.tuple("module", P.name("os", "path"), "linear.py", "class x") + BINPERSID
    assert flagged(scan(P.apply(P.apply(GETATTR, hostile, "os.system"), ECHO)))


def test_parameters_with_attributes_are_ordinary() -> None:
    def parameter(hook: Any) -> Code:
        state = {"_is_hf_initialized": True, "note": "some text", "hook": hook}
        tensor = P.call("torch._utils", "_rebuild_tensor_v2", None, 0, (2,), (1,), False, None)
        return P.call("torch._utils", "_rebuild_parameter_with_state", tensor, True, None, state)

    assert not flagged(scan(parameter(None)))
    assert flagged(scan(parameter(P.name("os", "system"))))


def unpickled(archive: Code | bytes) -> Code:
    owner = P.name("keras.src.models.sequential", "Sequential")
    held = P.name("_io", "BytesIO") + EMPTY_TUPLE + NEWOBJ + P.tuple(archive, 0, None) + BUILD
    return P.apply(P.apply(GETATTR, owner, "_unpickle_model"), held)


def test_a_model_of_keras_in_a_pickle_is_as_good_as_its_archive() -> None:
    def archive(*layers: dict[str, Any]) -> bytes:
        text = json.dumps(keras_files.model(*layers)).encode()
        return zipped({"config.json": text, "metadata.json": b"{}"})

    fine = archive(keras_files.layer("Dense", units=1))
    hostile = archive(keras_files.layer("Lambda", function=keras_files.by_value()))
    assert not flagged(scan(unpickled(fine)))
    assert flagged(scan(unpickled(hostile)))
    assert flagged(scan(unpickled(P.call("acme.bytes", "Made", 1))))
