"""numpy, scipy and pandas."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from tests.corpus.benign.save import Saver

OPCODES = b"(S'x'\ntRcq.\x80\x04)\x94b0" * 16
"""Bytes of an array that are opcodes to a reader who takes it for a pickle."""


def numpy(save: Saver) -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    arrays: dict[str, Any] = {
        "floats": rng.normal(size=(5, 4)), "ints": np.arange(10, dtype="i2"), "empty": np.zeros(0),
        "zero-d": np.array(3.5), "bool": np.array([True, False]), "complex": np.array([1 + 2j]),
        "text": np.array(["a", "bcd"]), "bytes": np.array([b"a", b"bc"]),
        "dates": np.array(["2026-01-01"], "M8[D]"), "deltas": np.array([1, 2], "m8[s]"),
        "half": np.ones(3, "f2"), "big-endian": np.ones(3, ">f8"), "fortran": np.asfortranarray(
            np.ones((3, 2))), "structured": np.array([(1, 2.0, "x")], [("a", "i4"), ("b", "f8"),
            ("c", "U3")]), "nested": np.zeros(2, [("p", [("x", "f4"), ("y", "f4", (2,))])]),
        "looks-like-opcodes": np.frombuffer(OPCODES, "u1"),
    }  # fmt: skip
    for name, array in arrays.items():
        save.make(f"{name}.npy", lambda path, a=array: np.save(path, a))
        save.pickle(name, array, 0, 2, 4, 5)
    for version in ((1, 0), (2, 0), (3, 0)):
        file = io.BytesIO()
        np.lib.format.write_array(file, np.ones(3), version=version)
        save.bytes(f"version-{version[0]}.npy", file.getvalue())
    save.make("several.npz", lambda path: np.savez(path, **arrays))
    save.make("several-packed.npz", lambda path: np.savez_compressed(path, **arrays))
    objects = np.array(["a", None, 1.5, ("x", 2)], dtype=object)
    save.make("objects.npy", lambda path: np.save(path, objects, allow_pickle=True))
    save.make("objects.npz", lambda path: np.savez(path, objects, allow_pickle=True))
    values: dict[str, Any] = {
        "scalars": [np.float32(1), np.bool_(True), np.str_("a"), np.datetime64("2026")],
        "dtypes": [np.dtype("f4"), np.dtype([("a", "i4"), ("b", "S2")]), np.dtype(">i2")],
        "random": [np.random.default_rng(1), np.random.RandomState(2), np.random.PCG64(3)],
        "seeds": [np.random.SeedSequence(1), np.random.MT19937(1)],
        "masked": np.ma.masked_array([1, 2], [True, False]), "objects": objects,
        "matrix-like": np.broadcast_to(np.arange(3), (2, 3)).copy(), "poly": np.poly1d([1, 2]),
        "polynomial": np.polynomial.Polynomial([1, 2, 3]), "ufuncs": [np.add, np.exp, np.log1p],
        "functions": [np.mean, np.linalg.norm, np.concatenate], "record": np.rec.array(
            [(1, "a")], [("n", "i4"), ("t", "U2")]), "vectorised": np.vectorize(len),
        "weights": {f"layer{n}": rng.normal(size=(8, 8)) for n in range(60)},
    }  # fmt: skip
    for name, value in values.items():
        save.pickle(f"value-{name}", value, 2, 4, 5)


def scipy(save: Saver) -> None:
    import numpy as np
    from scipy import interpolate, optimize, sparse, spatial, stats

    matrix = sparse.random(20, 20, 0.1, random_state=0)
    for kind in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia"):
        save.pickle(f"sparse-{kind}", matrix.asformat(kind), 2, 4)
        save.pickle(f"sparse-array-{kind}", sparse.csr_array(matrix).asformat(kind), 4)
        if kind not in ("lil", "dok"):
            save.make(f"{kind}.npz", lambda path, k=kind: sparse.save_npz(path, matrix.asformat(k)))
    x = np.linspace(0, 1, 9)
    values = {
        "distributions": [stats.norm(0, 2), stats.uniform(), stats.randint(1, 9)],
        "kde": stats.gaussian_kde(x + x**2),
        "interpolators": [interpolate.CubicSpline(x, x), interpolate.interp1d(x, x),
                          interpolate.PchipInterpolator(x, x), interpolate.BSpline(x, x[:5], 3)],
        "trees": [spatial.cKDTree(x[:, None]), spatial.KDTree(x[:, None])],
        "rotation": spatial.transform.Rotation.from_euler("x", 1),
        "result": optimize.minimize_scalar(np.cos),
        "bounds": optimize.Bounds([0], [1]),
        "regression": stats.linregress(x, x + 1),
    }  # fmt: skip
    for name, value in values.items():
        save.pickle(name, value, 2, 4, 5)


def pandas(save: Saver) -> None:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(
        {
            "n": np.arange(6.0), "i": range(6), "s": list("abcdef"), "b": [True, False] * 3,
            "when": pd.date_range("2026-01-01", periods=6), "kind": pd.Categorical(list("xyxyxy")),
        }
    )  # fmt: skip
    values: dict[str, Any] = {
        "frame": frame, "series": frame["n"], "index": frame.index, "empty": pd.DataFrame(),
        "multi-index": frame.set_index(["s", "i"]), "zoned": frame["when"].dt.tz_localize("UTC"),
        "nullable": pd.array([1, None], dtype="Int64"), "strings": pd.array(["a", None], "string"),
        "intervals": pd.interval_range(0, 3), "periods": pd.period_range("2026-01", periods=3),
        "deltas": pd.to_timedelta([1, 2], unit="h"), "stamp": pd.Timestamp("2026-01-01", tz="UTC"),
        "offset": [pd.offsets.MonthEnd(), pd.DateOffset(days=1)], "sparse": pd.arrays.SparseArray(
            [0, 0, 1]), "categories": frame["kind"].cat.categories, "na": [pd.NA, pd.NaT],
        "objects": pd.Series([{"a": 1}, [1], "x"]), "wide": pd.DataFrame(np.ones((3, 200))),
        "interval": pd.Interval(0, 1), "range": pd.RangeIndex(5),
    }  # fmt: skip
    for name, value in values.items():
        save.pickle(name, value, 2, 4, 5)
    writers: dict[str, Callable[..., Any]] = {
        suffix: lambda path: frame.to_pickle(path)
        for suffix in ("pkl", "pkl.gz", "pkl.bz2", "pkl.xz", "pkl.zip", "pkl.tar", "pkl.zst")
    }
    for suffix, write in writers.items():
        save.make(f"to-pickle.{suffix}", write)
    save.make("no-suffix", lambda path: frame.to_pickle(path, compression="gzip"))
