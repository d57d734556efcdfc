"""Data that installed libraries ship: nothing of it is told as a danger.

Arrays of objects among them can be read by unpickling alone, and are told for that.
"""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from sentinel.datasets import FileValidator, Options
from sentinel.findings import Severity

_ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".png", ".jpg", ".gif", ".svg", ".txt", ".parquet")
_MOST = 60


def files_of(package: str) -> list[Path]:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return []
    root = Path(spec.origin).parent
    found = sorted(path for path in root.rglob("*") if path.suffix in _ENDINGS)
    return [path for path in found if path.stat().st_size < 2_000_000][:_MOST]


@pytest.mark.parametrize("package", ["sklearn", "statsmodels", "matplotlib", "scipy"])
def test_nothing_is_told_as_a_danger(package: str) -> None:
    found = files_of(package)
    if not found:
        pytest.skip(f"{package} is not installed")
    validator = FileValidator(Options(pii=None))
    told = Counter(
        (path.name, finding.rule_id)
        for path in found
        for finding in validator.file(path).findings
        if finding.severity >= Severity.MEDIUM
    )
    assert told == {}
