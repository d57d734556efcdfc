"""The fuzzer of tensor files and templates, in small and, when asked, at length."""

from __future__ import annotations

import random
from functools import cache

import pytest

from tests.fuzz import fuzz_tensors
from tests.fuzz.archive_fuzz import execute, make_input


@cache
def seeds_of(name: str) -> list[bytes]:
    return fuzz_tensors.seeds(name)


def run(name: str, count: int) -> None:
    for number in range(count):
        chance = random.Random(f"{name}:{number}")
        execute(make_input(chance, seeds_of(name), fuzz_tensors.MARKS[name]), name)


@pytest.mark.parametrize("name", fuzz_tensors.FORMATS)
def test_mutated_files_get_a_result_or_one_of_our_errors(name: str) -> None:
    run(name, 1_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", fuzz_tensors.FORMATS)
def test_two_hundred_thousand_executions(name: str) -> None:
    run(name, 200_000)
