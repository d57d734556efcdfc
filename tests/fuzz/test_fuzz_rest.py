"""The fuzzer of the remaining formats in small, and that no format is without a fuzzer."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.formats import FORMATS
from tests.fuzz import fuzz_rest
from tests.fuzz.archive_fuzz import execute, make_input

quick = settings(max_examples=40, deadline=None)
by_format = pytest.mark.parametrize("name", fuzz_rest.FORMATS)


@by_format
@quick
@given(number=st.integers(0, 1 << 40))
def test_a_mutated_file_gets_a_result_or_one_of_our_errors(name: str, number: int) -> None:
    chance = random.Random(number)
    execute(make_input(chance, fuzz_rest.seeds(name), fuzz_rest.MARKS), name)


@by_format
@quick
@given(data=st.binary(max_size=600))
def test_any_bytes_get_a_result_or_one_of_our_errors(name: str, data: bytes) -> None:
    execute(data, name)


def test_every_format_has_a_fuzzer() -> None:
    folder = Path(__file__).resolve().parent
    fuzzers = "".join(path.read_text(encoding="utf-8") for path in folder.glob("fuzz_*.py"))
    named = {path.stem.removeprefix("fuzz_") for path in folder.glob("fuzz_*.py")}
    missing = [
        entry.name
        for entry in FORMATS
        if entry.parse and f'"{entry.name}"' not in fuzzers and entry.name not in named
    ]
    assert not missing
