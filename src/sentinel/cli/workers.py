"""Scans in several processes, for large trees of files that are full of opcodes."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ..findings import Report
from ..limits import Limits
from .runner import crash_report, scanner

_scan: Callable[[str], Report] | None = None


def scan_in_processes(files: Sequence[str], limits: Limits, jobs: int) -> Iterator[Report]:
    """Yield the report of every file, in order.

    Args:
        files: The files.
        limits: Bounds of each scan.
        jobs: Number of processes; 0 for one per processor.
    """
    count = min(jobs or os.cpu_count() or 1, len(files))
    context = multiprocessing.get_context("spawn")  # the same on every system, and thread-safe
    pool = ProcessPoolExecutor(count, context, initializer=_start, initargs=(limits,))
    done = 0
    try:
        chunk = max(1, min(64, len(files) // (count * 8)))
        for report in pool.map(_work, files, chunksize=chunk):
            done += 1
            yield report
    except BrokenProcessPool as error:
        for path in files[done:]:
            yield crash_report(path, error)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _start(limits: Limits) -> None:
    global _scan
    _scan = scanner(limits)


def _work(path: str) -> Report:
    try:
        assert _scan is not None
        return _scan(path)
    except Exception as error:
        return crash_report(path, error)
