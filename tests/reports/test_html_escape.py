"""Nothing from a file becomes markup, and nothing in it stays hidden."""

from __future__ import annotations

import html
import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.findings import Gap, Line, Listing, Location, Severity
from sentinel.reports import View, render
from sentinel.reports.html.text import lines, plain, shown, size
from tests.reports.make import finding, report, run
from tests.reports.page import read

PIECES = st.sampled_from(
    [
        "<", ">", "&", '"', "'", "`", "=", "/", "!", "\\", "</script>", "<script>", "<!--", "-->",
        "]]>", "<![CDATA[", "<?", "</style>", "onload=", "javascript:", "&lt;", "&#60;", "\x00",
        "\n", "\r", "\t", "\x1b[31m", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udcff",
        "\U000e0041", "\u3164", "a\u0301\u0302\u0303\u0304", "\u2028", "\x85", "#", "##[group]",
        "\n::error::", "://", "..",
    ]
)  # fmt: skip
ANY = st.lists(st.one_of(PIECES, st.text(st.characters(exclude_categories=()), max_size=12)),
               max_size=12).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("models/a.pkl", "models/a.pkl"),
        ("größe-模型.pkl", "größe-模型.pkl"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("gpj.\u202elkp", "gpj.\\u202elkp"),
        ("a\u2066b\u200bc\ufeff", "a\\u2066b\\u200bc\\ufeff"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\udcff.pkl", "\\xff.pkl"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164\u2800", "\\u3164\\u2800"),
        ("e\u0301", "e\u0301"),
        ("e\u0301\u0302\u0303", "e\u0301\u0302\\u0303"),
    ],
)
def test_shown(text: str, seen: str) -> None:
    assert html.unescape(re.sub(r"</?span[^>]*>", "", shown(text))) == seen
    assert html.unescape(plain(text)) == seen


def test_what_was_hidden_is_told_from_what_looks_like_it() -> None:
    assert shown("\u202e") == '<span class="hid">\\u202e</span>'
    assert shown("\\u202e") == "\\u202e"


def test_limits_cut_and_mark() -> None:
    assert shown("abcdef", 4) == "abc…"
    assert lines("a\nb\nc\nd", 2, 10) == ("a\nb", 2)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (999_949, "999.9 kB"),
     (999_999, "1.0 MB"), (5 * 10**9, "5.0 GB"), (2 * 10**15, "2,000.0 TB")],
)  # fmt: skip
def test_sizes(number: int, text: str) -> None:
    assert size(number) == text


@given(ANY)
def test_text_and_attributes_hold_no_markup(text: str) -> None:
    for made in (re.sub(r'<span class="hid">(\\[\w]+)</span>', r"\1", shown(text)), plain(text)):
        assert not set(made) & set("<>\"'`")
        assert made.isprintable()


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, min_size=8, max_size=8), st.sampled_from(Severity))
def test_hostile_names_and_messages_change_nothing_but_text(
    texts: list[str], severity: Severity
) -> None:
    name, member, message, evidence, remedy, line, detail, target = texts
    path = f"/repo/{name}"
    found = finding(
        path, rule="SNT1101", severity=severity, member=member, message=message, evidence=evidence,
        remedy=remedy, related=(Location(path, detail, 3, 4, 5),),
    )  # fmt: skip
    code = Listing(member, (Line(36, line), Line(None, line)), 3, {36: (Line(36, line),)})
    gap = Gap(detail, Location(path, member), detail, remedy)
    one = report(path, found, gaps=(gap,))._replace(listings=(code,), formats=("pickle",))
    outcome = run(
        one, targets=(target,), notices=(detail,), others=(name, member), noun="model file"
    )
    text = "".join(render("html", outcome, View()))
    assert "##" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    page = read(text)
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert (
        len(page.all("article")) == len(page.all("li", "gap")) == len(page.all("li", "file")) == 1
    )
    assert page.one("script").text == _script()


@cache
def _script() -> str:
    return read("".join(render("html", run(), View()))).one("script").text
