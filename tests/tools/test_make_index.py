"""The index that is shipped is what the tables come to; contradictions are refused."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tools import make_index
from tools.make_index import Conflict, Table, add_dangerous, add_safe, add_shapes, put, render


def test_the_index_is_in_step_with_the_tables() -> None:
    assert make_index.INDEX.read_bytes() == make_index.build(), "run python -m tools.make_index"


def test_the_index_stays_small() -> None:
    assert make_index.INDEX.stat().st_size < 3 << 20


def test_every_table_is_dated() -> None:
    for path in make_index.FOLDER.glob("*.toml"):
        table = make_index.load(path.name)
        assert table.get("date") or table["about"]["date"], path.name


def empty() -> Table:
    return defaultdict(dict)


def test_a_name_cannot_be_safe_and_dangerous() -> None:
    table = empty()
    add_safe(table, {"m": {"seen": ["f"]}}, "safe_m.toml")
    with pytest.raises(Conflict):
        add_dangerous(table, {"m": {"execute": {"f": "runs"}}})


def test_a_name_that_the_audit_finds_dangerous_cannot_be_safe() -> None:
    table = empty()
    make_index.add_generated(table, {"m": {"file": {"f": "builtins.open"}}})
    with pytest.raises(Conflict):
        add_safe(table, {"m": {"seen": ["f"]}}, "safe_m.toml")


def test_a_class_that_is_dangerous_to_call_is_safe_to_make() -> None:
    table = empty()
    make_index.add_generated(table, {"m": {"file": {"C": "called: builtins.open"}}})
    add_safe(table, {"m": {"seen": ["C"]}}, "safe_m.toml")
    assert table["m"]["C"] == "sF"


def test_what_was_vouched_for_by_hand_overrules_the_audit() -> None:
    table = empty()
    make_index.add_generated(table, {"m": {"file": {"f": "builtins.open"}}})
    make_index.add_vouched(table, {"m": {"f": "reads its own data", "C": {"call": "file"}}})
    assert (table["m"]["f"], table["m"]["C"]) == ("s-", "sF")


def test_a_name_cannot_be_a_shape_and_dangerous() -> None:
    table = empty()
    add_dangerous(table, {"m": {"execute": {"f": "runs"}}})
    with pytest.raises(Conflict):
        add_shapes(table, {"apply": {"names": {"m": ["f"]}}})


@pytest.mark.parametrize("name", ["a b", "a\tb", "", "1a", "a..b", "a\n", "é"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="'m'"):
        put(empty(), "m", name, "s-")


def test_lines_are_sorted_by_their_bytes() -> None:
    table = empty()
    for module in ("b", "a.b", "a", "a_b", "aB"):
        put(table, module, "x", "s-")
    assert [line.partition(b"\t")[0] for line in render(table).splitlines()] == [
        b"a", b"a.b", b"aB", b"a_b", b"b",
    ]  # fmt: skip
