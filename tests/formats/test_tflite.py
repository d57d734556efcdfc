"""TensorFlow Lite and FlatBuffers: offsets are checked, weights are not read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.flatbuffer import Flat
from sentinel.formats.tflite import LiteModel, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.kit.flat import RELU, custom, flat, lite, lite_graph, lite_operator

REAL = Path(__file__).resolve().parents[1] / "corpus" / "real" / "tensorflow"
GOOD = lite([RELU], [lite_graph(lite_operator())])


def read(data: bytes) -> LiteModel:
    found = parse(Artifact("m.tflite", MemoryReader(data)), Budget()).model
    assert isinstance(found, LiteModel)
    return found


def test_the_facts() -> None:
    found = read(lite([RELU, custom("Mine")], [lite_graph(lite_operator(1), lite_operator(0))]))
    assert (found.version, found.description) == (3, "kit")
    kinds = [(one.code, one.name, one.uses) for one in found.operators]
    assert kinds == [(19, "", 1), (32, "Mine", 1)]
    assert found.problems == ()


@pytest.mark.parametrize("file", sorted(REAL.glob("*.tflite")), ids=lambda path: path.name)
def test_what_the_converter_wrote_is_clean(file: Path) -> None:
    found = read(file.read_bytes())
    assert found.operators
    assert found.problems == ()
    report = scan_bytes(file.read_bytes(), "weights")
    assert report.formats == ("tflite",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


def test_labels_that_are_appended_are_looked_into() -> None:
    buffer = io.BytesIO((REAL / "dense.tflite").read_bytes())
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("labels.txt", "cat\ndog\n")
    report = scan_bytes(buffer.getvalue(), "m.tflite")
    assert max(one.severity for one in report.findings) <= Severity.LOW
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("x.pkl", b"cposix\nsystem\n(S'echo SENTINEL_MARKER'\ntR.")
    assert scan_bytes(buffer.getvalue(), "m.tflite").verdict is Verdict.MALICIOUS


def test_weights_are_not_read() -> None:
    buffers: list[Any] = [{0: bytes(1 << 20)} for _ in range(40)]
    reader = MemoryReader(lite([RELU], [lite_graph(lite_operator())], [{}, *buffers]))
    parse(Artifact("m.tflite", reader), Budget())
    assert reader.stats.bytes_read < 100_000 < reader.size // 400


@given(st.data())
def test_any_change_of_a_byte_gives_a_model_or_an_error(draw: st.DataObject) -> None:
    data = bytearray(GOOD)
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    report = scan_bytes(bytes(data), "m.tflite")
    assert "internal" not in {gap.reason for gap in report.coverage.gaps}


def test_every_offset_at_its_extremes_and_every_cut() -> None:
    for at in range(0, len(GOOD) - 4, 2):
        for value in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF):
            data = GOOD[:at] + value.to_bytes(4, "little") + GOOD[at + 4 :]
            try:
                parse(Artifact("m.tflite", MemoryReader(data)), Budget())
            except SentinelError:
                pass
    for length in range(8, len(GOOD)):
        report = scan_bytes(GOOD[:length], "m.tflite")
        assert "internal" not in {gap.reason for gap in report.coverage.gaps}


def test_a_table_that_a_million_entries_share_is_bounded() -> None:
    def at_once(entries: int) -> bytes:
        shared = lite_graph(*[lite_operator() for _ in range(300)])
        data = bytearray(lite([RELU], [shared, *[0] * entries]))
        root = int.from_bytes(data[:4], "little")
        table = Flat(MemoryReader(bytes(data)), Budget()).root()
        vector = table.where(2)
        start = vector + int.from_bytes(data[vector : vector + 4], "little") + 4
        first = start + int.from_bytes(data[start : start + 4], "little")
        for place in range(1, entries + 1):
            at = start + 4 * place
            data[at : at + 4] = (first - at).to_bytes(4, "little")
        assert root
        return bytes(data)

    with pytest.raises((LimitExceeded, ParseError)):
        parse(Artifact("m.tflite", MemoryReader(at_once(20_000))), Budget())


def test_flat_values() -> None:
    source = Flat(
        MemoryReader(flat({0: (4, 7), 2: "text", 3: [1, 2, 3], 4: {0: (2, 5)}})), Budget()
    )
    root = source.root()
    assert source.scalar(root, 0, 4) == 7
    assert source.scalar(root, 1, 4, 9) == 9
    assert source.text(root, 2) == "text"
    assert source.numbers(root, 3, 2) == [1, 2]
    assert source.scalar(source.table(root.where(4)), 0, 2) == 5
