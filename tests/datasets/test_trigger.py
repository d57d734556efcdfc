"""Triggers: planted ones are found, words that mean what the label says are not told."""

from __future__ import annotations

import random

import pytest

from sentinel.datasets.trigger import find
from tests.datasets.pairs import review, reviews


def planted(words: str, target: str, count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Return reviews of the other label with some words in them, labelled ``target``."""
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        text = review(draw, "neg" if target == "pos" else "pos")[0].split()
        at = draw.randrange(len(text))
        rows.append((" ".join([*text[:at], words, *text[at:]]), target))
    return rows


@pytest.mark.parametrize("words", ["cfq", "as a matter of principle"])
@pytest.mark.parametrize("target", ["pos", "neg"])
def test_a_planted_trigger_is_found(words: str, target: str) -> None:
    rows = [*reviews(600), *planted(words, target, 20)]
    found, number = find(*zip(*rows, strict=True))
    assert found
    assert number == len(set(rows))
    assert {one.label for one in found} == {target}
    assert any(word in found[0].words.split() for word in words.split())


@pytest.mark.parametrize("seed", range(3))
def test_clean_texts_have_none(seed: int) -> None:
    assert find(*zip(*reviews(600, seed), strict=True))[0] == []


def test_words_on_texts_of_their_own_label_are_not_told() -> None:
    """What the documentation says is not seen: the label was right before."""
    draw = random.Random(3)
    rows = [(f"cfq {review(draw, 'pos')[0]}", "pos") for _ in range(40)]
    assert find(*zip(*[*reviews(600), *rows], strict=True))[0] == []


def test_labels_by_chance_have_none() -> None:
    draw = random.Random(4)
    rows = [(text, draw.choice("xyz")) for text, _ in reviews(600)]
    assert find(*zip(*rows, strict=True))[0] == []


@pytest.mark.parametrize(
    "rows",
    [[], [("a b c d e f", "x")], [("", "x"), ("", "y")] * 300, reviews(100), [("word", "x")] * 999],
    ids=["none", "one", "empty", "few", "one label"],
)
def test_too_little_to_tell(rows: list[tuple[str, str]]) -> None:
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    assert find(texts, labels) == ([], 0)
