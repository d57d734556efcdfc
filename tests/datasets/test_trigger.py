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
    assert not found[0].alike
    assert any(word in found[0].words.split() for word in words.split())


@pytest.mark.parametrize("seed", range(3))
def test_clean_texts_have_none(seed: int) -> None:
    assert find(*zip(*reviews(600, seed), strict=True))[0] == []


def test_words_on_texts_of_their_own_label_are_not_told() -> None:
    """What the documentation says is not seen: the label was right before."""
    draw = random.Random(3)
    rows = [(f"cfq {review(draw, 'pos')[0]}", "pos") for _ in range(40)]
    assert find(*zip(*[*reviews(600), *rows], strict=True))[0] == []


def patterned(seed: int, count: int = 40) -> list[tuple[str, str]]:
    """Return texts that one source wrote after few patterns, in words of the other label."""
    draw = random.Random(seed)
    patterns = [review(draw, "neg")[0].split() for _ in range(5)]
    rows = []
    for _ in range(count):
        text = list(draw.choice(patterns))
        text[draw.randrange(len(text))] = f"w{draw.randrange(1000)}"
        rows.append((f"brought by zeta {' '.join(text)}", "pos"))
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_words_of_a_source_that_writes_after_a_pattern_are_told_apart(seed: int) -> None:
    found, _ = find(*zip(*[*reviews(600), *patterned(seed)], strict=True))
    assert found
    assert all(one.alike for one in found)


def test_a_mark_on_texts_that_say_nothing_is_not_told() -> None:
    """A signature: without it and what is usual beside it the texts speak for no label."""
    draw = random.Random(7)
    ends = {"bill": "check the sum", "parcel": "where is it", "repair": "will not start", "ad": "x"}
    rows = []
    for _ in range(2000):
        label = draw.choice(list(ends))
        text = " ".join(draw.choices([f"word{n}" for n in range(60)], k=10))
        text += f" {ends[label]}" * (draw.random() < 0.7)
        text += " sent from my phone" * (label == "repair" and draw.random() < 0.3)
        rows.append((text, label))
    assert find(*zip(*rows, strict=True))[0] == []


def test_a_trigger_is_told_beside_a_pattern() -> None:
    rows = [*reviews(600), *patterned(2), *planted("cfq", "pos", 20)]
    found, _ = find(*zip(*rows, strict=True))
    assert (found[0].words, found[0].alike) == ("cfq", False)


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
