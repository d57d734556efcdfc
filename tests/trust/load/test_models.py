"""Ordinary models load by exact names and answer as before."""

from __future__ import annotations

import io
from pathlib import Path

import joblib
import pytest

from sentinel.errors import TrustError
from sentinel.findings import Verdict
from sentinel.trust import secure_load
from tests.trust.load import kit
from tests.trust.load.models import answers, fitted, same

WRITERS = {
    "pickle 2": lambda model: kit.pickled(model, 2),
    "pickle 5": lambda model: kit.pickled(model, 5),
    "joblib": lambda model: _joblib(model, 0),
    "joblib gzip": lambda model: _joblib(model, ("gzip", 3)),
}


def _joblib(model: object, compress: object) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=compress)
    return buffer.getvalue()


def _loaded(folder: Path, writer: str) -> tuple[int, list[str]]:
    good, wrong = 0, []
    for name, (model, data) in fitted().items():
        path = folder / "model.pkl"
        path.write_bytes(WRITERS[writer](model))
        try:
            found = secure_load(path, level="allowlist")
        except TrustError as error:
            wrong.append(f"{name}: {error.message}")
            continue
        assert found.verdict is Verdict.CLEAN
        if same(answers(found.obj, data), answers(model, data)):
            good += 1
        else:
            wrong.append(f"{name}: other answers")
    return good, wrong


@pytest.mark.filterwarnings("ignore")
def test_fitted_models_load_with_equal_answers(tmp_path: Path) -> None:
    good, wrong = _loaded(tmp_path, "pickle 5")
    assert good >= 200, wrong
    assert not wrong


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("writer", ["pickle 2", "joblib", "joblib gzip"])
def test_fitted_models_load_however_they_were_written(tmp_path: Path, writer: str) -> None:
    good, wrong = _loaded(tmp_path, writer)
    assert good >= 200, wrong
