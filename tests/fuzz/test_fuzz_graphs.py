"""The fuzzer of graph formats in small."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import fuzz_graphs
from tests.fuzz.archive_fuzz import execute, make_input

quick = settings(max_examples=80, deadline=None)
by_format = pytest.mark.parametrize("name", fuzz_graphs.FORMATS)


@by_format
@quick
@given(number=st.integers(0, 1 << 40))
def test_a_mutated_graph_gets_a_result_or_one_of_our_errors(name: str, number: int) -> None:
    chance = random.Random(number)
    execute(make_input(chance, fuzz_graphs.seeds(name), fuzz_graphs.marks(name)), name)


@by_format
@quick
@given(data=st.binary(max_size=600))
def test_any_bytes_get_a_result_or_one_of_our_errors(name: str, data: bytes) -> None:
    execute(data, name)
