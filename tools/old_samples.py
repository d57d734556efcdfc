# ruff: noqa: UP028, UP031, PTH118, PTH123, B023
"""Write sample files with an older interpreter and older libraries, for names that have moved.

``OLDPYTHON tools/old_samples.py FOLDER`` runs on its own under Python 3.6 and newer; every
combination of versions leaves its pickles in a folder for ``make_safe_imports --pickles FOLDER``.
"""

import datetime
import inspect
import os
import pickle
import sys
import warnings

import numpy as np

warnings.simplefilter("ignore")
X = np.abs(np.random.RandomState(0).normal(size=(24, 4))) + 0.1
Y = np.arange(24) % 2
YR = X[:, 0] * 2 + 1
TEXTS = ["some words number %d and %d" % (n % 3, n % 5) for n in range(24)]


def main(folder):
    """Write every sample of every maker to ``folder``."""
    count = 0
    for maker in (
        of_numpy,
        of_sklearn,
        of_parts,
        of_pandas,
        of_scipy,
        of_boosting,
        of_statistics,
        of_gensim,
    ):
        try:
            for value in maker():
                count += write(folder, count, value)
        except Exception as error:
            sys.stderr.write("%s: %s\n" % (maker.__name__, error))


def write(folder, count, value):
    """Write one object in the oldest and newest protocols, and by joblib; return 1 if that went."""
    done = 0
    for protocol in (0, 2, pickle.HIGHEST_PROTOCOL):
        try:
            data = pickle.dumps(value, protocol)
        except Exception:
            continue
        done = 1
        with open(os.path.join(folder, "%05d_%d.pkl" % (count, protocol)), "wb") as out:
            out.write(data)
    try:
        import joblib
    except ImportError:
        try:
            from sklearn.externals import joblib
        except ImportError:
            return done
    if done:
        joblib.dump(value, os.path.join(folder, "%05d.joblib" % count))
    return done


def of_numpy():
    """Yield arrays, scalars, types and generators."""
    for value in (
        np.arange(3),
        np.array([1, None], dtype=object),
        np.zeros(2, "M8[ns]"),
        np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.matrix([[1]]),
        np.ma.array([1, 2], mask=[0, 1]),
        np.float64(1),
        np.dtype("f4"),
        np.bool_(1),
        np.random.RandomState(1),
        np.random.get_state(),
        np.datetime64("2020-01-01"),
        np.char.array(["a"]),
        np.ma.masked,
        np.poly1d([1]),
        np.sum,
        np.mean,
        np.log1p,
        np.exp,
        datetime.datetime(2020, 1, 1),
    ):
        yield value
    for name in ("PCG64", "MT19937", "Philox", "SFC64"):
        if hasattr(np.random, name):
            yield np.random.Generator(getattr(np.random, name)(1))
    yield [v for v in vars(np).values() if isinstance(v, type) and issubclass(v, np.generic)]


def of_sklearn():
    """Yield every estimator, unfitted and fitted."""
    try:
        from sklearn.utils import all_estimators
    except ImportError:
        from sklearn.utils.testing import all_estimators
    for name, kind in all_estimators():
        yield kind
        made = instance(kind)
        if made is None:
            continue
        yield made
        for data in (
            (X, YR if "Regress" in name else Y),
            (X, YR),
            (X,),
            (TEXTS,),
            ([{"a": 1.0}],),
            (X, np.stack([Y, 1 - Y], 1)),
            (Y,),
            (X[:, 0], YR),
        ):
            try:
                made.fit(*data)
            except Exception:
                continue
            yield made
            break


def instance(kind):
    """Return an instance of an estimator with default or simple arguments, or None."""
    from sklearn.linear_model import LogisticRegression, Ridge

    base = Ridge() if "Regressor" in kind.__name__ else LogisticRegression()
    values = {
        "estimator": base,
        "base_estimator": base,
        "estimators": [("a", base)],
        "param_grid": {"C": [0.1, 1.0]},
        "param_distributions": {"C": [0.1, 1.0]},
        "transformers": [("a", "passthrough", [0])],
        "steps": [("a", base)],
        "transformer_list": [("a", base)],
        "dictionary": X[:3],
    }
    try:
        needed = [
            p.name
            for p in inspect.signature(kind.__init__).parameters.values()
            if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"
        ]
        return kind(**{name: values[name] for name in needed})
    except Exception:
        return None


def of_parts():
    """Yield losses, trees, kernels, splitters, scorers and pipelines."""
    from sklearn import ensemble, linear_model, metrics, model_selection, neighbors, pipeline
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.gaussian_process import kernels
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    yield pipeline.make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(TEXTS, Y)
    yield pipeline.make_pipeline(StandardScaler(), FunctionTransformer(np.log1p))
    for loss in (
        "hinge",
        "log",
        "log_loss",
        "modified_huber",
        "squared_hinge",
        "perceptron",
        "huber",
        "squared_loss",
        "squared_error",
        "epsilon_insensitive",
    ):
        for build in (
            lambda: linear_model.SGDClassifier(loss=loss, tol=None).fit(X, Y),
            lambda: linear_model.SGDRegressor(loss=loss, tol=None).fit(X, YR),
        ):
            try:
                yield build()
            except Exception:
                continue
    for loss in ("deviance", "exponential", "log_loss"):
        try:
            yield ensemble.GradientBoostingClassifier(loss=loss, n_estimators=2).fit(X, Y)
        except Exception:
            continue
    yield ensemble.GradientBoostingClassifier(n_estimators=2).fit(X, np.arange(24) % 3)
    for loss in ("ls", "lad", "huber", "quantile", "squared_error", "absolute_error"):
        try:
            yield ensemble.GradientBoostingRegressor(loss=loss, n_estimators=2).fit(X, YR)
        except Exception:
            continue
    for metric in ("manhattan", "chebyshev", "minkowski", "euclidean", "hamming", "canberra"):
        for algorithm in ("kd_tree", "ball_tree", "brute"):
            try:
                yield neighbors.NearestNeighbors(metric=metric, algorithm=algorithm).fit(X)
            except Exception:
                continue
    yield neighbors.KernelDensity().fit(X)
    yield [
        kernels.RBF() + kernels.WhiteKernel(),
        kernels.RBF() * kernels.Matern(),
        kernels.ConstantKernel(),
        kernels.DotProduct(),
        kernels.ExpSineSquared(),
        kernels.RationalQuadratic(),
        kernels.RBF() ** 2,
    ]
    for kind in list(vars(model_selection).values()):
        if isinstance(kind, type):
            yield kind
    for name in ("accuracy", "f1", "roc_auc", "r2", "neg_log_loss", "neg_mean_squared_error"):
        yield metrics.get_scorer(name)
    import scipy.stats
    from sklearn.svm import SVC

    yield model_selection.RandomizedSearchCV(
        SVC(), {"C": scipy.stats.uniform(0.1, 2)}, n_iter=2, cv=2
    ).fit(X, Y)
    yield model_selection.GridSearchCV(SVC(), {"C": [1, 2]}, cv=2, scoring="f1").fit(X, Y)


def of_pandas():
    """Yield frames, indexes and scalars."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "i": [1, 2],
            "f": [1.0, 2.0],
            "s": ["a", "b"],
            "o": [1, None],
            "b": [True, False],
            "d": pd.date_range("2020", periods=2),
            "z": pd.date_range("2020", periods=2, tz="UTC"),
            "e": pd.date_range("2020", periods=2, tz="Europe/Berlin"),
            "t": pd.to_timedelta([1, 2]),
            "c": pd.Categorical(["a", "b"]),
            "p": pd.period_range("2020-01", periods=2, freq="M"),
            "v": pd.interval_range(0, 2),
        }
    )
    for value in (frame, frame["i"], frame.set_index(["s", "i"]), pd.DataFrame(), frame.T):
        yield value
    for value in (
        pd.Index([1]),
        pd.Index(["a"]),
        pd.RangeIndex(3),
        pd.Index([1.5]),
        pd.MultiIndex.from_tuples([(1, "a")]),
        pd.date_range("2020", periods=2),
        pd.timedelta_range(0, periods=2),
        pd.period_range("2020", periods=2, freq="D"),
        pd.interval_range(0, 2),
        pd.CategoricalIndex(["a"]),
        pd.Timestamp("2020"),
        pd.Timestamp("2020", tz="Europe/Berlin"),
        pd.Timedelta(1),
        pd.NaT,
        pd.Interval(0, 1),
        pd.Period("2020-01"),
        pd.date_range("2020", periods=2, freq="B"),
    ):
        yield value
    for name in ("Int64", "string", "boolean", "category", "Sparse[int]", "Float64"):
        try:
            yield pd.Series([1, 0]).astype(name)
        except Exception:
            continue
    for freq in ("D", "H", "T", "S", "W", "M", "MS", "Q", "QS", "A", "AS", "B", "BM", "C", "SM"):
        try:
            yield pd.tseries.frequencies.to_offset(freq)
        except Exception:
            continue


def of_scipy():
    """Yield sparse containers, trees, interpolators, distributions."""
    from scipy import interpolate, optimize, sparse, spatial, stats

    dense = np.eye(3)
    for name in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil"):
        yield getattr(sparse, name + "_matrix")(dense)
    yield spatial.cKDTree(X)
    yield spatial.KDTree(X)
    line = np.arange(6.0)
    for name in (
        "interp1d",
        "CubicSpline",
        "PchipInterpolator",
        "UnivariateSpline",
        "InterpolatedUnivariateSpline",
        "make_interp_spline",
        "splrep",
    ):
        try:
            yield getattr(interpolate, name)(line, line**2)
        except Exception:
            continue
    for name in ("norm", "uniform", "randint", "expon", "beta", "gamma", "loguniform", "poisson"):
        kind = getattr(stats, name, None)
        for args in ((), (1,), (1, 2)):
            try:
                yield kind(*args)
            except Exception:
                continue
    yield stats.gaussian_kde(X[:, 0])
    yield optimize.minimize(lambda v: (v**2).sum(), [1.0, 2.0])


def of_boosting():
    """Yield lightgbm and xgboost models."""
    try:
        import lightgbm
    except ImportError:
        pass
    else:
        yield lightgbm.LGBMClassifier(n_estimators=2).fit(X, Y)
        yield lightgbm.LGBMRegressor(n_estimators=2).fit(X, YR)
    import xgboost

    yield xgboost.XGBClassifier(n_estimators=2).fit(X, Y)
    yield xgboost.XGBRegressor(n_estimators=2).fit(X, YR)


def of_statistics():
    """Yield statsmodels results."""
    import pandas as pd
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    x = sm.add_constant(X)
    yield sm.OLS(YR, x).fit()
    yield sm.GLM(YR, x).fit()
    yield smf.ols("y ~ a", pd.DataFrame({"y": YR, "a": X[:, 1]})).fit()
    series = pd.Series(
        np.random.RandomState(0).normal(size=60).cumsum() + 50,
        index=pd.date_range("2000", periods=60, freq="MS"),
    )
    yield sm.Logit(Y, np.random.RandomState(1).normal(size=(24, 2))).fit(disp=0)
    yield sm.tsa.SARIMAX(series, order=(1, 0, 0)).fit(disp=0)
    yield sm.tsa.ARIMA(series, order=(1, 0, 0)).fit()


def of_gensim():
    """Yield gensim models."""
    from gensim import corpora, models

    words = [["a", "b", "c"], ["b", "c", "d"]] * 10
    dictionary = corpora.Dictionary(words)
    bags = [dictionary.doc2bow(one) for one in words]
    yield dictionary
    for build in (
        lambda: models.Word2Vec(words, min_count=1),
        lambda: models.LdaModel(bags, 2),
        lambda: models.FastText(words, min_count=1),
        lambda: models.TfidfModel(bags),
        lambda: models.Phrases(words),
        lambda: models.LsiModel(bags, num_topics=2),
    ):
        try:
            yield build()
        except Exception:
            continue


if __name__ == "__main__":
    main(sys.argv[1])
