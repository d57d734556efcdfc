"""What the stub unpickler knows of ordinary functions: how they pass calls and names on.

A model takes the stub of the function, its positional and its keyword arguments, and returns the
result, or NotImplemented where it has nothing to say. Nothing here runs anything but the stubs
themselves and pure functions over text, bytes and numbers.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import itertools
import json
import operator
import urllib.parse
import zlib
from collections.abc import Callable
from typing import Any

Model = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]

MODELS: dict[str, Model] = {}


def model(*paths: str) -> Callable[[Model], Model]:
    """Register a model for these names."""

    def register(function: Model) -> Model:
        MODELS.update(dict.fromkeys(paths, function))
        return function

    return register


def _stub(like: Any, path: str) -> Any:
    return type(like)(like._journal, path)


def attribute(like: Any, owner: Any, name: str) -> Any:
    """Return ``owner.name``: of a stub by its path, of plain data as a bound pure function."""
    for part in str(name).split("."):
        if hasattr(owner, "_path"):
            owner = owner._attribute(part)
        elif isinstance(owner, Bound) and hasattr(owner.function, "_path"):
            owner = owner.function._attribute(part)
        else:
            bound = _stub(like, f"builtins.{type(owner).__name__}.{part}")
            owner = Bound(bound, (owner,))
    return owner


class Bound:
    """A callable with leading arguments."""

    def __init__(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any] | None = None):
        self.function, self.args, self.kwargs = function, args, kwargs or {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*self.args, *args, **self.kwargs, **kwargs)


class Caller:
    """A callable in this module's own Python."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)


@model("builtins.getattr", "inspect.getattr_static")
def _getattr(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return attribute(stub, args[0], args[1])


@model("builtins.object.__getattribute__", "builtins.type.__getattribute__")
def _getattribute(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return attribute(stub, args[0], args[1])


@model("operator.attrgetter", "_operator.attrgetter")
def _attrgetter(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return Caller(lambda owner: attribute(stub, owner, args[0]))


@model("operator.itemgetter", "_operator.itemgetter")
def _itemgetter(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return Caller(lambda owner: _getitem(stub, (owner, args[0]), {}))


@model("operator.getitem", "_operator.getitem")
def _getitem(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    owner, key = args
    if getattr(owner, "_path", "") == "collections.defaultdict()" and owner._args:
        return owner._args[0]()
    return owner[key]


@model("operator.methodcaller", "_operator.methodcaller")
def _methodcaller(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return Caller(lambda owner: attribute(stub, owner, args[0])(*args[1:], **kwargs))


@model("operator.call", "_operator.call", "builtins.apply", "copyreg.__newobj__",
       "contextvars.Context.run", "contextvars.Context().run")  # fmt: skip
def _call(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0](*args[1:], **kwargs)


@model("copyreg._reconstructor")
def _reconstructor(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0]._made(args[1:], {})


@model("functools.partial", "_functools.partial", "types.MethodType")
def _partial(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return Bound(args[0], args[1:], kwargs)


@model("functools.cache", "functools.lru_cache()", "functools.cached_property",
       "builtins.staticmethod", "functools.wraps()", "joblib.delayed")  # fmt: skip
def _same(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0]


@model("functools.reduce", "_functools.reduce")
def _reduce(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    items = list(args[1])
    value = args[2] if len(args) > 2 else items.pop(0)
    for item in items:
        value = args[0](value, item)
    return value


@model("builtins.map", "itertools.starmap", "multiprocessing.dummy.Pool().map",
       "concurrent.futures.ThreadPoolExecutor().map")  # fmt: skip
def _map(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    columns = [list(items) for items in args[1:] if isinstance(items, list | tuple | str | bytes)]
    rows = list(zip(*columns, strict=False))
    if stub._path == "itertools.starmap":
        rows = [tuple(row) for row in columns[0]]
    return [args[0](*row) for row in rows]


@model("builtins.filter", "itertools.takewhile", "itertools.dropwhile", "itertools.filterfalse")
def _filter(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return [item for item in args[1] if args[0](item) is not None]


@model("itertools.accumulate", "itertools.groupby")
def _second(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    items = list(args[0])
    if stub._path.endswith("groupby"):
        return [args[1](item) for item in items]
    return [args[1](left, right) for left, right in itertools.pairwise(items)]


@model("builtins.sorted", "builtins.min", "builtins.max")
def _keyed(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if "key" in kwargs:
        for item in args[0]:
            kwargs["key"](item)
    return list(args[0])


@model("builtins.list", "builtins.tuple", "collections.deque", "builtins.set", "builtins.any",
       "builtins.all")  # fmt: skip
def _drain(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if args and isinstance(args[0], list | tuple | str | bytes):
        return list(args[0])
    return NotImplemented


@model("builtins.iter")
def _iter(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return [args[0]()] if len(args) == 2 else list(args[0])


@model("builtins.reversed")
def _reversed(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return list(reversed(args[0]))


@model("builtins.type")
def _type(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if len(args) == 1 and not hasattr(args[0], "_path"):
        return _stub(stub, f"builtins.{type(args[0]).__name__}")
    return NotImplemented


@model("builtins.setattr")
def _setattr(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    args[0]._planted[args[1]] = args[2]


@model("builtins.vars")
def _vars(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return args[0]


@model("importlib.import_module", "builtins.__import__", "importlib.__import__", "pydoc.locate",
       "pkgutil.resolve_name", "cloudpickle.cloudpickle.subimport",
       "dill._dill._import_module", "pydoc.safeimport", "logging.config._resolve")  # fmt: skip
def _import(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return _stub(stub, args[0].replace(":", "."))


@model("copyreg.add_extension")
def _add_extension(stub: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    stub._journal.codes[args[2]] = (args[0], args[1])


def _decode(value: Any, codec: str = "utf-8", errors: str = "strict") -> Any:
    if codec.replace("-", "_").lower() not in _CODECS:
        raise LookupError(codec)
    return codecs.decode(value, codec, errors)


def _encode(value: Any, codec: str = "utf-8", errors: str = "strict") -> Any:
    if codec.replace("-", "_").lower() not in _CODECS:
        raise LookupError(codec)
    return codecs.encode(value, codec, errors)


_CODECS = frozenset(
    ("utf8", "utf_8", "utf_7", "utf_16", "latin1", "latin_1", "ascii", "rot13", "rot_13", "hex",
     "unicode_escape", "cp500", "zlib", "base64")
)  # fmt: skip

PURE: dict[str, Callable[..., Any]] = {
    "codecs.decode": _decode,
    "_codecs.decode": _decode,
    "_codecs.encode": _encode,
    "codecs.encode": _encode,
    "_codecs.utf_8_decode": lambda data: (data.decode(), len(data)),
    "builtins.bytes.decode": _decode,
    "builtins.bytes.fromhex": bytes.fromhex,
    "builtins.bytes": bytes,
    "builtins.bytearray.decode": _decode,
    "builtins.chr": chr,
    "builtins.slice": slice,
    "builtins.str": str,
    "builtins.str.join": str.join,
    "builtins.str.format": lambda text, *args: text.format(*map(str, args)),
    "builtins.str.__mod__": operator.mod,
    "builtins.str.__add__": operator.add,
    "builtins.str.encode": _encode,
    "operator.add": operator.add,
    "operator.concat": operator.concat,
    "_operator.concat": operator.concat,
    "operator.iadd": operator.add,
    "operator.iconcat": operator.add,
    "operator.mod": operator.mod,
    "base64.b64decode": base64.b64decode,
    "base64.b32decode": base64.b32decode,
    "base64.b16decode": base64.b16decode,
    "base64.b85decode": base64.b85decode,
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_base64": binascii.a2b_base64,
    "binascii.a2b_hex": binascii.a2b_hex,
    "html.unescape": html.unescape,
    "json.loads": json.loads,
    "urllib.parse.unquote": urllib.parse.unquote,
    "zlib.decompress": zlib.decompress,
}
PURE |= {
    f"builtins.str.{name}": getattr(str, name)
    for name in (
        "lower", "upper", "replace", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix",
        "casefold", "swapcase", "capitalize", "title", "__getitem__", "split", "partition",
        "translate", "zfill", "expandtabs",
    )
}  # fmt: skip
