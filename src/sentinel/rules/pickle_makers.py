"""Calls that are as good as what they are handed: loaders of bytes, makers of functions.

Small judgements about single calls, each from the call alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Target, key_of, target
from ..formats.pickle.values import Buffer, Call, Container, Global, Run, Value
from .imports import judge
from .judgement import Judgement, Standing
from .pickle_spots import class_like

COMPUTED_BYTES = Judgement(
    Standing.DANGEROUS,
    "deserialise",
    "it loads a nested model from bytes that the file computes in a way that cannot be followed",
)
MAKES_A_CLASS = Judgement(
    Standing.DANGEROUS, "introspect", "it makes a class whose methods are what the file names"
)
RUNS_BY_VALUE = Judgement(
    Standing.DANGEROUS, "execute", "it runs a function that the file brings by value"
)
EVALUATES = Judgement(Standing.DANGEROUS, "execute", "it evaluates the text that it is given")
IMPORTS = Judgement(Standing.DANGEROUS, "execute", "importing the module acts by itself")
POINTS = Judgement(Standing.DANGEROUS, "load-code", "it makes pointers of numbers in the file")
OPENS = Judgement(Standing.DANGEROUS, "file", "it opens a file")

_PLACES = {"spacy.tokens.doc.unpickle_doc": 1, "spacy.vocab.unpickle_vocab": 4}
_FUNCTIONS = frozenset(
    ("_make_function", "_make_skel_func", "_create_function", "_fill_function", "_create_code")
)
_CLASSES = frozenset(
    (
        "_make_skeleton_class", "_make_skeleton_enum", "_create_type", "_create_namedtuple",
        "_load_type", "_builtin_type", "_make_typevar", "_create_dtypemeta",
    )
)  # fmt: skip
_IMPORTERS = ("import", "_load_type", "_get", "_builtin_type", "_lookup", "_reverse", "_dict_from")
_IMPORT_ONE = frozenset(("subimport", "_import_module"))
_ACTS_ON_IMPORT = re.compile(
    r"(?:antigravity|this|idlelib\.\w+|turtledemo\.\w+|test(?:\.\w+)+)\Z|\.__main__\Z"
)
_CHANGERS = frozenset(
    (
        "_function_setstate", "_class_setstate", "_fill_function", "_fill_class", "_delattr",
        "_rehydrate_skeleton_class", "_restore_attr", "_setitems", "_cell_set",
    )
)  # fmt: skip
_RANGE = re.compile(r"range\(-?[0-9]{1,20}, -?[0-9]{1,20}(?:, -?[0-9]{1,20})?\)")
_CONSTANTS = frozenset(("Ellipsis", "NotImplemented", "None", "True", "False"))
_FILE_TYPES = ("File", "Buffered", "TextWrapper")
_TEXT_METHODS = frozenset(
    (
        "capitalize", "casefold", "count", "endswith", "isalnum", "isalpha", "isdecimal", "isdigit",
        "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition",
        "removeprefix", "removesuffix", "rpartition", "rsplit", "rstrip", "split", "splitlines",
        "startswith", "strip", "swapcase", "title", "upper", "zfill",
    )
)  # fmt: skip
_PROXIES = frozenset(("collections.ChainMap", "collections.UserDict", "collections.UserList"))
_SHARED = frozenset(("logging.getLogger",))
_ITERATORS = frozenset(("iter", "map", "filter", "reversed"))
_MAKE_THEIR_OWN = frozenset(
    (
        "itertools", "numpy.random._pickle", "astropy.units.core", "numba.core.types.abstract",
        "sortedcontainers.sorteddict", "sortedcontainers.sortedlist", "sortedcontainers.sortedset",
    )
)  # fmt: skip
_KEEPERS = frozenset(
    (
        "functools.lru_cache", "functools.cache", "functools._lru_cache_wrapper",
        "functools.cached_property", "functools.singledispatchmethod",
    )
)  # fmt: skip
_MAKERS_OF_INSTANCES = frozenset(("enum.Enum.__new__", "builtins.object.__new__"))
_METHODS = frozenset(("builtins.staticmethod", "builtins.classmethod"))
_GRAPHS = frozenset(
    (
        "torch_geometric.data.data.Data", "torch_geometric.data.hetero_data.HeteroData",
        "torch_geometric.data.temporal.TemporalData",
    )
)  # fmt: skip
_RETYPERS = frozenset(("torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type"))
_CELLS = frozenset(("_make_cell", "_create_cell", "_make_empty_cell", "_cell_set"))


def loads_plain_bytes(program: PickleProgram, path: Target, args: tuple[Value, ...]) -> bool:
    """Return True when the bytes that a loader of nested models is given are there to be read.

    Literals are scanned by themselves, and so are bytes that can be worked out.
    """
    place = _PLACES.get(str(path), 0)
    value = args[place] if len(args) > place else 0
    if type(value) is Call:
        held = _in_memory(value)
        if held is not None:
            return loads_plain_bytes(program, Target("", ""), (held,))
        encoded = key_of(value.callee) == "codecs.encode"
        if encoded and type(value.args) is tuple and type(value.args[0]) is int:
            return True
        return isinstance(program.fold(value), bytes)
    return type(value) is int


def _in_memory(value: Call) -> Value | None:
    """Return what an ``io.BytesIO`` holds: its argument, or what its one state begins with."""
    if key_of(value.callee) not in ("io.BytesIO", "_io.BytesIO") or value.items:
        return None
    held: Value | None = value.args
    if value.states:
        held = value.states[0] if len(value.states) == 1 and not value.args else None
    return held[0] if type(held) is tuple and held else None


def makes_function(path: Target) -> bool:
    """Return True for a function of cloudpickle or dill that makes functions."""
    return path.name in _FUNCTIONS


def makes_class(path: Target) -> bool:
    """Return True for a function of cloudpickle or dill whose results ordinary files call."""
    return path.name in _CLASSES


def bases(made: Value) -> tuple[Value, ...]:
    """Return the base classes that cloudpickle's or dill's maker gives a class."""
    args = made.args if type(made) is Call and type(made.args) is tuple else ()
    return args[2] if len(args) > 2 and type(args[2]) is tuple else ()


def makes_its_own(path: Target) -> bool:
    """Return False for those functions of cloudpickle and dill that fetch what exists already."""
    return not any(word in path.name for word in _IMPORTERS)


def made_here(program: PickleProgram, args: tuple[Value, ...]) -> bool:
    """Return True for an attribute of a class that the stream itself brings by value (dill)."""
    owner = args[0] if args else None
    if type(owner) is Global:
        return _renames(program, owner, args[1:])
    path = target(program.data, owner.callee) if isinstance(owner, Call) else None
    if path is None or not makes_its_own(path):
        return False
    return judge(path.module, path.name).shape == "function"


def calls_nothing(call: Call, maker: Call) -> bool:
    """Return True for products of calls that are called again, and whose calls are harmless.

    ``lru_cache(size, typed)(function)`` wraps (dill); PyTorch Geometric makes batches of data so.
    """
    args = maker.args if type(maker.args) is tuple else (maker.args,)
    if call.kind != "REDUCE" or maker.states or type(call.args) is not tuple:
        return False
    if key_of(maker.callee) == "functools.lru_cache":
        return len(args) == 2 and all(type(one) is int for one in args) and not call.states
    if key_of(maker.callee) != "torch_geometric.data.batch.DynamicInheritanceGetter" or args[1:]:
        return False
    batch, *data = map(key_of, call.args)
    return batch == "torch_geometric.data.batch.Batch" and len(data) == 1 and data[0] in _GRAPHS


def is_method_by_value(data: Buffer, value: Value) -> bool:
    """Return True for a method in the dict of a class by value that the file brings as well.

    Also for the two ``__new__`` that classes of Enum have in theirs, which make instances.
    """
    if type(value) is Call and key_of(value.callee) in _METHODS and type(value.args) is tuple:
        value = value.args[0] if len(value.args) == 1 and not value.states else 0
    path = target(data, value)
    if path is not None and str(path) in _MAKERS_OF_INSTANCES:
        return True
    if type(value) is not Call or path is None:
        return False
    return judge(path.module, path.name).shape == "function"


def _renames(program: PickleProgram, owner: Global, given: tuple[Value, ...]) -> bool:
    """Return True for a class of the script's own that is told its name (dill, of an Enum)."""
    if owner.module != "__main__" or len(given) != 2:
        return False
    key, name = map(program.fold, given)
    return key == "__qualname__" and isinstance(name, str)


def by_value(program: PickleProgram, path: Target, args: tuple[Value, ...]) -> Judgement | None:
    """Return what is wrong with a call into cloudpickle's or dill's makers, if anything is."""
    text = program.fold(args[0]) if args else None
    if path.name == "_eval_repr" and text not in _CONSTANTS and not _is_range(text):
        return EVALUATES
    if path.name in _IMPORT_ONE and _ACTS_ON_IMPORT.search(str(text)):
        return IMPORTS
    if path.name == "_create_capsule":
        return POINTS
    opens = path.name == "_load_type" and any(word in str(text) for word in _FILE_TYPES)
    return OPENS if opens or path.name == "_create_filehandle" else None


def calls_it(path: Target, args: tuple[Value, ...]) -> bool:
    """Return True for a maker of dill's that calls its first argument, and not as a metaclass."""
    if path.name == "_create_type":
        body = args[3] if len(args) == 4 else None
        return not (type(body) is Container and body.kind == "dict" and type(args[2]) is tuple)
    return path.name in ("_create_array", "_create_ftype")


def _is_range(text: object) -> bool:
    return isinstance(text, str) and _RANGE.fullmatch(text) is not None


def changes_what_exists(path: Target, args: tuple[Value, ...]) -> bool:
    """Return True for a maker that fills in what the program has already, not what it made."""
    return path.name in _CHANGERS and bool(args) and type(args[0]) is Global


def lives_in(path: Target, args: tuple[Value, ...]) -> bool:
    """Return True for a function that dill puts into an ordinary module: given its ``__dict__``."""
    home = args[1] if path.name == "_create_function" and len(args) > 1 else None
    if type(home) is not Global or home.name != "__dict__" or home.computed:
        return False
    return judge(home.module, "").standing is not Standing.DANGEROUS


def keeps(path: Target) -> bool:
    """Return True for what keeps a callable that it is given and does not call it."""
    return str(path) in _KEEPERS or path.name in _CELLS


def reconstructed(call: Call, shape: str) -> tuple[Value, ...] | None:
    """Return what numba's ``_type_reconstructor(reconstructor, args, state)`` gives the former."""
    args = call.args if type(call.args) is tuple else ()
    numba = key_of(call.callee) == "numba.core.types.abstract._type_reconstructor"
    if numba and shape == "reconstructor" and len(args) > 1 and type(args[1]) is tuple and args[1]:
        return args[1]
    return None


def is_text_method(program: PickleProgram, args: tuple[Value, ...]) -> bool:
    """Return True for the name of a method that text has, and that gives an attacker nothing."""
    name = program.fold(args[0]) if args else None
    return isinstance(name, str) and name in _TEXT_METHODS


def takes_state(path: Target) -> bool:
    """Return True for generic callables that make objects of their own, which may take state."""
    if path.module == "builtins":
        return path.name in _ITERATORS
    if str(path) == "functools.cached_property":
        return True
    return path.module in _MAKE_THEIR_OWN


def callbacks(call: Call, args: tuple[Value, ...]) -> Iterator[Value]:
    """Yield what a dispatcher such as ``map`` may call: its arguments, and functions in a dict.

    The second argument of torch's ``_rebuild_from_type_v2`` is a class of tensors, which becomes
    that of the result (``as_subclass``) and is not called.
    """
    retyped = key_of(call.callee) in _RETYPERS
    for value in (*args[:1], *args[2:]) if retyped else args:
        if type(value) is Container:
            names = [item for item in value.items if type(item) is Global]
            yield from (one for one in names if not class_like(one.name))
        elif type(value) not in (int, tuple):
            yield value


def hands_out(path: Target) -> bool:
    """Return True for a harmless function that hands out an object of the program's own."""
    return str(path) in _SHARED


def passes_items_on(call: Call) -> bool:
    """Return True when items stored into an object of ``collections`` go into what it wraps."""
    if not call.items or key_of(call.callee) not in _PROXIES:
        return False
    args = call.args if type(call.args) is tuple else ()
    held = [value for state in call.states or () for value in _direct(state)]
    return any(type(value) is Global for value in (*args, *held))


def _direct(state: Value) -> list[Value]:
    if type(state) is not Container:
        return []
    return [item for item in state.items if not isinstance(item, Run)]


def is_of_python(path: Target | None) -> bool:
    """Return True for a dispatcher of the standard library that calls what it is given."""
    if path is None or keeps(path):
        return False
    return path.module.partition(".")[0] in sys.stdlib_module_names
