"""Hostile pickles whose attributes and items become calls, each with an ordinary neighbour."""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

import pytest

from sentinel import Verdict, scan_bytes
from tests.kit.assemble import APPEND, BUILD, EMPTY_TUPLE, NEWOBJ, SETITEM, Code
from tests.rules.bypass_kit import ECHO, SHELL, P, flagged, fresh, scan

INSTANCE = P.name("types", "SimpleNamespace") + EMPTY_TUPLE + NEWOBJ
PLANTS = {
    "setstate": INSTANCE + P.value({"__setstate__": SHELL}) + BUILD + P.value(ECHO) + BUILD,
    "append": INSTANCE + P.value({"append": SHELL}) + BUILD + P.value(ECHO) + APPEND,
    "new": INSTANCE + P.value({"__new__": SHELL}) + BUILD + P.value((ECHO,)) + NEWOBJ,
    "class": INSTANCE + P.value((None, {"__class__": SHELL})) + BUILD,
    "computed-key": INSTANCE
    + P.value({P.call("builtins", "str.join", "", ["__set", "state__"]): SHELL})
    + BUILD
    + P.value(ECHO)
    + BUILD,
    "made-mapping": INSTANCE
    + P.call("builtins", "dict", [("__setstate__", SHELL)])
    + BUILD
    + P.value(ECHO)
    + BUILD,
    "memory": INSTANCE
    + P.value({"__array_interface__": {"data": (4096, False), "shape": (8,), "typestr": "|u1"}})
    + BUILD,
}


@pytest.mark.parametrize("body", PLANTS.values(), ids=PLANTS)
def test_a_method_planted_in_an_instance_is_a_call_in_disguise(body: Code) -> None:
    assert flagged(scan(body))


def test_a_method_is_seen_behind_hundreds_of_plain_states_of_its_class() -> None:
    plain = INSTANCE + P.value({"a": 1}) + BUILD
    assert flagged(scan(P.value([*[plain] * 300, PLANTS["setstate"]])))
    assert scan(P.value([plain] * 301)).verdict is Verdict.CLEAN


def test_a_method_is_seen_behind_hundreds_of_plain_attributes() -> None:
    plain: dict[str, Any] = {f"attribute{number}": number for number in range(300)}
    planted = P.value({**plain, "__setstate__": SHELL})
    again = BUILD + P.value(ECHO) + BUILD
    assert flagged(scan(INSTANCE + planted + again))
    late = P.value({**plain, **{f"{n}": 1 for n in range(8000)}}) + P.value("__setstate__")
    assert flagged(scan(INSTANCE + late + SHELL + SETITEM + again))
    assert not flagged(scan(INSTANCE + P.value({**plain, "function": SHELL}) + BUILD))


def test_attributes_of_such_names_that_nothing_runs_into_raise_nothing() -> None:
    value = SimpleNamespace(append=True, add=len, extend="text")
    assert scan_bytes(pickle.dumps(value), "m.pkl").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "owner",
    [
        P.call("builtins", "getattr", P.name("torch.nn", "Module"), "forward"),
        P.call("builtins", "type", P.call("decimal", "Decimal", "1")),
    ],
    ids=["getattr", "type"],
)
def test_state_stored_into_what_was_looked_up_changes_the_program(owner: Code) -> None:
    assert flagged(scan(owner + P.value((None, {"scale": 2})) + BUILD))
    assert not flagged(scan(INSTANCE + P.value((None, {"scale": 2})) + BUILD))


def test_a_class_made_out_of_names_is_not_ordinary_while_asking_for_a_class_is() -> None:
    made = P.call(
        "builtins", "type", "X", (), {"__call__": P.call("builtins", "staticmethod", SHELL)}
    )
    assert flagged(scan(P.apply(P.apply(made), ECHO)))
    assert not flagged(scan_bytes(pickle.dumps([type(None), type(Ellipsis)]), "m.pkl"))


ANSWERED = {
    "bunch": fresh("sklearn.utils._bunch", "Bunch") + P.join("append", SHELL) + SETITEM,
    "encoding": fresh("transformers.tokenization_utils_base", "BatchEncoding")
    + P.value({"data": {"append": SHELL}})
    + BUILD,
    "bag": P.call("numpy.lib._npyio_impl", "BagObj", {"append": SHELL}),
    "underscore": fresh("spacy.tokens.underscore", "Underscore")
    + P.value({"_extensions": {"append": (None, None, SHELL, None)}, "_obj": ECHO})
    + BUILD,
}


@pytest.mark.parametrize("body", ANSWERED.values(), ids=ANSWERED)
def test_objects_that_answer_from_a_mapping_are_called_like_any_other(body: Code) -> None:
    assert flagged(scan(body + P.value(ECHO) + APPEND))


def test_a_state_setter_among_the_items_of_a_mapping_is_reported() -> None:
    result = fresh("scipy.optimize._optimize", "OptimizeResult")
    assert flagged(scan(result + P.join("__setstate__", SHELL) + SETITEM + P.value(ECHO) + BUILD))
    assert not flagged(scan(result + P.join("x", SHELL) + SETITEM))
    operators = P.name("operator", "add")
    assert not flagged(scan(P.value({"add": operators, "append": operators})))


def test_items_that_a_wrapper_passes_on_change_the_program() -> None:
    table = P.name("torch.serialization", "_package_registry")
    stored = P.join("x", 1) + SETITEM
    assert flagged(scan(P.call("collections", "ChainMap", table) + stored))
    assert flagged(
        scan(fresh("collections", "UserDict") + P.value({"data": table}) + BUILD + stored)
    )
    assert not flagged(scan(P.call("collections", "ChainMap", {}) + stored))


def handler(state: dict[str, Any]) -> Code:
    return fresh("logging", "FileHandler") + P.value(state) + BUILD


def test_a_logger_belongs_to_the_program_and_takes_no_state() -> None:
    logger = P.call("logging", "getLogger", "transformers")
    assert flagged(scan(logger + P.value({"disabled": True}) + BUILD))
    writes = handler({"baseFilename": "/no/such/folder/MARKER", "mode": "a", "stream": None})
    assert flagged(scan(logger + P.value({"handlers": [writes]}) + BUILD))
    assert flagged(scan(writes))
    assert not flagged(scan(logger))
