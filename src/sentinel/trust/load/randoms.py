"""NumPy's generators of random numbers: a position outside of the state reads outside of memory."""

from __future__ import annotations

from typing import Any

from .arrays import bad, is_array, parts
from .names import resolve

_FLAGS = ("has_uint32", "has_gauss")
_BITS = {
    "MT19937": "numpy.random._mt19937",
    "PCG64": "numpy.random._pcg64",
    "PCG64DXSM": "numpy.random._pcg64",
    "Philox": "numpy.random._philox",
    "SFC64": "numpy.random._sfc64",
}
_MT_WORDS = 624
_PHILOX_WORDS = 4
_MOST_SEEDS = 1 << 16


def _generator_state(name: Any, state: Any) -> dict[str, Any]:
    if name not in _BITS or type(state) is not dict or state.get("bit_generator") != name:
        raise bad("random numbers of an unknown kind")
    if any(type(state.get(flag, 0)) is not int for flag in _FLAGS):
        raise bad("random numbers with an unknown state")
    inner = state.get("state")
    if type(inner) is not dict:
        raise bad("random numbers with an unknown state")
    if name == "MT19937" and not _mt_fits(inner):
        raise bad("random numbers whose position lies outside their state")
    if name == "Philox" and not _philox_fits(state):
        raise bad("random numbers whose position lies outside their state")
    return state


def check(thing: object) -> None:
    """Check random numbers that a reader other than this package made; others pass.

    Raises:
        TrustError: A position lies outside of the state (``unsafe-values``).
    """
    kind = type(thing)
    if not kind.__module__.startswith("numpy.random"):
        return
    given: Any = thing
    if kind.__name__ == "RandomState":
        given = given._bit_generator
    elif kind.__name__ == "Generator":
        given = given.bit_generator
    if type(given).__name__ in _BITS:
        _generator_state(type(given).__name__, given.state)


def _mt_fits(inner: dict[str, Any]) -> bool:
    at = inner.get("pos")
    key: Any = inner.get("key")
    return (
        is_array(key, "u", 1) and len(key) == _MT_WORDS and type(at) is int and 0 <= at <= _MT_WORDS
    )


def _philox_fits(state: dict[str, Any]) -> bool:
    at = state.get("buffer_pos")
    buffer: Any = state.get("buffer")
    words = parts(state["state"], "counter", "key")
    return (
        type(at) is int
        and 0 <= at <= _PHILOX_WORDS
        and is_array(buffer, "u", 1)
        and len(buffer) == _PHILOX_WORDS
        and all(is_array(part, "u", 1) for part in words)
        and [len(part) for part in words] == [4, 2]
    )


def bit_generator(name: Any, state: Any) -> object:
    """Return a source of random bits.

    Args:
        name: Its class.
        state: Its state, or that and what it was seeded with.

    Raises:
        TrustError: The class is not one of NumPy's, or a position lies outside the state.
    """
    import numpy as np

    given, seeds_of = state if type(state) is tuple and len(state) == 2 else (state, None)
    checked = _generator_state(name, given)
    if seeds_of is not None and type(seeds_of) is not np.random.SeedSequence:
        raise bad("random numbers with unknown seeds")
    kind: Any = resolve(_BITS[name], name)
    made = kind(0)
    made.__setstate__(checked if seeds_of is None else (checked, seeds_of))
    return made


def random_state(args: tuple[Any, ...], state: Any) -> object:
    """Return a ``numpy.random.RandomState``. Raises as ``bit_generator`` does."""
    import numpy as np

    if len(args) != 1 or type(args[0]) is not np.random.MT19937:
        raise bad("a RandomState of another kind of bits")
    checked = _generator_state("MT19937", state)
    made = np.random.RandomState(args[0])
    made.__setstate__(checked)
    return made


def generator(args: tuple[Any, ...]) -> object:
    """Return a ``numpy.random.Generator``. Raises TrustError for other than bits of NumPy's."""
    import numpy as np

    if len(args) != 1 or type(args[0]).__name__ not in _BITS:
        raise bad("a Generator of an unknown kind of bits")
    if not isinstance(args[0], np.random.BitGenerator):
        raise bad("a Generator of an unknown kind of bits")
    return np.random.Generator(args[0])


def seeds(state: Any) -> object:
    """Return a ``SeedSequence``: entropy, children spawned, pool, its size, key.

    Raises:
        TrustError: They are no numbers, or too many.
    """
    import numpy as np

    if type(state) is not tuple or len(state) != 5:
        raise bad("a SeedSequence with an unknown state")
    entropy, spawned, pool, size, key = state
    entropies = entropy if type(entropy) in (list, tuple) else (entropy,)
    numbers = (*entropies, *(key if type(key) is tuple else (None,)), spawned)
    plain = all(_is_seed(number) for number in numbers)
    if not plain or size != 4 or len(numbers) > _MOST_SEEDS or not is_array(pool, "u", 1):
        raise bad("a SeedSequence with an unknown state")
    made = np.random.SeedSequence(
        entropy, spawn_key=key, pool_size=size, n_children_spawned=min(spawned, 1 << 31)
    )
    if made.pool.tobytes() != pool.tobytes():
        raise bad("a SeedSequence whose pool is not that of its entropy")
    return made


def _is_seed(number: Any) -> bool:
    import numpy as np

    return isinstance(number, int | np.integer) and 0 <= int(number) < 1 << 1024
