"""Ordinary files, made by the real libraries, one folder a library.

The files are made in a process of their own (``python -m tests.corpus.benign FOLDER``), since the
libraries warn, print and take memory. A library that is not installed leaves its folder out;
``groups.json`` says why.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

GROUPS = {
    "standard": "standard:files",
    "numpy": "arrays:numpy",
    "scipy": "arrays:scipy",
    "pandas": "arrays:pandas",
    "sklearn": "learning:sklearn",
    "joblib": "learning:joblib",
    "xgboost": "learning:xgboost",
    "lightgbm": "learning:lightgbm",
    "catboost": "learning:catboost",
    "statsmodels": "learning:statsmodels",
    "gensim": "learning:gensim",
    "torch": "deep:torch",
    "onnx": "graphs:onnx",
    "tensorflow": "graphs:tensorflow",
    "other-graphs": "graphs:other_graphs",
    "hdf5": "stored:hdf5",
    "tables": "stored:tables",
    "keras": "stored:keras",
    "skops": "skops_files:skops",
    "rdata": "r_files:rdata",
    "transformers": "deep:transformers",
    "tokenizers": "deep:tokenizers",
    "accelerate": "deep:accelerate",
    "sentence-transformers": "deep:sentence_transformers",
    "spacy": "deep:spacy",
    "cloudpickle": "by_value:cloudpickle",
    "dill": "by_value:dill",
    "networkx": "others:networkx",
    "sympy": "others:sympy",
    "pillow": "others:pillow",
    "regex": "others:regex",
    "packaging": "others:packaging",
    "matplotlib": "others:matplotlib",
    "safetensors": "tensors:safetensors",
    "gguf": "tensors:gguf",
    "configurations": "tensors:configurations",
}
"""Where each library's files come from: ``module:function``."""

ROOT = Path(__file__).resolve().parents[3]


def build(folder: Path) -> dict[str, str]:
    """Make every file below a folder, unless that was done before.

    Returns:
        For each group, why it is not there; empty when it is.
    """
    if not (folder / "groups.json").exists():
        # One thread: the corpus is to cost little on a shared machine.
        quiet = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        quiet |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "MPLBACKEND": "Agg"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.corpus.benign", str(folder)],
            cwd=ROOT, env={**os.environ, **quiet}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"the benign corpus cannot be made:\n{done.stderr[-4000:]}")
    found: dict[str, str] = json.loads((folder / "groups.json").read_text(encoding="utf-8"))
    return found


def files(folder: Path, group: str) -> list[Path]:
    """Return the files of a group, sorted."""
    below = (folder / group).rglob("*")
    return sorted(path for path in below if path.is_file())
