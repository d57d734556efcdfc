"""Fixtures of the command line's tests: a place of their own and a scanner that obeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import stub
from tests.cli.run import Cli


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that is the root of a repository."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def cli(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line over the obedient scanner, run in ``place``."""
    monkeypatch.setattr("sentinel.engine.Scanner", stub.StubScanner)
    # First the one that is imported by name: it would keep the stub for good.
    monkeypatch.setattr("sentinel.reports.ruledocs.all_rules", stub.stub_rules)
    monkeypatch.setattr("sentinel.rules.all_rules", stub.stub_rules)
    return Cli(place, capsys)
