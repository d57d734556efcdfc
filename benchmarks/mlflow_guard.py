"""Measure what the guard of MLflow adds to ``log_model``, and print it.

    .venv-mlflow3/bin/python -m benchmarks.mlflow_guard [--size MB] [--repeat N]

A model of scikit-learn of about 1 MB and one of PyTorch of ``--size`` MB (500) are logged to a
local store, guarded and unguarded in turns in the same process; medians are told. The bare scan is
that of the same model's directory. The bound is a tenth of the unguarded time and the bare scan,
for calls without ``pip_requirements``, in which MLflow loads the model in another process to see
what it imports; the others, in which hardly anything happens, are told beside, and so is
``log_text``.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

from sentinel import scan
from sentinel.integrations import GuardPolicy, MLflowGuard

_SKLEARN, _TORCH = ["scikit-learn==1.9.1"], ["torch==2.13.0"]


class Row(NamedTuple):
    """Seconds of one kind of model: unguarded, guarded, and of a bare scan; runs are medians."""

    what: str
    size: int
    bare: float
    guarded: float
    plain: float
    scan: float
    bound: float

    @property
    def overhead(self) -> float:
        """What the guard added beyond the bare scan, as a part of the unguarded time."""
        return (self.guarded - self.plain - self.scan) / self.plain


def main() -> int:
    """Run the benchmark; return 1 when the bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mlflow_guard", description=__doc__)
    parser.add_argument("--size", type=int, default=500, metavar="MB", help="size of the large one")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="runs of each")
    options = parser.parse_args()
    import mlflow

    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        mlflow.set_tracking_uri(f"sqlite:///{name}/tracking.db")
        rows = [
            _measure("scikit-learn", _sklearn(), 2, bound=0.10),
            _measure("PyTorch", _torch(options.size), 2, bound=0.10),
            _measure("scikit-learn, requirements given", _sklearn(_SKLEARN), options.repeat),
            _measure("PyTorch, requirements given", _torch(options.size, _TORCH), options.repeat),
        ]
        texts = _texts(10 * options.repeat)
    print(
        "| model | MB | log_model s | guarded s | guarded, no report s | bare scan s | beyond it |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for row in rows:
        print(
            f"| {row.what} | {row.size / 1e6:,.1f} | {row.plain:.3f} | {row.guarded:.3f} | "
            f"{row.bare:.3f} | {row.scan:.3f} | {100 * row.overhead:+.1f} % |"
        )
    print(f"log_text of 100 bytes: {texts[0]:.1f} ms unguarded, {texts[1]:.1f} ms guarded")
    missed = [row for row in rows if row.bound and row.overhead > row.bound]
    for row in missed:
        print(f"missed: {row.what}: more than a tenth and the bare scan")
    return 1 if missed else 0


def _measure(what: str, log: Callable[[], Any], repeat: int, bound: float = 0.0) -> Row:
    import mlflow

    guards: dict[str, Callable[[], Any]] = {
        "plain": nullcontext,
        "guarded": lambda: MLflowGuard(quiet=True),
        "bare": lambda: MLflowGuard(GuardPolicy(report=False), quiet=True),
    }
    times: dict[str, list[float]] = {name: [] for name in (*guards, "scan")}
    size = 0
    log()  # what the first call alone pays for, and the scanner's modules
    with MLflowGuard(quiet=True):
        log()
    for _ in range(repeat):
        for name, guard in guards.items():
            gc.collect()
            with mlflow.start_run():
                started = time.perf_counter()
                with guard():
                    info = log()
                times[name].append(time.perf_counter() - started)
            folder = Path(mlflow.artifacts.download_artifacts(info.model_uri))
            if name == "plain":
                started = time.perf_counter()
                scan(folder)
                times["scan"].append(time.perf_counter() - started)
                size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder)
    found = {name: statistics.median(values) for name, values in times.items()}
    return Row(what, size, found["bare"], found["guarded"], found["plain"], found["scan"], bound)


def _texts(repeat: int) -> list[float]:
    """Return the medians of a small upload in milliseconds, unguarded and guarded."""
    import mlflow

    times: list[list[float]] = [[], []]
    with mlflow.start_run():
        for number in range(repeat):
            guards: tuple[Callable[[], Any], ...] = (nullcontext, lambda: MLflowGuard(quiet=True))
            for place, guard in enumerate(guards):
                with guard():
                    started = time.perf_counter()
                    mlflow.log_text("x" * 100, f"{number}.txt")
                    times[place].append(1000 * (time.perf_counter() - started))
    return [statistics.median(values) for values in times]


def _sklearn(requirements: list[str] | None = None) -> Callable[[], Any]:
    import mlflow.sklearn
    import numpy as np
    from sklearn.neural_network import MLPClassifier

    rows = np.random.default_rng(0).normal(size=(50, 128))
    model = MLPClassifier((330,), max_iter=2).fit(rows, np.arange(50) % 2)
    return lambda: mlflow.sklearn.log_model(
        model, "model", serialization_format="cloudpickle", pip_requirements=requirements
    )


def _torch(size: int, requirements: list[str] | None = None) -> Callable[[], Any]:
    import mlflow.pytorch
    import torch

    side = int((size * 1e6 / 4 / 4) ** 0.5)
    model = torch.nn.Sequential(*(torch.nn.Linear(side, side) for _ in range(4)))
    more = {"serialization_format": "pickle"} if int(mlflow.__version__.split(".")[0]) > 2 else {}
    return lambda: mlflow.pytorch.log_model(model, "model", pip_requirements=requirements, **more)


if __name__ == "__main__":
    sys.exit(main())
