"""Interpreting a whole file: the one seam through which everybody comes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import LimitExceeded
from ...limits import DEFAULT_LIMITS, KIB, Budget, Limits
from .program import PickleProgram
from .record import Recorder
from .streams import Between, follow
from .window import Window

_BATCH_ABOVE = 64 * KIB


def interpret(
    data: bytes,
    limits: Limits = DEFAULT_LIMITS,
    *,
    batch: bool | None = None,
    trace: bool = False,
) -> PickleProgram:
    """Interpret every pickle in a buffer without building or importing anything.

    Args:
        data: The bytes.
        limits: Bounds; reaching one is noted in the program.
        batch: Take runs of scalars in one step; by default where the input is large enough for it
            to pay.
        trace: Keep every event in order.

    Returns:
        What the pickles would do.
    """
    return interpret_window(Window(None, data), Budget(limits), batch=batch, trace=trace)


_read = [0]


def _pays(size: int) -> bool:
    """Return True when patterns pay for being compiled: by one large pickle, or many small ones."""
    _read[0] += size
    return _read[0] > _BATCH_ABOVE


def interpret_window(
    window: Window,
    budget: Budget,
    *,
    batch: bool | None = None,
    trace: bool = False,
    between: Between | None = None,
) -> PickleProgram:
    """Interpret every pickle in a window; see ``interpret``.

    Args:
        window: The input.
        budget: Limits and clock.
        batch: Take runs of scalars in one step; by default for all but small inputs.
        trace: Keep every event in order.
        between: Asked after each pickle; by default, storages of legacy torch files are stepped
            over.
    """
    if batch is None:
        batch = not window.whole or _pays(len(window.data))
    program = PickleProgram(window, Recorder(budget.limits.max_calls, trace))
    with _no_collection():
        try:
            follow(program, budget, batch, between)
        except LimitExceeded as error:
            program.limits.append((error.message, error.hint))
    return program


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cycle collector: symbolic values hold no cycles, bombs hold many values."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
