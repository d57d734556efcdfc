"""SNT1113 and SNT1114: what would exhaust the loader, beside what merely is large."""

from __future__ import annotations

import itertools
import pickle
import random
from collections import OrderedDict, deque

import pytest

from sentinel import Severity, scan_bytes
from tests.corpus.malicious.case import P4
from tests.kit.assemble import Code

MODULUS = (1 << 61) - 1


def rules(data: bytes) -> set[str]:
    return {f.rule_id for f in scan_bytes(data, "x.pkl").findings if f.severity >= Severity.MEDIUM}


def tower(levels: int) -> bytes:
    return b"\x80\x04]" + b"2\x86" * levels + b"."


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (tower(60), tower(10)),
        (b")" + b"\x85" * 20_000 + b".", b")" + b"\x85" * 900 + b"."),
        (b"]" * 20_000 + b"a" * 19_999 + b".", b"]" * 900 + b"a" * 899 + b"."),
        (b"Nr\xff\xff\xff\xff.", b"Nr\xff\xff\x00\x00."),
        (b"L" + b"9" * 5000 + b"\n.", b"L" + b"9" * 4000 + b"\n."),
        (
            pickle.dumps({k * MODULUS: k for k in range(1 << 40, (1 << 40) + 200)}),
            pickle.dumps({k * (1 << 40): k for k in range(1, 200)}),
        ),
    ],
    ids=["tower", "deep-tuples", "deep-lists", "memo", "digits", "colliding-keys"],
)
def test_what_costs_the_loader_dearly_is_told(hostile: bytes, benign: bytes) -> None:
    assert "SNT1113" in rules(hostile)
    assert rules(benign) == set()


COUNT = P4.call("itertools", "count", 1)


def walked(name: str, *sizes: int) -> Code:
    ranges = [P4.call("builtins", "range", size) for size in sizes]
    return P4.call("builtins", "list", P4.call("itertools", name, *ranges))


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (P4.call("builtins", "bytearray", 1 << 40), P4.call("builtins", "bytearray", 1 << 10)),
        (P4.call("operator", "mul", [0], 1 << 40), P4.call("operator", "mul", [0], 3)),
        (P4.call("builtins", "pow", 9, 9**9), P4.call("builtins", "pow", 9, 9)),
        (
            P4.call("builtins", "list", P4.call("builtins", "range", 1 << 40)),
            P4.call("builtins", "list", P4.call("builtins", "range", 10)),
        ),
        (
            P4.call("collections", "deque", P4.call("itertools", "repeat", 1)),
            P4.call("collections", "deque", P4.call("itertools", "repeat", 1, 3)),
        ),
        (P4.call("numpy", "zeros", (1 << 20, 1 << 20)), P4.call("numpy", "zeros", (3, 3))),
        (walked("product", 1 << 20, 1 << 20), walked("product", 2, 3)),
        (walked("permutations", 30), walked("permutations", 3)),
        (
            P4.call("builtins", "list", P4.call("itertools", "chain", COUNT)),
            P4.call("builtins", "list", P4.call("itertools", "chain", [1])),
        ),
    ],
    ids=[
        "size",
        "times",
        "power",
        "range",
        "endless",
        "shape",
        "product",
        "permutations",
        "chain",
    ],
)
def test_calls_that_no_machine_can_pay_for_are_told(hostile: bytes, benign: bytes) -> None:
    assert "SNT1114" in rules(P4.file(hostile))
    assert "SNT1114" not in rules(P4.file(benign))


def test_iterators_that_end_nowhere_are_no_alarm_by_themselves() -> None:
    value = [itertools.count(5), itertools.repeat(1), deque([1, 2]), OrderedDict(a=range(10**12))]
    assert rules(pickle.dumps(value)) == set()


def test_large_dicts_of_random_integers_are_ordinary() -> None:
    source = random.Random(3)
    assert rules(pickle.dumps({source.getrandbits(80): 1 for _ in range(5000)})) == set()
