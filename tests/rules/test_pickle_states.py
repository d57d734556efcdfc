"""Classes that run the source in their state: the library's own text, and any other."""

from __future__ import annotations

import copy
import copyreg
import pickle
from typing import Any

import pytest

from sentinel import Verdict, scan_bytes

stats = pytest.importorskip("scipy.stats")

INERT = "marker = 'would have run'\n"


class Pretend:
    """Pickles as an instance of scipy's normal distribution with a state of our choosing."""

    def __init__(self, state: Any) -> None:
        self.state = state

    def __reduce__(self) -> tuple[Any, ...]:
        return copyreg._reconstructor, (type(stats.norm), object, None), self.state  # type: ignore[attr-defined]


def verdict(value: Any, protocol: int = 4) -> Verdict:
    return scan_bytes(pickle.dumps(value, protocol), "model.pkl").verdict


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ["norm", "uniform", "randint", "beta", "loguniform"])
def test_distributions_as_scipy_writes_them_are_clean(name: str, protocol: int) -> None:
    kind = getattr(stats, name)
    assert verdict([kind, kind(1, 2)], protocol) is Verdict.CLEAN


@pytest.mark.parametrize(
    "state",
    [
        {"_parse_arg_template": INERT},
        {"name": "norm", "_parse_arg_template": stats.norm._parse_arg_template + INERT},
        {"_parse_arg_template": INERT.encode()},
        (("_parse_arg_template", INERT),),
        [["_parse_arg_template", INERT]],
        ({"_parse_arg_template": 1, INERT: 2}, None),
        {**{str(n): n for n in range(5000)}, "_parse_arg_template": INERT},
    ],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_any_other_source_is_malicious(state: Any, protocol: int) -> None:
    assert verdict(Pretend(state), protocol) is Verdict.MALICIOUS


def test_an_instance_with_its_source_replaced_is_malicious() -> None:
    changed = copy.copy(stats.norm)
    changed._parse_arg_template = INERT
    assert verdict(changed) is Verdict.MALICIOUS


def test_a_bad_state_behind_many_good_ones_is_found() -> None:
    good = vars(stats.norm) | {}
    good = {key: value for key, value in good.items() if isinstance(value, str | int | float)}
    many = [Pretend(good) for _ in range(300)]
    assert verdict([*many, Pretend({"_parse_arg_template": INERT})]) is Verdict.MALICIOUS


def test_the_state_of_scipy_before_1_6_is_clean() -> None:
    assert verdict(Pretend(({"momtype": 1, "a": None, "shapes": None}, None))) is Verdict.CLEAN
