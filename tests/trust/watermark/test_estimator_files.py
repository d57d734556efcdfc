"""Files of estimators: what secure_load takes is marked in its form; all else is refused."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from sentinel.errors import TrustError
from sentinel.trust import embed_watermark_file, secure_load, verify_watermark_file
from sentinel.trust.watermark.verify import Request
from tests.cli.run import Cli
from tests.trust.watermark.conftest import IDENTITY, key
from tests.trust.watermark.estimators import booster, data, fitted


def _pickled(model: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(model))


def _regression() -> Any:
    return LogisticRegression(max_iter=40, tol=0.1).fit(data()[0][:400], data()[1][:400])


FORMS: dict[str, tuple[Callable[[], Any], Callable[[Any, Path], Any], bytes]] = {
    "m.joblib": (lambda: fitted("forest"), joblib.dump, b"\x80"),
    "z.joblib": (lambda: fitted("tree"), lambda one, path: joblib.dump(one, path, 3), b"\x78"),
    "x.joblib": (lambda: fitted("tree"),
                 lambda one, path: joblib.dump(one, path, ("xz", 3)), b"\xfd7zXZ"),
    "m.pkl": (lambda: fitted("boosting"), _pickled, b"\x80"),
    "b.pkl": (lambda: booster(10), _pickled, b"\x80"),
    "m.skops": (_regression, skops.io.dump, b"PK"),
    "m.json": (lambda: booster(10), lambda one, path: one.save_model(path), b'{"'),
    "m.ubj": (lambda: booster(10), lambda one, path: one.save_model(path), b"{L"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_marked_in_its_form(name: str, tmp_path: Path) -> None:
    make, save, head = FORMS[name]
    model, path, out = make(), tmp_path / name, tmp_path / f"marked-{name}"
    save(model, path)
    before = path.read_bytes()
    mark = embed_watermark_file(path, out, key(), identity=IDENTITY)
    assert path.read_bytes() == before
    assert out.read_bytes().startswith(head)
    found = verify_watermark_file(out, key(), Request(mark.record))
    assert (found.verdict, found.score.matches) == ("marked", found.score.chips)
    found = verify_watermark_file(path, key(), Request(mark.record))
    assert found.verdict == "not_marked"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([name, out.name])
    again = secure_load(out).obj
    if mark.record.scheme == "tree-threshold-1":
        assert np.array_equal(again.predict_proba(data()[0]), model.predict_proba(data()[0]))


class Payload:
    """Would run if it were loaded."""

    def __reduce__(self) -> Any:
        return print, ("ran",)


def _npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, w=np.ones((64, 64)))


def _legacy_torch(path: Path) -> None:
    torch.save({"w": torch.ones(64, 64)}, path, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: _pickled(Payload(), path), "findings"),
        (lambda path: _pickled(SVC().fit(data()[0][:50], data()[1][:50]), path), "moves-outputs"),
        (lambda path: _pickled({"a": 1}, path), "unsupported-kind"),
        (_legacy_torch, "unsupported-kind"),
        (lambda path: path.write_text('{"a": 1}'), "incomplete"),
        (_npz, "no-safe-way"),
    ],
)  # fmt: skip
def test_what_is_not_loaded_or_not_marked_writes_nothing(
    make: Callable[[Path], Any], reason: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "model.bin"
    make(path)
    with pytest.raises(TrustError) as caught:
        embed_watermark_file(path, tmp_path / "out", key())
    assert caught.value.reason == reason
    assert not (tmp_path / "out").exists()
    assert "ran" not in capfd.readouterr().out
    assert [one.name for one in tmp_path.iterdir()] == ["model.bin"]


def test_beside_a_signature_nothing_is_marked(tmp_path: Path) -> None:
    joblib.dump(fitted("tree"), tmp_path / "m.joblib")
    (tmp_path / "model.sig").write_text("{}")
    with pytest.raises(TrustError) as caught:
        embed_watermark_file(tmp_path / "m.joblib", tmp_path / "o.joblib", key())
    assert caught.value.reason == "signed"


def test_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Cli(tmp_path, capsys)
    joblib.dump(fitted("forest"), "m.joblib")
    run("watermark", "keygen", "key")
    done = run("watermark", "embed", "m.joblib", "-o", "o.joblib", "--key", "key",
               "--record", "r.json", "--anchors", "a.bin")  # fmt: skip
    assert done.code == 0
    assert "fragile-tracing" in done.out
    assert "no anchors" in done.err
    assert not Path("a.bin").exists()
    assert json.loads(Path("r.json").read_text())["scheme"] == "tree-threshold-1"
    verify = ("watermark", "verify", "o.joblib", "--key", "key", "--record", "r.json")
    done = run(*verify, "--plot", "p.svg")
    assert (done.code, done.err) == (0, "")
    assert "distinct nodes match" in done.out
    assert "tracing" in done.out.partition("ownership")[2]
    assert Path("p.svg").read_text().startswith("<svg")
    done = run(*verify, "--plot", "p.svg")
    assert done.code == 2
    assert "nothing is overwritten" in done.err
