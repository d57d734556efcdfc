"""Uses of names that ordinary files make, each beside the hostile use that is nearest to it."""

from __future__ import annotations

import argparse
import functools
import pickle
import zoneinfo

import numpy as np
import pytest

from sentinel import Severity, scan_bytes
from tests.corpus.malicious.case import COMMAND, P4

UNPICKLE_VOCAB = "__pyx_unpickle_Vocab"


def worst(data: bytes) -> Severity | None:
    """Return the severity of the worst finding that is an alarm."""
    found = [one.severity for one in scan_bytes(data, "x.pkl").findings]
    return max((one for one in found if one >= Severity.MEDIUM), default=None)


def partial_of(module: str, name: str, argument: str) -> bytes:
    """Return a pickle that calls what the state of a partial binds, not what its call names."""
    return (
        b"cfunctools\npartial\n(cbuiltins\nlen\ntR"
        b"(c" + f"{module}\n{name}\n(V{argument}\n".encode() + b"t}Ntb)R."
    )


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (P4.file(P4.call("acme.shapes", "Kind", COMMAND)), P4.file(P4.call("acme.x", "Kind", "a"))),
        (
            P4.file(P4.call("acme.shapes", "Kind", "a", "b")),
            P4.file(P4.call("acme.shapes", "Kind", "a")),
        ),
        (
            P4.file(P4.call("acme.shapes", "run", "a")),
            P4.file(P4.call("acme.shapes", "AcmeError", "something went wrong: /x")),
        ),
        (
            P4.file(P4.call("operator", "methodcaller", "system", COMMAND)),
            P4.file(P4.call("operator", "methodcaller", "split", ",")),
        ),
        (
            P4.file(P4.call("sympy.core.symbol", "Symbol", P4.call("sympy", "sympify", "x(1)"))),
            P4.file(P4.call("sympy.core.symbol", "Symbol", "x", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("sympy.core.add", "Add", COMMAND, how="NEWOBJ")),
            P4.file(P4.call("sympy.core.add", "Add", 1, 2, how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("numpy", "vectorize", P4.name("builtins", "len"))),
            pickle.dumps(np.vectorize(len)),
        ),
        (
            P4.file(P4.call("requests.sessions", "Session")),
            P4.file(P4.call("requests.sessions", "Session", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("nltk.tag.perceptron", "PerceptronTagger", "x")),
            P4.file(P4.call("nltk.tag.perceptron", "PerceptronTagger", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("spacy.vocab", UNPICKLE_VOCAB, P4.name("os", "system"), 1, None)),
            P4.file(
                P4.call("spacy.vocab", UNPICKLE_VOCAB, P4.name("spacy.vocab", "Vocab"), 1, None)
            ),
        ),
        (
            P4.file(P4.call("zoneinfo", "ZoneInfo.from_file", "x")),
            pickle.dumps(zoneinfo.ZoneInfo("Europe/Berlin"), 2),
        ),
    ],
    ids=[
        "word", "one-argument", "error", "method-of-text", "expression", "class-of-expressions",
        "vectorize", "session", "audited-class", "cython", "zone",
    ],
)  # fmt: skip
def test_an_ordinary_use_is_quiet_and_its_hostile_neighbour_is_not(
    hostile: bytes, benign: bytes
) -> None:
    assert worst(hostile) is not None
    assert worst(benign) is None


@pytest.mark.parametrize(
    ("module", "name", "severity"),
    [
        ("os", "system", Severity.CRITICAL),
        ("acme.tools", "execute", Severity.MEDIUM),
        ("builtins", "str", None),
    ],
)
def test_a_partial_calls_what_its_state_binds(
    module: str, name: str, severity: Severity | None
) -> None:
    assert worst(partial_of(module, name, COMMAND)) is severity


@pytest.mark.parametrize("protocol", range(6))
def test_partials_that_python_writes_are_quiet(protocol: int) -> None:
    assert worst(pickle.dumps(functools.partial(sorted, reverse=True), protocol)) is None


def test_a_class_that_was_renamed_is_no_look_alike() -> None:
    old = P4.file(P4.name("statsmodels.genmod.families.links", "identity"))
    assert worst(old) is None
    assert worst(P4.file(P4.name("OS", "system"))) is Severity.HIGH


def test_objects_that_share_their_attributes_are_no_bomb() -> None:
    objects = [argparse.Namespace()]
    for _ in range(60):
        objects.append(argparse.Namespace(one=objects[-1], two=objects[-1], three=[objects[-1]]))
    assert worst(pickle.dumps(objects[-1])) is None
    tower: object = []
    for _ in range(60):
        tower = [tower, tower]
    hidden = argparse.Namespace(value=tower)
    assert worst(pickle.dumps(hidden)) is Severity.MEDIUM


CELL = "cloudpickle.cloudpickle"
NUMBA = "numba.core.types.abstract"


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (
            P4.file(P4.call(CELL, "_make_cell", P4.name("os", "system"))),
            P4.file(P4.call(CELL, "_make_cell", P4.call(CELL, "subimport", "re"))),
        ),
        (
            P4.file(P4.call(CELL, "_make_skeleton_class", P4.name("acme.tools", "execute"), "x")),
            P4.file(P4.call(CELL, "_make_cell", P4.name("acme.tools", "execute"))),
        ),
        (
            P4.file(P4.call(NUMBA, "_type_reconstructor", P4.name("acme.tools", "run"), ("x",))),
            P4.file(
                P4.call(
                    NUMBA,
                    "_type_reconstructor",
                    P4.name("copyreg", "_reconstructor"),
                    P4.tuple(P4.name("numba.core.types.scalars", "Integer"), None, None),
                    {"name": "int64"},
                )
            ),
        ),
    ],
    ids=["module-in-a-cell", "function-in-a-cell", "numba-type"],
)
def test_what_keeps_a_callable_does_not_call_it(hostile: bytes, benign: bytes) -> None:
    assert worst(hostile) is not None
    assert worst(benign) is None
