"""Files of ordinary models in which one compiled object's numbers were changed."""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable
from typing import Any

Change = Callable[[Any, Any], tuple[Any, Any]]


def doctored(model: Any, kind: type, change: Change, protocol: int = 4) -> bytes:
    """Return a pickle of a model.

    Args:
        model: The model.
        kind: Class of the compiled object within it.
        change: Takes the arguments and the state that the object is saved as; returns others.
        protocol: Of the pickle.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol)

    def reduce(thing: Any) -> tuple[Any, Any, Any]:
        function, args, state = thing.__reduce__()
        args, state = change(args, state)
        return function, args, state

    pickler.dispatch_table = {**copyreg.dispatch_table, kind: reduce}
    pickler.dump(model)
    return buffer.getvalue()


def with_nodes(field: str, at: int, value: Any) -> Change:
    """Return a change of one number of one node of a tree."""

    def change(args: Any, state: Any) -> tuple[Any, Any]:
        nodes = state["nodes"].copy()
        nodes[field][at] = value
        return args, {**state, "nodes": nodes}

    return change


def with_state(**values: Any) -> Change:
    """Return a change of some parts of a state that is a dict."""
    return lambda args, state: (args, {**state, **values})


def at_place(place: int, value: Any) -> Change:
    """Return a change of one part of a state that is a tuple; a function changes what is there."""

    def change(args: Any, state: Any) -> tuple[Any, Any]:
        parts = list(state)
        parts[place] = value(parts[place]) if callable(value) else value
        return args, tuple(parts)

    return change
