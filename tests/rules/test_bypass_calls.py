"""Hostile pickles whose calls the loader makes, not the file, each with an ordinary neighbour.

They were once called clean: no dangerous name is called in them, or it is called by what walks,
maps, formats, prints or looks up.
"""

from __future__ import annotations

import functools
import itertools
import operator
import pickle
from typing import Any

import pytest

from sentinel import Severity, Verdict, scan_bytes
from tests.kit.assemble import BUILD, EMPTY_TUPLE, REDUCE, Code
from tests.rules.bypass_kit import ECHO, GETATTR, RELU, SHELL, P, flagged, fresh, scan


def evaluate(table: Code) -> Code:
    """Take eval out of the globals of a trusted function and call it."""
    builtins = P.call("operator", "getitem", table, "__builtins__")
    return P.apply(P.call("operator", "getitem", builtins, "eval"), f"print({ECHO!r})")


def attributes(*names: str) -> Code:
    return P.apply(P.call("operator", "attrgetter", *names), RELU)


WALKS = {
    "next-map": P.call(
        "builtins", "next", P.call("builtins", "map", GETATTR, [RELU], ["__globals__"])
    ),
    "starmap": P.call(
        "builtins", "next", P.call("itertools", "starmap", GETATTR, [(RELU, "__globals__")])
    ),
    "partial": P.apply(P.call("functools", "partial", GETATTR, RELU), "__globals__"),
    "two-names": P.call("operator", "getitem", attributes("__name__", "__globals__"), 1),
    "reduce": P.call(
        "functools", "reduce", GETATTR, P.call("builtins", "str.split", "__globals__", "."), RELU
    ),
}


@pytest.mark.parametrize("table", WALKS.values(), ids=WALKS)
def test_what_comes_out_of_a_call_is_not_taken_for_the_name_that_was_called(table: Code) -> None:
    assert flagged(scan(evaluate(table)))


@pytest.mark.parametrize(
    "value",
    [
        functools.partial(int, base=2),
        operator.itemgetter(0, 1),
        operator.attrgetter("real"),
        map(str, [1, 2]),
        itertools.accumulate([1, 2]),
    ],
    ids=["partial", "itemgetter", "attrgetter", "map", "accumulate"],
)
def test_getters_partials_and_iterators_that_nobody_calls_raise_nothing(value: Any) -> None:
    assert not flagged(scan_bytes(pickle.dumps([value, {"a": 1}]), "m.pkl"))


def test_a_name_that_scipy_looks_up_is_judged_as_the_name_it_is() -> None:
    module = "scipy._lib._uarray._backend"
    look_up = P.call(module, "unpickle_function", "os", "system", None)
    report = scan(P.apply(look_up, ECHO))
    assert report.verdict is Verdict.MALICIOUS
    assert not flagged(scan(P.call(module, "unpickle_function", "scipy.fft", "fft", None)))


@pytest.mark.parametrize(
    "wrapper",
    [
        P.call("types", "GenericAlias", SHELL, ()),
        P.call("builtins", "staticmethod", SHELL),
    ],
    ids=["alias", "staticmethod"],
)
def test_an_object_that_passes_calls_on_is_not_called_in_the_dark(wrapper: Code) -> None:
    assert flagged(scan(P.apply(wrapper, ECHO)))
    assert not flagged(scan(wrapper))


def test_a_function_in_a_table_of_formatters_is_called_on_the_array() -> None:
    array = P.call("numpy", "array", [ECHO])
    rest = (None, None, None, " ", "", None)
    assert flagged(scan(P.call("numpy", "array2string", array, *rest, {"all": SHELL})))
    assert not flagged(scan(P.call("numpy", "array2string", array, *rest, {})))


def test_reconstructors_call_the_base_that_they_are_given() -> None:
    base = P.name("acme.shell", "Runner")
    owner = P.name("types", "SimpleNamespace")
    assert flagged(scan(P.call("copyreg", "_reconstructor", owner, base, ECHO)))
    number = P.name("builtins", "int")
    assert not flagged(scan(P.call("copyreg", "_reconstructor", base, number, 1)))


def test_a_class_that_opens_files_does_so_for_dispatchers_as_well() -> None:
    opener = P.name("dateutil.tz._tzfile", "tzfile")
    assert flagged(scan(P.call("builtins", "list", P.call("builtins", "map", opener, ["/etc/x"]))))
    assert not flagged(scan(P.call("builtins", "list", P.call("builtins", "map", RELU, [1]))))


def test_calls_of_calls_of_calls_are_judged_without_recursion() -> None:
    report = scan(P.name("builtins", "len") + (EMPTY_TUPLE + REDUCE) * 20_000)
    assert flagged(report)
    assert not any(gap.reason == "internal" for gap in report.coverage.gaps)


def bound(*args: Any) -> Code:
    return P.call("functools", "partial", SHELL, *args)


FACTORY = P.call("collections", "defaultdict", bound(ECHO))


@pytest.mark.parametrize(
    "body",
    [
        P.call("operator", "getitem", FACTORY, "key"),
        P.apply(P.call("operator", "itemgetter", "key"), FACTORY),
        P.call("builtins", "str.format_map", "{key}", FACTORY),
        P.call("operator", "mod", "%(key)s", FACTORY),
        P.call("operator", "getitem", P.call("collections", "ChainMap", FACTORY), "key"),
    ],
    ids=["getitem", "itemgetter", "format", "mod", "chain"],
)
def test_a_factory_is_called_by_whatever_looks_an_item_up(body: Code) -> None:
    assert flagged(scan(body))
    assert not flagged(scan(FACTORY))


@pytest.mark.parametrize("owner", ["pathlib:PosixPath", "pathlib:WindowsPath", "acme.paths:Place"])
@pytest.mark.parametrize("method", ["write_text", "unlink", "symlink_to", "to_pickle", "tofile"])
def test_methods_of_telling_names_are_judged_as_what_they_are(owner: str, method: str) -> None:
    module, _, name = owner.partition(":")
    made = P.call(module, name, "MARKER")
    for body in (
        P.apply(P.apply(GETATTR, made, method), ECHO),
        P.call(module, f"{name}.{method}", made, ECHO),
        P.apply(P.call("operator", "methodcaller", method, ECHO), made),
    ):
        assert max(finding.severity for finding in scan(body).findings) >= Severity.HIGH
    assert not flagged(scan(made))


OPENER = ("torch.utils.data.datapipes.iter.fileopener", "FileOpenerIterDataPipe")


@pytest.mark.parametrize("name", ["list", "tuple", "sum", "str", "dict", "bool", "len"])
def test_what_python_walks_or_prints_of_an_object_is_a_call(name: str) -> None:
    state = P.value({"datapipe": ["/no/such/folder/MARKER"], "mode": "w", "encoding": None})
    opener = fresh(*OPENER) + state + BUILD
    assert flagged(scan(P.call("builtins", name, opener)))
    assert not flagged(scan(opener))
    assert not flagged(scan(P.call("builtins", name, [1.5, 2.5])))
    assert not flagged(scan(P.call("builtins", name, P.call("collections", "OrderedDict", []))))


def test_functions_in_a_pipe_that_is_walked_are_called() -> None:
    state = P.value({"datapipe": [ECHO], "fn": SHELL, "input_col": None, "output_col": None})
    pipe = fresh("torch.utils.data.datapipes.iter.callable", "MapperIterDataPipe") + state + BUILD
    assert flagged(scan(P.call("builtins", "list", pipe)))
    assert not flagged(scan(pipe))
