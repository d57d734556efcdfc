"""Splines, support vectors and centres whose parts do not fit are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
from sklearn.cluster import KMeans
from sklearn.preprocessing import SplineTransformer
from sklearn.svm import SVC, SVR, OneClassSVM

from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.kit import pickled
from tests.trust.load.values_kit import X, Y, refused_after


@pytest.mark.parametrize(
    "change",
    [
        lambda spline: vars(spline).update(_t=vars(spline)["_t"][:5]),
        lambda spline: vars(spline).update(_t=vars(spline)["_t"][::-1].copy()),
        lambda spline: vars(spline).update(_c=vars(spline)["_c"][:2]),
        lambda spline: vars(spline).update(k=30),
        lambda spline: vars(spline).update(k=-1),
    ],
)
def test_a_spline_whose_parts_do_not_fit_is_refused(change: Any) -> None:
    model = SplineTransformer().fit(X)
    assert refused_after(model, lambda model: change(model.bsplines_[0])) == "unsafe-values"


@pytest.mark.parametrize(
    "change",
    [
        lambda held: held.update(_n_support=held["_n_support"] + 100),
        lambda held: held.update(_n_support=held["_n_support"][:1]),
        lambda held: held.update(support_=held["support_"] + 1_000),
        lambda held: held.pop("support_vectors_"),
        lambda held: held.pop("shape_fit_"),
        lambda held: held.update(support_=held["support_"][:1]),
        lambda held: held.update(support_vectors_=held["support_vectors_"][:1]),
        lambda held: held.update(support_vectors_=held["support_vectors_"][:, :1]),
        lambda held: held.update(_dual_coef_=held["_dual_coef_"][:, :1]),
        lambda held: held.update(_intercept_=held["_intercept_"][:0]),
        lambda held: held.update(_probA=np.ones(9), _probB=np.ones(9)),
    ],
)
@pytest.mark.parametrize("model", [SVC(), SVR(), OneClassSVM()])
def test_support_vectors_that_do_not_fit_are_refused(change: Any, model: Any) -> None:
    model.fit(X, Y)
    assert refused_after(model, lambda model: change(vars(model))) == "unsafe-values"


def test_support_vectors_of_sparse_data_load() -> None:
    model = SVC().fit(scipy.sparse.csr_matrix(X), Y)
    found = load_pickle(pickled(model))
    check(found)
    assert (found.predict(X) == model.predict(X)).all()


def test_centres_for_other_data_are_refused() -> None:
    def change(model: Any) -> None:
        model.cluster_centers_ = np.ascontiguousarray(model.cluster_centers_[:, :1])

    assert refused_after(KMeans(2, n_init=1).fit(X), change) == "unsafe-values"
