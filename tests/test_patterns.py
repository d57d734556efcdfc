"""Patterns of paths mean the same however many wildcards they have, and never take long."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sentinel.settings import patterns
from sentinel.settings.patterns import matcher

PATTERN = st.lists(st.sampled_from(["a", "b", "/", "?", "*", "**", "**/"]), min_size=1, max_size=7)
PATH = st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4)


def plain(pattern: str, path: str) -> bool:
    """Match by a regular expression, wildcard for wildcard."""
    anchored = "/" in pattern.rstrip("/")
    pattern = pattern.strip("/").removeprefix("./")
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    body = "".join(wild.get(part) or re.escape(part) for part in parts)
    return bool(re.fullmatch(f"{'' if anchored else '(?:.*/)?'}{body}(?:/.*)?", path))


@pytest.mark.parametrize("most", [0, 3])
@settings(max_examples=300)
@given(PATTERN.map("".join), PATH.map("/".join))
@example("**/a", "ba")
@example("**/**/a", "b/a/c")
@example("***/a", "b/a")
@example("a/**/b", "a/b")
def test_a_walk_and_an_expression_agree(most: int, pattern: str, path: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "_MOST_STARS", most)
        assert matcher([pattern], "/base")(f"/base/{path}") == plain(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        ("**/" * 40 + "z", "a/" * 400 + "y", "a/" * 400 + "z"),
        ("*a" * 60 + "z", "a" * 250, "a" * 249 + "z"),
        ("**a" * 60 + "/z", "a" * 2_000, "a" * 2_000 + "/z"),
        ("**/*a" * 30, "b/" * 1_000, "a/" * 1_000 + "a"),
    ],
)
def test_many_wildcards_end_in_time(pattern: str, bad: str, good: str) -> None:
    match = matcher([pattern], "/base")
    assert not match(f"/base/{bad}")
    assert match(f"/base/{good}")


def test_patterns_of_both_kinds_go_together() -> None:
    match = matcher(["*.pkl", "a/**/b*c*d*e"], "/base")
    assert match("/base/x/y.pkl")
    assert match("/base/a/x/b1c2d3e/file")
    assert not match("/base/a/x/b1c2d3")
    assert not matcher([], "/base")("/base/a")
