"""Scans in several processes, for large trees of files that are full of opcodes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ..errors import SettingsError, UsageError
from ..findings import Report
from .runner import Maker, crash_report

_CHUNK = 64
_scan: Callable[[str], Report] | None = None


def scan_in_processes(
    files: Sequence[str], make: Maker, jobs: int
) -> Generator[Report, None, None]:
    """Yield the report of every file, in order.

    Args:
        files: The files.
        make: Makes what scans one file; called once in every process.
        jobs: Number of processes; 0 for one per processor.
    """
    count = min(jobs or os.cpu_count() or 1, len(files))
    context = multiprocessing.get_context("spawn")  # the same on every system, and thread-safe
    pool = ProcessPoolExecutor(count, context, initializer=_start, initargs=(make,))
    done = 0
    try:
        for report in _submit(pool, files, max(1, min(_CHUNK, len(files) // (count * 8)))):
            done += 1
            yield report
    except BrokenProcessPool as error:
        for path in files[done:]:
            yield crash_report(path, error)
        done = len(files)
    finally:
        if done < len(files):  # interrupted: what the workers are at is wanted by nobody
            for child in multiprocessing.active_children():
                child.terminate()
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, files: Sequence[str], chunk: int) -> Iterator[Report]:
    """Start the workers deaf to Ctrl-C.

    It goes to the whole group, and a worker that dies of it may hold a lock that the others and
    the parent wait for. A new process takes over the signals that are blocked here.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return pool.map(_work, files, chunksize=chunk)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.map(_work, files, chunksize=chunk)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(make: Maker) -> None:
    global _scan
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _scan = make()


def _work(path: str) -> Report:
    try:
        assert _scan is not None
        return _scan(path)
    except (SettingsError, UsageError):
        raise
    except Exception as error:
        return crash_report(path, error)
