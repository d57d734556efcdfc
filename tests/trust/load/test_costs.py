"""Small pickles that would take much memory or time, and large ones that take what they hold."""

from __future__ import annotations

import pickle
import struct

import numpy as np
import pytest

from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load.kit import _text, refusal

HEAD = b"\x80\x04"
RAW = b"B" + struct.pack("<I", 1 << 20) + bytes(1 << 20) + b"q\x000"
STATE = b"}(" + b"".join(_text(f"a{at}") + b"N" for at in range(5_000)) + b"uq\x000"
NUMBERS = b"](" + b"".join(b"M" + struct.pack("<H", at) for at in range(10_000)) + b"eq\x000"


@pytest.mark.parametrize(
    ("once", "again"),
    [
        (RAW, b"cbuiltins\nbytearray\nh\x00\x85R"),
        (STATE, b"csklearn.linear_model._base\nLinearRegression\n)\x81h\x00b"),
        (NUMBERS, b"cbuiltins\nfrozenset\nh\x00\x85R"),
    ],
)
def test_what_is_written_once_is_not_made_without_end(once: bytes, again: bytes) -> None:
    many = HEAD + once + b"](" + again * 3_000 + b"e."
    assert refusal(many).reason == "too-large"
    found = load_pickle(HEAD + once + b"](" + again * 3 + b"e.")
    assert isinstance(found, list)
    assert len(found) == 3


@pytest.mark.parametrize(
    "key",
    [b"(" + b"K\x01" * 65 + b"t", b"((" + b"K\x01" * 33 + b"t(" + b"K\x01" * 33 + b"tt",
     b"\x8a\x11" + b"\x7f" * 17],
    ids=["long", "long in parts", "a large number"],
)  # fmt: skip
def test_keys_that_take_long_to_hash_are_refused(key: bytes) -> None:
    assert refusal(HEAD + b"}" + key + b"Ns.").reason == "not-allowed"


@pytest.mark.parametrize("key", [tuple(range(64)), 2**100, ("a", (1, 2.5))])
def test_keys_of_models_are_not(key: object) -> None:
    assert load_pickle(pickle.dumps({key: 1})) == {key: 1}


def test_an_array_costs_what_it_holds() -> None:
    array = np.zeros(12_000_000)
    found = load_pickle(pickle.dumps([array, array.astype("f4")], 4))
    assert isinstance(found, list)
    assert found[0].shape == array.shape


def test_a_long_line_and_a_short_one_are_read() -> None:
    assert load_pickle(b"V" + b"a" * 5_000 + b"\n.") == "a" * 5_000
    assert load_pickle(b"Va\n.") == "a"
