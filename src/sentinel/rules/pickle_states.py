"""States that a class runs as source when it is made again.

See ``import_states`` for scipy's, ``formula_text`` for the formulas of statsmodels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import walk
from ..formats.pickle.values import KEEP, Call, Container, Value
from .import_states import SOURCE_KEYS, is_own_source
from .judgement import Judgement, Standing

_MOST = 1_000


class _Source(NamedTuple):
    """What a class runs of its state, and when that is its library's own.

    Attributes:
        keys: Keys of the state that hold the text.
        own: Returns True for text that the library writes.
    """

    keys: frozenset[str]
    own: Callable[[str], bool]


def _source(shape: str) -> _Source:
    if shape != "formula_state":
        return _Source(SOURCE_KEYS, is_own_source)
    from .formula_text import is_plain_formula

    return _Source(frozenset(("formula", "code")), is_plain_formula)


def of_source(program: PickleProgram, call: Call, shape: str) -> Judgement | None:
    """Return a judgement unless the source that a call runs is its library's own.

    Args:
        program: The pickle.
        call: The call.
        shape: ``source_state``, ``formula_state`` or ``graph_source``.
    """
    if shape == "graph_source":
        from .pickle_graphs import of_graph

        return of_graph(program, call)
    return of_state(program, call, shape)


def of_state(program: PickleProgram, call: Call, shape: str) -> Judgement | None:
    """Return a judgement unless every state of an instance holds its library's own source, or none.

    Args:
        program: The pickle.
        call: What makes an instance of a class of the shape.
        shape: ``source_state`` or ``formula_state``.
    """
    states = call.states or []
    source = _source(shape)
    # States beyond those kept were not seen.
    if len(states) < KEEP and not any(_is_foreign(program, state, source) for state in states):
        return None
    reason = "runs the source in its saved state, which is not its library's own"
    return Judgement(Standing.DANGEROUS, "execute", reason)


def _is_foreign(program: PickleProgram, state: Value, source: _Source) -> bool:
    if type(state) is not Container or state.kind != "dict":
        return _mentions_source(program, state, source)
    items = elements(program.data, state, _MOST)
    if state.more or len(items) >= _MOST:
        return True
    for key, value in zip(items[::2], items[1::2], strict=False):
        name = program.fold(key)
        if name is None:
            return True
        if name in source.keys:
            text = program.fold(value)
            if not isinstance(text, str) or not source.own(text):
                return True
    return False


def _mentions_source(program: PickleProgram, state: Value, source: _Source) -> bool:
    """Return True for anything but a dict that may end up as one with source in it.

    ``dict.update`` takes pairs and mappings of every kind; scipy before 1.6 wrote a tuple.
    """
    for count, value in enumerate(walk(state, _MOST)):
        if count >= _MOST - 1:
            return True
        if type(value) is int or type(value) is Call:
            text = program.fold(value)
            if isinstance(text, str):
                if text in source.keys:
                    return True
            elif type(value) is Call and text and not isinstance(text, bytes):
                return True  # bytes are no key of a state: the numbers of a random generator
        if type(value) is Container and _is_foreign_part(program, value, source):
            return True
    return False


def _is_foreign_part(program: PickleProgram, part: Container, source: _Source) -> bool:
    return any(
        program.fold(item) in source.keys
        for item in elements(program.data, part, _MOST)
        if type(item) is int
    )
