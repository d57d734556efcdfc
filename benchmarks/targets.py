"""What is promised, as ratios that hold on any machine, and whether it was kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from .measure import MIB, Cost

Table = Mapping[tuple[str, str], Cost]
"""Costs by tool and workload; the yardsticks are the tools ``pass`` and ``genops``."""

OURS = "sentinel"
PASS = "pass"
GENOPS = "genops"


class Target(NamedTuple):
    """A promise.

    Attributes:
        case: What is promised.
        limit: The largest value that keeps it.
        unit: What the value counts.
        needs: ``(tool, workload)`` pairs that must have been measured.
        value: Computes the value from the costs.
    """

    case: str
    limit: float
    unit: str
    needs: tuple[tuple[str, str], ...]
    value: Callable[[Table], float]


def _of_pass(name: str, tool: str = OURS) -> Callable[[Table], float]:
    return lambda table: table[tool, name].cpu / table[PASS, "tiny"].cpu


def _of_genops(name: str) -> Target:
    limits = {"nested5m": 0.25, "objs300k": 1.5}
    return Target(
        f"{name}, whole process",
        limits.get(name, 0.4),
        "× genops",
        ((OURS, name), (GENOPS, name)),
        lambda table: table[OURS, name].cpu / table[GENOPS, name].cpu,
    )


def _over_tiny(name: str, what: str, limit: float) -> Target:
    def value(table: Table) -> float:
        extra = table[OURS, name].cpu - table[OURS, "tiny"].cpu
        return extra / table[PASS, "tiny"].cpu

    return Target(
        f"{what}, over tiny file",
        limit,
        "× `python -c pass`",
        ((OURS, name), (OURS, "tiny"), (PASS, "tiny")),
        value,
    )


def _memory(name: str, what: str) -> Target:
    return Target(
        f"{what}, peak memory",
        40.0,
        "MiB",
        ((OURS, name),),
        lambda table: table[OURS, name].resident / MIB,
    )


# Where ``python -c pass`` takes 10 ms: 20 ms, 5 ms, 5 ms and 40 ms.
_LARGE = (
    ("ckpt1g", "1 GB torch zip", 2.0),
    ("safetensors", "500 MB safetensors", 0.5),
    ("onnx", "500 MB ONNX", 0.5),
    ("gguf", "500 MB GGUF", 4.0),
)


TARGETS: tuple[Target, ...] = (
    Target(
        "start-up and tiny file",
        6.0,
        "× `python -c pass`",
        ((OURS, "tiny"), (PASS, "tiny")),
        _of_pass("tiny"),
    ),
    *map(_of_genops, ("vocab1m_p2", "vocab1m_p4", "nested5m", "objs300k")),
    *(_over_tiny(*entry) for entry in _LARGE),
    *(_memory(name, what) for name, what, _ in _LARGE),
    Target(
        "5,000-file tree",
        1.0,
        "× picklescan",
        ((OURS, "tree5k"), ("picklescan", "tree5k")),
        lambda table: table[OURS, "tree5k"].cpu / table["picklescan", "tree5k"].cpu,
    ),
)


def judge(table: Table) -> list[tuple[Target, float, bool]]:
    """Return each target that can be judged by what was measured: its value, and whether kept."""
    judged = []
    for target in TARGETS:
        if all(pair in table for pair in target.needs):
            value = target.value(table)
            judged.append((target, value, value <= target.limit))
    return judged
