"""What a state may do to an instance: give it attributes, once, and nothing else."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from sentinel.errors import TrustError
from sentinel.trust.load.joblib_file import load_pickle
from tests.trust.load import kit

CLASS = kit.by_stack("sklearn.linear_model._logistic", "LogisticRegression")
LOG = kit.by_stack("numpy", "log1p")


def _text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def _state(*pairs: tuple[str, bytes]) -> bytes:
    return b"}(" + b"".join(_text(key) + value for key, value in pairs) + b"u"


def _load(code: bytes) -> Any:
    return load_pickle(b"\x80\x04" + code + b".")


def _refused(code: bytes) -> str:
    return kit.refusal(b"\x80\x04" + code + b".").reason


def test_plain_attributes_are_given() -> None:
    found = _load(kit.made(CLASS) + _state(("C", b"K\x05"), ("anything_", b"N")) + b"b")
    assert type(found) is LogisticRegression
    assert found.C == 5
    assert vars(found) == {"C": 5, "anything_": None}


@pytest.mark.parametrize(
    "key", ["__class__", "__dict__", "__setstate__", "__reduce__", "__call__", "__len__", "__x"]
)
def test_names_of_the_language_are_no_attributes(key: str) -> None:
    assert _refused(kit.made(CLASS) + _state((key, LOG)) + b"b") == "not-allowed"


@pytest.mark.parametrize("key", ["predict", "fit", "get_params", "_validate_params", "score",
                                 "set_fit_request", "_repr_html_"])  # fmt: skip
def test_a_method_is_not_replaced(key: str) -> None:
    assert hasattr(LogisticRegression, key)
    assert _refused(kit.made(CLASS) + _state((key, LOG)) + b"b") == "not-allowed"


def test_what_a_class_keeps_for_itself_is_not_hidden() -> None:
    # The algorithm of an SVM says how long its arrays have to be.
    svr = kit.by_stack("sklearn.svm._classes", "SVR")
    assert (
        _refused(kit.made(svr) + _state(("_impl", b"X\x05\x00\x00\x00c_svc")) + b"b")
        == "not-allowed"
    )
    lars = kit.by_stack("sklearn.linear_model._least_angle", "LassoLars")
    assert _load(kit.made(lars) + _state(("positive", b"\x88")) + b"b").positive is True


def test_a_class_takes_no_state() -> None:
    before = dict(vars(LogisticRegression))
    slots = b"N" + _state(("predict", LOG)) + b"\x86b"
    for code in (CLASS + slots, CLASS + _state(("C", b"N")) + b"b"):
        assert _refused(code) == "not-allowed"
    assert dict(vars(LogisticRegression)) == before


def test_a_function_and_a_type_of_numbers_take_no_state() -> None:
    for module, name in (
        ("numpy", "float64"), ("numpy", "log1p"), ("builtins", "dict"),
        ("sklearn.feature_selection._univariate_selection", "f_classif"),
    ):  # fmt: skip
        name_code = kit.by_stack(module, name)
        for state in (_state(("__defaults__", b")")), b"N" + _state(("x", b"N")) + b"\x86"):
            assert _refused(name_code + state + b"b") == "not-allowed"


def test_slots_are_not_set() -> None:
    slots = b"N" + _state(("__class__", LOG)) + b"\x86b"
    assert _refused(kit.made(CLASS) + slots) == "not-allowed"


def test_a_state_comes_once() -> None:
    once = kit.made(CLASS) + _state(("C", b"K\x05")) + b"b"
    assert _load(once).C == 5
    assert _refused(once + _state(("C", b"K\x06")) + b"b") == "not-allowed"


@pytest.mark.parametrize("state", [b"N", b"K\x05", b"]", b")", b"}K\x01K\x02s"])
def test_a_state_is_a_dict_of_text(state: bytes) -> None:
    assert _refused(kit.made(CLASS) + state + b"b") in ("not-allowed", "unsafe-values")


@pytest.mark.parametrize(
    "code", [b"]K\x01K\x02s", b"}K\x01a", b")K\x01a", b"K\x05K\x01a", b"X\x01\x00\x00\x00xK\x01a"]
)
def test_only_lists_and_dicts_are_filled(code: bytes) -> None:
    assert _refused(code) == "not-allowed"


def test_an_estimator_is_no_list_and_no_dict() -> None:
    for code in (b"K\x01a", b"(K\x01e", b"K\x01K\x02s", b"(K\x01K\x02u", b"(K\x01\x90"):
        assert _refused(kit.made(CLASS) + code) == "not-allowed"


@pytest.mark.parametrize("make", [b"}", b"\x8f"])
def test_deep_keys_are_refused(make: bytes) -> None:
    # Hashing nested tuples goes as deep as they do, without a bound.
    deep = b"N" + b"\x85" * 100_000
    code = make + (deep + b"N" + b"s" if make == b"}" else b"(" + deep + b"\x90")
    assert _refused(code) == "not-allowed"
    assert _refused(b"(" + deep + b"\x91") == "not-allowed"
    shallow = b"N" + b"\x85" * 3
    assert _load(b"}" + shallow + b"Ns") == {(((None,),),): None}


def test_an_instance_is_no_key() -> None:
    assert _refused(b"}" + kit.made(CLASS) + b"Ns") == "not-allowed"


def test_functions_that_models_hold_are_held() -> None:
    found = load_pickle(pickle.dumps(FunctionTransformer(np.log1p).fit([[1.0]])))
    assert found.transform([[0.0]]) == 0.0


def test_functions_of_the_user_are_not() -> None:
    assert kit.refusal(pickle.dumps(FunctionTransformer(print))).reason == "not-allowed"


@pytest.mark.parametrize(
    "value",
    [1, -1, 1 << 200, -(1 << 200), 1.5, "text", "\ud800", b"bytes", bytearray(b"x"), None, True, [],
     {}, set(), frozenset((1, 2)), (1, (2, 3)), [[1], {"a": {1, 2}}], slice(1, None), 1e308, ""],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("protocol", range(6))
def test_plain_values_come_back(value: object, protocol: int) -> None:
    found = load_pickle(kit.pickled(value, protocol))
    assert found == value
    assert type(found) is type(value)


def test_shared_and_circular_values_come_back() -> None:
    shared = [1]
    loop: list[Any] = [shared, shared]
    loop.append(loop)
    found: Any = load_pickle(kit.pickled(loop))
    assert found[0] is found[1]
    assert found[2] is found


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"", "truncated"), (b"K", "truncated"), (b"B\xff\xff\xff\xffx", "truncated"),
        (b"\x96" + b"\xff" * 7 + b"\x00", "truncated"), (b"\x95" + b"\xff" * 8, "truncated"),
        (b".", "malformed"), (b"K\x01K\x02.", "malformed"), (b"(K\x01.", "malformed"),
        (b"t.", "malformed"), (b"h\x05.", "malformed"), (b"K\x01R.", "malformed"),
        (b"\x80\x09N.", "malformed"), (b"Inone\n.", "malformed"), (b"X\x01\x00\x00\x00\xff.",
        "malformed"), (b"}(K\x01u.", "malformed"), (b"N.N.", "malformed"), (b"p-1\n.", "malformed"),
        (b"I" + b"9" * 5_000 + b"\n.", "malformed"),
    ],
)  # fmt: skip
def test_broken_pickles_are_one_clear_error(code: bytes, reason: str) -> None:
    assert kit.refusal(code).reason == reason


def test_truncated_files_are_one_clear_error() -> None:
    data = kit.pickled(LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(TrustError):
            load_pickle(data[:end])
