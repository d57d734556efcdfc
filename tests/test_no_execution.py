"""A scan runs nothing: no import, no exec, no process, no socket, no write, whatever the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kit.audited_scan import DEEDS

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str, cwd: Path) -> tuple[dict[str, Any], str]:
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-B", "-m", "tests.kit.audited_scan", *arguments], cwd=cwd,
        env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report, done.stdout + done.stderr


@pytest.mark.parametrize("deed", DEEDS)
def test_the_watch_notices(deed: str, tmp_path: Path) -> None:
    report, _ = run(str(tmp_path), "--deed", deed, cwd=tmp_path)
    assert report["seen"], deed


def test_scanning_hostile_files_runs_nothing(hostile_folder: Path, tmp_path: Path) -> None:
    report, output = run(str(hostile_folder), cwd=tmp_path)
    assert report["scanned"] >= 2_000
    assert report["seen"] == {}
    assert "SENTINEL_MARKER" not in output
    assert list(tmp_path.iterdir()) == []
    assert not Path("/nonexistent-sentinel").exists()
