"""Where matches are looked for: at marks, on the lines where they end, by three engines alike."""

from __future__ import annotations

import re
from random import Random
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from sentinel.pii import placeholders
from sentinel.pii.catalog import catalog
from sentinel.pii.engines import _DIGIT
from sentinel.pii.model import Rule
from sentinel.pii.pieces import by_mark, marked
from sentinel.pii.spans import of_re, of_re2

from .pattern_samples import Sampler, holds

MARKED = [rule for rule in catalog().rules if rule.mark]


def _by_mark(rule: Rule, text: bytes) -> list[tuple[int, int]]:
    find, group = by_mark(rule)
    return [spans[group] for spans in find(text, marked(text, rule.mark.encode()))]


def _by_pattern(rule: Rule, text: bytes) -> list[tuple[int, int]]:
    pattern = re.compile(rule.pattern.encode())
    group = pattern.groupindex.get("value", 0)
    return [match.span(group) for match in pattern.finditer(text)]


@pytest.mark.parametrize("rule", MARKED, ids=[rule.id for rule in MARKED])
def test_what_is_found_by_a_mark_is_all_there_is(rule: Rule) -> None:
    rng, found = Random(5), 0
    samples = [Sampler(rng).draw(rule.pattern) for _ in range(40)]
    for letters in (f"{rule.mark}ab.-1 /:\n", f"{rule.mark}abbbbbb.", "ab://@"):
        for length in range(0, 3_000, 10):
            made = rng.choices(letters, k=length)
            made.insert(rng.randint(0, length), rng.choice(samples))
            text = "".join(made).encode("latin-1")
            expected = _by_pattern(rule, text)
            assert _by_mark(rule, text) == expected
            found += len(expected)
    assert found > 900


def test_a_value_beyond_the_reach_of_its_mark_is_none() -> None:
    rule = next(rule for rule in MARKED if rule.id == "url-password")
    for user, password in ((64, 128), (65, 128), (64, 129), (0, 3), (0, 2)):
        text = b"x://" + b"u" * user + b":" + b"p" * password + b"@host"
        assert _by_mark(rule, text) == _by_pattern(rule, text)


def test_a_rule_that_does_not_begin_as_it_says_is_not_found_by_its_mark() -> None:
    email, url = (next(r for r in MARKED if r.id == name) for name in ("email", "url-password"))
    for other in (
        email._replace(near=email.near + 1),
        email._replace(pattern="x" + email.pattern),
        url._replace(pattern="x" + url.pattern),
    ):
        with pytest.raises(ValueError, match=other.id):
            by_mark(other)


def _may_hold_a_line_end(kind: Any, value: Any) -> bool:
    if kind is op.LITERAL:
        return bool(value == 10)
    if kind is op.IN:
        return holds(value, 10) != (value[0][0] is op.NEGATE)
    if kind is op.SUBPATTERN:
        return _any_holds(value[3])
    if kind is op.BRANCH:
        return any(map(_any_holds, value[1]))
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _any_holds(value[2])
    assert kind is op.AT, kind
    return False


def _any_holds(nodes: Any) -> bool:
    return any(_may_hold_a_line_end(kind, value) for kind, value in nodes)


def test_only_patterns_that_say_so_go_over_the_end_of_a_line() -> None:
    searched = [r for r in catalog().rules if r.where == "text" and r.literals and not r.mark]
    several = set()
    for rule in searched:
        nodes = parser.parse(rule.pattern)
        # The first and the last byte of a match may be the end of a line.
        nodes = nodes[1:] if nodes[:1].getwidth()[1] == 1 else nodes
        nodes = nodes[:-1] if nodes[-1:].getwidth()[1] <= 1 else nodes
        if _any_holds(nodes):
            several.add(rule.id)
    assert several == {rule.id for rule in searched if rule.multiline}


def test_lines_where_matches_end_are_all_that_need_a_search() -> None:
    rng, seen = Random(11), 0
    for text in (r"(?:^|[^a-c])(?P<value>[ab]{2,4})c?", r"a+b(?:[ ;\n]|$)", r"[ .]b+(c)"):
        pattern = re.compile(text.encode())
        ours = of_re(pattern)
        for length in range(400):
            data = "".join(rng.choices("aabc ;.\n", k=length % 90)).encode()
            # Every way to end a match, as an automaton tells them.
            ends = [
                end
                for end in range(1, len(data) + 1)
                if any(pattern.fullmatch(data, start, end) for start in range(end))
            ]
            ends = [end for end in ends if not text.endswith("$)") or _ends_so(pattern, data, end)]
            found = [[*spans] for spans in ours.ending(data, ends)]
            assert found == [[*spans] for spans in ours.all(data)], (text, data)
            seen += len(found)
    assert seen > 300


def _ends_so(pattern: re.Pattern[bytes], data: bytes, end: int) -> bool:
    """Return True where the match may end with the whole text seen, not the part in front."""
    return any(match.end() == end for s in range(end) if (match := pattern.match(data, s)))


@pytest.mark.parametrize("bare", [True, False])
def test_patterns_of_re2_and_re_say_the_same(bare: bool) -> None:
    re2 = pytest.importorskip("re2")
    rng = Random(7)
    for text in (r"(?:^|[^a-z])(?P<value>[ab]{2,4})c?", "a+b", "(a)|(b)c"):
        ours, theirs = of_re(re.compile(text.encode())), re2.compile(text.encode())
        other = of_re2(theirs if bare else Plain(theirs))
        assert ours.group == other.group
        for length in range(60):
            data = "".join(rng.choices("abc .", k=length)).encode()
            assert [[*found] for found in ours.all(data)] == [[*found] for found in other.all(data)]


class Plain:
    """A pattern of ``re2`` by its public methods alone."""

    def __init__(self, pattern: Any) -> None:
        self.search, self.groups = pattern.search, pattern.groups
        self.groupindex = pattern.groupindex


@pytest.mark.parametrize("name", ["_WORDS", "_ELSEWHERE"])
def test_what_is_asked_first_is_in_whatever_the_pattern_finds(name: str) -> None:
    pattern: re.Pattern[str] = getattr(placeholders, name)
    asked = {"_WORDS": placeholders._has_words, "_ELSEWHERE": placeholders._is_elsewhere}[name]
    rng = Random(13)
    for branch in _branches(pattern.pattern):
        for _ in range(30):
            sample = Sampler(rng).sequence(branch)
            assert pattern.search(sample), sample
            for text in (sample, sample.upper()):
                assert asked(text) or not pattern.search(text), text


def _branches(text: str) -> list[Any]:
    ((kind, value),) = parser.parse(text)
    assert kind is op.BRANCH
    return list(value[1])


SEARCHED = [rule for rule in catalog().rules if rule.where == "text"]


@pytest.mark.parametrize("rule", SEARCHED, ids=[rule.id for rule in SEARCHED])
def test_each_match_holds_what_the_standard_library_looks_for_first(rule: Rule) -> None:
    rng = Random(rule.id)
    for _ in range(20):
        sample = Sampler(rng).draw(rule.pattern).lower()
        if rule.literals:
            assert any(literal.lower() in sample for literal in rule.literals), sample
        elif _DIGIT in rule.pattern:
            assert any(letter in "0123456789" for letter in sample), sample
