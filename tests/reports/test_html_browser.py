"""The page in a real Chromium: filters, keys, both themes, sizes, frames, and no script at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sentinel import scan
from sentinel.explain import with_listings
from sentinel.reports.html import html_report
from tests.kit.browser import Browser, program

pytestmark = pytest.mark.skipif(program() is None, reason="Chromium is not installed")

ROOT = Path(__file__).resolve().parent.parent.parent
_BY_SCRIPT = {"region", "article", "generic", "RootWebArea"}
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
VISIBLE = "Array.from(document.querySelectorAll('.finding')).filter(f => f.checkVisibility())"
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()
BASICS = (Path(__file__).parent / "basics.js").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of pages: of the examples, and of one full of hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    reports = [with_listings(report) for report in scan(ROOT / "examples")]
    hostile = [
        report._replace(
            artifact=f"{report.artifact}<img src=x onerror=alert(1)>\u202e</script><script>",
            findings=tuple(
                found._replace(message=f"{found.message}</h4><script>alert(3)</script>")
                for found in report.findings
            ),
        )
        for report in reports
    ]
    made = {"examples": reports, "hostile": hostile, "clean": reports[:3], "empty": []}
    addresses = {}
    for name, listed in made.items():
        path = folder / f"{name}.html"
        path.write_text(html_report(listed, targets=["examples"], root=str(ROOT), started=1.0))
        addresses[name] = path.as_uri()
    return addresses


@pytest.fixture
def page(browser: Browser, pages: dict[str, str]) -> Iterator[Browser]:
    """The report of the examples, open; whatever it complains of fails the test."""
    browser.look()
    browser.open(pages["examples"])
    yield browser
    assert browser.said == []
    assert browser.asked == [pages["examples"]]


def shows(page: Browser, number: int) -> bool:
    return bool(page.until(f"{VISIBLE}.length", number) == number)


def status(page: Browser) -> str:
    return str(page.run("document.getElementById('status').textContent"))


@pytest.mark.parametrize("name", ["examples", "hostile", "clean", "empty"])
def test_a_page_loads_nothing_and_complains_of_nothing(
    browser: Browser, pages: dict[str, str], name: str
) -> None:
    browser.look()
    browser.open(pages[name])
    browser.run(DRAWN)
    assert browser.said == []
    assert browser.asked == [pages[name]]
    assert browser.run("document.querySelectorAll('script').length") == 1
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("document.documentElement.className") == "js"


def test_what_the_policy_forbids_does_not_happen(browser: Browser, pages: dict[str, str]) -> None:
    # The twin of the tests that demand silence: here there is something to hear.
    browser.open(pages["examples"])
    browser.run(
        "document.body.insertAdjacentHTML('beforeend', "
        '\'<img src="https://example.org/x.png" onerror="document.title=1">\')'
    )
    browser.run(DRAWN)
    assert any("Content Security Policy" in said for said in browser.said)
    assert browser.run("document.title") != "1"


def test_search_narrows_findings_and_files(page: Browser) -> None:
    everything = 14
    assert shows(page, everything)
    assert status(page) == f"{everything} findings in 7 files"
    page.press("/")
    page.type("two-arch ambiguous")
    assert shows(page, 2)
    assert status(page) == f"2 of {everything} findings, 0 of 17 files"
    page.press("Escape")
    assert shows(page, everything)
    page.press("/")
    page.type("no such thing")
    assert shows(page, 0)
    assert page.run("document.getElementById('nothing').checkVisibility()")
    page.run("document.getElementById('clear').click()")
    assert shows(page, everything)


def test_severity_rule_and_format_narrow_the_findings(page: Browser) -> None:
    page.run("document.querySelector('input[value=critical]').click()")
    assert shows(page, 7)
    page.run("document.getElementById('clear').click()")
    for name, value, number in (("rule", "SNT1204", 2), ("format", "zlib", 1)):
        page.run(
            f"(box => {{ box.value = '{value}'; box.dispatchEvent(new Event('change', "
            f"{{bubbles: true}})) }})(document.getElementById('{name}'))"
        )
        assert shows(page, number)
        page.press("Escape")
    assert shows(page, 14)


def test_j_and_k_walk_the_findings_and_enter_opens_them(page: Browser) -> None:
    here = "document.activeElement.closest('.finding')?.id"
    for key, expected in (("j", "f1"), ("j", "f2"), ("j", "f3"), ("k", "f2"), ("k", "f1")):
        page.press(key)
        assert page.run(here) == expected
    top = "document.activeElement.getBoundingClientRect().top"
    bar = "document.getElementById('filters').getBoundingClientRect().bottom"
    assert page.run(f"{top} >= {bar} - 1")
    opened = "document.activeElement.parentElement.open"
    assert page.run(opened) is True
    page.press("Enter")
    assert page.run(opened) is False


def test_the_tab_key_reaches_everything_and_shows_where_it_is(page: Browser) -> None:
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip"
    assert page.run("document.activeElement.getBoundingClientRect().left >= 0")
    seen = []
    for _ in range(40):
        page.press("Tab")
        seen.append(page.run("document.activeElement.id || document.activeElement.tagName"))
        outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", seen[-1]
    assert seen.index("q") < seen.index("rule") < seen.index("format") < seen.index("toggle")
    assert "SUMMARY" in seen


def test_single_keys_can_be_turned_off(page: Browser) -> None:
    page.press("?")
    assert page.run("document.getElementById('help').open")
    page.run("document.getElementById('keys').click()")
    page.run("document.activeElement.blur()")
    page.press("j")
    assert page.run("document.activeElement.tagName") == "BODY"


def test_keys_with_a_modifier_are_the_browsers(page: Browser) -> None:
    page.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', ctrlKey: true}))")
    assert page.run("document.activeElement.tagName") == "BODY"


def test_a_link_to_what_is_filtered_out_shows_it(page: Browser) -> None:
    page.run("document.querySelector('input[value=critical]').click()")
    page.run("document.querySelector('#tree a').click()")
    assert page.until("document.querySelector(location.hash)?.checkVisibility()", True)


def test_printing_shows_what_is_folded(page: Browser) -> None:
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run("document.querySelectorAll('details:not([open])').length") == 0
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run("document.querySelectorAll('details:not([open])').length") > 0
    pdf = page.send("Page.printToPDF")["data"]
    assert len(pdf) > 10_000


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["examples", "hostile", "empty"])
def test_contrast(browser: Browser, pages: dict[str, str], name: str, dark: bool) -> None:
    browser.look(dark=dark)
    browser.open(pages[name])
    found: dict[str, Any] = browser.run(CONTRAST)
    assert found["checked"] > 40
    assert found["bad"] == []
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(14, 18, 23)") == dark


def test_the_measure_of_contrast_finds_what_is_faint(
    browser: Browser, pages: dict[str, str]
) -> None:
    browser.open(pages["empty"])
    browser.run("document.querySelector('.lead').className = 'hid'")
    browser.run("document.documentElement.style.setProperty('--text', '#999')")
    assert browser.run(CONTRAST)["bad"]


@pytest.mark.parametrize("name", ["examples", "hostile", "clean", "empty"])
def test_the_basics_of_accessibility(browser: Browser, pages: dict[str, str], name: str) -> None:
    browser.look()
    browser.open(pages[name])
    assert browser.run(BASICS) == []
    for node in browser.send("Accessibility.getFullAXTree")["nodes"]:
        facts = {entry["name"]: entry["value"].get("value") for entry in node.get("properties", ())}
        role = node.get("role", {}).get("value")
        if facts.get("focusable") and not node.get("ignored") and role not in _BY_SCRIPT:
            assert node["name"]["value"], node


@pytest.mark.parametrize("width", [320, 390, 768])
@pytest.mark.parametrize("name", ["examples", "hostile"])
def test_nothing_is_wider_than_the_window(
    browser: Browser, pages: dict[str, str], name: str, width: int
) -> None:
    browser.look(width=width)
    browser.open(pages[name])
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.run("document.documentElement.scrollWidth") <= width


def test_without_scripts_everything_is_there(
    browser: Browser, pages: dict[str, str], tmp_path: Path
) -> None:
    browser.look(height=20_000)  # what is far below the window is not drawn
    browser.scripts(allowed=False)
    try:
        browser.open(pages["examples"])
        browser.picture(tmp_path / "drawn.png")
        snapshot = browser.send("DOMSnapshot.captureSnapshot", computedStyles=["display"])
    finally:
        browser.scripts(allowed=True)
    words = set(snapshot["strings"])
    assert browser.said == []
    drawn = {
        snapshot["strings"][index]
        for index in snapshot["documents"][0]["layout"]["text"]
        if index >= 0
    }
    assert "Malicious" in drawn
    assert any("loading calls os.system" in text for text in drawn)
    assert any("v0 = os.system" in text for text in drawn)
    assert "two-archives.pt" in drawn
    assert "every rule" in words - drawn  # the filters do nothing then, and are not shown


@pytest.mark.parametrize("how", ["src", "srcdoc", "blob"])
def test_it_works_in_a_sandboxed_frame(
    browser: Browser, pages: dict[str, str], how: str, tmp_path: Path
) -> None:
    # As viewers of artifacts embed it: an origin of its own, no storage, scripts allowed.
    text = json.dumps(Path(pages["examples"].removeprefix("file://")).read_text())
    source = {
        "src": f"frame.src = {json.dumps(pages['examples'])}",
        "srcdoc": "frame.srcdoc = text",
        "blob": "frame.src = URL.createObjectURL(new Blob([text], {type: 'text/html'}))",
    }[how]
    outer = tmp_path / "outer.html"
    safe = text.replace("<", "\\u003c")
    outer.write_text(
        "<!DOCTYPE html><iframe sandbox='allow-scripts' width=900 height=700></iframe><script>"
        f"const text = {safe}, frame = document.querySelector('iframe'); {source};</script>"
    )
    browser.look()
    browser.open(outer.as_uri())
    assert browser.until("document.readyState", "complete") == "complete"
    assert browser.until("document.documentElement.className", "js", frame=True) == "js"
    assert browser.run_in_frame("self.origin") == "null"
    browser.run_in_frame("document.querySelector('#tree a').click()")
    assert browser.until("document.scrollingElement.scrollTop > 100", True, frame=True)
    assert browser.run_in_frame("document.querySelectorAll('.finding').length") == 14
    browser.run_in_frame("document.getElementById('q').value = 'two-arch'")
    browser.run_in_frame(
        "document.getElementById('q').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert browser.until(f"{VISIBLE}.length", 7, frame=True) == 7
    assert browser.said == []
