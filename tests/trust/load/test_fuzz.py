"""Random opcodes and random damage: one clear error or an object, and never anything else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sentinel.errors import TrustError
from sentinel.trust.load.joblib_file import load_pickle
from sentinel.trust.load.opcodes import OPCODES
from sentinel.trust.reasons import REASONS
from tests.trust.load import kit

NAMES = [
    kit.by_stack(module, name)
    for module, name in (
        ("sklearn.linear_model._logistic", "LogisticRegression"), ("numpy", "dtype"),
        ("numpy", "ndarray"), ("numpy._core.multiarray", "_reconstruct"), ("builtins", "slice"),
        ("builtins", "bytearray"), ("collections", "OrderedDict"), ("collections", "defaultdict"),
        ("copyreg", "_reconstructor"), ("builtins", "object"), ("numpy", "float64"),
        ("numpy._core.multiarray", "scalar"), ("sklearn.tree._tree", "Tree"),
        ("sklearn.neighbors._kd_tree", "newObj"), ("sklearn.neighbors._kd_tree", "KDTree"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper"), ("os", "system"),
    )
]  # fmt: skip
PIECES = st.sampled_from(
    [
        *(bytes((code,)) for code in OPCODES), *NAMES, b"K\x01", b"K\x00", b"X\x02\x00\x00\x00f8",
        b"X\x01\x00\x00\x00C", b"C\x08abcdefgh", b"N", b")", b"}", b"]", b"\x85", b"\x86", b"\x87",
        b"R", b"\x81", b"b", b"q\x00", b"h\x00", b"\x94", b"\x89", b"\x88",
    ]
)  # fmt: skip
MODEL = kit.pickled(
    {
        "m": LogisticRegression().fit([[0.0], [1.0]], [0, 1]),
        "a": np.arange(4),
        "o": np.array([None]),
    }
)


def _loads_or_says_why(data: bytes) -> None:
    refusal = None
    try:
        load_pickle(data)
    except TrustError as error:
        refusal = error
    assert refusal is None or (refusal.reason in REASONS and "\n" not in refusal.message)


@given(st.lists(PIECES, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_opcodes(pieces: list[bytes]) -> None:
    _loads_or_says_why(b"\x80\x04" + b"".join(pieces) + b".")


@given(st.integers(0, len(MODEL) - 1), st.binary(min_size=1, max_size=3))
@settings(max_examples=250, deadline=None)
def test_any_damage(at: int, new: bytes) -> None:
    _loads_or_says_why(MODEL[:at] + new + MODEL[at + len(new) :])
