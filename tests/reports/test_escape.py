"""Nothing from a file reaches a terminal or a log as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.reports.escape import encodable, printable

ANY = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("models/a.pkl", "models/a.pkl"),
        ("größe-模型.pkl", "größe-模型.pkl"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202elkp", "gpj.\\u202elkp"),
        ("a\u2066b\u200bc\ufeff", "a\\u2066b\\u200bc\\ufeff"),
        ("\udcff.pkl", "\\xff.pkl"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("::error::x", "\\x3a:error::x"),
        ("x ::add-mask::y", "x \\x3a:add-mask::y"),
        ("torch::jit::load", "torch::jit::load"),
        ("##[group]", "#\\x23[group]"),
        ("##vso[task.setvariable]", "#\\x23vso[task.setvariable]"),
        ("###", "#\\x23#"),
        ("", ""),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_limit_cuts_and_marks() -> None:
    assert printable("abcdef", 4) == "abc…"
    assert printable("abcd", 4) == "abcd"
    assert encodable("abcdef", 4) == "abc…"


@given(ANY)
def test_what_is_printable_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert "##" not in shown
    assert not any(word.startswith("::") for word in shown.split())
    assert printable(shown) == shown


@given(ANY)
def test_what_is_encodable_encodes_and_keeps_what_already_did(text: str) -> None:
    assert encodable(text).encode().decode() == encodable(text)
    if not any(0xD800 <= ord(char) < 0xE000 for char in text):
        assert encodable(text) == text
