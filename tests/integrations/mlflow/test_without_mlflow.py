"""Without MLflow the package imports, and the guard says in one line what is missing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

BLOCKER = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "mlflow" or name == "wandb":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCKER + code], capture_output=True, text=True, check=False
    )


def test_the_package_is_imported_and_imports_nothing() -> None:
    done = run(
        "import sentinel.integrations, sys\n"
        "from sentinel.integrations import MLflowGuard, GuardPolicy, SentinelBlocked\n"
        "print([name for name in sys.modules if name.partition('.')[0] in ('mlflow', 'numpy')])"
    )
    assert done.stderr == ""
    assert done.stdout.strip() == "[]"


def test_the_guard_says_what_is_missing() -> None:
    done = run("from sentinel.integrations import MLflowGuard\nMLflowGuard()")
    assert done.stderr.splitlines()[-1] == (
        "ImportError: MLflowGuard needs mlflow, which is not installed: "
        "pip install 'sentinel-mlsecops[mlflow]'"
    )


def test_the_other_tests_run_where_mlflow_is() -> None:
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("MLflow is not here: make test runs these in .venv-mlflow2 and .venv-mlflow3")
