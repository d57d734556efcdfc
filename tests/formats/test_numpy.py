"""NumPy files: the header is read as a literal, objects are pickles, the rest must add up."""

from __future__ import annotations

import io
import struct
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sentinel.errors import ParseError, SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.numpy import NpyFile, parse
from sentinel.formats.numpy_header import dtype_of, read_literal
from tests.formats.torch_kit import PAYLOAD, ids, parsed, scan


def saved(*arrays: Any) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for array in arrays:
            np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def built(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """Return a file with any header at all."""
    raw = header.encode("utf-8", "surrogatepass")
    length = struct.pack("<H" if version == 1 else "<I", len(raw))
    return b"\x93NUMPY" + bytes((version, 0)) + length + raw + data


def header(descr: str, shape: str = "(3,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"


def model_of(data: bytes) -> NpyFile:
    model = parsed(parse, data).model
    assert isinstance(model, NpyFile)
    return model


ARRAYS = [
    np.zeros((3, 4)), np.zeros(()), np.zeros((0, 3)), np.zeros((2, 3), order="F"),
    np.zeros(5, "U7"), np.zeros(5, "S3"), np.zeros(2, "V7"), np.zeros(3, "M8[ns]"),
    np.zeros(3, "m8[25us]"), np.zeros(2, np.longdouble), np.zeros(2, "c16"), np.zeros(4, ">i2"),
    np.zeros(4, bool), np.zeros(3, [("x", "f4", (2, 2)), ("y", [("q", "i1"), ("w", "S3")])]),
    np.zeros(2, np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"]}, align=True)),
    np.zeros(2, [(("title", "name"), "f4")]), np.zeros(2, [("é", "f4")]),
]  # fmt: skip


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: str(array.dtype))
def test_plain_arrays_add_up(array: np.ndarray) -> None:
    data = saved(array)
    (found,) = model_of(data).arrays
    assert not found.problem
    assert found.expected == array.nbytes
    assert found.shape == array.shape
    report = scan(data, "x.npy")
    assert report.verdict is Verdict.CLEAN
    assert not report.findings


@settings(max_examples=100, deadline=None)
@given(hnp.array_dtypes() | hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_side=4))
def test_any_plain_dtype_adds_up(dtype: np.dtype, shape: tuple[int, ...]) -> None:
    array = np.zeros(shape, dtype)
    (found,) = model_of(saved(array)).arrays
    assert found.expected == array.nbytes


@pytest.mark.parametrize(
    "dtype",
    [object, [("a", "i4"), ("b", object)], [("a", [("b", object)])], [("a", object, (2,))]],
    ids=str,
)
def test_objects_are_pickles(dtype: Any) -> None:
    data = saved(np.zeros(2, dtype))
    found = parsed(parse, data)
    (member,) = found.members
    assert member.formats == ("pickle",)
    report = scan(data, "x.npy")
    assert "SNT1170" in ids(report, Severity.LOW)
    assert not ids(report)
    assert "SNT1170" not in ids(scan(saved(np.zeros(2)), "x.npy"), Severity.INFO)


OBJECTS = [
    "'|O'", "'O'", "'O8'", "'object'", "'<O'", "'i4,O'", "('O', (1,))", "[('a', 'O')]",
    "[('a', '<i4'), ('b', [('c', '|O')])]", "[('a', 'O', (2,))]", "'\\x4f'", "'\\117'",
    "'|\\u004f'", "'|' 'O'", "'' '|O'", "r'|O'", "'''|O'''", "('|O')", "'object_'",
]  # fmt: skip


@pytest.mark.parametrize("descr", OBJECTS)
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_payload_is_found_behind_every_spelling_of_object(descr: str, version: int) -> None:
    report = scan(built(header(descr), PAYLOAD, version), "x.npy")
    assert "SNT1101" in ids(report)


def test_a_payload_in_an_archive_of_arrays() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.zeros(3), b=np.array([{}], dtype=object))
    assert not ids(scan(buffer.getvalue(), "x.npz"))
    import zipfile

    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("c.npy", built(header("'|O'"), PAYLOAD))
        archive.writestr("noname", built(header("'|O'"), PAYLOAD))
    report = scan(buffer.getvalue(), "x.npz")
    places = {
        one.location.member.partition("!")[0] for one in report.findings if one.rule_id == "SNT1101"
    }
    assert places == {"c.npy", "noname"}


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('echo sentinel-marker')",
        "{'descr': __import__('os').system('x'), 'fortran_order': False, 'shape': (3,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (lambda: (3,))()}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': tuple(x for x in (3,))}",
        "{'descr': ''.join(['<f8']), 'fortran_order': False, 'shape': (3,)}",
        "exec('x')",
    ],
)
def test_code_in_the_header(text: str) -> None:
    report = scan(built(text, bytes(24)), "x.npy")
    assert "SNT1171" in ids(report, Severity.HIGH)
    assert model_of(built(text)).arrays[0].code


def test_text_that_merely_looks_like_code_is_a_name() -> None:
    array = np.zeros(2, [("f(x) for x in y", "f4"), ("a.b", "f4")])
    assert "SNT1171" not in ids(scan(saved(array), "x.npy"), Severity.INFO)


@pytest.mark.parametrize(
    "text",
    ["", "{", "{'descr': '<f8'}", "{'descr': 3, 'shape': (3,)}", "[]",
     "{'shape': (3,), 'descr': '<f8'", "{'descr': '<f8', 'shape': [3]}",
     "{'descr': '<f8', 'shape': (-3,)}", "1 2", "(" * 500,
     "{'descr': [('a',)], 'shape': (1,)}", "{1: 2}", "{'descr': '<f8', 'shape': (True,)}"],
)  # fmt: skip
def test_headers_that_cannot_be_read_are_never_clean(text: str) -> None:
    report = scan(built(text, bytes(24)), "x.npy")
    assert report.verdict is Verdict.INCOMPLETE
    assert "malformed" in {gap.reason for gap in report.coverage.gaps}


def test_a_payload_behind_a_header_that_cannot_be_read() -> None:
    assert "SNT1101" in ids(scan(built("{", PAYLOAD), "x.npy"))


def test_data_that_ends_early() -> None:
    data = saved(np.zeros(100))
    report = scan(data[:-1], "x.npy")
    assert report.verdict is Verdict.INCOMPLETE
    assert "SNT1172" in ids(report, Severity.LOW)
    assert "SNT1172" not in ids(scan(data, "x.npy"), Severity.INFO)


def test_data_that_goes_on() -> None:
    data = saved(np.zeros(100))
    assert "SNT1172" in ids(scan(data + b"more", "x.npy"), Severity.LOW)
    report = scan(data + PAYLOAD, "x.npy")
    assert {"SNT1101"} <= ids(report)


def test_several_arrays_in_one_file() -> None:
    data = saved(np.zeros(3), np.ones((2, 2)), np.array([1]))
    assert len(model_of(data).arrays) == 3
    assert not scan(data, "x.npy").findings
    evil = saved(np.zeros(3), np.zeros(2)) + built(header("'|O'"), PAYLOAD)
    assert "SNT1101" in ids(scan(evil, "x.npy"))


def test_sizes_that_wrap_around() -> None:
    data = built(header("'<f8'", "(4294967296, 4294967296)"), bytes(64))
    report = scan(data, "x.npy")
    assert "SNT1172" in ids(report)
    assert report.verdict is not Verdict.CLEAN


@pytest.mark.parametrize(
    "data", [b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff{", b"\x93NUMPY\x09\x00"]
)
def test_files_that_end_in_the_header(data: bytes) -> None:
    with pytest.raises(ParseError):
        parsed(parse, data)
    assert scan(data, "x.npy").verdict is Verdict.INCOMPLETE


def test_long_headers_are_not_read_and_not_clean() -> None:
    text = header("'|O'").rstrip() + " " * 70_000
    report = scan(built(text, PAYLOAD, 2), "x.npy")
    assert report.coverage.gaps
    assert "SNT1101" in ids(report)


LITERALS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc<f8|'\"é", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(LITERALS)
def test_literals_are_read_as_python_reads_them(value: Any) -> None:
    assert read_literal(repr(value)) == value


@settings(max_examples=300, deadline=None)
@given(st.text("{}[](),:'\"\\x0aOf8 LTrue-\n", max_size=60))
def test_any_header(text: str) -> None:
    try:
        dtype_of(read_literal(text))
    except ParseError:
        pass
    try:
        parsed(parse, built(text, b"data"))
    except SentinelError:
        pass
