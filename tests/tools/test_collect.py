"""Names are collected from real files."""

from __future__ import annotations

import collections
import io
import pickle

import pytest

from tools.collect import names_in


@pytest.mark.parametrize("protocol", range(6))
def test_names_of_a_pickle(protocol: int) -> None:
    data = pickle.dumps(collections.OrderedDict(a=1), protocol)
    assert ("collections", "OrderedDict") in names_in(data)


def test_names_of_a_joblib_file_with_arrays() -> None:
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    buffer = io.BytesIO()
    joblib.dump({"a": numpy.arange(1000), "b": collections.Counter()}, buffer)
    names = names_in(buffer.getvalue())
    assert {("joblib.numpy_pickle", "NumpyArrayWrapper"), ("collections", "Counter")} <= names
