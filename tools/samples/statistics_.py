"""statsmodels: fitted results."""

from __future__ import annotations

import warnings

import numpy as np

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield results of the common models, with arrays, formulas and time series."""
    warnings.simplefilter("ignore")
    yield from _regressions()
    yield from _series()


def _regressions() -> Labelled:
    import pandas as pd
    import statsmodels.api as sm
    import statsmodels.formula.api as smf

    x = sm.add_constant(np.random.default_rng(0).normal(size=(40, 2)))
    y = x[:, 1] * 2 + 1 + np.random.default_rng(1).normal(size=40)
    labels = (y > y.mean()).astype(float)
    counts = np.arange(40) % 5
    for name in ("OLS", "WLS", "GLS", "RLM", "GLSAR"):
        yield from attempt(name, lambda name=name: getattr(sm, name)(y, x).fit())
    yield from attempt("quantile", lambda: sm.QuantReg(y, x).fit())
    yield from attempt("logit", lambda: sm.Logit(labels, x).fit(disp=0))
    yield from attempt("probit", lambda: sm.Probit(labels, x).fit(disp=0))
    yield from attempt("multi", lambda: sm.MNLogit(counts, x).fit(disp=0))
    yield from attempt("poisson", lambda: sm.Poisson(counts, x).fit(disp=0))
    yield from attempt("negative", lambda: sm.NegativeBinomial(counts, x).fit(disp=0))
    families = sm.families
    for family in (
        families.Gaussian(),
        families.Poisson(),
        families.Gamma(),
        families.Binomial(),
        families.NegativeBinomial(),
        families.Tweedie(),
        families.InverseGaussian(),
    ):
        yield from attempt("family", lambda f=family: f)
        yield from attempt("glm", lambda f=family: sm.GLM(np.abs(labels) + 0.5, x, f).fit())
    frame = pd.DataFrame({"y": y, "a": x[:, 1], "g": np.arange(40) % 4})
    for name in ("ols", "wls", "rlm", "quantreg", "glm"):
        yield from attempt(name, lambda n=name: getattr(smf, n)("y ~ a + C(g)", frame).fit())
    yield from attempt("mixed", lambda: smf.mixedlm("y ~ a", frame, groups=frame["g"]).fit())
    yield from attempt("gee", lambda: smf.gee("y ~ a", "g", frame).fit())
    yield from attempt("smooth", lambda: sm.nonparametric.KDEUnivariate(y))
    yield from attempt("pca", lambda: sm.PCA(x))


def _series() -> Labelled:
    import pandas as pd
    import statsmodels.api as sm
    from statsmodels.tsa import holtwinters, seasonal

    rng = np.random.default_rng(0)
    values = pd.Series(
        rng.normal(size=60).cumsum() + 50, index=pd.date_range("2000", periods=60, freq="MS")
    )
    tsa = sm.tsa
    yield from attempt("arima", lambda: tsa.ARIMA(values, order=(1, 1, 0)).fit())
    yield from attempt("sarimax", lambda: tsa.SARIMAX(values, order=(1, 0, 0)).fit(disp=0))
    yield from attempt("ar", lambda: tsa.AutoReg(values, 2).fit())
    yield from attempt("holt", lambda: holtwinters.ExponentialSmoothing(values, trend="add").fit())
    yield from attempt("simple", lambda: holtwinters.SimpleExpSmoothing(values).fit())
    yield from attempt("components", lambda: tsa.UnobservedComponents(values, "llevel").fit(disp=0))
    yield from attempt("var", lambda: tsa.VAR(rng.normal(size=(60, 2))).fit(1))
    yield from attempt("seasonal", lambda: seasonal.seasonal_decompose(values))
    yield from attempt("stl", lambda: seasonal.STL(values, period=12).fit())
    yield from attempt("ets", lambda: tsa.ETSModel(values).fit(disp=0))
