"""Marks in models in memory: a copy is marked, its answers are checked, refusals have reasons."""

from __future__ import annotations

import copy
import logging
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from sentinel.errors import TrustError
from sentinel.trust import (
    NotMarked,
    embed_watermark,
    load_watermark_key,
    try_embed_watermark,
    verify_watermark,
)
from sentinel.trust.watermark.keys import keygen
from tests.trust.watermark.conftest import IDENTITY, Model, key
from tests.trust.watermark.damage import permuted_cnn
from tests.trust.watermark.estimators import booster, data, fitted
from tests.trust.watermark.networks import arrays, cnn, with_weights


def regression(rows: int = 400, **options: Any) -> Any:
    inputs, labels = data()
    return LogisticRegression(max_iter=60, tol=0.1, **options).fit(inputs[:rows], labels[:rows])


def perceptron() -> Any:
    inputs, labels = data()
    network = MLPClassifier((64,), max_iter=8, tol=1, n_iter_no_change=2, random_state=0)
    return make_pipeline(StandardScaler(), network).fit(inputs, labels)


def network() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(64, 96), torch.nn.ReLU(), torch.nn.Dropout(), torch.nn.Linear(96, 96),
        torch.nn.BatchNorm1d(96), torch.nn.Linear(96, 10),
    )  # fmt: skip


MODELS = {
    "regression": regression,
    "perceptron": perceptron,
    "forest": lambda: fitted("forest"),
    "booster": lambda: booster(10),
    "module": network,
    "state-dict": lambda: network().state_dict(),
    "arrays": lambda: {"w": np.random.default_rng(0).normal(size=(64, 64))},
}


@pytest.mark.parametrize("name", MODELS)
def test_the_model_itself_stays_as_it_is(name: str) -> None:
    model = MODELS[name]()
    before = pickle.dumps(model)
    example = None if name in ("state-dict", "arrays") else data()[0][:50].astype(np.float32)
    marked, mark = embed_watermark(model, key(), identity=IDENTITY, input_example=example)
    assert pickle.dumps(model) == before
    assert marked is not model
    assert type(marked) is type(model)
    assert verify_watermark(marked, key(), record=mark.record).verdict == "marked"
    assert verify_watermark(model, key(), record=mark.record).verdict == "not_marked"
    assert verify_watermark(marked, key(2), identities=[IDENTITY]).verdict == "not_marked"
    assert mark.record.key_id not in repr(before)


def test_coefficients_bear_the_mark_of_tensors() -> None:
    model = regression()
    marked, mark = embed_watermark(model, key(), identity=IDENTITY)
    assert (mark.record.scheme, mark.record.parameters["M"]) == ("stdm-1", 64)
    assert verify_watermark(marked, key(), record=mark.record).log10_p <= -19
    marked.coef_ = marked.coef_.astype(np.float16).astype(np.float64)
    assert verify_watermark(marked, key(), record=mark.record).verdict == "marked"
    moved = np.abs(model.predict_proba(data()[0]) - marked.predict_proba(data()[0])).max()
    assert 0 < moved < 0.05


def test_the_layout_and_zeros_of_coefficients_stay() -> None:
    model = regression()
    model.coef_ = np.asfortranarray(model.coef_)
    model.coef_[:, 30:34] = 0
    marked, _ = embed_watermark(model, key())
    assert marked.coef_.flags.f_contiguous
    assert (marked.coef_[:, 30:34] == 0).all()


def test_estimators_inside_others_are_found_and_named() -> None:
    inputs, labels = data()
    forest = RandomForestClassifier(4, random_state=0)
    for model, path in (
        (make_pipeline(StandardScaler(), forest), "steps.randomforestclassifier"),
        (CalibratedClassifierCV(forest, cv=2), "calibrated_classifiers_.0.estimator"),
        (GridSearchCV(DecisionTreeClassifier(), {"max_depth": [6]}, cv=2), "best_estimator_"),
        (VotingClassifier([("nb", GaussianNB()), ("rf", forest)]), "estimators_.1"),
        (StackingClassifier([("rf", forest)], GaussianNB(), cv=2), "estimators_.0"),
    ):
        model.fit(inputs, labels)
        marked, mark = embed_watermark(model, key(), input_example=inputs[:50])
        assert mark.record.parts[0].name == path
        assert np.array_equal(marked.predict(inputs), model.predict(inputs))
        assert verify_watermark(marked, key(), record=mark.record).verdict == "marked"


class Ours(RandomForestClassifier):
    """Somebody's own forest may do otherwise with its thresholds."""


REFUSED: list[tuple[Any, str]] = [
    (Ridge(), "capacity"),
    (KNeighborsClassifier(), "no-weights"),
    (GaussianNB(), "no-weights"),
    (SVC(), "moves-outputs"),
    (make_pipeline(StandardScaler(), SVC()), "moves-outputs"),
    (HistGradientBoostingClassifier(max_iter=1, max_depth=2), "float64-inputs"),
    (Ours(3), "unsupported-kind"),
]


@pytest.mark.parametrize(("model", "reason"), REFUSED, ids=lambda one: str(one)[:25])
def test_what_is_not_marked_says_why_and_is_logged_as_it_is(model: Any, reason: str) -> None:
    inputs, labels = data()
    rows = slice(0, 60)
    model.fit(inputs[rows, :30], labels[rows])
    before = pickle.dumps(model)
    with pytest.raises(NotMarked) as caught:
        embed_watermark(model, key())
    assert caught.value.reason == reason
    done = try_embed_watermark(model, key())
    assert (done.status, done.reason, done.record) == ("not_marked", reason, None)
    assert done.model is model
    assert pickle.dumps(model) == before


def test_other_refusals() -> None:
    scripted = torch.jit.trace(torch.nn.Linear(64, 64), torch.ones(1, 64))
    quantised = {"w": np.zeros((64, 64), np.int8)}
    words = CountVectorizer().fit(["a few words", "and more"])
    for model, reason in (
        (scripted, "torchscript"), (quantised, "dtype"), (words, "no-weights"),
        (LogisticRegression(), "unfitted"), ("text", "unsupported-kind"),
        ({"w": torch.zeros(64, 64, dtype=torch.int8)}, "dtype"),
        (torch.nn.Linear(4, 4), "capacity"), (RidgeClassifier(), "unfitted"),
    ):  # fmt: skip
        done = try_embed_watermark(model, key())
        assert (done.status, done.reason) == ("not_marked", reason)


def lightgbm() -> Any:
    import lightgbm

    return lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1)


def test_lightgbm_is_refused() -> None:
    inputs, labels = data()
    assert try_embed_watermark(lightgbm().fit(inputs, labels), key()).reason == "unmeasured"


def test_a_model_that_answers_otherwise_is_left_as_it_is() -> None:
    """Rows on the boundary of two classes: any change of the coefficients moves some of them."""
    model = LinearSVC(max_iter=50, tol=1).fit(*data())
    inputs = data()[0]
    values = np.sort(model.decision_function(inputs), axis=1)
    close = inputs[np.argsort(values[:, -1] - values[:, -2])[:40]]
    shrunk = np.concatenate([close * share for share in np.linspace(0.2, 3, 60)])
    before = pickle.dumps(model)
    done = try_embed_watermark(model, key(), input_example=shrunk)
    assert (done.status, done.reason) == ("not_marked", "self-check")
    assert "labels are others" in done.detail
    assert done.model is model
    assert pickle.dumps(model) == before
    assert try_embed_watermark(model, key(), input_example=inputs[:5]).status == "marked"


def test_an_example_that_the_model_does_not_take_is_no_mark() -> None:
    for model in (fitted("forest"), network(), {"w": torch.ones(64, 64)}):
        done = try_embed_watermark(model, key(), input_example=np.ones((2, 3), np.float32))
        assert (done.status, done.reason) == ("not_marked", "self-check")


class Uncopied(RandomForestClassifier):
    """Cannot be copied."""

    def __deepcopy__(self, memo: object) -> Any:
        raise RuntimeError


def test_what_cannot_be_copied_is_not_marked() -> None:
    model = make_pipeline(fitted("forest"))
    model.note = Uncopied()
    assert try_embed_watermark(model, key()).reason == "not-copied"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.float64])
def test_modules_of_any_float_type(dtype: torch.dtype) -> None:
    model = network().to(dtype)
    model[3].weight.requires_grad_(False)
    model.train()
    state = copy.deepcopy(model.state_dict())
    example = data()[0][:40] if dtype is not torch.float16 else None
    marked, mark = embed_watermark(model, key(), identity=IDENTITY, input_example=example)
    after = model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in state.items())
    assert torch.equal(marked[4].running_mean, model[4].running_mean)
    assert all(one.training for one in [*marked.modules(), *model.modules()])
    assert (marked[3].weight.requires_grad, marked[0].weight.requires_grad) == (False, True)
    assert 0 < mark.record.distortion <= 0.005
    for one in (marked, marked.state_dict()):
        assert verify_watermark(one, key(), record=mark.record).verdict == "marked"
    renamed = {f"net.{name}": value for name, value in marked.state_dict().items()}
    found = verify_watermark(renamed, key(), record=mark.record)
    assert (found.verdict, found.mapping) == ("marked", "shapes")


def test_tied_weights_stay_tied() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.Linear(64, 64))
    model[1].weight = model[0].weight
    marked, mark = embed_watermark(model, key())
    assert marked[1].weight is marked[0].weight
    assert [part.name for part in mark.record.parts] == ["0.weight"]


def test_permuted_modules_are_realigned_to_the_original(cnn: Model) -> None:
    permuted = with_weights("cnn", permuted_cnn(cnn.copy))
    record = cnn.mark.record
    assert verify_watermark(permuted, key(), record=record).verdict == "not_marked"
    found = verify_watermark(permuted, key(), record=record, original=cnn.network)
    assert (found.verdict, found.mapping) == ("marked", "names+original")


def test_records_and_anchors_of_other_kinds_are_refused() -> None:
    forest, mark = embed_watermark(fitted("forest"), key())
    _, other = embed_watermark(booster(10), key())
    tensors = embed_watermark(regression(), key())[1]
    with pytest.raises(NotMarked):
        verify_watermark(forest, key(), record=other.record)
    with pytest.raises(TrustError) as caught:
        verify_watermark(network(), key(), record=mark.record)
    assert caught.value.reason == "watermark-record"
    with pytest.raises(TrustError) as caught:
        verify_watermark(forest, key(), record=mark.record, anchors=tensors.anchors)
    assert caught.value.reason == "watermark-anchors"
    with pytest.raises(TrustError) as caught:
        verify_watermark(forest, key(2), record=mark.record)
    assert caught.value.reason == "wrong-key"


def test_without_a_key_there_is_no_mark_and_no_error() -> None:
    model = fitted("forest")
    done = try_embed_watermark(model, None)
    assert (done.status, done.reason, done.model is model) == ("not_marked", "no-key", True)
    assert done.tags() == {"status": "not_marked", "reason": "no-key"}


def test_tags_tell_neither_key_nor_payload(
    tmp_path: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key"
    keygen(str(path))
    secret = path.read_text().strip()
    holder = load_watermark_key(f"file:{path}")
    caplog.set_level(logging.DEBUG)
    for model in (fitted("forest"), network(), regression(), GaussianNB().fit(*data())):
        done = try_embed_watermark(model, holder, identity=IDENTITY)
        told = [repr(done), repr(done.tags()), repr(done.record), done.detail, caplog.text,
                *capfd.readouterr()]  # fmt: skip
        derived = holder.derive(b"").reveal()
        for text in told:
            assert secret not in text
            assert derived.hex() not in text
            assert repr(derived)[2:-1] not in text
        assert f"{IDENTITY:016x}" not in repr(done.tags())
        if done.record is not None:
            assert secret not in done.record.to_json()
    path.chmod(0o644)
    with pytest.raises(TrustError) as caught:
        load_watermark_key(f"file:{path}")
    assert caught.value.reason == "key-file-permissions"
    assert secret not in str(caught.value)


def test_a_module_without_an_example_is_marked_too() -> None:
    model = cnn()
    marked, mark = embed_watermark(model, key())
    assert verify_watermark(arrays(marked), key(), record=mark.record).verdict == "marked"
