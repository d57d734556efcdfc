"""Keras configurations: what is found in them, and bounds. Rules SNT1430 to SNT1435."""

from __future__ import annotations

import base64
import json
import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError
from sentinel.findings import Severity, Verdict
from sentinel.formats.keras_config import KerasConfig, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.keras_files import (
    HOSTILE,
    PLAIN,
    by_value,
    function,
    keras_file,
    layer,
    model,
    old_lambda,
)
from tests.fuzz import fuzz_keras
from tests.fuzz.archive_fuzz import execute, make_input
from tests.kit.assemble import Dialect

RULES = {
    "lambda": "SNT1430", "module-os": "SNT1431", "get-file": "SNT1431", "vocabulary": "SNT1432",
    "activation-dotted": "SNT1433", "loss": "SNT1433", "module-unknown": "SNT1431",
}  # fmt: skip


def found(document: Any) -> dict[str, Severity]:
    report = scan_bytes(json.dumps(document).encode(), "model.json")
    return {finding.rule_id: finding.severity for finding in report.findings}


def config(text: bytes) -> KerasConfig:
    result = parse(Artifact("x", MemoryReader(text)), Budget()).model
    assert isinstance(result, KerasConfig)
    return result


@pytest.mark.parametrize("name", RULES)
def test_each_attack_has_its_rule(name: str) -> None:
    assert RULES[name] in found(HOSTILE[name][0])
    assert RULES[name] not in found(PLAIN)


def test_code_is_reported_once_for_each_function() -> None:
    twice = model(layer("Lambda", function=by_value()), old_lambda())
    report = scan_bytes(json.dumps(twice).encode(), "model.json")
    assert [finding.rule_id for finding in report.findings].count("SNT1430") == 2
    assert "print" in report.findings[0].evidence


def test_a_custom_layer_is_a_fact() -> None:
    own = {**layer("Own", module="my.package"), "registered_name": "P>Own"}
    assert found(model(own)) == {"SNT1434": Severity.LOW}
    assert found(model(layer("Dense", units=1, activation=function("relu")))) == {}


def test_an_old_model_without_modules_is_quiet() -> None:
    layers = [
        {"class_name": name, "config": {}} for name in ("Dense", "LSTM", "CuDNNLSTM", "Merge")
    ]
    assert found({"class_name": "Sequential", "config": layers, "keras_version": "2.2.4"}) == {}


def test_every_reading_of_the_configuration_in_an_archive_is_judged() -> None:
    text = json.dumps(HOSTILE["lambda"][0]).encode()
    plain = json.dumps(PLAIN).encode()
    for files in ({"config.json": text}, {"sub/config.json": text}, {"Config.JSON": text}):
        data = zipped({"metadata.json": b"{}", "a.json": plain, **files})
        assert scan_bytes(data, "m.keras").verdict is Verdict.MALICIOUS
    assert scan_bytes(keras_file(plain), "m.keras").verdict is Verdict.CLEAN


def test_metadata_of_a_saved_model() -> None:
    def varint(value: int) -> bytes:
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    def field(number: int, data: bytes) -> bytes:
        return bytes([number << 3 | 2]) + varint(len(data)) + data

    def metadata(text: bytes) -> bytes:
        node = b"\x10\x01" + field(3, b"root") + field(4, b"_tf_keras_layer") + field(5, text)
        return field(1, node)

    quiet, loud = (json.dumps(d).encode() for d in (PLAIN, model(old_lambda())))
    assert scan_bytes(metadata(quiet), "keras_metadata.pb").verdict is Verdict.CLEAN
    report = scan_bytes(metadata(quiet) + metadata(loud), "keras_metadata.pb")
    assert report.findings[0].rule_id == "SNT1430"
    cut = scan_bytes(metadata(quiet)[:-5], "keras_metadata.pb")
    assert cut.verdict is not Verdict.CLEAN


def test_yaml_that_constructs() -> None:
    text = b"keras_version: 2.1\nclass_name: Model\nx: !!python/object/new:os.system [a]\n"
    assert "SNT1435" in {one.rule_id for one in scan_bytes(text, "m.yaml").findings}
    quiet = text.replace(b"!!python/object/new:os.system [a]", b"!!python/tuple [1, 2]")
    assert scan_bytes(quiet, "m.yaml").findings == ()


def test_other_json_is_none_of_it() -> None:
    for text in (b'{"class_name": "Foo", "config": {}}', b'{"a": "class_name"}', b"[1, 2]"):
        assert "keras-config" not in scan_bytes(text, "x.json").formats


@pytest.mark.parametrize("text", [b"", b"{", b"[" * 100_000, b'{"a": ' * 100_000, b"\xff" * 99])
def test_what_is_no_json_is_an_error_of_ours(text: bytes) -> None:
    with pytest.raises((ParseError, LimitExceeded)):
        config(text)


def test_a_million_objects_are_bounded() -> None:
    text = b"[" + b",".join([b'{"class_name":"Dense","config":{}}'] * 300_000) + b"]"
    result = parse(Artifact("x", MemoryReader(text)), Budget())
    assert [gap.reason for gap in result.gaps] == ["limit"]


@cache
def seeds() -> list[bytes]:
    return fuzz_keras.seeds()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_text_ends_in_facts_or_in_our_errors(number: int) -> None:
    execute(make_input(random.Random(number), seeds(), fuzz_keras.MARKS), "keras-config")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["class_name", "config", "module", "function", "code", "vocabulary", "x"]),
        inner, max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(json_values)
def test_any_document_is_read(document: object) -> None:
    config(json.dumps(document).encode())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_configurations_are_decoded_as_keras_decodes_them(encoding: str) -> None:
    def scanned(document: Any) -> Any:
        return scan_bytes(zipped({"config.json": json.dumps(document).encode(encoding)}), "m.keras")

    assert scanned(model(layer("Lambda", function=by_value()))).verdict is Verdict.MALICIOUS
    assert not scanned(PLAIN).coverage.gaps


def wrapped(pickled: bytes) -> Any:
    text = base64.b64encode(pickled).decode()
    wrapper = {**layer("TorchModuleWrapper"), "config": {"module": text, "output_shape": None}}
    return scan_bytes(json.dumps(model(wrapper)).encode(), "model.json")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_wrapped_module_of_torch_is_unpickled(protocol: int) -> None:
    p = Dialect(protocol)
    assert wrapped(p.file(p.call("os", "system", "echo"))).verdict is Verdict.MALICIOUS
    assert wrapped(p.file(p.value({"weight": 1.5}))).verdict is Verdict.CLEAN


@pytest.mark.parametrize("name", ["keras_config.py", "model.json"])
def test_source_that_speaks_of_configurations_is_none(name: str) -> None:
    source = '"""Reads what Keras writes.\n\nclass_name: Lambda\nkeras_version: 3\n"""\n'
    source += "FORBIDDEN: !!python/object/apply:os.system\n"
    found = {one.rule_id for one in scan_bytes(source.encode(), name).findings}
    assert ("SNT1435" in found) is (name == "model.json")
