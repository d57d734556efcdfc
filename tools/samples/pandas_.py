"""pandas: frames and series of every index and column type, offsets, extension arrays."""

from __future__ import annotations

import datetime
import warnings

import numpy as np
import pandas as pd

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield frames, series, indexes, scalars, types, offsets."""
    warnings.simplefilter("ignore")
    yield from _frames()
    yield from _indexes()
    yield from _scalars()


def _frames() -> Labelled:
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
            "p": pd.period_range("2020", periods=2, freq="M"),
            "v": pd.interval_range(0, 2),
        }
    )
    yield "frame", frame
    yield "views", [frame.iloc[:1], frame["i"], frame.T, frame[["i", "f"]], frame.set_index("s")]
    for name in (
        "Int8",
        "Int64",
        "UInt8",
        "Float32",
        "Float64",
        "boolean",
        "string",
        "object",
        "string[python]",
        "string[pyarrow]",
        "Sparse[int]",
        "category",
        "int64[pyarrow]",
    ):
        yield from attempt(name, lambda name=name: pd.Series([1, 0]).astype(name))
        yield from attempt(name, lambda name=name: pd.Series(["a", "b"], dtype=name))
        yield from attempt(name, lambda name=name: pd.api.types.pandas_dtype(name))
    yield from attempt("sparse", lambda: pd.arrays.SparseArray([0, 1]))
    yield "grouped", frame.groupby("s")
    yield "rolling", [frame["f"].rolling(2), frame["f"].expanding(), frame["f"].ewm(1)]
    yield "flags", [frame.attrs, frame.flags.allows_duplicate_labels]
    yield "multi", frame.set_index(["s", "i"])
    yield "empty", [pd.DataFrame(), pd.Series(dtype=float)]
    yield (
        "classes",
        [
            pd.DataFrame,
            pd.Series,
            pd.Index,
            pd.Timestamp,
            pd.Categorical,
            pd.concat,
            pd.isna,
            pd.isnull,
            pd.notna,
            pd.to_datetime,
            pd.to_numeric,
            pd.get_dummies,
            pd.cut,
            pd.qcut,
            pd.factorize,
        ],
    )


def _indexes() -> Labelled:
    yield (
        "indexes",
        [
            pd.Index([1]),
            pd.Index(["a"]),
            pd.RangeIndex(3),
            pd.MultiIndex.from_tuples([(1, "a")]),
            pd.date_range("2020", periods=2),
            pd.date_range("2020", periods=2, tz="Europe/Berlin"),
            pd.timedelta_range(0, periods=2),
            pd.period_range("2020", periods=2, freq="D"),
            pd.interval_range(0, 2),
            pd.CategoricalIndex(["a"]),
            pd.Index([1.5]),
            pd.Index([], object),
            pd.Index([True]),
            pd.date_range("2020", periods=2, freq="B"),
        ],
    )
    for freq in (
        "D",
        "h",
        "min",
        "s",
        "ms",
        "us",
        "ns",
        "W",
        "W-MON",
        "ME",
        "MS",
        "QE",
        "QS",
        "YE",
        "YS",
        "B",
        "BME",
        "BMS",
        "SME",
        "SMS",
        "C",
        "bh",
        "cbh",
        "BQE",
        "BQS",
        "BYE",
        "BYS",
        "WOM-1MON",
        "LWOM-MON",
        "REQ-N-DEC-MON-1",
        "RE-N-DEC-MON",
        "CBME",
        "CBMS",
    ):
        yield from attempt(freq, lambda freq=freq: pd.tseries.frequencies.to_offset(freq))
        yield from attempt(freq, lambda freq=freq: pd.Period("2020", freq))
    for name in pd.offsets.__all__:
        yield from attempt(name, getattr(pd.offsets, name))
    yield from attempt("holidays", _holidays)


def _scalars() -> Labelled:
    yield (
        "scalars",
        [
            pd.Timestamp("2020"),
            pd.Timestamp("2020", tz="Europe/Berlin"),
            pd.Timedelta(1),
            pd.NaT,
            pd.NA,
            pd.Period("2020-01"),
            pd.Interval(0, 1),
            pd.Timestamp("2020", tz="UTC"),
            pd.Timestamp("2020", tz=datetime.timezone(datetime.timedelta(hours=1))),
        ],
    )
    yield (
        "types",
        [
            pd.CategoricalDtype(["a"]),
            pd.DatetimeTZDtype(tz="UTC"),
            pd.PeriodDtype("D"),
            pd.IntervalDtype("int64"),
            pd.Int64Dtype(),
            pd.StringDtype(),
            pd.BooleanDtype(),
            pd.SparseDtype(float),
            pd.CategoricalDtype(ordered=True),
            np.dtype("M8[ns]"),
        ],
    )

    from dateutil import relativedelta, rrule, tz

    yield (
        "dateutil",
        [
            relativedelta.relativedelta(days=1),
            tz.tzutc(),
            tz.gettz("Europe/Berlin"),
            tz.tzlocal(),
            tz.tzoffset("a", 3600),
            rrule.MO,
            relativedelta.MO(1),
        ],
    )


def _holidays() -> object:
    from pandas.tseries import holiday

    return holiday.USFederalHolidayCalendar()
