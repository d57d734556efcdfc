"""Loading changes nothing outside of itself: no function is replaced, no registry added to."""

from __future__ import annotations

import builtins
import copyreg
import io
import pickle
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from sentinel.errors import TrustError
from sentinel.trust import LoadPolicy, secure_load
from tests.trust.load.kit import pickled


def _state() -> dict[str, Any]:
    return {
        "pickle": dict(vars(pickle)),
        "joblib": (joblib.load, joblib.numpy_pickle.NumpyUnpickler, joblib.numpy_pickle.Unpickler),
        "dispatch": dict(pickle._Unpickler.dispatch),  # type: ignore[attr-defined]
        "torch": (torch.load, torch.save, torch.serialization._legacy_load),
        "torch safe": set(torch.serialization.get_safe_globals()),
        "numpy": (np.load, np.frombuffer),
        "copyreg": (dict(copyreg.dispatch_table), dict(copyreg._extension_registry)),  # type: ignore[attr-defined]
        "class": dict(vars(LogisticRegression)),
        "builtins": dict(vars(builtins)),
        "warnings": list(warnings.filters),
    }  # fmt: skip


def test_nothing_is_changed(tmp_path: Path) -> None:
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    (tmp_path / "a.pkl").write_bytes(pickled(model))
    joblib.dump(model, tmp_path / "b.joblib", compress=3)
    torch.save({"w": torch.ones(2)}, tmp_path / "c.pt")
    np.save(tmp_path / "d.npy", np.ones(3))
    (tmp_path / "e.pkl").write_bytes(pickled(print))
    assert pickle.load(io.BytesIO(pickled(5))) == 5
    before = _state()
    policies = [LoadPolicy(), LoadPolicy(allow=frozenset({("collections", "Counter")}))]
    for path in sorted(tmp_path.iterdir()):
        for policy in policies:
            if path.name == "e.pkl":
                with pytest.raises(TrustError):
                    secure_load(path, policy=policy)
            else:
                secure_load(path, policy=policy)
    assert _state() == before
