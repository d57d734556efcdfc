"""Reports are made over the stub rules."""

from __future__ import annotations

import pytest

from tests.cli import stub


@pytest.fixture(autouse=True)
def _stub_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel.reports.ruledocs.all_rules", stub.stub_rules)
