"""The catalogue itself: closed schema, patterns of both engines, an example of every type."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from random import Random

import pytest

import sentinel.pii
from sentinel.findings import Severity
from sentinel.pii import headers
from sentinel.pii.bounds import BOUNDS
from sentinel.pii.catalog import catalog
from sentinel.pii.checks import contexts, validators
from sentinel.pii.model import Likelihood, Rule
from sentinel.pii.text import TextEngine
from sentinel.pii.validators import VALIDATORS

from .type_examples import CELLS, NEVER_LIKELY, NUMBERS, TEXTS

DATA = Path(sentinel.pii.__file__).parent.parent / "data" / "pii"
TYPE_KEYS = {"title", "category", "severity", "locale", "cues", "headers"}
RULE_KEYS = {
    *("id", "type", "where", "pattern", "bounds", "validator", "context", "likelihood", "cued"),
    *("literals", "ignore_case", "gate", "multiline", "mark", "near"),
}
CATEGORIES = {
    *("credentials", "financial", "government_id", "health", "contact", "network", "demographic"),
    "location",
}
PERSONAL = [t for t in catalog().types.values() if t.category != "credentials"]
RULES = catalog().rules


@cache
def engine() -> TextEngine:
    return TextEngine(catalog(), engine="stdlib")


@pytest.mark.parametrize("file", sorted(DATA.glob("*.toml")), ids=lambda file: file.stem)
def test_schema_is_closed(file: Path) -> None:
    document = tomllib.loads(file.read_text("utf-8"))
    assert set(document) <= {"type", "rule"}
    for name, entry in document.get("type", {}).items():
        assert re.fullmatch("[A-Z][A-Z0-9_]+", name)
        assert set(entry) <= TYPE_KEYS, name
        assert entry["category"] in CATEGORIES, name
        assert entry["severity"].upper() in Severity.__members__, name
        assert re.fullmatch("[a-z]{2}|", entry.get("locale", "")), name
    for entry in document.get("rule", []):
        assert set(entry) <= RULE_KEYS, entry["id"]
        assert re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", entry["id"])
        assert entry.get("where", "text") in ("text", "cue", "column"), entry["id"]


def test_rules_are_named_once() -> None:
    names = [rule.id for rule in RULES]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_refers_to_what_exists(rule: Rule) -> None:
    assert rule.type in catalog().types
    assert rule.bounds in BOUNDS
    assert not rule.validator or rule.validator in validators()
    assert not rule.context or rule.context in contexts()
    assert rule.cued >= rule.likelihood
    assert rule.where != "cue" or catalog().types[rule.type].cues
    assert rule.where != "column" or catalog().types[rule.type].headers


def test_patterns_compile_in_both_engines() -> None:
    re2 = pytest.importorskip("re2")
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    for rule in RULES:
        assert (
            re.compile(rule.pattern.encode()).groups
            == re2.compile(rule.pattern.encode(), options).groups
        ), rule.id


def test_every_type_has_a_rule() -> None:
    assert {rule.type for rule in RULES} >= {entry.name for entry in PERSONAL}


@pytest.mark.parametrize("entry", PERSONAL, ids=lambda entry: entry.name)
def test_cues_and_headers_are_normalised(entry: sentinel.pii.model.InfoType) -> None:  # type: ignore[name-defined]
    for cue in entry.cues:
        assert cue == " ".join(cue.lower().split())
    for header in entry.headers:
        assert tuple(header.split()) == headers.words(header)
    assert len(set(entry.cues)) == len(entry.cues)
    assert len(set(entry.headers)) == len(entry.headers)


def _found(text: str) -> set[str]:
    hits = engine().scan(text.encode())
    return {hit.rule.type for hit in hits if hit.likelihood >= Likelihood.LIKELY}


def _made(name: str, *, right: bool) -> str:
    numbers, rng = NUMBERS[name], Random(name)
    check = VALIDATORS[numbers.validator].check
    values = (numbers.make(rng) for _ in range(20_000))
    return numbers.sentence.format(next(value for value in values if check(value) == right))


def test_every_type_has_an_example() -> None:
    names = {entry.name for entry in PERSONAL}
    assert names == {*NUMBERS, *TEXTS, *CELLS, *NEVER_LIKELY}


@pytest.mark.parametrize("name", NUMBERS)
def test_finds_a_right_number_and_no_wrong_one(name: str) -> None:
    assert name in _found(_made(name, right=True))
    assert name not in _found(_made(name, right=False))


@pytest.mark.parametrize("name", TEXTS)
def test_finds_an_example_and_not_its_near_miss(name: str) -> None:
    example, near = TEXTS[name]
    assert name in _found(example)
    assert name not in _found(near)


@pytest.mark.parametrize("name", CELLS)
def test_takes_a_cell_and_not_its_near_miss(name: str) -> None:
    def fits(cell: str) -> bool:
        return any(
            re.fullmatch(rule.pattern.encode(), cell.encode())
            and VALIDATORS[rule.validator].check(cell)
            for rule in RULES
            if rule.type == name and rule.where == "column"
        )

    example, near = CELLS[name]
    assert fits(example)
    assert not fits(near)


@pytest.mark.parametrize("name", sorted(NEVER_LIKELY))
def test_is_never_likely(name: str) -> None:
    assert all(rule.cued < Likelihood.LIKELY for rule in RULES if rule.type == name)


@pytest.mark.parametrize("name", sorted(VALIDATORS))
def test_validators_never_raise(name: str) -> None:
    rng = Random(name)
    pieces = [
        "",
        "0",
        "9",
        " ",
        "-",
        ".",
        "/",
        "A",
        "z",
        "<",
        "@",
        "+",
        ":",
        "0x",
        "\u0661",
        "²",
        "\uff10",
    ]
    pieces += ["é", "\ud800", "\0", "ß", "\u0131", "X", "756", "20", "("]
    for _ in range(600):
        text = "".join(rng.choices(pieces, k=rng.randint(0, 45)))
        assert type(VALIDATORS[name].check(text)) is bool
    for length in range(40):
        assert type(VALIDATORS[name].check("0" * length)) is bool
        assert not VALIDATORS[name].check("²" * length)
