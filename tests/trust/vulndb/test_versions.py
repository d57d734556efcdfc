"""Which versions an advisory is about, with packaging's specifiers as the second opinion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from sentinel.trust.vulndb.allowed import may_apply
from sentinel.trust.vulndb.versions import Applies, applies, canonical, fixes, is_always, trimmed
from tests.trust.advisory_kit import record

NUMBERS = st.integers(0, 3)
RELEASES = st.builds("{}.{}".format, NUMBERS, NUMBERS)
VERSIONS = st.builds(
    "{}{}".format, RELEASES, st.sampled_from(["", "", ".0", "a1", "rc1", ".post1", ".dev0"])
)
SPECIFIERS = st.sampled_from(["==", "!=", ">=", "<=", "<", ">", "~="])


PAIRS = (
    st.tuples(RELEASES, RELEASES)
    .map(lambda pair: tuple(sorted(pair, key=Version)))
    .filter(lambda pair: Version(pair[0]) < Version(pair[1]))
)


@given(RELEASES, st.lists(PAIRS, min_size=1, max_size=3))
def test_ranges_are_those_of_specifiers(asked: str, pairs: list[tuple[str, str]]) -> None:
    # One range for each pair, so that spans may overlap; packaging is asked of each in turn.
    ranges = [(("introduced", first), ("fixed", last)) for first, last in pairs]
    expected = any(asked in SpecifierSet(f">={first},<{last}") for first, last in pairs)
    assert (applies(record(*ranges), asked) is Applies.YES) == expected


@given(VERSIONS, VERSIONS, VERSIONS, st.booleans())
def test_ranges_follow_the_order_of_versions(
    asked: str, first: str, last: str, included: bool
) -> None:
    kind = "last_affected" if included else "fixed"
    found = applies(record((("introduced", first), (kind, last))), asked)
    low, high, mine = Version(first), Version(last), Version(asked)
    # Where a range would end before it begins, it ends nothing and goes on.
    open_ = high < low or (high == low and not included)
    inside = low <= mine and (open_ or mine < high or (included and mine == high))
    assert (found is Applies.YES) == inside


EVENTS = st.tuples(st.sampled_from(["introduced", "fixed"]), RELEASES)


@given(st.lists(EVENTS, max_size=6), RELEASES)
def test_events_are_walked_as_the_schema_says(events: list[tuple[str, str]], asked: str) -> None:
    vulnerable = False
    order = sorted(events, key=lambda one: (Version(one[1]), one[0] == "introduced"))
    for kind, version in order:
        if Version(asked) >= Version(version) or (kind == "introduced" and version == "0"):
            vulnerable = kind == "introduced"
    assert (applies(record(events), asked) is Applies.YES) == vulnerable


@given(VERSIONS, st.lists(st.tuples(SPECIFIERS, VERSIONS), max_size=3), VERSIONS, VERSIONS)
def test_what_conditions_allow_and_an_advisory_is_about_is_never_missed(
    asked: str, clauses: list[tuple[str, str]], first: str, last: str
) -> None:
    one = record((("introduced", first), ("fixed", last)))
    allowed = SpecifierSet(",".join(map("".join, clauses)))
    if applies(one, asked) is Applies.YES and allowed.contains(asked, prereleases=True):
        assert may_apply(one, clauses)


@pytest.mark.parametrize(
    ("clauses", "told"),
    [
        ([], True), ([(">=", "2.6.0")], False), ([(">=", "2.5")], True), ([("<", "2")], True),
        ([("<", "1.0")], False), ([("~=", "2.5.1")], True), ([("==", "2.*")], True),
        ([("==", "3.*")], False), ([(">", "2.5"), ("<", "3")], True),
        ([(">=", "1.0"), ("!=", "1.0")], True), ([("^", "9.0")], True),
        ([("==", "nonsense nonsense")], True),
    ],
)  # fmt: skip
def test_conditions(clauses: list[tuple[str, str]], told: bool) -> None:
    one = record((("introduced", "1.0"), ("fixed", "2.6.0")))
    assert may_apply(one, clauses) is told


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [
        ("2.5.1", Applies.YES), ("2.5.1+cu118", Applies.YES), ("v2.5.1", Applies.YES),
        ("2.6.0rc1", Applies.YES), ("2.6", Applies.NO), ("2.6.0+cu118", Applies.NO),
        ("2.6.0.post1", Applies.NO), ("0.dev0", Applies.YES), ("1!1.0", Applies.NO),
        ("0.2.0-n653", Applies.UNDECIDED), ("", Applies.UNDECIDED), ("9" * 5000, Applies.UNDECIDED),
        ("\u0662.\u0661", Applies.UNDECIDED), ("2.5.1\n", Applies.YES),
    ],
)  # fmt: skip
def test_versions_of_all_kinds(asked: str, outcome: Applies) -> None:
    assert applies(record((("introduced", "0"), ("fixed", "2.6.0"))), asked) is outcome


def test_versions_of_no_kind_are_compared_as_texts() -> None:
    one = trimmed(record(versions=["0.2.0-n653", "1.0", "1.0.0", "V2.0"]))
    assert one.versions == ("0.2.0-n653", "1", "2")
    assert applies(one, "0.2.0-N653") is Applies.YES
    assert applies(one, "0.2.0-n654") is Applies.NO
    assert applies(one, "1.0.0.0") is Applies.YES
    assert applies(one, "1.1") is Applies.NO


def test_a_range_with_a_version_of_no_kind_decides_nothing() -> None:
    odd = record((("introduced", "0.2.0-n1"), ("fixed", "1.0")), versions=["0.9"])
    assert applies(odd, "0.9") is Applies.YES
    assert applies(odd, "0.8") is Applies.UNDECIDED
    assert may_apply(odd, [(">=", "5")])
    both = record((("introduced", "x"),), (("introduced", "0"), ("fixed", "2")))
    assert applies(both, "1") is Applies.YES
    assert applies(both, "3") is Applies.UNDECIDED
    assert applies(record((("introduced", "0"),)), "no-version") is Applies.YES


@given(VERSIONS, st.lists(VERSIONS, max_size=8), VERSIONS, VERSIONS)
def test_trimming_changes_no_answer(asked: str, listed: list[str], first: str, last: str) -> None:
    ranges = (("introduced", first), ("fixed", last))
    whole = record(ranges, versions=map(canonical, listed))
    short = trimmed(record(ranges, versions=listed))
    assert applies(short, asked) is applies(whole, asked)
    assert len(short.versions) <= len(listed)


@given(st.text(max_size=20))
def test_any_text_is_compared(asked: str) -> None:
    one = record((("introduced", "0"), ("fixed", asked)), versions=[canonical(asked)])
    assert applies(one, asked) is Applies.YES


def test_fixes_are_those_above() -> None:
    one = record(
        (("introduced", "0"), ("fixed", "1.10.0")), (("introduced", "2"), ("fixed", "2.9")),
        (("introduced", "3"), ("fixed", "odd-version")),
    )  # fmt: skip
    assert fixes([one]) == ("1.10.0", "2.9")
    assert fixes([one], "2.0") == ("2.9",)
    assert fixes([one, one], "odd") == ("1.10.0", "2.9")


def test_always_is_every_version_there_will_be() -> None:
    assert is_always(record((("introduced", "0"),)))
    assert not is_always(record((("introduced", "0.1"),)))
    assert not is_always(record((("introduced", "0"), ("last_affected", "9"))))
    assert not is_always(record(versions=["1"]))
