"""The drawing of a verification: well-formed, accessible, nothing over anything else, no claims."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.trust.watermark.detect import Score, verdict
from sentinel.trust.watermark.measured import TENSORS, nearest
from sentinel.trust.watermark.plot import plot
from sentinel.trust.watermark.statistics import log10_binomial_tail
from sentinel.trust.watermark.svg import width_of
from sentinel.trust.watermark.verify import Verification

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "watermark.svg"
SVG = "{http://www.w3.org/2000/svg}"
SCHEMES = ("stdm-1", "tree-threshold-1", "xgb-threshold-1")


def result(
    chips: int, matches: int, delta: float = 1.0, hypotheses: int = 1, scheme: str = "stdm-1"
) -> Verification:
    chance = 1 / 65536 if scheme == "tree-threshold-1" else 0.5
    tail = log10_binomial_tail(chips, matches, chance)
    said, adjusted = verdict(tail, hypotheses)
    score = Score(tail, "blind", matches, chips, None, 0xABC, delta)
    identity = f"{0xABC:016x}"
    return Verification(said, adjusted, hypotheses, score, identity, "record", "names",
                        scheme=scheme)  # fmt: skip


def texts(svg: str) -> list[tuple[float, float, float, float, str]]:
    """Return left, right, top, bottom and words of each text."""
    found = []
    for one in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        size, words = int(one.attrib["font-size"]), one.text or ""
        width, x, y = width_of(words, size), float(one.attrib["x"]), float(one.attrib["y"])
        left = x - width * {"start": 0, "middle": 0.5, "end": 1}[one.attrib["text-anchor"]]
        found.append((left, left + width, y - 0.75 * size, y + 0.2 * size, words))
    return found


CASES = [
    (64, 64, 0.05, 1, "stdm-1"), (64, 60, 0.05, 1 << 64, "stdm-1"), (264, 240, 0.5, 2, "stdm-1"),
    (383, 200, 1.0, 1 << 64, "stdm-1"), (1024, 1010, 2.0, 3, "stdm-1"), (0, 0, 1.0, 1, "stdm-1"),
    (15, 15, 0, 1, "tree-threshold-1"), (9047, 9047, 0, 1 << 64, "tree-threshold-1"),
    (3_000_000, 1_500_000, 0, 1, "tree-threshold-1"), (9, 0, 0, 1, "tree-threshold-1"),
    (64, 64, 0, 1, "xgb-threshold-1"), (200_000, 200_000, 0, 1 << 64, "xgb-threshold-1"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_words_lie_over_others_or_beyond_the_edge(
    case: tuple[int, int, float, int, str],
) -> None:
    svg = plot(result(*case), "model.safetensors")
    found = texts(svg)
    root = ElementTree.fromstring(svg)
    assert len(found) > 3
    for place, (left, right, top, bottom, words) in enumerate(found):
        assert left >= 0, words
        assert right <= float(root.attrib["width"]), words
        assert bottom <= float(root.attrib["height"]), words
        for other in found[place + 1 :]:
            apart = right <= other[0] or other[1] <= left or bottom <= other[2] or other[3] <= top
            assert apart, (words, other[4])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_threshold_runs_through_words(case: tuple[int, int, float, int, str]) -> None:
    svg = plot(result(*case), "m")
    bars = [one.attrib for one in ElementTree.fromstring(svg).iter(f"{SVG}line")
            if one.attrib["class"] == "bar"]  # fmt: skip
    for bar in bars:
        x, top, bottom = (float(bar[name]) for name in ("x1", "y1", "y2"))
        for left, right, above, below, words in texts(svg):
            assert not (left < x < right and above < bottom and below > top), words


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_says_what_it_shows(scheme: str) -> None:
    svg = plot(result(400, 390, 1.0, 2, scheme), "m.bin")
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text == "Watermark of m.bin: marked"
    assert description is not None
    said = description.text or ""
    measured = nearest(scheme, 1.0)
    assert "390 of 400" in said
    assert all(row.title in said for row in measured.damages)
    assert measured.when in svg
    assert measured.model in svg
    assert "says nothing about whether the file was altered" in said
    assert "remove" in said
    assert ("fragile-tracing" in said) == (scheme != "stdm-1")
    assert f"{0xABC:016x}" not in svg
    assert "prefers-color-scheme:dark" in svg
    for claim in ("proof", "unremovable", "tamper-proof", "guarantee", "owner of"):
        assert claim not in svg.lower()


def test_thresholds_are_those_of_the_law() -> None:
    svg = plot(result(264, 264, 0.5), "m")
    least = int(re.findall(r"marked \(10\^-12\): (\d+) or more", svg)[0])
    assert log10_binomial_tail(264, least) <= -12 < log10_binomial_tail(264, least - 1)
    svg = plot(result(64, 64, 0.5, 1 << 64), "m")
    assert "out of reach for 64 chips" in svg


def test_the_nearest_measurement_is_that_of_the_nearest_step() -> None:
    assert [nearest("stdm-1", one.delta) for one in TENSORS] == list(TENSORS)
    assert nearest("stdm-1", 1.8).delta == 2
    assert nearest("stdm-1", 0.0) is TENSORS[0]


def drawn_for_the_guide() -> str:
    """Return the drawing of the guide: the network for digits at int4, as it was measured."""
    return plot(result(383, 307, 0.496369318149299), "digits-int4.safetensors")


def test_the_drawing_of_the_guide_is_in_step() -> None:
    assert GUIDE.read_text() == drawn_for_the_guide()
    said = re.findall(r"marked \(10\^-12\): (\d+) or more", GUIDE.read_text())
    assert f"{said[0]} are asked for" in (GUIDE.parent / "watermarks.md").read_text()


@given(st.text(), st.integers(0, 500), st.data(), st.sampled_from(SCHEMES))
def test_any_name_and_any_numbers_make_a_drawing(
    name: str, chips: int, drawn: st.DataObject, scheme: str
) -> None:
    matches = drawn.draw(st.integers(0, chips))
    hypotheses = drawn.draw(st.sampled_from([1, 7, 1 << 64, 1 << 200]))
    svg = plot(result(chips, matches, 0.7, hypotheses, scheme), name)
    root = ElementTree.fromstring(svg)
    assert not list(root.iter(f"{SVG}script"))
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "line", "polygon", "circle",
    }  # fmt: skip
    svg.encode()
