"""Functions that make an instance of a class and give it a state: judged as the two opcodes are."""

from __future__ import annotations

import pytest

from sentinel import Severity, scan_bytes

MAKER = b"ctensordict._reductions\n_make_td\n"


def text(word: str) -> bytes:
    return b"X" + len(word).to_bytes(4, "little") + word.encode()


def worst(data: bytes) -> Severity:
    return max((one.severity for one in scan_bytes(data, "m.pkl").findings), default=Severity.INFO)


@pytest.mark.parametrize(
    ("owner", "state", "least"),
    [
        (b"csubprocess\nPopen\n", b"}", Severity.CRITICAL),
        (
            b"cstatsmodels.base.data\nPandasData\n",
            b"}" + text("formula") + text("y ~ __import__('os').getpid()") + b"s",
            Severity.CRITICAL,
        ),
        (b"cxgboost.core\nBooster\n", b"}" + text("handle") + b"K\x40s", Severity.HIGH),
        (b"ctensordict._td\nTensorDict\n", b"}" + text("_device") + b"Ns", Severity.INFO),
        (
            b"cstatsmodels.base.data\nPandasData\n",
            b"}" + text("formula") + text("y ~ x") + b"s",
            Severity.LOW,
        ),
    ],
    ids=["class", "state", "pointer", "tensordict", "formula"],
)
def test_a_class_and_its_state_are_judged_as_if_by_opcodes(
    owner: bytes, state: bytes, least: Severity
) -> None:
    made = worst(b"\x80\x04" + MAKER + owner + state + b"\x86R.")
    spelled = worst(b"\x80\x04" + owner + b")\x81" + state + b"b.")
    assert made == spelled
    assert made >= least if least > Severity.LOW else made <= least
