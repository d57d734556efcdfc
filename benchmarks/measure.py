"""Run a command and say what it cost."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Timer
from typing import NamedTuple

MIB = 2**20


class Cost(NamedTuple):
    """What one run took.

    Attributes:
        cpu: User and system seconds of the process and of the children it waited for.
        wall: Seconds from start to end.
        resident: Peak resident bytes of the largest process.
        code: Exit code; negative for a signal.
        killed: Whether it ran out of time.
        read: Bytes that its calls of ``read`` and the like gave, its own modules included; not
            those of mapped files. 0 where the system does not count them.
    """

    cpu: float
    wall: float
    resident: int
    code: int
    killed: bool
    read: int = 0


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], timeout: float
) -> Cost:
    """Run a command to its end, or until its time is up.

    Args:
        command: What to run.
        folder: Where; its output goes to a file there.
        environment: Variables beside those of this process.
        timeout: Seconds after which its whole process group is killed.

    Returns:
        The cost. Peak memory is never less than that of the process that measures, since the
        kernel counts a child's memory from before it became the command.
    """
    killed: list[bool] = []
    with (folder / "output.txt").open("wb") as output:
        started = time.perf_counter()
        child = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        timer = Timer(timeout, _kill, (child.pid, killed))
        timer.start()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        read = _bytes_read(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, wall, usage.ru_maxrss * 1024, child.returncode, bool(killed), read)


def _bytes_read(process: int) -> int:
    """Return what a process that has ended has read, as Linux counts it."""
    try:
        counts = Path(f"/proc/{process}/io").read_text()
    except OSError:
        return 0
    return int(counts.partition("rchar: ")[2].partition("\n")[0] or 0)


def _kill(group: int, killed: list[bool]) -> None:
    killed.append(True)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the run with the median CPU time (the lower one of two), with the highest memory."""
    middle = statistics.median_low(cost.cpu for cost in costs)
    chosen = next(cost for cost in costs if cost.cpu == middle)
    return chosen._replace(resident=max(cost.resident for cost in costs))
