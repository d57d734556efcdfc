"""numpy: arrays, scalars, types, generators, functions by name."""

from __future__ import annotations

import numpy as np

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield arrays of every kind, scalars, dtypes, generators, polynomials, functions."""
    yield (
        "arrays",
        [
            np.arange(3),
            np.zeros((2, 2), order="F"),
            np.array(["a"]),
            np.array([b"a"]),
            np.array([1, None], dtype=object),
            np.array([True]),
            np.zeros(2, "M8[ns]"),
            np.zeros(2, "m8[s]"),
            np.zeros(2, [("a", "f4"), ("b", "i8", 2)]),
            np.zeros(0),
            np.array(["a"], dtype=np.dtypes.StringDType()),
        ],
    )
    yield "big array", np.zeros(1000)
    yield (
        "views",
        [
            np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
            np.ma.array([1, 2], mask=[0, 1]),
            np.ma.masked,
            np.matrix([[1]]),
            np.char.array(["a"]),
            np.zeros(2, "f4")[0],
        ],
    )
    kinds = [np.dtype(code) for code in "?bBhHiIlLqQefdgFDGSUV"]
    yield "dtypes", [*kinds, np.dtype("M8[ns]"), np.dtype(object), np.dtype(">f4")]
    yield "dtype classes", [getattr(np.dtypes, name) for name in np.dtypes.__all__]
    yield (
        "types",
        [
            getattr(np, name)
            for name in dir(np)
            if isinstance(getattr(np, name), type) and issubclass(getattr(np, name), np.generic)
        ],
    )
    yield (
        "scalars",
        [
            np.float64(1),
            np.int32(1),
            np.bool_(1),
            np.str_("a"),
            np.bytes_(b"a"),
            np.datetime64("2020-01-01"),
            np.timedelta64(1, "D"),
            np.complex64(1),
            np.float16(1),
        ],
    )
    yield from _random()
    yield (
        "polynomials",
        [
            np.poly1d([1, 2]),
            np.polynomial.Polynomial([1]),
            np.polynomial.Chebyshev([1]),
            np.polynomial.Legendre([1]),
            np.polynomial.Hermite([1]),
            np.polynomial.HermiteE([1]),
            np.polynomial.Laguerre([1]),
        ],
    )
    yield "ufuncs", [value for value in vars(np).values() if isinstance(value, np.ufunc)]
    for name in _FUNCTIONS:
        yield from attempt(name, lambda name=name: getattr(np, name))
    yield "helpers", [np.ndarray, np.dtype, np.finfo(np.float32), np.iinfo(np.int8), np.s_]
    yield from attempt("nan", lambda: np.lib.mixins.NDArrayOperatorsMixin)
    yield "classes", [np.ma.MaskedArray, np.recarray, np.record, np.matrix, np.generic, np.number]


_FUNCTIONS = [
    "mean",
    "median",
    "std",
    "var",
    "sum",
    "prod",
    "min",
    "max",
    "amin",
    "amax",
    "argmin",
    "argmax",
    "nanmean",
    "nanmedian",
    "nanstd",
    "nanvar",
    "nansum",
    "nanmin",
    "nanmax",
    "percentile",
    "quantile",
    "log1p",
    "expm1",
    "clip",
    "round",
    "around",
    "where",
    "unique",
    "sort",
    "argsort",
    "cumsum",
    "cumprod",
    "diff",
    "ravel",
    "reshape",
    "squeeze",
    "transpose",
    "dot",
    "linspace",
    "arange",
    "zeros",
    "ones",
    "concatenate",
    "stack",
    "hstack",
    "vstack",
    "ptp",
    "average",
    "count_nonzero",
    "array",
    "asarray",
    "abs",
    "absolute",
    "identity",
    "isnan",
    "nan_to_num",
    "all",
    "any",
    "size",
    "shape",
    "ndim",
    "cov",
    "corrcoef",
    "histogram",
    "interp",
    "trapezoid",
    "gradient",
    "convolve",
    "array_equal",
    "array2string",
]


def _random() -> Labelled:
    yield "random state", [np.random.RandomState(1), np.random.RandomState]
    for name in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        kind = getattr(np.random, name)
        yield name, [np.random.Generator(kind(1)), kind(2), np.random.RandomState(kind(3))]
    yield "seeds", [np.random.SeedSequence(1), np.random.default_rng(1), np.random.Generator]
    yield "global state", np.random.get_state()
