"""The benchmark of signing runs and tells every figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.trust import signing


def test_the_benchmark_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "find_spec", lambda name: None)  # ours alone, which starts fast
    rows = signing.measure(tmp_path, 4_000_000, 1)
    assert [row.what.split()[0] for row in rows] == ["sign", "verify", "sign", "import"]
    assert all(row.tool == "sentinel" and row.cpu > 0 for row in rows)
