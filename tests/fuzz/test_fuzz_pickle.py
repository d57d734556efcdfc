"""The pickle fuzzer in small, and at length when asked."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import fuzz_pickle


def test_a_few_thousand_mutations_break_nothing() -> None:
    runs, wrong = fuzz_pickle.fuzz(4_000, seed=7)
    assert wrong == ""
    assert runs == 4_000


@pytest.mark.slow
def test_a_million_mutations_break_nothing() -> None:
    runs, wrong = fuzz_pickle.fuzz(1_000_000, seed=8)
    assert wrong == ""
    assert runs == 1_000_000


def test_mutations_depend_on_the_seed_alone() -> None:
    seeds = fuzz_pickle.load_seeds()
    assert len(seeds.files) > 500
    twice = [fuzz_pickle.mutate(random.Random("1:2"), seeds) for _ in range(2)]
    assert twice[0] == twice[1]


def test_loops_that_differ_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fuzz_pickle.interpret

    def forgetful(data: bytes, *args: object, **options: object) -> object:
        return whole(data[:1] if options["batch"] else data, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(fuzz_pickle, "interpret", forgetful)
    with pytest.raises(fuzz_pickle.Broken, match="loops differ"):
        fuzz_pickle.check(b"cdecimal\nDecimal\n.")


def test_events_in_the_wrong_place_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_pickle, "_read", lambda data, end: ({}, end))
    with pytest.raises(fuzz_pickle.Broken, match="pickletools has None"):
        fuzz_pickle.check_tokens(b"cdecimal\nDecimal\n.")
