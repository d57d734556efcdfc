"""The guard's module where wandb is not installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HIDDEN = """
import sys, importlib.machinery
class Hide:
    def find_spec(self, name, path=None, target=None):
        return None
sys.path_hooks[:] = [importlib.machinery.FileFinder.path_hook(
    (importlib.machinery.SourceFileLoader, [".py"]),
    (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES))]
sys.path[:] = [one for one in sys.path if "site-packages" not in one]
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", HIDDEN + code], cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_the_package_imports_and_the_guard_says_what_to_install() -> None:
    done = run(
        "from sentinel.integrations import WandbGuard, SentinelBlocked\n"
        "assert 'wandb' not in sys.modules\n"
        "try:\n    WandbGuard()\nexcept ImportError as error:\n    print(error)\n"
    )
    assert done.returncode == 0, done.stderr
    assert "pip install 'sentinel-mlsecops[wandb]'" in done.stdout
    assert len(done.stdout.splitlines()) == 1


def test_nothing_of_the_guard_is_imported_with_the_package() -> None:
    done = run(
        "import sentinel, sentinel.integrations\n"
        "print([name for name in sys.modules if 'integrations.' in name])\n"
    )
    assert done.stdout.strip() == "[]", done.stderr
