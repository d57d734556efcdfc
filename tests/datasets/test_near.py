"""Texts that are nearly the same: found with a word changed, not told of templates."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sentinel.artifacts import Artifact
from sentinel.datasets import FileValidator, Options, near, validate
from sentinel.datasets.near import NearTexts, likeness, sketch
from sentinel.findings import Finding, Severity, Verdict
from sentinel.limits import DEFAULT_LIMITS, Budget
from sentinel.readers import MemoryReader
from tests.datasets.pairs import labelled, reviews, table

RULE = "SNT2027"
BARE = Options(pii=None)


def told(data: bytes) -> list[Finding]:
    report = FileValidator(BARE).artifact(Artifact("a.csv", MemoryReader(data), asked=True))
    return [one for one in report.findings if one.rule_id == RULE]


def changed(text: str, draw: random.Random, kind: str = "replaced") -> str:
    words = text.split()
    at = draw.randrange(len(words))
    if kind == "left out":
        return " ".join(words[:at] + words[at + 1 :])
    return " ".join([*words[:at], "sundry", *words[at + (kind == "replaced") :]])


def shares(folder: Path, train: list[tuple[str, str]], test: list[tuple[str, str]]) -> Finding:
    folder.mkdir(exist_ok=True)
    (folder / "train.csv").write_bytes(labelled(train))
    (folder / "test.csv").write_bytes(labelled(test))
    found = validate(folder, options=BARE)
    return next(one for one in found.findings if one.rule_id == RULE)


@pytest.mark.parametrize("kind", ["replaced", "put in", "left out"])
def test_a_changed_word_hides_no_copy(kind: str) -> None:
    draw, plain = random.Random(1), reviews(500)
    more = [(changed(text, draw, kind), label) for text, label in plain[:50]]
    (found,) = told(labelled([*plain, *more]))
    assert found.severity is Severity.INFO
    assert int(str(found.facts["number"])) >= 45
    assert min(found.facts["rows"]) > 500  # type: ignore[call-overload]


def test_a_flood_of_one_text_with_changed_words_is_low() -> None:
    draw, plain = random.Random(2), reviews(500)
    spam = "buy this fantastic gadget today at our shop and get another one of them for free while "
    spam += "there are still some left so do not wait until our friends have bought all of it"
    flood = [(f"{changed(spam, draw)} {text.split()[0]}", "pos") for text, _ in plain[:60]]
    (found,) = told(labelled([*plain, *flood]))
    assert found.severity is Severity.LOW
    assert "nearly the same" in found.message


@pytest.mark.parametrize(
    "texts",
    [
        [f"review {n}" for n in range(300)],
        [f"station {n} has sent {n * 7} messages since the clock struck {n % 12}"
         for n in range(300)],
        [("red", "green", "a shade of blue")[n % 3] for n in range(300)],
        [text for text, _ in reviews(300)],
        ["\u4f60\u597d\u4e16\u754c" * 4 + str(n) for n in range(300)],
    ],
    ids=["short", "numbers", "categories", "plain", "no blanks"],
)  # fmt: skip
def test_templates_of_numbers_and_categories_are_not_told(texts: list[str]) -> None:
    report = FileValidator(BARE._replace(text="text")).artifact(
        Artifact("a.csv", MemoryReader(labelled([(text, "x") for text in texts])), asked=True)
    )
    assert RULE not in {one.rule_id for one in report.findings}


def test_templates_of_words_are_information() -> None:
    names = [a + b + c for a in "bdfgk" for b in "aeiou" for c in "lmnrst"]
    says = "the weather in the town of {} will be mild today with a little rain towards the night"
    (found,) = told(labelled([(says.format(name), "x") for name in names]))
    assert found.severity is Severity.INFO


def test_changed_rows_for_training_among_those_for_testing(tmp_path: Path) -> None:
    draw, rows = random.Random(3), reviews(500)
    leaked = [(changed(text, draw), label) for text, label in rows[:20]]
    found = shares(tmp_path / "a", rows[:400], [*rows[400:], *leaked])
    assert found.severity is Severity.LOW
    assert int(str(found.facts["number"])) >= 18
    assert found.evidence.startswith("test.csv row 101 like train.csv row 1")


def test_splits_that_share_no_text_are_clean(tmp_path: Path) -> None:
    rows = reviews(500)
    (tmp_path / "train.csv").write_bytes(labelled(rows[:400]))
    (tmp_path / "test.csv").write_bytes(labelled(rows[400:]))
    found = validate(tmp_path, options=BARE)
    assert (found.verdict, found.findings) == (Verdict.CLEAN, ())


def test_what_is_alike_within_training_too_is_information(tmp_path: Path) -> None:
    draw = random.Random(4)
    rows = [(changed(text, draw), label) for text, label in reviews(100) for _ in range(5)]
    draw.shuffle(rows)
    assert shares(tmp_path, rows[:400], rows[400:]).severity is Severity.INFO


def test_of_many_texts_a_part_is_looked_at_and_pairs_stay_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near, "_MOST_TEXTS", 500)
    draw, plain = random.Random(5), reviews(4000)
    more = [(changed(text, draw), label) for text, label in plain]
    found = told(labelled([*plain, *more]))
    part = next(one for one in found if "looked through" in one.message)
    assert 0 < int(str(part.facts["number"])) <= 500
    assert part.facts["total"] == 8000
    copies = next(one for one in found if one is not part)
    # Parts drawn by chance would hold both of a pair once in sixteen times.
    assert int(str(copies.facts["number"])) > int(str(part.facts["number"])) / 4


def test_two_tables_are_cut_to_one_part() -> None:
    made = []
    for count in (100, 300):
        texts = NearTexts()
        texts.feed([text for text, _ in reviews(count, count)], 1)
        made.append(texts.sketches(Budget(DEFAULT_LIMITS)))
    first, second = near.thinned(made, 100)
    assert first.bound == second.bound < made[0].bound
    assert 0 < len(first.items) + len(second.items) <= 100


def test_likeness_is_the_share_of_word_pairs() -> None:
    one = sketch("one two three four five six seven eight nine")
    other = sketch("one two three four five six seven eight ten")
    assert one is not None
    assert other is not None
    assert likeness(one, other) == pytest.approx(7 / 9)
    assert sketch("one two three") is None


@pytest.mark.parametrize("text", ["a b " * 5000, "same " * 5000, "\ud800 " * 50, "x" * 100_000])
def test_odd_texts_cost_little_and_say_nothing(text: str) -> None:
    texts = NearTexts()
    texts.feed([f"{text} {number}" for number in range(200)], 1)
    assert len(texts.sketches(Budget(DEFAULT_LIMITS)).items) <= 200


def test_a_table_is_told_alike_each_time() -> None:
    draw, plain = random.Random(6), reviews(300)
    data = labelled([*plain, *((changed(text, draw), label) for text, label in plain)])
    assert told(data) == told(data) == told(table()) + told(data)
