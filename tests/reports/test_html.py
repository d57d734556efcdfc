"""The page: what it says about files and findings, and that it says nothing in their stead."""

from __future__ import annotations

import random

import pytest

from sentinel.findings import (
    Confidence,
    Coverage,
    Gap,
    Line,
    Listing,
    Location,
    Report,
    Severity,
    Suppressed,
    Verdict,
)
from sentinel.reports import Run, View, render
from sentinel.reports.html import html_report
from sentinel.reports.html.found import MOST_FINDINGS
from sentinel.reports.html.more import MOST_GAPS
from sentinel.reports.html.tree import MOST_FILES
from tests.reports.make import finding, gap, report, run
from tests.reports.page import Page, read

A, B, C = "/repo/m/a.pkl", "/repo/m/b.pkl", "/repo/n/c.pt"
MOST_CHARACTERS = 13_000_000
NASTY = "\u202e<script>'\"&\x00"


def page_of(run: Run, view: View = View()) -> Page:  # noqa: B008
    return read("".join(render("html", run, view)))


def mixed() -> Run:
    return run(
        report(
            A, finding(A), finding(A, rule="SNT9902", severity=Severity.MEDIUM), sha256="ab" * 32
        ),
        report(B, finding(B, rule="SNT9902", severity=Severity.LOW), gaps=(gap(B),)),
        report(C),
        others=("/repo/README.md",),
        excluded=3,
    )


def test_the_verdict_and_its_figures_are_said_in_words() -> None:
    page = page_of(mixed())
    section = page.one("section", "malicious")
    assert page.one("h2", id="v").text == "Malicious"
    assert "1 of 3 model files has a finding of high or critical severity" in section.text
    assert "do not load it" in section.text
    assert "1 model file of 3 was not examined in full" in section.text
    assert "1 other file below the same place: no model files" in section.text
    assert "3 places left out by the settings" in section.text
    assert "1 finding at high or above; exit code 1" in section.text
    assert "2027-01-15 08:00:00 UTC" in page.one("header").text


@pytest.mark.parametrize(
    ("reports", "headline", "sentence"),
    [
        ((), "Nothing to judge", "says nothing about safety"),
        ((report(C),), "Clean", "The model file was examined in full"),
        ((report(A), report(C)), "Clean", "All 2 model files were examined in full"),
        ((report(A, gaps=(gap(A),)),), "Incomplete", "nothing can be said about what was not read"),
        (
            (report(A, finding(A, severity=Severity.MEDIUM)),),
            "Suspicious",
            "The model file gives reason for doubt",
        ),
        ((report(A, finding(A)),), "Malicious", "do not load it"),
        ((report(A, finding(A)), report(B, finding(B))), "Malicious", "2 of 2 model files have"),
    ],
)
def test_each_verdict_has_its_sentence(
    reports: tuple[Report, ...], headline: str, sentence: str
) -> None:
    page = page_of(run(*reports))
    assert page.one("h2", id="v").text == headline
    assert sentence in page.one("p", "lead").text
    assert page.all("title")[0].text.startswith(headline)


def test_nothing_but_a_model_is_told_not_to_be_loaded() -> None:
    page = page_of(run(report(A, finding(A)), noun="file"))
    assert "load" not in page.one("p", "lead").text


def test_a_finding_shows_all_there_is() -> None:
    related = (Location(A, "x.pkl", 7), *(Location(A, f"y{n}") for n in range(9)))
    found = finding(A, member="a.zip!b.pkl", offset=36, evidence="one\ntwo", related=related)
    page = page_of(run(report(A, found, sha256="ab" * 32)))
    card = page.one("article", id="f1")
    for text in (
        "critical", "SNT9901", "high confidence", found.message, "a.zip \u203a b.pkl, byte 36 0x24",
        "one\ntwo", "do not load it", "x.pkl, byte 7 0x7", "4 more places",
    ):  # fmt: skip
        assert text in card.text
    assert card.attributes["data-s"] == "critical"
    assert card.attributes["data-r"] == "SNT9901"
    assert "ab" * 32 in page.one("section", "group").text


def test_the_rule_is_explained_in_the_page() -> None:
    page = page_of(mixed())
    assert {e.attributes["id"] for e in page.all("section", "doc")} == {
        "rule-SNT9901", "rule-SNT9902",
    }  # fmt: skip
    assert any(e.attributes["href"] == "#rule-SNT9901" for e in page.all("a"))


def test_a_rule_of_another_version_does_no_harm() -> None:
    page = page_of(run(report(A, finding(A, rule="SNT9999"))))
    assert "another version" in page.one("section", id="rule-SNT9999").text


def test_all_findings_are_there_the_worst_files_first() -> None:
    few = [finding(B, severity=level, evidence=level.label) for level in Severity]
    page = page_of(run(report(A, finding(A, severity=Severity.LOW)), report(B, *few)))
    assert len(page.all("article", "finding")) == 6
    headings = [e.text.strip() for e in page.all("h3") if "m/" in e.text]
    assert headings == ["Malicious m/b.pkl", "Clean m/a.pkl"]
    levels = [e.attributes["data-s"] for e in page.all("article", "finding")]
    assert levels == ["critical", "high", "medium", "low", "info", "low"]


def test_charts_say_their_figures_to_those_who_do_not_see_them() -> None:
    page = page_of(mixed())
    severity = page.one("figure", id="by-severity")
    assert (
        "critical: 1 finding; high: 0 findings; medium: 1 finding; low: 1 finding" in severity.text
    )
    assert "SNT9902" in page.one("figure", id="by-rule").text
    assert "pickle: 3 files" in page.one("figure", id="by-format").text
    assert (
        "Malicious 1 file, Incomplete 1 file, Clean 1 file" in page.one("section", "malicious").text
    )
    for drawing in page.all("svg"):
        named = "aria-labelledby" in drawing.attributes
        assert named or drawing.attributes.get("aria-hidden") == "true"


def test_many_rules_become_a_few_bars_that_add_up() -> None:
    found = [finding(A, rule=f"SNT98{n:02}") for n in range(30)]
    text = page_of(run(report(A, *found))).one("figure", id="by-rule").text
    assert "25 more: 25 findings" in text


def test_the_tree_holds_every_file_with_its_verdict() -> None:
    page = page_of(mixed())
    rows = [" ".join(e.text.split()) for e in page.all("li", "file")]
    assert [row.partition("pickle")[0].split() for row in rows] == [
        ["Malicious", "a.pkl"], ["Incomplete", "b.pkl"], ["Clean", "c.pt"],
    ]  # fmt: skip
    assert "not examined in full" in rows[1]
    folders = [" ".join(e.text.split()) for e in page.all("li", "folder")]
    assert any("m/ 1 malicious, 1 incomplete" in text for text in folders)
    assert "README.md" in page.one("section", id="files").text


@pytest.mark.parametrize(
    "name",
    [
        "https://example.org/org/model/x.pkl", "hf://org/model@main/x.pkl", "/elsewhere/x.pkl",
        "/", "", "://", "/repo/" + "d/" * 2_000 + "x.pkl", "C:\\models\\x.pkl", "/repo/a//b.pkl",
    ],
)  # fmt: skip
def test_every_name_finds_a_place_in_the_tree(name: str) -> None:
    page = page_of(run(report(name, finding(name)), report(C)))
    assert len(page.all("li", "file")) == 2
    assert len(page.all("article", "finding")) == 1


def test_clean_files_beside_others_are_folded_together() -> None:
    files = [report(f"/repo/m/{n:03}.pt") for n in range(50)]
    page = page_of(run(report(A, finding(A)), *files))
    assert len(page.all("li", "file")) == 51
    assert "50 clean files" in page.words


def test_what_was_not_examined_is_listed_with_what_to_do() -> None:
    page = page_of(mixed())
    (row,) = page.all("li", "gap")
    for text in ("truncated", "m/b.pkl", "it breaks off", "get it again"):
        assert text in row.text
    assert not page_of(run(report(A))).all("section", id="gaps")


def test_accepted_findings_are_counted_and_shown_when_asked_for() -> None:
    accepted = Suppressed(finding(A), "reviewed by us")
    outcome = run(report(A, suppressed=(accepted,)))
    hidden, shown = page_of(outcome), page_of(outcome, View(include_suppressed=True))
    assert not hidden.all("article")
    assert "1 finding accepted by the settings: not shown" in hidden.words
    assert "reviewed by us" in shown.one("article").text
    assert "marked below" in shown.words


def code_of(page: Page) -> str:
    return "".join(e.text for e in page.all("pre", "code"))


def listing(*lines: Line, member: str = "data.pkl") -> Listing:
    return Listing(member, lines, 0, {36: (Line(30, "GLOBAL os system"), Line(36, "REDUCE"))})


def test_the_code_stands_once_with_the_first_finding_that_needs_it() -> None:
    lines = (Line(None, "# pickle 1"), Line(30, "from os import system"), Line(36, "v0 = system()"))
    found = [finding(A, rule="SNT1101"), finding(A, rule="SNT1103", severity=Severity.LOW)]
    listed = report(A, *found)._replace(listings=(listing(*lines),))
    page = page_of(run(listed))
    assert code_of(page).split("\n")[2].split() == ["36", "v0", "=", "system()"]
    (hot,) = [e.text for e in page.all("span", "hot")]
    assert "v0 = system()" in hot
    first, second = page.all("article")
    assert "v0 = system()" in first.text
    assert "v0 = system()" not in second.text
    assert "another finding in this pickle" in second.text
    assert [e.text for e in page.all("tr", "hot")] == ["\u25b636REDUCE"] * 2


def test_code_of_another_member_or_place_is_not_shown() -> None:
    other = listing(Line(36, "v0 = system()"), member="other.pkl")
    elsewhere = Listing("data.pkl", (Line(99, "v0 = system()"),))
    for one in (other, elsewhere):
        listed = report(A, finding(A, rule="SNT1101"))._replace(listings=(one,))
        assert code_of(page_of(run(listed))) == ""


def test_why_code_is_missing_is_said() -> None:
    remark = Listing("", (Line(None, "# no more code is listed: it is gone"),))
    listed = report(A, finding(A, rule="SNT1101"))._replace(listings=(remark,))
    assert "no more code is listed: it is gone" in page_of(run(listed)).one("section", "group").text


def test_the_same_run_gives_the_same_page() -> None:
    first = "".join(render("html", mixed(), View()))
    assert first == "".join(render("html", mixed(), View(verbosity=2, color=True, width=10)))


def test_reports_alone_make_a_page_without_a_time() -> None:
    reports = mixed().reports
    text = html_report(reports, targets=["m"], root="/repo", about={"Decision": "<refused>"})
    page = read(text)
    assert "Decision<refused>" in "".join(page.text)
    assert "UTC" not in page.words
    assert "exit code 1" in page.words
    assert text == html_report(reversed(reports), targets=["m"], root="/repo",
                               about={"Decision": "<refused>"})  # fmt: skip
    assert "exit code" not in html_report(reports, fail_on=None)


def test_too_many_findings_leave_the_least_out_and_say_so() -> None:
    low = [finding(A, severity=Severity.LOW, evidence=str(n)) for n in range(MOST_FINDINGS)]
    page = page_of(run(report(A, *low), report(B, finding(B), finding(B, rule="SNT9902"))))
    assert len(page.all("article", "finding")) == MOST_FINDINGS
    assert page.one("article", id="f1").attributes["data-s"] == "critical"
    assert "2 more findings (2 low) left out here" in page.one("p", id="left-out").text
    assert "critical: 2 findings" in page.words
    assert f"low: {MOST_FINDINGS:,} findings" in page.words


def test_too_many_files_leave_clean_ones_out_and_say_so() -> None:
    files = [report(f"/repo/{n:05}.pt") for n in range(MOST_FILES + 4)]
    page = page_of(run(*files, report("/repo/z.pkl", finding("/repo/z.pkl"))))
    assert len(page.all("li", "file")) == MOST_FILES
    assert "z.pkl" in page.one("ul", "tree").text
    assert "5 more files left out here" in page.words


def test_too_many_gaps_are_counted() -> None:
    many = tuple(gap(A, detail=str(n)) for n in range(MOST_GAPS + 7))
    page = page_of(run(report(A, gaps=many)))
    assert len(page.all("li", "gap")) == MOST_GAPS
    assert "7 more gaps left out here" in page.words


def test_the_page_stays_small_whatever_is_put_in() -> None:
    chance = random.Random(1)
    long = NASTY * 400
    reports = []
    for number in range(700):
        path = f"/repo/{number}{NASTY * 30}/{long}"
        found = finding(
            path, rule="SNT1101", member=f"{long}!{long}", message=long,
            evidence="\n".join([long] * 40), remedy=long, related=(Location(path, long),) * 9,
            severity=chance.choice(list(Severity)),
        )  # fmt: skip
        lines = tuple(Line(36, NASTY * 60) for _ in range(170))
        member = f"{long}!{long}"
        missing = Gap("limit", Location(path, long), long, long)
        one = report(path, found, gaps=(missing,))
        reports.append(one._replace(listings=(Listing(member, lines, 9, {36: lines[:12]}),)))
    others = tuple(f"/repo/{number}{long}" for number in range(2_000))
    outcome = run(*reports, others=others, targets=(long,) * 50, notices=(long,) * 50)
    text = "".join(render("html", outcome, View()))
    assert len(text) < MOST_CHARACTERS
    shown, files = text.count("<article "), text.count('<li class="file"')
    assert 0 < shown < len(reports)
    assert f"{len(reports) - shown} more findings (" in text
    assert files == len(reports)


@pytest.mark.parametrize("room", [0, 2_000, 9_000, 40_000])
def test_what_has_no_room_is_counted_and_nothing_leads_to_it(
    room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in ("tree", "found", "more"):
        monkeypatch.setattr(f"sentinel.reports.html.{part}._MOST_BYTES", room)
    reports = []
    for number in range(60):
        path = f"/repo/{number % 7}/{number}.pkl"
        found = [finding(path, rule="SNT1101"), finding(path, rule="SNT1103")]
        code = listing(*[Line(n, "x" * 300) for n in range(2 * number)])
        reports.append(report(path, *found, gaps=(gap(path),))._replace(listings=(code,)))
    page = page_of(run(*reports))
    cards, files = len(page.all("article", "finding")), len(page.all("li", "file"))
    gaps = len(page.all("li", "gap"))
    assert (cards < 120, files < 60, gaps < 60) == (True, room < 40_000, room < 40_000)
    assert f"{120 - cards} more findings ({120 - cards} critical)" in page.words
    assert (f"{60 - files} more files left out" in page.words) == (files < 60)
    assert (f"{60 - gaps} more gaps left out" in page.words) == (gaps < 60)


def test_a_bar_of_nothing_has_no_length() -> None:
    page = page_of(run(report(A, finding(A))))
    widths = {e.attributes["width"] for e in page.all("rect", "high") if e.has("bar")}
    assert widths == {"0.00%"}


def test_unread_bytes_are_explained() -> None:
    page = page_of(run(report(A)))
    assert "100 bytes in all, 60 bytes of it read: what is proven to be numbers" in page.words
    assert "proven" not in page_of(run(report(A, gaps=(gap(A),)))).one("section", "incomplete").text
    whole = report(A)._replace(coverage=Coverage(100, 100, ()))
    assert "100 bytes in all." in page_of(run(whole)).words


def test_confidence_is_shown() -> None:
    page = page_of(run(report(A, finding(A, confidence=Confidence.LOW))))
    assert "low confidence" in page.one("article").text
    assert page.one("h2", id="v").text == Verdict.SUSPICIOUS.value.title()
