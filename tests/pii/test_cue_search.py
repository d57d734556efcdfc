"""What narrows the search, and whether anything is lost by it."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from sentinel.pii.catalog import _DIRECTORY, COMPILED, catalog, compiled
from sentinel.pii.checks import validators
from sentinel.pii.cue_search import NAMED, CueSearch, cues_of, patterns
from sentinel.pii.cues import is_free, starts_after
from sentinel.pii.engines import Pattern, Re2Engine, make_engine
from sentinel.pii.hyperscan import has_avx2
from sentinel.pii.model import Rule
from sentinel.pii.text import Quota, TextEngine
from tests.pii.measure.generator import generate
from tests.pii.measure.leaky import files

from .pattern_samples import Sampler

TYPES = catalog().types
# A rule for all text that a cue makes no likelier finds as much without one.
CUED = [
    rule
    for rule in catalog().rules
    if TYPES[rule.type].cues
    and (rule.where == "cue" or (rule.where == "text" and rule.cued > rule.likelihood))
]
PLAIN_TEXT, HINTS_TEXT = patterns(cues_of(TYPES, catalog().rules))
HINTS = make_engine((), "auto", HINTS_TEXT)
PLAIN = HINTS.compiled(Pattern(PLAIN_TEXT, (), ignore_case=True))


def draw(rule: Rule, count: int) -> list[str]:
    """Return texts that a rule's pattern matches and its validator does not refuse for certain."""
    rng = Random(rule.id)
    samples = []
    for _ in range(count):
        sample = Sampler(rng).draw(rule.pattern)
        check = validators()[rule.validator].check if rule.validator else lambda _: True
        if rule.type in NAMED or any(c in sample for c in "0123456789@") or check(sample):
            samples.append(sample)
    return samples


@pytest.mark.parametrize("rule", CUED, ids=[rule.id for rule in CUED])
def test_a_hint_is_at_every_value_behind_a_cue(rule: Rule) -> None:
    cues, rng, tried = TYPES[rule.type].cues, Random(rule.id), 0
    for sample in draw(rule, 15):
        for between in (": ", " is ", "\t", " number = '", ":\n", ": **", " no. (", "s: "):
            cue = rng.choice(cues)
            cue = rng.choice((cue, cue.upper(), cue.title()))
            head = f"x {cue}{between}".encode()
            text = head + sample.encode("latin-1") + b"\n"
            spans = [found[0] for found in PLAIN.all(text)]
            if any(is_free(text, e) and len(head) in starts_after(text, e) for _, e in spans):
                tried += 1
                ends = HINTS.hinted(text)
                assert ends is None or any(ends), text
    assert tried or rule.id == "kaggle-json"  # which begins with a bracket, and has no cue


def test_gates_match_wherever_their_patterns_do() -> None:
    for rule in catalog().rules:
        flags = re.IGNORECASE if rule.ignore_case else 0
        for sample in draw(rule, 15) if rule.gate else ():
            for before in ("", " ", '"', "\\n", "(", ","):
                assert re.search(rule.gate, before + sample, flags), (rule.id, sample)


def test_the_compiled_catalogue_is_that_of_the_tables() -> None:
    assert Path(_DIRECTORY, COMPILED).read_text(encoding="utf-8") == compiled()


def test_the_longer_of_two_cues_is_found() -> None:
    cues = {"A": ("steuer id",), "B": ("steueridentifikationsnummer",), "C": ("ip",)}
    plain, hints = patterns({**cues, "D": ("ip address",)})
    search = CueSearch(plain, make_engine((), "auto", hints))
    for cue in ("steueridentifikationsnummer", "Steuer-ID", "ip address", "IP"):
        text = f"x {cue}: 5".encode()
        assert [text[start:end].decode() for start, end in search.spans(text)] == [f" {cue}"]


def test_a_cue_is_whole_wherever_the_cue_before_it_is() -> None:
    engine = TextEngine(catalog())
    for gap in range(200):
        text = f"run 5 {'x' * gap} Steueridentifikationsnummer: 46179825381, thanks".encode()
        assert [hit.rule.type for hit in engine.scan(text)] == ["DE_TAX_ID"], gap


def test_lines_with_no_value_are_not_searched() -> None:
    engine = TextEngine(catalog(), engine="auto")._engine
    if not isinstance(engine, Re2Engine):
        pytest.skip("no RE2")
    for line in (b"name = call(position)", b"def run(name: str)", b"np.sin(x) + pass_through"):
        assert list(engine.hinted(line) or ()) == []


@pytest.mark.parametrize("name", ["stdlib", "re2", "hyperscan"])
def test_engines_agree_on_made_documents(name: str) -> None:
    if name == "hyperscan" and not has_avx2():
        pytest.skip("no AVX2")
    ours, other = TextEngine(catalog()), TextEngine(catalog(), engine=name)
    documents = [*generate(31, 40), *files(31)]
    for data in (document.data[:30_000] for document in documents):
        assert ours.scan(data, Quota()) == other.scan(data, Quota())
