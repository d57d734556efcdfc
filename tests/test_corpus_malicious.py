"""Every hostile case is caught, its benign twin passes, and its payload is proven to run.

``python -m tests.corpus.score`` prints the same in short.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from sentinel import scan_bytes
from tests.corpus.judge import alarm, missed
from tests.corpus.malicious import MODULES
from tests.corpus.malicious.case import Case
from tests.corpus.malicious.floods import heavy
from tests.kit.stub_unpickler import prove

FAMILIES = {
    "call", "name", "computed", "walk", "second-stage", "deferred", "trap", "budget", "denial",
    "expensive-call", "joblib", "numpy", "zip", "tar", "torch", "torchscript", "wrapper",
    "combined",
}  # fmt: skip


@pytest.fixture(scope="module", params=[name for name in MODULES if name != "gadgets"])
def cases(request: pytest.FixtureRequest) -> list[Case]:
    found = list(import_module(f"tests.corpus.malicious.{request.param}").cases())
    if not found:
        pytest.skip(f"{request.param}: what makes its files is not installed")
    return found


def test_each_case_is_caught(cases: list[Case], subtests: pytest.Subtests) -> None:
    for case in cases:
        with subtests.test(case.id):
            assert missed(case, scan_bytes(case.data, case.filename)) == ""


def test_each_benign_twin_passes(cases: list[Case], subtests: pytest.Subtests) -> None:
    for case in cases:
        if case.twin is not None:
            with subtests.test(case.id):
                assert alarm(scan_bytes(case.twin, case.filename)) == ""


def test_each_payload_is_reached(cases: list[Case], subtests: pytest.Subtests) -> None:
    for case in cases:
        if case.reaches:
            with subtests.test(case.id):
                journal = prove(
                    case.stream or case.data, joblib=case.joblib, start=case.start,
                    one_memo=case.one_memo,
                )  # fmt: skip
                assert case.payload in journal.paths("call", "new"), journal.error


def test_names_are_unique_and_twins_differ(cases: list[Case]) -> None:
    assert len({case.id for case in cases}) == len(cases)
    assert [case.id for case in cases if case.twin == case.data] == []


def test_the_corpus_covers_every_family(hostile_folder: Path) -> None:
    pytest.importorskip("torch")
    found = json.loads((hostile_folder / "index.json").read_text(encoding="utf-8"))
    assert {entry["family"] for entry in found} >= FAMILIES
    assert len(found) >= 3_000
    assert sum(entry["reaches"] for entry in found) >= 2_500


@pytest.mark.slow
def test_payloads_behind_a_hundred_megabytes(subtests: pytest.Subtests) -> None:
    for case in heavy():
        with subtests.test(case.id):
            assert missed(case, scan_bytes(case.data, case.filename)) == ""
            assert case.twin is not None
            assert alarm(scan_bytes(case.twin, case.filename)) == ""
