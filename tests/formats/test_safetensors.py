"""safetensors: real files are clean at the cost of their header, and every lie is told."""

from __future__ import annotations

import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.findings import Severity
from sentinel.formats.safetensors import BITS, MOST_HEADER, parse
from sentinel.formats.tensors import TensorFile
from sentinel.limits import Budget
from sentinel.readers import MemoryReader, open_file
from tests.corpus.malicious.tensors import ELF, FILES, plain
from tests.kit.tensor_files import entry, safetensors

NAME = "model.safetensors"


def model_of(data: bytes) -> TensorFile:
    model = parse(Artifact(NAME, MemoryReader(data)), Budget()).model
    assert isinstance(model, TensorFile)
    return model


def kinds(data: bytes) -> set[str]:
    return {problem.kind for problem in model_of(data).problems}


@pytest.mark.parametrize(
    "dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?"]
)
def test_what_the_library_writes_is_clean(dtype: str) -> None:
    arrays = {"a": np.ones((3, 4), dtype), "b": np.zeros((0, 2), dtype), "c": np.ones((), dtype)}
    data = save(arrays, metadata={"format": "pt", "note": "made by a test"})
    report = scan_bytes(data, NAME)
    assert report.formats == ("safetensors",)
    assert report.verdict is Verdict.CLEAN
    assert not report.findings


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=12), st.lists(st.integers(0, 5), max_size=4), max_size=8))
def test_any_shapes_and_names_the_library_takes_are_clean(shapes: dict[str, list[int]]) -> None:
    shapes.pop("__metadata__", None)
    data = save({name: np.ones(shape, "f4") for name, shape in shapes.items()})
    assert scan_bytes(data, NAME).verdict is Verdict.CLEAN


def test_every_dtype_has_its_size() -> None:
    for dtype, bits in BITS.items():
        data = safetensors({"a": entry(0, bits, [8], dtype)}, bytes(bits))
        assert kinds(data) == set(), dtype


def test_the_name_is_not_needed() -> None:
    assert scan_bytes(plain(), "weights.bin").formats == ("safetensors",)


def test_an_unknown_dtype_is_a_fact() -> None:
    report = scan_bytes(safetensors({"a": entry(0, 8, [8], "F9")}, bytes(8)), NAME)
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1307", Severity.INFO)]


def test_a_few_zeros_between_tensors_are_low() -> None:
    data = safetensors({"a": entry(0, 5), "b": entry(8, 16)}, bytes(16))
    report = scan_bytes(data, NAME)
    assert [(one.rule_id, one.severity) for one in report.findings] == [("SNT1302", Severity.LOW)]


def test_a_download_cut_short_is_incomplete() -> None:
    report = scan_bytes(plain()[:-1], NAME)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.coverage.gaps[0].reason == "truncated"


def test_text_in_the_metadata() -> None:
    metadata = {"note": "see https://example.com/x", "page": "<script>alert(1)</script>"}
    report = scan_bytes(safetensors({"__metadata__": metadata}), NAME)
    assert {one.rule_id for one in report.findings} == {"SNT1308", "SNT1309"}
    assert report.verdict is Verdict.CLEAN


def test_ordinary_addresses_are_no_finding() -> None:
    metadata = {"modelspec.architecture": "https://example.com/a", "license": "https://x.example"}
    assert not scan_bytes(safetensors({"__metadata__": metadata}), NAME).findings


@pytest.mark.parametrize("kind", FILES)
def test_random_numbers_are_no_file(kind: str) -> None:
    rng = np.random.default_rng(3)
    rows = {f"t{number}": rng.integers(0, 256, 64, "u1") for number in range(300)}
    for number in range(0, 300, 3):
        rows[f"t{number}"][:2] = np.frombuffer(FILES[kind][:2], "u1")
    assert scan_bytes(save(rows), NAME).verdict is Verdict.CLEAN


def test_the_file_in_a_tensor_is_named_with_its_place() -> None:
    data = safetensors({"a": entry(0, 64), "evil": entry(64, 128)}, bytes(64) + ELF)
    report = scan_bytes(data, NAME)
    (found,) = [one for one in report.findings if one.rule_id == "SNT1304"]
    assert found.evidence == "ELF executable in evil"
    assert found.location.offset == data.index(ELF)


def test_a_length_beyond_the_limit_is_not_read() -> None:
    start = struct.pack("<Q", MOST_HEADER + 1) + b'{"a":1'

    class Long(MemoryReader):
        @property
        def size(self) -> int:
            return 2 * MOST_HEADER

    with pytest.raises(LimitExceeded):
        parse(Artifact(NAME, Long(start)), Budget())


def test_only_the_header_and_first_bytes_are_read(tmp_path: Path) -> None:
    # The shape of the file is that of registries' figure: 199 MB in 288 tensors.
    path, each = tmp_path / NAME, 691_000
    header = {
        f"model.layers.{number // 9}.block.{number % 9}.weight": entry(
            number * each, (number + 1) * each, [each // 4], "F32"
        )
        for number in range(288)
    }
    path.write_bytes(safetensors(header))
    os.truncate(path, path.stat().st_size + 288 * each)
    with open_file(path) as reader:
        parsed = parse(Artifact(NAME, reader), Budget())
        assert not parsed.gaps
        assert list(parsed.members) == []
        assert reader.size > 199_000_000
        assert reader.stats.bytes_read < length_of(header) + 8 + 288 * 64 + 64


def length_of(header: dict[str, Any]) -> int:
    return len(json.dumps(header))


def test_at_most_512_tensors_are_looked_into() -> None:
    header = {f"t{number}": entry(64 * number, 64 * number + 64) for number in range(5000)}
    data = safetensors(header, bytes(64 * 5000))
    artifact = Artifact(NAME, MemoryReader(data))
    parse(artifact, Budget())
    assert artifact.reader.stats.bytes_read < length_of(header) + 512 * 64 + 100


def test_two_hundred_thousand_tensors() -> None:
    header = {f"layer.{number}": entry(number, number + 1) for number in range(200_000)}
    model = model_of(safetensors(header, bytes(200_000)))
    assert model.tensors == 200_000
    assert not model.problems


@pytest.mark.parametrize("mark", [b"{", b"[", b'{"a":', b'[{"a":'])
def test_deep_nesting_is_an_error_of_ours(mark: bytes) -> None:
    with pytest.raises(ParseError):
        model_of(safetensors(b'{"a":' + mark * 100_000))


def test_too_many_values_are_a_limit() -> None:
    with pytest.raises(LimitExceeded):
        model_of(safetensors(b'{"a":[' + b"[]," * 3_100_000 + b"1]}"))


@pytest.mark.parametrize("number", [0, 1, 7, 8, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 63, (1 << 64) - 1])
def test_any_length_of_the_header(number: int) -> None:
    data = struct.pack("<Q", number) + plain()[8:]
    report = scan_bytes(data, NAME)
    assert report.verdict is not Verdict.CLEAN
    assert all(gap.reason != "internal" for gap in report.coverage.gaps)


def test_every_truncation_is_not_clean() -> None:
    data = plain()
    for end in range(1, len(data)):
        report = scan_bytes(data[:end], NAME)
        assert report.verdict is not Verdict.CLEAN, end
        assert all(gap.reason != "internal" for gap in report.coverage.gaps)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 1 << 70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["F32", "U8", "__metadata__", "dtype"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["a", "dtype", "shape", "data_offsets", "__metadata__"]), inner, max_size=4
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.text(max_size=4), values, max_size=5), st.binary(max_size=40))
def test_any_header_gives_a_model_or_one_of_our_errors(header: Any, data: bytes) -> None:
    try:
        model_of(safetensors(header, data))
    except SentinelError:
        return


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_model_or_one_of_our_errors(data: bytes) -> None:
    for start in (b"", struct.pack("<Q", max(0, len(data) - 20)) + b'{"'):
        try:
            model_of(start + data)
        except SentinelError:
            continue
