"""Functions that do harm are caught in call position, whether or not anybody has listed them."""

from __future__ import annotations

import pytest

from sentinel import scan_bytes
from tests.corpus.judge import alarm, missed
from tests.corpus.malicious.case import GOOD, Case
from tests.corpus.malicious.gadgets import (
    EXPECT,
    INVENTED,
    Gadget,
    forms,
    made_up,
    read,
)

LISTED = read("gadgets.txt")
UNLISTED = read("unlisted.txt")


def check(gadget: Gadget, expect: str) -> None:
    for label, data in forms(gadget):
        wanted = "medium" if label.startswith("newobj") else expect
        case = Case(f"{gadget.path}-{label}", "gadget", "model.pkl", data, expect=wanted)
        assert missed(case, scan_bytes(data, "model.pkl")) == "", label


@pytest.mark.parametrize("gadget", LISTED, ids=lambda gadget: gadget.path)
def test_listed_gadget(gadget: Gadget) -> None:
    check(gadget, EXPECT.get(gadget.capability, "high"))


@pytest.mark.parametrize("gadget", UNLISTED, ids=lambda gadget: gadget.path)
def test_gadget_that_nobody_lists(gadget: Gadget) -> None:
    check(gadget, "medium")


@pytest.mark.parametrize("entry", INVENTED)
def test_module_that_was_made_up(entry: str) -> None:
    for case in made_up(*entry.split()):
        assert missed(case, scan_bytes(case.data, case.filename)) == "", case.name


@pytest.mark.parametrize("protocol", sorted(GOOD))
def test_the_harmless_call_of_the_same_shape_passes(protocol: int) -> None:
    assert alarm(scan_bytes(GOOD[protocol], "model.pkl")) == ""


def test_the_tables_are_complete() -> None:
    listed, unlisted = ({gadget.path for gadget in table} for table in (LISTED, UNLISTED))
    assert len(listed) >= 115
    assert len(unlisted) >= 60
    assert len(INVENTED) >= 40
    assert not listed & unlisted
