"""Parquet and Arrow: pickles in metadata and columns, files elsewhere, and how little is read."""

from __future__ import annotations

import base64
import io
import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Report, Severity, Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.formats.columnar import parse_arrow, parse_parquet
from sentinel.formats.snappy import unpack
from sentinel.formats.thrift import Thrift
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.case import EVIL, GOOD

pa = pytest.importorskip("pyarrow")
ipc = pytest.importorskip("pyarrow.ipc")
pq = pytest.importorskip("pyarrow.parquet")

EXTENSION = {
    "ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": EVIL[0],
}  # fmt: skip


def parquet(table: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def arrow(table: Any, stream: bool = False) -> bytes:
    out = io.BytesIO()
    make = ipc.new_stream if stream else ipc.new_file
    with make(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def plain() -> Any:
    return pa.table({"a": list(range(50)), "b": ["x"] * 50, "c": [b"bytes"] * 50})


def with_metadata(value: bytes) -> Any:
    return plain().replace_schema_metadata({"extra": value})


def extension() -> Any:
    field = pa.field("e", pa.int64(), metadata=EXTENSION)
    return pa.table([pa.array([1])], schema=pa.schema([field]))


WRITERS = {
    "parquet": ("a.parquet", parquet),
    "arrow": ("a.arrow", arrow),
    "stream": ("a.arrow", lambda table: arrow(table, stream=True)),
}


def ids(report: Report) -> dict[str, Severity]:
    return {finding.rule_id: finding.severity for finding in report.findings}


@pytest.mark.parametrize("kind", WRITERS)
def test_ordinary_tables_are_clean(kind: str) -> None:
    name, write = WRITERS[kind]
    report = scan_bytes(write(plain()), name)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("encode", [bytes, base64.b64encode], ids=["raw", "base64"])
def test_a_pickle_in_the_metadata(kind: str, encode: Any) -> None:
    name, write = WRITERS[kind]
    report = scan_bytes(write(with_metadata(encode(EVIL[4]))), name)
    assert report.verdict is Verdict.MALICIOUS
    assert ids(report)["SNT1490"] is Severity.MEDIUM
    harmless = ids(scan_bytes(write(with_metadata(encode(GOOD[4]))), name))
    assert harmless["SNT1490"] is Severity.MEDIUM
    assert "SNT1101" not in harmless


@pytest.mark.parametrize("kind", WRITERS)
def test_a_class_that_spark_unpickles(kind: str) -> None:
    def row(**more: str) -> bytes:
        made = {"type": "udt", "pyClass": "pyspark.ml.linalg.VectorUDT", "sqlType": "long", **more}
        field = {"name": "a", "type": made, "nullable": True, "metadata": {}}
        return json.dumps({"type": "struct", "fields": [field]}).encode()

    name, write = WRITERS[kind]
    hostile = row(serializedClass=base64.encodebytes(EVIL[4]).decode())
    found = ids(scan_bytes(write(with_metadata(hostile)), name))
    assert found["SNT1101"] is Severity.CRITICAL
    assert "SNT1490" in found
    assert not ids(scan_bytes(write(with_metadata(row())), name))


@pytest.mark.parametrize("kind", WRITERS)
def test_an_extension_type_that_is_unpickled_on_reading(kind: str) -> None:
    name, write = WRITERS[kind]
    assert ids(scan_bytes(write(extension()), name))["SNT1490"] is Severity.HIGH


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("statistics", [True, False])
def test_pickles_in_a_column(codec: str, dictionary: bool, statistics: bool) -> None:
    table = pa.table({"c": [b"zz", EVIL[4], b"\x00"]})
    options = {"use_dictionary": dictionary, "write_statistics": statistics}
    report = scan_bytes(parquet(table, compression=codec, **options), "a.parquet")
    assert {"SNT1491", "SNT1101"} <= ids(report).keys()
    assert {gap.reason for gap in report.coverage.gaps} == {"sampled"}


def test_a_column_of_harmless_pickles_is_a_fact() -> None:
    table = pa.table({"c": [pickle.dumps([number], 4) for number in range(9)]})
    report = scan_bytes(parquet(table), "a.parquet")
    assert ids(report) == {"SNT1491": Severity.LOW}


def test_text_that_looks_like_nothing_is_not_searched() -> None:
    table = pa.table({"c": [b"\x80\x90", b"gAAAA", b"(none)"]})
    assert scan_bytes(parquet(table), "a.parquet").findings == ()


def compact(*fields: tuple[int, bytes]) -> bytes:
    """Return a struct of Thrift's compact protocol; each field with its type and value."""
    out, last = b"", 0
    for number, value in fields:
        out += bytes([(number - last) << 4 | value[0]]) + value[1:]
        last = number
    return out + b"\0"


def text(value: bytes) -> bytes:
    return b"\x08" + bytes([len(value)]) + value


def elsewhere(path: bytes) -> bytes:
    """Return a Parquet file with a column in another file, after its specification."""
    chunk = compact((1, text(path)))
    group = compact((1, b"\x09\x1c" + chunk))
    footer = compact((1, b"\x05\x02"), (4, b"\x09\x1c" + group))
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("path", [b"../../x", b"/etc/passwd", b"http://127.0.0.1:9/x"])
def test_a_column_in_a_file_elsewhere(path: bytes) -> None:
    assert ids(scan_bytes(elsewhere(path), "a.parquet")) == {"SNT1492": Severity.HIGH}
    assert ids(scan_bytes(elsewhere(b"part.parquet"), "a.parquet")) == {"SNT1492": Severity.LOW}


def test_only_the_footer_is_read() -> None:
    table = pa.table({"a": pa.array(range(400_000), pa.int64())})
    data = parquet(table, use_dictionary=False, compression="none")
    reader = MemoryReader(data)
    parse_parquet(Artifact("a.parquet", reader), Budget())
    assert reader.stats.bytes_read < 10_000 < len(data) / 100


def test_only_the_schema_of_arrow_is_read() -> None:
    data = arrow(pa.table({"a": pa.array(range(400_000), pa.int64())}))
    reader = MemoryReader(data)
    parse_arrow(Artifact("a.arrow", reader), Budget())
    assert reader.stats.bytes_read < 10_000 < len(data) / 100


@pytest.mark.parametrize("kind", WRITERS)
def test_every_truncation_gives_an_error_of_ours(kind: str) -> None:
    name, write = WRITERS[kind]
    data = write(extension())
    parse = parse_parquet if kind == "parquet" else parse_arrow
    for length in range(8, len(data)):
        try:
            parse(Artifact(name, MemoryReader(data[:length])), Budget())
        except SentinelError:
            pass


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("value", [0, 1, 0x7F, 0x80, 0xFF])
def test_every_changed_byte_gives_an_error_of_ours(kind: str, value: int) -> None:
    name, write = WRITERS[kind]
    data = bytearray(write(extension()))
    parse = parse_parquet if kind == "parquet" else parse_arrow
    for place in range(len(data)):
        before, data[place] = data[place], value
        try:
            parse(Artifact(name, MemoryReader(bytes(data))), Budget())
        except SentinelError:
            pass
        data[place] = before


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_are_thrift_or_an_error_of_ours(data: bytes) -> None:
    try:
        Thrift(data).struct()
    except SentinelError:
        pass


@pytest.mark.parametrize(
    "data",
    [b"\x1c" * 100_000, b"\x19\xf5\xff\xff\xff\xff\x0f", b"\x18\xff\xff\xff\xff\x7f", b"\x1d"],
)
def test_hostile_thrift_ends(data: bytes) -> None:
    with pytest.raises(SentinelError):
        Thrift(data).struct()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3_000), st.integers(1, 6))
def test_snappy_gives_back_what_was_packed(data: bytes, times: int) -> None:
    packed = pa.compress(data * times, codec="snappy", asbytes=True)
    assert unpack(packed, 100_000) == data * times


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_snappy_or_an_error_of_ours(data: bytes) -> None:
    try:
        assert len(unpack(data, 1_000)) <= 1_000
    except SentinelError:
        pass
