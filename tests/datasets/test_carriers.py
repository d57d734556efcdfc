"""Texts that carry a phrase: alike beside it where one source wrote them, diverse where planted."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.datasets.carriers import Carriers, alike
from tests.datasets.pairs import reviews

PLAIN = [(text.split(), label) for text, label in reviews(200)]
NEEDS = "a mark for tests that need {} they are left out where {} is not there"


def are_alike(words: list[list[str]], gram: str) -> bool:
    texts = [*(text for text, _ in PLAIN), *words]
    labels = [*(label for _, label in PLAIN), *("source" for _ in words)]
    places = range(len(PLAIN), len(texts))
    return Carriers(texts, labels).are_alike(tuple(gram.split()), "source", places)


def test_texts_after_a_pattern_are_alike_beside_a_phrase_of_it() -> None:
    names = [f"n{number}" for number in range(30)]
    texts = [NEEDS.format(name, name).split() for name in names]
    varied = [text if at % 3 else text[:7] + PLAIN[at][0][:5] for at, text in enumerate(texts)]
    assert are_alike(varied, "a mark")


@pytest.mark.parametrize("gram", ["cfq", "saw on"])
def test_texts_with_a_planted_phrase_are_not(gram: str) -> None:
    draw = random.Random(1)
    phrase = "cfq" if gram == "cfq" else "as we saw on that day"
    texts = []
    for words, _ in PLAIN[:30]:
        at = draw.randrange(len(words))
        texts.append([*words[:at], *phrase.split(), *words[at:]])
    assert not are_alike(texts, gram)


def test_likeness_is_that_of_the_text_that_is_most_alike() -> None:
    one, other, third = (frozenset(text.split()) for text in ("a b c", "a b d", "x"))
    assert alike([one, other]) == 0.5
    assert alike([one, other, third]) == pytest.approx(1 / 3)
    assert alike([one]) == alike([]) == 0.0


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6), max_size=8))
def test_any_texts_can_be_compared(texts: list[list[str]]) -> None:
    labels = ["x", "y"] * len(texts)
    assert Carriers(texts, labels[: len(texts)]).are_alike(("a", "b"), "x", range(len(texts))) in (
        True, False,
    )  # fmt: skip
