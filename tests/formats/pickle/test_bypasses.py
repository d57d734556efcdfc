"""Hostile pickles that once got past the interpreter, each with its nearest ordinary neighbour.

What they have in common: the file means one thing to the loader, another to whoever reads it
almost like the loader.
"""

from __future__ import annotations

import io

import joblib
import numpy as np
import pytest

from sentinel import Report, Severity, Verdict, scan_bytes
from tests.kit.assemble import (
    APPENDS,
    BINBYTES,
    BINGET,
    BININT1,
    BININT2,
    BINPUT,
    BUILD,
    EMPTY_LIST,
    EMPTY_TUPLE,
    MARK,
    NEWOBJ,
    NONE,
    POP,
    PROTO,
    STOP,
    Code,
    Dialect,
)

P = Dialect(4)
PAYLOAD = P.call("os", "system", "echo MARKER")


def worst(report: Report) -> Severity | None:
    return max((finding.severity for finding in report.findings), default=None)


def flagged(report: Report) -> bool:
    found = worst(report)
    return found is not None and found >= Severity.MEDIUM


def rules(report: Report) -> set[str]:
    return {finding.rule_id for finding in report.findings}


@pytest.mark.parametrize(
    "text",
    [b"p+5\n", b"p1_0\n", b"p 7 \n", b"p5\0\xff\n", b"p" + b"0" * 2000 + b"5\n"],
    ids=["sign", "underscore", "blanks", "nul", "zeros"],
)
def test_a_memo_index_is_read_as_python_reads_it(text: bytes) -> None:
    assert flagged(scan_bytes(PROTO(4) + BININT1(1) + text + POP + PAYLOAD + STOP, "m.pkl"))
    plain = scan_bytes(PROTO(4) + BININT1(1) + text + POP + BININT1(2) + STOP, "m.pkl")
    assert plain.verdict is Verdict.CLEAN


def test_a_memo_index_may_be_fetched_in_another_spelling() -> None:
    fetched = BININT1(1) + BINPUT(5) + b"g +5\0\xff\n" + POP
    assert flagged(scan_bytes(PROTO(4) + fetched + PAYLOAD + STOP, "m.pkl"))
    plain = PROTO(4) + BININT1(1) + BINPUT(5) + BINGET(5) + POP + STOP
    assert scan_bytes(plain, "m.pkl").verdict is Verdict.CLEAN


@pytest.mark.parametrize("text", [b"I5\0\xff\n", b"I\0\n", b"L5\0\xff\n", b"F5\0\xff\n"])
def test_a_number_ends_at_a_nul(text: bytes) -> None:
    assert flagged(scan_bytes(PROTO(4) + text + POP + PAYLOAD + STOP, "m.pkl"))
    assert scan_bytes(PROTO(4) + b"I5\n" + STOP, "m.pkl").verdict is Verdict.CLEAN


def test_a_huge_memo_index_in_a_long_run_of_numbers_is_seen() -> None:
    numbers = BININT1(1) + b"q\x01"
    huge = BININT1(1) + b"r\xff\xff\xff\x0f"
    head = PROTO(4) + EMPTY_LIST + MARK
    bomb = scan_bytes(head + numbers * 500 + huge + numbers * 30_000 + APPENDS + STOP, "m.pkl")
    assert rules(bomb) == {"SNT1113"}
    plain = scan_bytes(head + numbers * 30_501 + APPENDS + STOP, "m.pkl")
    assert plain.verdict is Verdict.CLEAN


def test_a_name_written_by_short_strings_is_found_behind_what_is_no_pickle() -> None:
    assert flagged(scan_bytes(PROTO(4) + NONE + b"\xff" + PAYLOAD + STOP, "m.pkl"))
    plain = scan_bytes(PROTO(4) + NONE + b"\xff" + P.value(["os", "system"]) + STOP, "m.pkl")
    assert not plain.findings or worst(plain) is Severity.LOW


def wrapper(
    *,
    made: Code | None = None,
    shape: Code | None = None,
    dtype: Code | None = None,
    alignment: Code | None = None,
    more: Code | None = None,
    state: Code | None = None,
) -> Code:
    """Write joblib's array wrapper with its state, in whatever form the attacker likes."""
    wrapper_class = P.name("joblib.numpy_pickle", "NumpyArrayWrapper")
    fields = {
        "subclass": P.name("numpy", "ndarray"),
        "shape": P.value((5,)) if shape is None else shape,
        "order": "C",
        "dtype": bytes_dtype() if dtype is None else dtype,
    }
    if alignment is not None:
        fields["numpy_array_alignment_bytes"] = alignment
    written = Code(P.value(fields)) if more is None else Code(P.value(fields)[:-1] + more + b"u")
    instance = wrapper_class + EMPTY_TUPLE + NEWOBJ if made is None else made
    return instance + (written if state is None else state) + BUILD


def bytes_dtype(text: str = "u1", size: int = -1, flags: int = 0) -> Code:
    state = P.value((3, "|", None, None, None, size, 1, flags))
    return P.call("numpy", "dtype", text, False, True) + state + BUILD


def hidden(array: bytes = b"") -> Code:
    """Write five array bytes that swallow what follows for whoever takes them for opcodes."""
    payload = POP + PAYLOAD
    return Code(array) + Code(BINBYTES(payload)[:5]) + payload + STOP


JOBLIB = P.name("joblib.numpy_pickle", "NumpyArrayWrapper")
OBJECT = P.name("builtins", "object")
MANY = P.join(*(part for index in range(200) for part in (f"k{index}", None)))


@pytest.mark.parametrize(
    "head",
    [
        wrapper(),
        wrapper(made=P.name("joblib", "numpy_pickle.NumpyArrayWrapper") + EMPTY_TUPLE + NEWOBJ),
        wrapper(made=P.call("copyreg", "_reconstructor", JOBLIB, OBJECT, None)),
        wrapper(made=P.call("copyreg", "__newobj__", JOBLIB)),
        wrapper(
            made=P.apply(
                P.call("builtins", "getattr", P.name("joblib", "numpy_pickle"), "NumpyArrayWrapper")
            )
        ),
        wrapper(made=P.apply(JOBLIB, None, (5,), "C", bytes_dtype()), state=P.value({})),
        wrapper(dtype=bytes_dtype("V1000", 5), shape=P.value((1,))),
        wrapper(dtype=P.call("numpy", "dtype", "uint8")),
        wrapper(dtype=P.call("numpy.dtypes", "UInt8DType")),
        wrapper(dtype=bytes_dtype("u1", flags=1) + P.value((3, 0, 0, 0, 0, 1, 1, 0)) + BUILD),
        wrapper(shape=BININT2(1000), more=MANY + P.join("shape", (5,))),
        wrapper(shape=P.value([5])),
        wrapper(shape=P.call("builtins", "tuple", [5])),
    ],
    ids=[
        "plain", "dotted", "reconstructor", "newobj", "getattr", "made-full", "size-in-state",
        "other-size", "other-class", "two-states", "many-keys", "list-shape", "computed-shape",
    ],
)  # fmt: skip
def test_a_pickle_behind_an_array_is_seen_however_the_array_is_announced(head: Code) -> None:
    assert flagged(scan_bytes(PROTO(4) + head + hidden(), "m.joblib"))


@pytest.mark.parametrize("alignment", [0, "x", True])
def test_any_alignment_but_none_means_padding(alignment: object) -> None:
    head = wrapper(alignment=P.value(alignment))
    assert flagged(scan_bytes(PROTO(4) + head + hidden(b"\0"), "m.joblib"))


def test_an_array_of_a_size_that_may_be_read_in_two_ways_is_reported() -> None:
    report = scan_bytes(PROTO(4) + wrapper(shape=P.value([5])) + b"12345" + STOP, "m.joblib")
    assert rules(report) >= {"SNT1115"}


@pytest.mark.parametrize(
    "array",
    [
        np.arange(5, dtype="u1"),
        np.array(["a", "bcd"]),
        np.array([b"a", b"bcd"]),
        np.array([True, False]),
        np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        np.array([(1, "x")], dtype=[("a", "i4"), ("b", "O")]),
        np.array(["2026-01-01"], dtype="M8[D]"),
        np.array([1, "x", None], dtype=object),
        np.zeros((0, 3)),
        np.array(1.5),
        np.zeros((2, 2), dtype=">i4", order="F"),
    ],
    ids=lambda array: str(array.dtype),
)
def test_arrays_as_joblib_writes_them_raise_nothing(array: np.ndarray) -> None:
    file = io.BytesIO()
    joblib.dump({"before": array, "after": [1, 2, 3]}, file)
    assert scan_bytes(file.getvalue(), "m.joblib").verdict is Verdict.CLEAN
