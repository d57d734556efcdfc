"""The benchmark's bookkeeping. What it measures is never asserted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.measure import MIB, Cost, median, run
from benchmarks.peers import OURS, PEERS
from benchmarks.run import QUICK, cell, enough
from benchmarks.targets import TARGETS, judge
from benchmarks.workloads import BY_NAME, WORKLOADS


def cost(cpu: float, code: int = 0, resident: int = MIB, killed: bool = False) -> Cost:
    return Cost(cpu, cpu, resident, code, killed)


def test_a_run_gives_exit_code_time_and_memory(tmp_path: Path) -> None:
    measured = run([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, {}, 60)
    assert measured.code == 3
    assert measured.cpu > 0
    assert measured.resident > MIB
    assert not measured.killed


def test_a_run_that_does_not_end_is_killed(tmp_path: Path) -> None:
    endless = "while True: pass"
    assert run([sys.executable, "-c", endless], tmp_path, {}, 0.3).killed


def test_the_median_keeps_the_highest_memory() -> None:
    costs = [cost(3, resident=5), cost(1, resident=9), cost(2, resident=7)]
    assert median(costs)[0] == 2
    assert median(costs).resident == 9


@pytest.mark.parametrize(
    ("costs", "text"),
    [
        ([cost(0.5)], "0.5 s / 1 MB"),
        ([cost(0.5, code=2)], "0.5 s / 1 MB x2"),
        ([cost(90.0, code=-9, killed=True)], ">90 s / 1 MB killed"),
    ],
)
def test_a_cell_tells_exit_codes_and_kills(costs: list[Cost], text: str) -> None:
    assert cell(costs) == text


def test_slow_tools_run_less_often() -> None:
    assert not enough([cost(1.0)] * 4)
    assert not enough([cost(3.0)] * 2)
    assert enough([cost(3.0)] * 3)
    assert enough([cost(9.0)])


def test_a_target_is_kept_or_not_and_silent_without_figures() -> None:
    table = {("sentinel", "tiny"): cost(0.05), ("pass", "tiny"): cost(0.01)}
    ((target, value, kept),) = judge(table)
    assert target.case == "start-up and tiny file"
    assert value == pytest.approx(5.0)
    assert kept
    table["sentinel", "tiny"] = cost(0.07)
    assert not judge(table)[0][2]


def test_names_fit_together() -> None:
    assert len(BY_NAME) == len(WORKLOADS)
    assert set(QUICK) <= set(BY_NAME)
    tools = {OURS.name, *(peer.name for peer in PEERS), "pass", "genops"}
    needed = {pair for target in TARGETS for pair in target.needs}
    assert {tool for tool, _ in needed} <= tools
    assert {workload for _, workload in needed} <= set(BY_NAME)
