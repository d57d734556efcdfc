"""Bound methods and partials as dill and cloudpickle write them: held, or called by the file."""

from __future__ import annotations

import collections
import functools
import pickle
import sys
import textwrap
import types
from typing import Any

import pytest

from sentinel import Severity, scan_bytes

dill = pytest.importorskip("dill")
cloudpickle = pytest.importorskip("cloudpickle")

FETCHERS = [("dill._dill", "_load_type"), ("cloudpickle.cloudpickle", "_builtin_type")]


class Counter:
    """Has a method to be bound."""

    def count(self, step: int) -> int:
        """Return the step."""
        return step


def worst(data: bytes) -> Severity:
    return max((one.severity for one in scan_bytes(data, "m.pkl").findings), default=Severity.INFO)


def name(module: str, attribute: str) -> bytes:
    return f"c{module}\n{attribute}\n".encode()


def text(word: str) -> bytes:
    return b"X" + len(word).to_bytes(4, "little") + word.encode()


def bound(fetcher: tuple[str, str], kind: str, function: bytes, then: bytes = b"") -> bytes:
    """Write ``fetcher(kind)(function, "x")``, and what the file does with it."""
    fetched = name(*fetcher) + text(kind) + b"\x85R"
    return b"\x80\x04" + fetched + function + text("x") + b"\x86R" + then + b"."


@pytest.mark.parametrize("writer", [dill, cloudpickle], ids=["dill", "cloudpickle"])
@pytest.mark.parametrize(
    "value",
    [
        {"hook": Counter().count},
        functools.partial(collections.namedtuple, "Pair"),
        [functools.partial(textwrap.dedent)],
    ],
    ids=["method", "partial", "list"],
)
def test_what_is_bound_and_not_called_is_ordinary(writer: Any, value: Any) -> None:
    assert worst(writer.dumps(value)) <= Severity.LOW


@pytest.mark.parametrize("kind", ["MethodType", "PartialType"])
@pytest.mark.parametrize("fetcher", FETCHERS, ids=["dill", "cloudpickle"])
def test_an_unknown_function_counts_where_it_is_called(fetcher: tuple[str, str], kind: str) -> None:
    unknown = name("acme.tools", "run_it")
    assert worst(bound(fetcher, kind, unknown)) <= Severity.LOW
    assert worst(bound(fetcher, kind, unknown, b")R")) is Severity.MEDIUM
    inner = bound(fetcher, kind, unknown)[2:-1]
    assert worst(bound(fetcher, kind, inner, b")R")) is Severity.MEDIUM


@pytest.mark.parametrize("kind", ["MethodType", "PartialType"])
@pytest.mark.parametrize("fetcher", FETCHERS, ids=["dill", "cloudpickle"])
def test_a_dangerous_function_is_found_bound_or_called(fetcher: tuple[str, str], kind: str) -> None:
    system = name("os", "system")
    assert worst(bound(fetcher, kind, system)) is Severity.HIGH
    assert worst(bound(fetcher, kind, system, b")R")) is Severity.CRITICAL


@pytest.mark.parametrize("fetcher", FETCHERS, ids=["dill", "cloudpickle"])
def test_other_types_that_are_fetched_are_no_partials(fetcher: tuple[str, str]) -> None:
    for kind in ("FunctionType", "partial", ""):
        data = bound(fetcher, kind, name("acme.tools", "run_it"))
        assert worst(data) >= Severity.MEDIUM


class Evaluated:
    """Pickles as a call of dill's evaluator."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> Any:
        return dill._dill._eval_repr, (self.source,)


def test_ranges_are_ordinary_to_dill_and_other_source_is_not() -> None:
    assert worst(dill.dumps({"a": range(5), "b": range(9, -3, -2)})) <= Severity.LOW
    for source in (
        "range(0, len('x'))",
        "range(0, 5)\n",
        "range(0, 5) + f()",
        "(1, 2)",
        "range(x)",
    ):
        assert worst(pickle.dumps(Evaluated(source))) is Severity.CRITICAL


def tuple_of(word: str, module: str, then: bytes = b"") -> bytes:
    """Write dill's maker of named tuples, which looks the class up in its module first."""
    made = name("dill._dill", "_create_namedtuple") + text(word) + b")" + text(module) + b"\x87R"
    return b"\x80\x04" + made + then + b"."


def test_named_tuples_of_dill_hold_functions() -> None:
    pair = collections.namedtuple("Pair", "init update")
    pair.__module__ = "acme.base"
    assert worst(dill.dumps(pair(textwrap.dedent, textwrap.indent))) <= Severity.LOW


def test_what_dill_looks_up_as_a_named_tuple_is_judged_by_its_name() -> None:
    given = text("x") + b"\x85R"
    assert worst(tuple_of("Popen", "subprocess")) is Severity.HIGH
    assert worst(tuple_of("Popen", "subprocess", given)) is Severity.CRITICAL
    assert worst(tuple_of("run", "acme.tools", given)) is Severity.MEDIUM
    assert worst(tuple_of("Pair", "acme.tools")) <= Severity.LOW


HOME = """
def make():
    step = 2
    return lambda: step + SIZE
"""


def test_a_function_that_dill_puts_into_a_module_is_ordinary_in_a_default_dict() -> None:
    home = types.ModuleType("acme_home")
    exec(HOME, home.__dict__)
    sys.modules[home.__name__] = home
    try:
        home.SIZE = 3
        data = dill.dumps(collections.defaultdict(home.make()))
    finally:
        del sys.modules[home.__name__]
    assert b"__dict__" in data
    assert worst(data) <= Severity.LOW
    handed = name("acme_home", "__dict__") + b"}\x86R."
    assert worst(b"\x80\x04" + name("acme.tools", "merge") + handed) >= Severity.HIGH


def test_an_unknown_class_that_a_maker_of_dill_calls_is_no_metaclass() -> None:
    runner, word = name("acme.tools", "Runner"), text("x")
    for maker in ("_create_type", "_create_array", "_create_ftype"):
        called = name("dill._dill", maker) + runner + word + b"\x86R."
        assert worst(b"\x80\x04" + called) is Severity.MEDIUM
    bases = name("acme.tools", "Base") + b"\x85"
    made = name("dill._dill", "_create_type") + b"(" + runner + word + bases + b"}tR."
    assert worst(b"\x80\x04" + made) <= Severity.LOW


@pytest.mark.parametrize(
    ("base", "given", "least"),
    [
        (("acme.jobs", "Runner"), "id --all", Severity.MEDIUM),
        (("acme.jobs", "Runner"), "", Severity.INFO),
        (("torch.nn.modules.module", "Module"), "id --all", Severity.INFO),
    ],
    ids=["unknown", "given-nothing", "known"],
)
def test_a_class_by_value_acts_as_the_class_it_inherits_of(
    base: tuple[str, str], given: str, least: Severity
) -> None:
    maker = name("cloudpickle.cloudpickle", "_make_skeleton_class")
    args = name("builtins", "type") + text("Job") + name(*base) + b"\x85" + b"}" + b"N" + b"N"
    called = (text(given) + b"\x85R") if given else b")R"
    found = worst(b"\x80\x04" + maker + b"(" + args + b"tR" + called + b".")
    assert found >= least
    assert found <= Severity.LOW or least is Severity.MEDIUM


@pytest.mark.parametrize(
    "value",
    [{"f": str.lower}, {1: 2}.keys(), {1: 2}.items(), [int.__add__]],
    ids=["method", "keys", "items", "slot"],
)
def test_methods_of_plain_types_by_dill_are_ordinary(value: Any) -> None:
    assert worst(dill.dumps(value)) <= Severity.LOW


@pytest.mark.parametrize(
    ("owner", "method", "told"),
    [
        ("str", "lower", "<method 'lower' of '__import__(\"os\")' objects>"),
        ("str", "lower", "<method 'lower' of 'os' objects>"),
        ("str", "lower", "<method 'upper' of 'str' objects>"),
        ("str", 'x"].y["z', "<method 'x' of 'str' objects>"),
        ("str", "lower", "' ' ' os.system(1) '"),
        ("FunctionType", "lower", "<method 'lower' of 'function' objects>"),
    ],
    ids=["call", "module", "another", "name", "text", "owner"],
)
def test_the_text_that_dill_evaluates_is_that_of_the_same_method(
    owner: str, method: str, told: str
) -> None:
    fetched = name("dill._dill", "_load_type") + text(owner) + b"\x85R"
    args = fetched + text(method) + text(told)
    data = b"\x80\x04" + name("dill._dill", "_getattr") + args + b"\x87R."
    assert worst(data) == Severity.CRITICAL


def test_a_name_that_is_not_known_may_be_any() -> None:
    fetched = name("dill._dill", "_load_type") + text("str") + b"\x85R"
    unknown = name("acme", "word") + b")R"
    args = fetched + unknown + text("<method 'lower' of 'str' objects>")
    data = b"\x80\x04" + name("dill._dill", "_getattr") + args + b"\x87R."
    assert worst(data) == Severity.CRITICAL


def test_a_module_is_no_owner_of_a_method() -> None:
    args = name("dill._dill", "_import_module") + text("os") + b"\x85R"
    args += text("system") + text("<method 'system' of 'os' objects>")
    data = b"\x80\x04" + name("dill._dill", "_getattr") + args + b"\x87R"
    assert worst(data + text("id") + b"\x85R.") == Severity.CRITICAL


def test_a_function_of_sympy_may_be_held_and_not_given_text() -> None:
    sine = name("sympy.functions.elementary.trigonometric", "sin")
    assert worst(b"\x80\x04" + sine + b".") <= Severity.LOW
    assert worst(b"\x80\x04" + sine + text("print(1) or x") + b"\x85R.") == Severity.CRITICAL


@pytest.mark.parametrize("where", ["module", "name"])
def test_a_name_that_a_fetched_method_makes_is_not_taken_for_harmless(where: str) -> None:
    def lowered(word: str) -> bytes:
        fetched = name("dill._dill", "_load_type") + text("str") + b"\x85R" + text("lower")
        told = text("<method 'lower' of 'str' objects>")
        return name("dill._dill", "_getattr") + fetched + told + b"\x87R" + text(word) + b"\x85R"

    parts = lowered("OS") + text("system") if where == "module" else text("os") + lowered("SYSTEM")
    assert worst(b"\x80\x04" + parts + b"\x93" + text("id") + b"\x85R.") >= Severity.HIGH
