"""What a pickle may call: for each name, code of this package that checks the arguments.

A name in ``MAKERS`` is never called as the file asks. Its maker looks at the arguments and makes
the thing itself, or notes what to make when the state comes.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import TrustError
from . import arrays, natives, randoms
from .arrays import bad
from .keys import check_key
from .names import Name, resolve

if TYPE_CHECKING:
    from .machine import Machine

Maker = Callable[["Machine", tuple[Any, ...]], object]

_LOSSES = "sklearn._loss._loss"
_SGD = "sklearn.linear_model._sgd_fast"
_METRICS = "sklearn.metrics._dist_metrics"
_FACTORIES: tuple[type, ...] = (int, float, list, dict, set, str, OrderedDict)


def empty(kind: type, args: tuple[Any, ...]) -> object:
    """Return an instance that nothing was done to; no code of its class runs.

    Raises:
        TrustError: It is a class whose instances cannot be had empty, or arguments are given.
    """
    if issubclass(kind, tuple):
        if len(args) != len(getattr(kind, "_fields", ())) or not args:
            raise bad(f"{kind.__name__} with other fields than it has")
        return tuple.__new__(kind, args)
    if args:
        raise TrustError("not-allowed", f"{kind.__name__} is made with arguments")
    try:
        return dict.__new__(kind) if issubclass(kind, dict) else object.__new__(kind)
    except TypeError as error:
        raise TrustError("not-allowed", f"{kind.__name__} is made in a way of its own") from error


def _pending(finish: Callable[[Any], object]) -> object:
    from .machine import Pending

    return Pending(finish)


def _reconstructor(machine: Machine, args: tuple[Any, ...]) -> object:
    """``copyreg._reconstructor``: how protocols 0 and 1 make an empty instance."""
    if len(args) != 3:
        raise bad("an instance made in an unknown way")
    kind = machine.new_class(args[0])
    base, state = machine.name_of(args[1])[1], args[2]
    if (base == "object" and state is None) or (base == "dict" and issubclass(kind, dict)):
        made = empty(kind, ())
        if state is not None and isinstance(made, dict):
            made.update(_plain_dict(state))
        return made
    if base == "tuple" and type(state) is tuple:
        return empty(kind, state)
    raise TrustError("not-allowed", f"{kind.__name__} is made as a {base}")


def _plain_dict(state: Any) -> dict[Any, Any]:
    if type(state) is not dict:
        raise bad("a dict made of something else")
    return state


def _encode(machine: Machine, args: tuple[Any, ...]) -> bytes:
    """``_codecs.encode``: how protocols 0 to 2 write bytes."""
    if len(args) != 2 or type(args[0]) is not str or args[1] != "latin1":
        raise bad("bytes written in an unknown way")
    try:
        text: str = args[0]
        return text.encode("latin1")
    except UnicodeEncodeError as error:
        raise bad("bytes written in an unknown way") from error


def _bytes(machine: Machine, args: tuple[Any, ...]) -> bytes:
    """``bytes`` and ``bytearray`` of bytes; of a number they would take any amount of memory."""
    if args == ():
        return b""
    if len(args) != 1 or type(args[0]) is not bytes:
        raise bad("bytes made of something else")
    given: bytes = args[0]
    return given


def _bytearray(machine: Machine, args: tuple[Any, ...]) -> object:
    if len(args) == 2:  # protocol 0 gives the text and its encoding
        return bytearray(_encode(machine, args))
    return bytearray(_bytes(machine, args))


def _slice(machine: Machine, args: tuple[Any, ...]) -> object:
    if not 1 <= len(args) <= 3 or any(type(a) not in (int, type(None)) for a in args):
        raise bad("a slice of something else than numbers")
    return slice(*args)


def _set_of(kind: type) -> Maker:
    def make(machine: Machine, args: tuple[Any, ...]) -> object:
        if len(args) != 1 or type(args[0]) is not list:
            raise bad(f"a {kind.__name__} made of something else than a list")
        return kind(map(check_key, args[0]))

    return make


def _ordered(machine: Machine, args: tuple[Any, ...]) -> object:
    if args:
        raise bad("an OrderedDict with arguments")
    return OrderedDict()


def _default(machine: Machine, args: tuple[Any, ...]) -> object:
    """``collections.defaultdict``, whose factory is called for each key that is missed."""
    factory = args[0] if len(args) == 1 else None
    name = None if factory is None else machine.name_of(factory)
    plain = {(f.__module__, f.__name__): f for f in _FACTORIES}
    if len(args) > 1 or (name is not None and name not in plain):
        raise bad("a defaultdict that makes something else than plain values")
    return defaultdict(None if name is None else plain[name])


def _dtype(machine: Machine, args: tuple[Any, ...]) -> object:
    base = arrays.base_dtype(args)
    return _pending(lambda state: arrays.finish_dtype(base, state))


def _array(machine: Machine, args: tuple[Any, ...]) -> object:
    if len(args) != 3 or machine.name_of(args[0]) != ("numpy", "ndarray") or args[1] != (0,):
        raise TrustError("not-allowed", "an array of an unknown class")
    return _pending(arrays.from_state)


def _masked(machine: Machine, args: tuple[Any, ...]) -> object:
    given = [machine.name_of(one) for one in args[:2]]
    known = (("numpy.ma", "MaskedArray"), ("numpy.ma.core", "MaskedArray"))
    if len(args) != 4 or given[0] not in known or given[1] != ("numpy", "ndarray"):
        raise TrustError("not-allowed", "an array of an unknown class")
    return _pending(arrays.masked)


def _buffer(machine: Machine, args: tuple[Any, ...]) -> object:
    """``numpy._core.numeric._frombuffer``: how protocol 5 writes arrays."""
    if len(args) not in (4, 5) or args[3] not in ("C", "F") or args[4:] not in ((), (None,)):
        raise bad("an array with an unknown state")
    return arrays.from_bytes(*args[:4])


def _scalar(machine: Machine, args: tuple[Any, ...]) -> object:
    return arrays.number(args)


def _floats(name: Name) -> Maker:
    """Return the maker of a compiled loss, which is called with a number or two."""

    def make(machine: Machine, args: tuple[Any, ...]) -> object:
        if len(args) > 2 or any(type(a) not in (int, float) for a in args):
            raise bad(f"{name[1]} with something else than numbers")
        kind: Any = resolve(*name)
        return kind(*args)

    return make


def _pyx(module: str, name: str) -> Maker:
    """Return the maker of a compiled class without a state of interest."""

    def make(machine: Machine, args: tuple[Any, ...]) -> object:
        if len(args) != 3 or machine.name_of(args[0]) != (module, name):
            raise bad(f"{name} with an unknown state")
        kind: Any = resolve(module, name)
        if args[2] is not None:
            return natives.without_state(kind, args[2])
        return _pending(lambda state: natives.without_state(kind, state))

    return make


def _native(finish: Callable[[Name, tuple[Any, ...], Any], object], module: str) -> Maker:
    """Return the maker of ``newObj``: an instance of a class of the same module."""

    def make(machine: Machine, args: tuple[Any, ...]) -> object:
        name = machine.name_of(args[0]) if len(args) == 1 else ("", "")
        if name[0] != module or name not in NATIVE:
            raise TrustError("not-allowed", "an instance of a class of another module")
        return _pending(lambda state: finish(name, (), state))

    return make


def _tree(machine: Machine, args: tuple[Any, ...]) -> object:
    return _pending(lambda state: natives.tree(args, state))


def _bits(machine: Machine, args: tuple[Any, ...]) -> object:
    name = args[0] if args and type(args[0]) is str else machine.name_of(args[0])[1]
    return _pending(lambda state: randoms.bit_generator(name, state))


def _random_state(machine: Machine, args: tuple[Any, ...]) -> object:
    return _pending(lambda state: randoms.random_state(args, state))


def _generator(machine: Machine, args: tuple[Any, ...]) -> object:
    return randoms.generator(args)


def _seeds(machine: Machine, args: tuple[Any, ...]) -> object:
    if len(args) != 3 or machine.name_of(args[0])[1] != "SeedSequence":
        raise bad("a SeedSequence with an unknown state")
    if args[2] is not None:
        return randoms.seeds(args[2])
    return _pending(randoms.seeds)


_DISTANCES = (
    "BrayCurtis", "Canberra", "Chebyshev", "Dice", "Euclidean", "Hamming", "Haversine", "Jaccard",
    "Mahalanobis", "Manhattan", "Minkowski", "RogersTanimoto", "RussellRao", "SEuclidean",
    "SokalMichener", "SokalSneath", "Yule",
)  # fmt: skip
_TREES = (("sklearn.neighbors._kd_tree", "KDTree"), ("sklearn.neighbors._ball_tree", "BallTree"))

NATIVE: frozenset[Name] = frozenset(
    [
        *((_METRICS, f"{name}Distance{bits}") for name in _DISTANCES for bits in (32, 64)),
        *((_METRICS, f"{name}Distance") for name in _DISTANCES),
        *_TREES,
        *((module, f"{name}{bits}") for module, name in _TREES for bits in (32, 64)),
    ]
)
"""Compiled classes that are named only to be made by the maker of their module."""

_NAMED_ONLY: frozenset[Name] = frozenset(
    [
        ("builtins", "object"), ("builtins", "dict"), ("builtins", "tuple"), ("builtins", "list"),
        ("builtins", "int"), ("builtins", "float"), ("builtins", "str"),
        ("numpy", "ndarray"), ("numpy.ma", "MaskedArray"), ("numpy.ma.core", "MaskedArray"),
        ("numpy.random.bit_generator", "SeedSequence"), (_LOSSES, "CyHalfMultinomialLoss"),
        ("numpy.random._mt19937", "MT19937"), ("numpy.random._pcg64", "PCG64"),
        ("numpy.random._pcg64", "PCG64DXSM"), ("numpy.random._philox", "Philox"),
        ("numpy.random._sfc64", "SFC64"),
    ]
)  # fmt: skip


def _not_called(machine: Machine, args: tuple[Any, ...]) -> object:
    raise TrustError("not-allowed", "a class is called that models only name")


MAKERS: dict[Name, Maker] = {
    **dict.fromkeys(NATIVE | _NAMED_ONLY, _not_called),
    ("copyreg", "_reconstructor"): _reconstructor,
    ("_codecs", "encode"): _encode,
    ("builtins", "bytes"): _bytes,
    ("builtins", "bytearray"): _bytearray,
    ("builtins", "slice"): _slice,
    ("builtins", "set"): _set_of(set),
    ("builtins", "frozenset"): _set_of(frozenset),
    ("collections", "OrderedDict"): _ordered,
    ("collections", "defaultdict"): _default,
    ("numpy", "dtype"): _dtype,
    ("numpy._core.multiarray", "_reconstruct"): _array,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy._core.numeric", "_frombuffer"): _buffer,
    ("numpy.ma.core", "_mareconstruct"): _masked,
    ("numpy.random._pickle", "__bit_generator_ctor"): _bits,
    ("numpy.random._pickle", "__randomstate_ctor"): _random_state,
    ("numpy.random._pickle", "__generator_ctor"): _generator,
    ("numpy.random.bit_generator", "__pyx_unpickle_SeedSequence"): _seeds,
    (_LOSSES, "__pyx_unpickle_CyHalfMultinomialLoss"): _pyx(_LOSSES, "CyHalfMultinomialLoss"),
    ("sklearn.tree._tree", "Tree"): _tree,
    (_METRICS, "newObj"): _native(natives.metric, _METRICS),
    **{(module, "newObj"): _native(natives.neighbors, module) for module, _ in _TREES},
    **{
        (_LOSSES, f"Cy{name}"): _floats((_LOSSES, f"Cy{name}"))
        for name in (
            "AbsoluteError", "ExponentialLoss", "HalfBinomialLoss", "HalfGammaLoss",
            "HalfPoissonLoss", "HalfSquaredError", "HalfTweedieLoss", "HalfTweedieLossIdentity",
            "HuberLoss", "PinballLoss",
        )
    },
    **{
        (_SGD, name): _floats((_SGD, name))
        for name in (
            "EpsilonInsensitive", "Hinge", "ModifiedHuber", "SquaredEpsilonInsensitive",
            "SquaredHinge",
        )
    },
}  # fmt: skip
"""Names that a pickle may call, and what is done instead."""
