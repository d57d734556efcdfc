"""The first bytes of formats are those of their hints."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sentinel.formats import FORMATS
from tools.make_first_bytes import HOME, first_bytes, text

HINTS = sorted({entry.hint for entry in FORMATS if entry.hint})


def test_the_table_is_in_step_with_the_formats() -> None:
    assert HOME.read_text(encoding="utf-8") == text(), "run `python -m tools.make_first_bytes`"


@given(st.sampled_from(HINTS).flatmap(lambda hint: st.tuples(st.just(hint), st.from_regex(hint))))
def test_what_a_hint_matches_begins_with_one_of_them(case: tuple[bytes, bytes]) -> None:
    hint, example = case
    if re.match(hint, example):
        assert example[0] in first_bytes(hint)
