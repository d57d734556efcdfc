"""A progress bar on standard error, for scans that take a while on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from ..reports.escape import printable

DELAY = 0.5
_INTERVAL = 0.15
_BAR = 20
_CLEAR = "\r\x1b[2K"


class Progress:
    """Draws how far a scan is, once it has taken longer than half a second.

    Args:
        total: Files to scan.
        stream: Where to draw; standard error by default.
        clock: Gives seconds.
        columns: Width of the terminal; asked for by default.
    """

    def __init__(
        self,
        total: int,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        columns: int = 0,
    ) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._clock = clock
        self._columns = columns or _columns(self._stream)
        self._started = clock()
        self._done = 0
        self._current = ""
        self._drawn = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Redraw from a thread, so that one large file moves the clock too."""
        self._thread = threading.Thread(target=self._tick, daemon=True)
        self._thread.start()

    def _tick(self) -> None:
        while not self._stop.wait(_INTERVAL):
            self.draw()

    def step(self, path: str) -> None:
        """Note that a file begins, and that those before it are done."""
        if self._current:
            self._done += 1
        self._current = path

    def draw(self) -> None:
        """Draw the bar, unless it is too early for one."""
        elapsed = self._clock() - self._started
        if elapsed < DELAY:
            return
        filled = _BAR * self._done // max(self._total, 1)
        bar = "#" * filled + "-" * (_BAR - filled)
        text = f"[{bar}] {self._done}/{self._total} {elapsed:.0f}s "
        room = self._columns - len(text) - 1
        if room > 8:
            text += printable(self._current)[-room:]
        self._drawn = True
        self._write(_CLEAR + text)

    def close(self) -> None:
        """Stop drawing and take the bar away."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._drawn:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stop.set()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 80
