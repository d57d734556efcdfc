"""Hostile code by value, and makers of dill and cloudpickle, each with an ordinary neighbour."""

from __future__ import annotations

from typing import Any

import cloudpickle
import pytest

from sentinel import Report, scan_bytes
from tests.kit.assemble import Code
from tests.rules.bypass_kit import ECHO, SHELL, P, flagged, scan


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("_eval_repr", (f"print({ECHO!r})",)),
        ("_create_filehandle", ("/tmp/x", "w", 0, True, False, False, "")),
        ("_load_type", ("PyTextWrapperType",)),
        ("_create_type", (SHELL, ECHO)),
    ],
)
def test_makers_of_dill_that_do_more_than_make(name: str, args: tuple[Any, ...]) -> None:
    assert flagged(scan(P.call("dill._dill", name, *args)))


@pytest.mark.parametrize(
    ("name", "args"),
    [("_eval_repr", ("Ellipsis",)), ("_load_type", ("CodeType",)), ("_load_type", ("type",))],
)
def test_makers_of_dill_as_dill_uses_them(name: str, args: tuple[Any, ...]) -> None:
    assert not flagged(scan(P.call("dill._dill", name, *args)))


def test_a_function_by_value_that_is_called_while_loading_is_reported() -> None:
    code = P.call("dill._dill", "_create_code", 0, 0, 0, 0, 0, 0, b"\0", (), (), (), "f", "f", "f")
    function = P.call("dill._dill", "_create_function", code, {}, "f")
    assert flagged(scan(P.apply(function)))
    assert not flagged(scan(function))


def by_value(code: str, name: str = "function", protocol: int = 4) -> bytes:
    """Pickle by value what source defines in a module that nobody can import."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(code, space)
    return bytes(cloudpickle.dumps(space[name], protocol=protocol))


MANY_NAMES = "\n".join(f"    x.a{number}" for number in range(500))


@pytest.mark.parametrize(
    "body",
    [
        "    return x.__class__.__base__.__subclasses__()[100]",
        "    return globals()['__builtins__']",
        "    import torch\n    torch.hub.load('a/b', 'c')",
        "    from torch.hub import load\n    load('a/b', 'c')",
        MANY_NAMES + "\n    import os\n    os.system('echo MARKER')",
    ],
    ids=["subclasses", "globals", "hub", "from-hub", "many-names"],
)
def test_code_by_value_is_read_for_more_than_the_names_of_commands(body: str) -> None:
    assert flagged(scan_bytes(by_value(f"def function(x):\n{body}\n"), "m.pkl"))


@pytest.mark.parametrize(
    "body",
    [
        "    return type(x).__name__ + x.__class__.__name__",
        "    import torch\n    return torch.nn.functional.relu(x).load",
        MANY_NAMES,
    ],
    ids=["class", "relu", "many-names"],
)
def test_ordinary_code_by_value_raises_nothing(body: str) -> None:
    assert not flagged(scan_bytes(by_value(f"def function(x):\n{body}\n"), "m.pkl"))


def test_code_whose_names_cannot_be_read_is_reported() -> None:
    names = P.call("builtins", "tuple", ["os", "system"])
    rest = ((), "f", "f", "f", 1, b"", (), ())
    head = (0, 0, 0, 0, 0, 0, b"\0", ())
    assert flagged(scan(P.call("dill._dill", "_create_code", *head, names, *rest)))
    assert not flagged(scan(P.call("dill._dill", "_create_code", *head, ("x",), *rest)))


def test_only_classes_by_value_are_called_by_ordinary_files() -> None:
    wrapped = P.call("dill._dill", "_create_ftype", P.name("functools", "partial"), SHELL, (), None)
    assert flagged(scan(P.apply(wrapped, ECHO)))
    made = P.call("dill._dill", "_create_type", P.name("builtins", "type"), "X", (), {})
    assert not flagged(scan(P.apply(made, 1)))


def test_classes_by_value_may_set_their_state() -> None:
    code = "class thing:\n    def __setstate__(self, state):\n        self.x = state\n"
    code += "function = thing()\nfunction.x = 1\n"
    assert not flagged(scan_bytes(by_value(code), "m.pkl"))


def test_functions_that_dill_leaves_in_their_module_are_ordinary() -> None:
    def function(*home: str) -> Code:
        code = P.call("dill._dill", "_create_code", 1)
        return P.call("dill._dill", "_create_function", code, P.name(*home), "f", None, None)

    def names_it(report: Report) -> bool:
        return any(finding.rule_id == "SNT1102" for finding in report.findings)

    assert not names_it(scan(function("acme.models", "__dict__")))
    assert names_it(scan(function("os", "__dict__")))
    looked_up = P.call("operator", "getitem", P.name("acme.models", "__dict__"), "run")
    assert flagged(scan(P.apply(looked_up, ECHO)))


CLOUD = "cloudpickle.cloudpickle"


@pytest.mark.parametrize(
    ("hostile", "fine"),
    [
        (P.call(CLOUD, "subimport", "antigravity"), P.call(CLOUD, "subimport", "numpy")),
        (
            P.call("dill._dill", "_import_module", "acme.__main__"),
            P.call("dill._dill", "_import_module", "acme.models"),
        ),
        (
            P.call(CLOUD, "_class_setstate", P.name("json", "JSONEncoder"), P.tuple({"x": 1}, {})),
            P.call(
                CLOUD,
                "_class_setstate",
                P.call(CLOUD, "_builtin_type", "NoneType"),
                P.tuple({"x": 1}, {}),
            ),
        ),
        (
            P.call("dill._dill", "_create_capsule", 1234, b"x", 0, 0),
            P.call("dill._dill", "_create_stringi", "x", 0, False),
        ),
    ],
    ids=["import", "program", "class", "pointer"],
)
def test_makers_of_cloudpickle_and_dill_that_do_more_than_make(hostile: Code, fine: Code) -> None:
    assert flagged(scan(hostile))
    assert not flagged(scan(fine))
