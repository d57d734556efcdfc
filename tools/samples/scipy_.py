"""scipy: sparse containers, distributions, interpolators, trees, results."""

from __future__ import annotations

import warnings

import numpy as np

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield what models keep of scipy."""
    warnings.simplefilter("ignore")
    yield from _sparse()
    yield from _distributions()
    yield from _rest()


def _sparse() -> Labelled:
    from scipy import sparse

    dense = np.eye(3)
    for name in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil"):
        for kind in ("matrix", "array"):
            yield name, getattr(sparse, f"{name}_{kind}")(dense)
            yield name, getattr(sparse, f"{name}_{kind}")
    yield from attempt("operator", lambda: sparse.linalg.aslinearoperator(dense))


def _distributions() -> Labelled:
    from scipy import stats

    for name in dir(stats):
        value = getattr(stats, name)
        if isinstance(value, stats.rv_continuous | stats.rv_discrete):
            yield name, value
            for count in range(4):
                yield from attempt(name, lambda v=value, n=count: v(*([1.5] * n)))
                yield from attempt(name, lambda v=value, n=count: v(*([1] * n)))
    data = np.random.default_rng(0).normal(size=20)
    yield "kde", stats.gaussian_kde(data)
    yield "histogram", stats.rv_histogram(np.histogram(data))
    yield (
        "tests",
        [
            stats.ttest_1samp(data, 0),
            stats.linregress(data, data),
            stats.describe(data),
            stats.pearsonr(data, data),
            stats.spearmanr(data, data),
            stats.kstest(data, "norm"),
            stats.f_oneway(data, data),
            stats.mannwhitneyu(data, data),
            stats.shapiro(data),
        ],
    )
    yield from attempt("normal", lambda: stats.multivariate_normal([0, 0]))
    yield "functions", [stats.pearsonr, stats.spearmanr, stats.zscore, stats.iqr, stats.skew]


def _rest() -> Labelled:
    from scipy import cluster, fft, interpolate, linalg, ndimage, optimize, signal, spatial, special

    x = np.arange(6.0)
    y = x**2
    for name in (
        "interp1d",
        "CubicSpline",
        "PchipInterpolator",
        "Akima1DInterpolator",
        "UnivariateSpline",
        "InterpolatedUnivariateSpline",
        "BarycentricInterpolator",
        "KroghInterpolator",
        "make_interp_spline",
        "splrep",
        "make_smoothing_spline",
    ):
        yield from attempt(name, lambda name=name: getattr(interpolate, name)(x, y))
    points = np.random.default_rng(0).normal(size=(12, 2))
    for name in (
        "LinearNDInterpolator",
        "NearestNDInterpolator",
        "RBFInterpolator",
        "CloughTocher2DInterpolator",
        "Rbf",
    ):
        yield from attempt(name, lambda name=name: getattr(interpolate, name)(points, points[:, 0]))
    yield "grid", interpolate.RegularGridInterpolator((x, x), np.outer(x, x))
    yield "trees", [spatial.KDTree(points), spatial.cKDTree(points)]
    for name in ("ConvexHull", "Delaunay", "Voronoi"):
        yield from attempt(name, lambda name=name: getattr(spatial, name)(points))
    yield "rotation", spatial.transform.Rotation.from_rotvec([0, 0, 1])
    yield from attempt(
        "slerp",
        lambda: spatial.transform.Slerp(
            [0, 1], spatial.transform.Rotation.from_rotvec([[0, 0, 1], [0, 0, 2]])
        ),
    )
    yield (
        "results",
        [
            optimize.minimize(lambda v: (v**2).sum(), [1.0, 2.0], method=m)
            for m in ("BFGS", "Nelder-Mead", "L-BFGS-B", "SLSQP", "CG", "Powell", "COBYLA")
        ],
    )
    yield (
        "bounds",
        [
            optimize.Bounds([0], [1]),
            optimize.LinearConstraint([[1]], [0], [1]),
            optimize.linprog([1], bounds=[(0, 1)]),
            optimize.root(lambda v: v, [1.0]),
        ],
    )
    yield "signal", [signal.butter(2, 0.1), signal.lti([1], [1, 2]), signal.dlti([1], [1, 2])]
    yield (
        "functions",
        [
            special.expit,
            special.logit,
            special.softmax,
            special.xlogy,
            linalg.norm,
            ndimage.gaussian_filter,
            fft.fft,
            cluster.hierarchy.linkage,
            spatial.distance.cosine,
            spatial.distance.euclidean,
            spatial.distance.cdist,
            optimize.curve_fit,
            signal.savgol_filter,
            special.gammaln,
            special.erf,
        ],
    )
