"""Measure our scanner beside others and print the table.

    python -m benchmarks.run [--quick] [--peers NAME ...] [--only NAME ...] [--rounds N]

Each tool runs as the command a person would type, in an environment of its own. Runs of the tools
are interleaved, so that a busy machine is busy for all of them. What counts is the median of user
and system CPU seconds; wall time depends on who else is working.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import peers
from .measure import MIB, Cost, median, run
from .targets import GENOPS, PASS, Table, judge
from .workloads import BY_NAME, WORKLOADS, Workload

CACHE = Path(__file__).resolve().parent / ".cache"
QUICK = ("tiny", "vocab50k", "vocab1m_p4", "rf", "rf_c3")
SLOW = 2.5
VERY_SLOW = 8.0
COUNT_OPCODES = """
import pickletools, sys, time
with open(sys.argv[1], "rb") as file:
    data = file.read()
started = time.process_time()
for _ in pickletools.genops(data):
    pass
print(time.process_time() - started)
"""


def arguments() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}; 3 rounds")
    names = [peer.name for peer in peers.PEERS]
    parser.add_argument(
        "--peers", nargs="*", metavar="NAME", choices=names, default=names, help="all by default"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=list(BY_NAME))
    parser.add_argument("--rounds", type=int, help="runs of each, 5 unless --quick")
    parser.add_argument("--timeout", type=float, default=90.0, help="seconds for one run")
    return parser.parse_args()


def prepare(workload: Workload, folder: Path) -> Path:
    """Return the path of a workload, made in a process of its own if it is not there."""
    target = folder / workload.file
    if not target.exists():
        print(f"making {workload.name}", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as partial:
            command = [sys.executable, "-m", "benchmarks.workloads", partial, workload.name]
            subprocess.run(command, cwd=peers.ROOT, check=True)
            (Path(partial) / workload.file).rename(target)
    return target


def yardsticks(
    workload: Workload, target: Path, python: Path, folder: Path
) -> Iterator[tuple[str, Cost]]:
    """Yield the costs of doing nothing and of merely listing a pickle's opcodes."""
    if workload.name == "tiny":
        yield PASS, run([str(python), "-c", "pass"], folder, {}, 60)
    if workload.opcodes:
        cost = run([str(python), "-c", COUNT_OPCODES, str(target)], folder, {}, 300)
        seconds = float((folder / "output.txt").read_text())
        yield GENOPS, cost._replace(cpu=seconds)


def warm(tools: Iterable[peers.Tool]) -> None:
    """Let each tool compile once what it keeps compiled."""
    target = prepare(BY_NAME["tiny"], CACHE / "workloads")
    with tempfile.TemporaryDirectory() as scratch:
        for tool in tools:
            command = tool.command(CACHE / "environments", target)
            run(command, Path(scratch), dict(tool.environment), 300)


def measure(
    workload: Workload, target: Path, tools: Iterable[peers.Tool], rounds: int, timeout: float
) -> dict[str, list[Cost]]:
    """Return the costs of each tool and yardstick over interleaved rounds.

    A tool that takes long is run less often: three times above 2.5 s, once above 8 s.
    """
    costs: dict[str, list[Cost]] = {}
    home = CACHE / "environments"
    python = home / peers.OURS.name / "bin" / "python"
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(rounds):
            for tool in tools:
                if enough(costs.get(tool.name, [])):
                    continue
                command = tool.command(home, target)
                cost = run(command, Path(scratch), dict(tool.environment), timeout)
                costs.setdefault(tool.name, []).append(cost)
            for name, cost in yardsticks(workload, target, python, Path(scratch)):
                costs.setdefault(name, []).append(cost)
    return costs


def enough(costs: list[Cost]) -> bool:
    """Return True when a slow tool has been run often enough."""
    slowest = max((cost.cpu for cost in costs), default=0.0)
    return slowest > VERY_SLOW or (slowest > SLOW and len(costs) >= 3)


def cell(costs: list[Cost]) -> str:
    """Return CPU seconds, peak memory, and what differs from five clean runs."""
    middle = median(costs)
    text = f"{'>' if middle.killed else ''}{middle.cpu:.3g} s / {middle.resident // MIB} MB"
    if middle.killed:
        return f"{text} killed"
    return f"{text} x{middle.code}" if middle.code else text


def size(target: Path) -> str:
    """Return the size of a file or folder."""
    files = [target] if target.is_file() else [p for p in target.rglob("*") if p.is_file()]
    total = sum(path.stat().st_size for path in files)
    return f"{total / 1e6:.3g} MB" if total >= 1e5 else f"{total} B"


def table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as a Markdown table, the first one as its head."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def bytes_read(medians: Table, names: list[str]) -> str:
    """Return a table of the bytes that files of tensors cost over the small file."""
    rows: list[tuple[str, ...]] = [("MB read over the small file", *names)]
    for workload in (entry.name for entry in WORKLOADS if entry.tensors):
        cells = [
            f"{max(0, medians[name, workload].read - medians[name, 'tiny'].read) / 1e6:.3g}"
            if (name, workload) in medians and (name, "tiny") in medians
            else ""
            for name in names
        ]
        if any(cells):
            rows.append((workload, *cells))
    return f"{table(rows)}\n\n" if len(rows) > 1 else ""


def report(results: dict[str, dict[str, list[Cost]]], names: list[str], folder: Path) -> str:
    """Return the tables of costs and of targets."""
    rows: list[tuple[str, ...]] = [("workload", "size", *names)]
    for workload, costs in results.items():
        cells = (cell(costs[name]) if name in costs else "" for name in names)
        rows.append((workload, size(folder / BY_NAME[workload].file), *cells))
    medians: Table = {
        (name, workload): median(costs)
        for workload, by_tool in results.items()
        for name, costs in by_tool.items()
    }
    read = bytes_read(medians, [name for name in names if name not in (PASS, GENOPS)])
    targets: list[tuple[str, ...]] = [("target", "limit", "measured", "kept")]
    for target, value, kept in judge(medians):
        limit, measured = f"≤ {target.limit:g} {target.unit}", f"{value:.2f}"
        targets.append((target.case, limit, measured, "yes" if kept else "**NO**"))
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs"
    return (
        f"Python {platform.python_version()}, {where}. Median CPU seconds (user and system) and "
        "peak resident memory of the whole command; `xN` is an exit code other than 0 (every input "
        "is harmless); `>` was killed. `genops` is `pickletools.genops` alone, in process.\n\n"
        f"{table(rows)}\n\n{read}{table(targets)}\n"
    )


def main() -> int:
    """Measure, print, and return 0 whatever the figures say."""
    options = arguments()
    chosen = options.only or (QUICK if options.quick else [entry.name for entry in WORKLOADS])
    rounds = options.rounds or (3 if options.quick else 5)
    tools = (peers.OURS, *(peer for peer in peers.PEERS if peer.name in options.peers))
    for tool in tools:
        peers.install(tool, CACHE / "environments")
    warm(tools)
    results = {}
    for workload in (entry for entry in WORKLOADS if entry.name in chosen):
        target = prepare(workload, CACHE / "workloads")
        print(f"measuring {workload.name}", file=sys.stderr)
        results[workload.name] = measure(workload, target, tools, rounds, options.timeout)
    names = [*(tool.name for tool in tools), PASS, GENOPS]
    text = report(results, names, CACHE / "workloads")
    (CACHE / "result.md").write_text(text, encoding="utf-8")
    (CACHE / "result.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
