"""Functions that a state puts in the place of a method which loading itself calls.

``IsotonicRegression.__setstate__`` calls ``self._build_f``, many classes call ``self.close`` when
they go away, mappings call methods of theirs for each item that is stored. An attribute of that
name shadows the method, and the function there is called with what else the state holds. Names as
classes of ordinary libraries call them; a function of a file's own there is no data.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..formats.pickle.literals import elements
from ..formats.pickle.planting import holds_more
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Target, bound_by, target
from ..formats.pickle.values import Call, Container, Global, Run, Value
from .judgement import Judgement, Standing
from .pickle_spots import class_like

_HOOKS = frozenset(
    (
        "_attach_methods", "_build_f", "_calculate_keys", "_cleanup", "_cmp", "_cmp_method",
        "_cmp_or_logical_op", "_commit_removals", "_compare", "_comparison", "_destructor",
        "_ensure_doc", "_f_close", "_free_handle", "_initialize", "_invalidate_cache",
        "_is_comparable_to", "_make_span_group", "_namespace_ids", "_patch_step_function",
        "_propagate_mask", "_raise_callable_usage", "_raise_if_immutable", "_scalar_from_string",
        "_setitem", "_shutdown_workers", "_timer_stop", "_validate_comparison_value",
        "_validate_scalar", "_validate_setitem_value", "_warn_if_expanding", "add_clauses",
        "add_module", "cleanup", "close", "construct_from_string", "detach", "free",
        "free_network", "init_poolmanager", "insert_element", "set_cookie", "shutdown",
    )
)  # fmt: skip
"""Names of methods that ``__setstate__``, ``__del__``, ``__hash__``, ``__eq__`` and ``__setitem__``
call on their own object."""
_MOST = 200
POINTER = Judgement(
    Standing.DANGEROUS, "introspect", "it frees memory at an address that the file names"
)
_POINTERS = frozenset(("handle", "_handle"))
_NATIVE = frozenset(("xgboost", "lightgbm"))


def hooked(program: PickleProgram, call: Call) -> Iterator[tuple[Target, Value]]:
    """Yield the functions in the states of an instance that loading it calls, by their names.

    Args:
        program: The pickle.
        call: What made the instance.
    """
    for state in (call.states or ())[:_MOST]:
        parts = state if type(state) is tuple else (state,)
        for part in parts:
            if type(part) is Container and part.kind == "dict" and holds_more(part.items):
                yield from _in_dict(program, part)


def plants_pointer(program: PickleProgram, call: Call) -> bool:
    """Return True for a number where an object of a native library keeps its pointer.

    The library frees what is there when the object goes away. Its own pickles hold the model in
    that place, as bytes or text, or None.

    Args:
        program: The pickle.
        call: What made the instance.
    """
    owner = target(program.data, call)
    if owner is None or owner.module.partition(".")[0] not in _NATIVE:
        return False
    for state in (call.states or ())[:_MOST]:
        for part in state if type(state) is tuple else (state,):
            if type(part) is not Container or part.kind != "dict":
                continue
            items = elements(program.data, part)
            for key, value in zip(items[::2], items[1::2], strict=False):
                if type(key) is int and type(value) is int and _is_pointer(program, key, value):
                    return True
    return False


def _is_pointer(program: PickleProgram, key: int, value: int) -> bool:
    if program.literal(key, 16) not in _POINTERS:
        return False
    number = program.literal(value, 32)
    return isinstance(number, int | float) and bool(number)


def _in_dict(program: PickleProgram, state: Container) -> Iterator[tuple[Target, Value]]:
    items = [item for item in state.items if not isinstance(item, Run)]
    for key, value in zip(items[::2], items[1::2], strict=False):
        if type(value) is not Global and type(value) is not Call:
            continue
        if type(key) is int and program.literal(key, 32) in _HOOKS:
            path = _function(program, value)
            if path is not None and not class_like(path.name):
                yield path, value


def _function(program: PickleProgram, value: Global | Call) -> Target | None:
    """Return the function that is put there: named, or bound to arguments by ``partial``."""
    if isinstance(value, Global):
        return Target(value.module, value.name)
    found = target(program.data, value.callee)
    if found is None or str(found) != "functools.partial":
        return None
    return target(program.data, bound_by(value).function)
