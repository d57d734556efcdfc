"""Takes pictures of HTML reports in a headless Chromium: of the examples, for the documentation.

``python -m tools.report_pictures`` writes the one in the documentation; with a folder it writes
many there, to be looked at when the page is changed: both themes, a phone, print, hostile names,
and a tree of 5,000 files.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from sentinel import scan
from sentinel.explain import with_listings
from sentinel.findings import (
    Confidence,
    Coverage,
    Finding,
    Gap,
    Line,
    Listing,
    Location,
    Report,
    Severity,
)
from sentinel.reports.html import html_report
from sentinel.verdicts import decide
from tests.kit.browser import Browser

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "guides" / "report.png"
NAMES = (
    "<script>alert(1)</script>.pkl", "a\u202egpj.exe.pkl", "zalgo" + "\u0301\u0302\u0303" * 8,
    "\x1b[31mred\x07.bin", "\udcff\udcfe.pkl", "x\" onmouseover=\"alert(1)' autofocus.pkl",
    "\u05e9\u05dc\u05d5\u05dd.pkl", "\u3164\u200b\u2800blank.pkl", "l" * 400 + ".pkl",
)  # fmt: skip
DAY = 1_800_000_000.0


class Shot(NamedTuple):
    """A picture to take: of which page, how large, in which theme, from which place on."""

    page: str
    name: str
    width: int = 1280
    height: int = 1000
    dark: bool = False
    place: str = ""


SHOTS = (
    Shot("examples", "light"),
    Shot("examples", "dark", dark=True),
    Shot("examples", "code", place="#f2"),
    Shot("examples", "files", place="#files"),
    Shot("examples", "gaps", dark=True, place="#gaps"),
    Shot("examples", "rules", place="#rules"),
    Shot("examples", "phone", 390, 2600),
    Shot("examples", "phone-dark", 390, 1600, dark=True, place="#f2"),
    Shot("hostile", "hostile"),
    Shot("hostile", "hostile-files", dark=True, place="#files"),
    Shot("many", "many"),
    Shot("many", "many-files", dark=True, place="#files"),
    Shot("clean", "clean"),
    Shot("empty", "empty"),
)


def main() -> int:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        pages = {name: Path(folder, f"{name}.html") for name in ("examples", "hostile", "many")}
        pages |= {name: Path(folder, f"{name}.html") for name in ("clean", "empty")}
        for name, path in pages.items():
            path.write_text(_page(name), encoding="ascii")
        if len(sys.argv) < 2:
            browser.look(width=1040, height=1330)
            browser.open(pages["examples"].as_uri())
            browser.picture(PICTURE)
            return 0
        target = Path(sys.argv[1])
        for shot in SHOTS:
            take(browser, pages[shot.page], shot, target / f"{shot.name}.png")
        browser.open(pages["examples"].as_uri())
        printed = browser.send("Page.printToPDF", printBackground=False)["data"]
        (target / "print.pdf").write_bytes(base64.b64decode(printed))
    return 0


def take(browser: Browser, page: Path, shot: Shot, path: Path) -> None:
    """Take one picture."""
    browser.look(width=shot.width, height=shot.height, dark=shot.dark)
    browser.open(page.as_uri())
    for _ in range(3 if shot.place else 0):  # what comes into view takes its real size
        browser.run(f"document.querySelector('{shot.place}').scrollIntoView()")
        browser.run("new Promise(done => requestAnimationFrame(() => done()))")
    browser.picture(path)
    print(path.name, *browser.said)


def _page(name: str) -> str:
    reports = {
        "examples": lambda: [with_listings(report) for report in scan(ROOT / "examples")],
        "hostile": lambda: [_hostile(name) for name in NAMES],
        "many": lambda: [_one_of_many(number) for number in range(5_000)],
        "clean": lambda: scan(ROOT / "examples" / "benign"),
        "empty": lambda: [],
    }[name]()
    return html_report(reports, targets=[name], root=str(ROOT), started=DAY, finished=DAY + 0.4)


def _report(path: str, kind: str, findings: tuple[Finding, ...], gaps: tuple[Gap, ...]) -> Report:
    size = 1_000 + len(path) * 7_919 % 90_000
    coverage = Coverage(size, size // 3, gaps)
    return Report(path, (kind,), findings, coverage, decide(findings, gaps), "1", "ab" * 32)


def _hostile(name: str) -> Report:
    path = f"{ROOT}/{name}"
    found = Finding(
        "SNT1101", f"loading calls {name}", Severity.CRITICAL, Confidence.HIGH,
        (Location(path, f"{name}!{name}", 12),), f"{name}\n{name}", f"remove {name}",
    )  # fmt: skip
    gap = Gap("truncated", Location(path, name), f"it breaks off in {name}", f"get {name} again")
    code = Listing(found.location.member, (Line(None, f"# {name}"), Line(12, f"v0 = {name}")))
    return _report(path, "pickle", (found,), (gap,))._replace(listings=(code,))


def _one_of_many(number: int) -> Report:
    kind = ("pickle", "safetensors", "torch", "onnx")[number % 4]
    path = f"{ROOT}/models/{kind}/v{number % 37}/shard-{number:05}"
    findings: tuple[Finding, ...] = ()
    if number % 53 == 0:
        severity, confidence = Severity(number % 5), Confidence(number % 3)
        place = (Location(path, "", number),)
        findings = (
            Finding("SNT1103", "loading calls a.b", severity, confidence, place, "a.b()", "ask"),
        )
    gaps = (Gap("limit", Location(path), "took longer than 300 s"),) if number % 97 == 0 else ()
    return _report(path, kind, findings, gaps)


if __name__ == "__main__":
    sys.exit(main())
