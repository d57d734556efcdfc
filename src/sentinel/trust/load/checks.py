"""A second look at what was loaded: numbers that compiled code follows without looking.

The objects are walked, a bounded number of them, through their dicts and items; none of their
methods is called. Predictions go through arrays that have to fit each other: the features of a
tree and those of its forest, the pointers of a sparse matrix, the support vectors of an SVM.
Whatever does not fit is refused, since it would read or write outside of memory later on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from ...errors import TrustError
from . import randoms
from .arrays import attributes_of
from .check_columns import COLUMNS
from .check_models import ESTIMATORS
from .check_numeric import NUMERIC
from .check_svm import SVMS

BY_CLASS = (*NUMERIC, *COLUMNS, *(("sklearn.svm.", name, test) for name, test in SVMS))
_MOST = 20_000_000
_PLAIN = frozenset((dict, list, tuple, set, frozenset, deque))
_ATOMS = frozenset((str, bytes, bytearray, int, float, complex, bool, type(None), type, slice))


def check(found: object) -> None:
    """Look at everything that a loaded object holds.

    Raises:
        TrustError: Numbers do not fit each other (``unsafe-values``), or there are more objects
            than are looked at (``too-large``).
    """
    for thing in everything(found):
        randoms.check(thing)
        if type(thing) in _PLAIN or not attributes_of(thing):
            continue
        kind = type(thing)
        for module, name, test in BY_CLASS:
            if kind.__name__ == name and kind.__module__.startswith(module):
                test(attributes_of(thing))
        if kind.__module__.startswith("sklearn."):
            for test in ESTIMATORS:
                test(attributes_of(thing))


def everything(found: object) -> Iterator[object]:
    """Yield every object that may hold others or be compiled, each once.

    Raises:
        TrustError: There are too many (``too-large``).
    """
    seen: set[int] = set()
    waiting: list[Any] = [found]
    count = 0
    while waiting:
        thing = waiting.pop()
        if type(thing) in _ATOMS or id(thing) in seen:
            continue
        seen.add(id(thing))
        count += 1
        if count > _MOST:
            raise TrustError("too-large", f"more than {_MOST} objects")
        yield thing
        waiting.extend(_inside(thing))


def _inside(thing: Any) -> Iterator[Any]:
    if isinstance(thing, dict):
        yield from dict.keys(thing)
        yield from dict.values(thing)
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        kind: Any = next(
            one for one in (list, tuple, set, frozenset, deque) if isinstance(thing, one)
        )
        yield from kind.__iter__(thing)
    elif type(thing).__name__ in ("ndarray", "MaskedArray") and _of_objects(thing):
        import numpy as np

        yield from np.asarray(thing).ravel().tolist()  # what is masked, too
    if type(thing) not in _PLAIN:
        yield from attributes_of(thing).values()


def _of_objects(thing: Any) -> bool:
    import numpy as np

    return isinstance(thing, np.ndarray) and thing.dtype.kind == "O"
