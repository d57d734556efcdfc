"""What a value really names: attribute walks, partials and getters followed to their end.

``getattr(x, "y")``, ``attrgetter("y")(x)``, ``x.__dict__["y"]`` and a dotted name are four
spellings of one path. The functions modelled here are those of the standard library whose meaning
is fixed; everything else is left as "the result of calling it".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .fold import fold
from .literals import as_text, decode, elements
from .record import Recorder
from .values import Buffer, Call, Container, Global, Opaque, Persistent, Value

_DEPTH = 24

_HOMES = {
    "__builtin__": "builtins",
    "_operator": "operator",
    "_functools": "functools",
    "_codecs": "codecs",
}

GETTERS = frozenset(
    ("builtins.getattr", "inspect.getattr_static", "dill._dill._get_attr", "dill.dill._get_attr")
)
"""Functions that give the attribute of their first argument that the second one names."""
_LAST_SEGMENT_GETTERS = frozenset(
    ("__getattribute__", "__getattr__", "__getitem__", "get", "pop", "setdefault")
)
_IMPORTERS = frozenset(
    (
        "importlib.import_module",
        "builtins.__import__",
        "importlib.__import__",
        "cloudpickle.cloudpickle.subimport",
        "cloudpickle.subimport",
    )
)
_LOCATORS = frozenset(
    (
        "pydoc.locate",
        "pkgutil.resolve_name",
        "logging.config._resolve",
        "dill._dill._import_module",
        "dill.dill._import_module",
    )
)
_NAMERS = frozenset(
    (
        "numpy.core._ufunc_reconstruct",
        "numpy._core._ufunc_reconstruct",
        "scipy._lib._uarray._backend.unpickle_function",
        "cloudpickle.cloudpickle._getobject",
    )
)
"""Take a module and a path in it, import the one and walk the other."""
_TUPLES = frozenset(("dill._dill._create_namedtuple", "dill.dill._create_namedtuple"))
"""Take a name, fields and a module: they give what the module has by that name, if it has any."""
_LITERAL_TYPES = {str: "str", bytes: "bytes", int: "int", float: "float", bool: "bool"}


class Target(NamedTuple):
    """A path from a module.

    Attributes:
        module: The module.
        name: Dotted attribute path within it; empty for the module itself.
        walked: True when any part of it was reached by calls rather than written as one name.
    """

    module: str
    name: str
    walked: bool = False

    def extend(self, attribute: str) -> Target:
        """Return the path to an attribute of this."""
        return Target(self.module, f"{self.name}.{attribute}" if self.name else attribute, True)

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


class Effective(NamedTuple):
    """What a recorded call comes to once getters, callers and partials are followed.

    Attributes:
        target: What is called; None where the file does not tell.
        args: Its arguments, keyword arguments of partials last.
        call: The recorded call.
        callee: The value behind the target; 0 for a method that is called by its name.
    """

    target: Target | None
    args: tuple[Value, ...]
    call: Call
    callee: Value


class Bound(NamedTuple):
    """What a partial binds: a function, positional and keyword arguments."""

    function: Value
    args: tuple[Value, ...]
    kwargs: Value = ()


def bound_by(partial: Call) -> Bound:
    """Return what a call of ``functools.partial`` binds.

    Its pickles name the function twice: in the arguments, and in the state that BUILD gives it
    (``(function, args, kwargs, attributes)``), which overrules them.
    """
    if partial.states:
        state = partial.states[-1]
        if type(state) is not tuple or len(state) != 4:
            return Bound(Opaque("the state of a partial", partial.offset), ())
        args = state[1] if type(state[1]) is tuple else (state[1],)
        return Bound(state[0], args, state[2])
    function, *rest = arguments(partial) or (Opaque("nothing bound", partial.offset),)
    return Bound(function, tuple(rest), partial.kwargs or ())


def arguments(call: Call) -> tuple[Value, ...]:
    """Return a call's positional arguments; one unknown value when they are not a tuple."""
    return call.args if type(call.args) is tuple else (call.args,)


def follows_names(key: str) -> bool:
    """Return True for a function that gives what its arguments name."""
    return any(key in names for names in (GETTERS, _IMPORTERS, _LOCATORS, _NAMERS, _TUPLES))


def key_of(value: Value) -> str:
    """Return ``module.name`` of a plain import, with aliases of the standard library folded."""
    if type(value) is not Global:
        return ""
    return f"{_HOMES.get(value.module, value.module)}.{value.name}"


def target(data: Buffer, value: Value, depth: int = 0) -> Target | None:
    """Return the path that a value stands for, or None when the file does not tell."""
    if depth > _DEPTH:
        return None
    if type(value) is Global:
        return Target(value.module, value.name, value.computed)
    if type(value) is Call:
        return _result(data, value, depth)
    if type(value) is Persistent:
        return _class_with_source(data, value, depth)
    if type(value) is int:
        kind = _LITERAL_TYPES.get(type(decode(data, value, 64)))
        return Target("builtins", kind) if kind else None
    if type(value) is Container:
        return Target("builtins", value.kind)
    return Target("builtins", "tuple") if type(value) is tuple else None


def _class_with_source(data: Buffer, value: Persistent, depth: int) -> Target | None:
    """Return the class behind the id by which torch.save stored classes with their source."""
    if type(value.id) is not tuple or len(value.id) != 4 or type(value.id[0]) is not int:
        return None
    told = as_text(decode(data, value.id[0], 16)) == "module" and type(value.id[1]) is Global
    return target(data, value.id[1], depth + 1) if told else None


def _result(data: Buffer, call: Call, depth: int) -> Target | None:
    args = arguments(call)
    key = key_of(call.callee)
    if key in GETTERS and len(args) >= 2:
        return _attribute(data, args[0], args[1], depth)
    if key in _IMPORTERS and args:
        module = as_text(fold(data, args[0]))
        return Target(module, "", True) if module else None
    if key in _NAMERS and len(args) >= 2:
        module, name = as_text(fold(data, args[0])), as_text(fold(data, args[1]))
        return Target(module, name, True) if module and name else None
    if key in _TUPLES and len(args) >= 3:
        name, module = as_text(fold(data, args[0])), as_text(fold(data, args[2]))
        return Target(module, name, True) if module and name else None
    if key in _LOCATORS and args:
        return _located(as_text(fold(data, args[0])))
    if key == "functools.partial" and (args or call.states):
        return target(data, bound_by(call).function, depth + 1)
    if key == "functools.reduce" and len(args) >= 2:
        return _reduced(data, args, depth)
    if key in ("copyreg._reconstructor", "copyreg.__newobj__") and args:
        return target(data, args[0], depth + 1)
    if key == "builtins.type" and len(args) == 1:
        return target(data, args[0], depth + 1)
    if type(call.callee) is Call:
        return _through(data, call.callee, args, depth)
    made = target(data, call.callee, depth + 1)
    if made is not None and is_getter(made):
        return _got(data, made, args, depth)
    return made


def _attribute(data: Buffer, owner: Value, name: Value, depth: int) -> Target | None:
    base = target(data, owner, depth + 1)
    attribute = as_text(fold(data, name))
    return base.extend(attribute) if base is not None and attribute else None


def _located(path: str | None) -> Target | None:
    if not path:
        return None
    module, separator, name = path.partition(":")
    if not separator:
        module, _, name = path.partition(".")
    return Target(module, name, True)


def _reduced(data: Buffer, args: tuple[Value, ...], depth: int) -> Target | None:
    """Follow ``reduce(getattr, names, start)``."""
    if key_of(args[0]) not in GETTERS:
        return target(data, args[0], depth + 1)
    listed, names = args[1], None
    first: tuple[Value, ...] = args[2:3]
    if type(listed) is Call:
        names = fold(data, listed)
    elif type(listed) is not Container or not listed.more:
        listed = tuple(elements(data, listed)) if type(listed) is Container else listed
        steps = (*first, *(listed if type(listed) is tuple else ()))
        first, names = steps[:1], [fold(data, step) for step in steps[1:]]
    if not first or not isinstance(names, list | tuple):
        return None
    found = target(data, first[0], depth + 1)
    for name in names:
        attribute = as_text(name)
        found = found.extend(attribute) if found is not None and attribute else None
    return found


def _through(data: Buffer, maker: Call, args: tuple[Value, ...], depth: int) -> Target | None:
    """Follow ``attrgetter(name)(x)``, ``itemgetter(key)(x)``, ``methodcaller(name)(x)``."""
    key = key_of(maker.callee)
    bound = arguments(maker)
    if key in ("operator.attrgetter", "operator.itemgetter"):
        single = args and len(bound) == 1  # several names give a tuple
        return _attribute(data, args[0], bound[0], depth) if single else None
    if key == "operator.methodcaller":
        return _attribute(data, args[0], bound[0], depth) if args and bound else None
    if key == "functools.partial":
        partial = bound_by(maker)
        inner = Call("REDUCE", partial.function, (*partial.args, *args), maker.offset)
        return target(data, inner, depth + 1)
    made = target(data, maker, depth + 1)
    if made is not None and is_getter(made):
        return _got(data, made, args, depth)
    return made


def is_getter(path: Target) -> bool:
    """Return True for a method that gives an attribute or item by name."""
    return path.name.rpartition(".")[2] in _LAST_SEGMENT_GETTERS and "." in path.name


def _got(data: Buffer, getter: Target, args: tuple[Value, ...], depth: int) -> Target | None:
    """Follow ``x.__getattribute__("y")`` and ``x.__dict__.get("y")``, bound or not."""
    owner = Target(getter.module, getter.name.rpartition(".")[0], True)
    unbound = owner.module == "builtins" and owner.name in ("object", "type", "dict", "str")
    if unbound and len(args) >= 2:
        return _attribute(data, args[0], args[1], depth)
    attribute = as_text(fold(data, args[0])) if args else None
    return owner.extend(attribute) if attribute else None


def effective(data: Buffer, call: Call) -> Effective:
    """Return the call that a recorded call comes to."""
    args = arguments(call)
    maker = call.callee
    if type(maker) is Call:
        key, bound = key_of(maker.callee), arguments(maker)
        if key == "operator.methodcaller" and args and bound:
            return Effective(_attribute(data, args[0], bound[0], 0), bound[1:], call, 0)
        if key == "functools.partial":
            return _unwrapped(data, maker, args, call)
        if key in ("operator.attrgetter", "operator.itemgetter"):
            return Effective(target(data, call), (), call, 0)
    return Effective(target(data, maker), args, call, maker)


def _unwrapped(data: Buffer, maker: Value, args: tuple[Value, ...], call: Call) -> Effective:
    """Follow partials of partials without recursion."""
    for _ in range(_DEPTH):
        if type(maker) is not Call or key_of(maker.callee) != "functools.partial":
            break
        bound = bound_by(maker)
        named = () if bound.kwargs == () else (bound.kwargs,)
        maker, args = bound.function, (*bound.args, *args, *named)
    return Effective(target(data, maker), args, call, maker)


def registered_extension(data: Buffer, recorder: Recorder, code: int) -> tuple[str, str] | None:
    """Return the name that the stream itself registered for an extension code, if it did."""
    for call in recorder.calls:
        if key_of(call.callee) in ("copyreg.add_extension", "copy_reg.add_extension"):
            values = [fold(data, value) for value in arguments(call)]
            if len(values) == 3 and values[2] == code:
                return as_text(values[0]) or "", as_text(values[1]) or ""
    return None


def walk(value: Value, limit: int = 2_000, into_calls: bool = True) -> Iterator[Value]:
    """Yield a value and everything reachable from it (arguments, items, states), bounded.

    Args:
        value: Where to begin.
        limit: How many values to look at.
        into_calls: False to leave out what calls were given.
    """
    seen: set[int] = set()
    queue: list[Value] = [value]
    while queue and limit > 0:
        item = queue.pop()
        limit -= 1
        if type(item) is int:
            yield item
            continue
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        if type(item) is tuple:
            queue += item[:limit]
        elif type(item) is Container:
            queue += [one for one in item.items[:limit] if not _is_run(one)]  # type: ignore[misc]
        elif type(item) is Call and into_calls:
            queue += [item.callee, item.args, *(item.states or ())[:16], *(item.items or ())[:16]]


def _is_run(item: object) -> bool:
    return type(item).__name__ == "Run"
