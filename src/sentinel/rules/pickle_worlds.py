"""Names that a pickle holds only because a function that it brings by value lives among them.

dill writes a function whole, and with it all globals of the module that it is of: for a method that
``dataclasses`` or scikit-learn made, those of that library's module. Nothing reads them but the
code of such functions, and what that code names is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..errors import LimitExceeded
from ..formats.pickle.literals import elements
from ..formats.pickle.program import PickleProgram
from ..formats.pickle.resolve import Target, arguments, key_of, target
from ..formats.pickle.values import KEEP, Call, Container, Global, Persistent, Run, Value
from .imports import Standing, judge
from .pickle_code import names_of
from .pickle_spots import Spot, Use, Uses

_MOST = 200_000
"""Values that are looked through for other mentions of a name; past that none is spared."""
_MAKERS = frozenset(("dill._dill._create_function", "dill.dill._create_function"))
_FETCHER = "dill._dill._getattr"
_SLOT = re.compile(
    r"<(?:slot wrapper '(__(?:repr|str|hash|eq|ne|lt|le|gt|ge|add|sub|mul|and|or)__)'"
    r"|method '([a-z]{2,20}|[a-z]{2,9}_[a-z]{2,9})')"
    r" of '(?:object|str|bytes|int|float|tuple|list|dict|set|frozenset)' objects>"
)
_BUILTINS = (Target("builtins", "__dict__"), "__builtins__")


class _World(NamedTuple):
    """Globals of a function, or a container in them: what may hold it, and what it holds."""

    owners: frozenset[int]
    names: tuple[Global, ...]


def without_idle(program: PickleProgram, uses: Uses) -> Uses:
    """Return the uses without mere mentions of names that no more than surround a function.

    A name counts as one when it stands in the globals of a function that the file brings by value,
    under its own name or in a table of theirs; when it merely looks, or is of a module that is not
    dangerous as a whole; when no code in the file uses that name; and when nothing else in the file
    holds it or those globals. Code that gets at them without naming them gets at all built-in
    functions in the same way.
    """
    if uses.functions and any(spot.use is Use.NAMED for spot in uses.dangerous):
        idle = _idle(program, uses.functions)
        uses.dangerous = [one for one in uses.dangerous if one.value not in idle]
    slots = {id(one.value) for one in uses.dangerous if _fetches_slot(program, one)}
    if slots and _only_called(program, _FETCHER):
        uses.dangerous = [one for one in uses.dangerous if id(one.value) not in slots]
    return uses


def _fetches_slot(program: PickleProgram, spot: Spot) -> bool:
    """Return True for a method of a built-in type as dill fetches it, evaluating these texts."""
    call = spot.value
    if type(call) is Call and type(call.callee) is Call:
        call = call.callee  # the method is called in turn: what it is given is judged by itself
    if str(spot.path) != _FETCHER or type(call) is not Call or type(call.callee) is not Global:
        return False
    texts = [program.fold(value) for value in arguments(call)[1:]]
    if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
        return False
    match = _SLOT.fullmatch(str(texts[1]))
    return match is not None and texts[0] in match.groups()


def _only_called(program: PickleProgram, name: str) -> bool:
    """Return True for a name that nothing holds: it is the callee of calls alone."""
    try:
        return not any(
            key_of(part) == name and not (type(item) is Call and part is item.callee)
            for item, part in _pairs(program)
        )
    except LimitExceeded:
        return False


def _idle(program: PickleProgram, functions: list[Call]) -> set[Value]:
    used = _used(program, functions)
    worlds: dict[int, _World] = {}
    for place, owner, names in _worlds(program, functions, used) if used is not None else ():
        others = worlds[place].owners if place in worlds else frozenset()
        worlds[place] = _World(others | {owner}, names)
    if not worlds:
        return set()
    strays = _strays(program, worlds)
    if strays is None:
        return set()
    sound = {place for place, world in worlds.items() if not ({place} | world.owners) & strays}
    kept = [name for place in sound for name in worlds[place].names]
    lost = {name for place in set(worlds) - sound for name in worlds[place].names}
    return {name for name in kept if id(name) not in strays and name not in lost}


def _worlds(
    program: PickleProgram, functions: list[Call], used: set[str]
) -> Iterator[tuple[int, int, tuple[Global, ...]]]:
    """Yield globals, and tables in them: id, id of what may hold it, the names it holds."""
    for call in functions:
        args, path = arguments(call), target(program.data, call.callee)
        if path is None or str(path) not in _MAKERS or len(args) < 2:
            continue
        world = args[1]
        if type(world) is not Container or world.kind != "dict" or world.more:
            continue
        items = elements(program.data, world, 2 * KEEP)
        pairs = [
            (program.literal(key, 256), value)
            for key, value in zip(items[::2], items[1::2], strict=False)
            if type(key) is int
        ]
        idle = [(key, value) for key, value in pairs if key not in used]
        own = (value for key, value in idle if type(value) is Global and _is_own(value, key))
        own = (value for value in own if _is_mild(value))
        yield id(world), id(call.args), tuple(own)
        for _, table in idle:
            if type(table) is Container and table.kind == "dict" and not table.more:
                held = (one for one in table.items if type(one) is Global)
                yield id(table), id(world), tuple(one for one in held if _is_mild(one))


def _is_own(value: Global, key: object) -> bool:
    """Return True for a name that globals hold under their own name."""
    if value.computed:
        return False
    return key == value.name or (Target(value.module, value.name), key) == _BUILTINS


def _is_mild(value: Global) -> bool:
    """Return True for a name that merely looks, or of a module that is not dangerous as such."""
    if judge(value.module, "").standing is not Standing.DANGEROUS:
        return True
    return judge(value.module, value.name).capability in ("introspect", "import")


def _used(program: PickleProgram, functions: list[Call]) -> set[str] | None:
    """Return all names that code in the file uses; None when some cannot be read."""
    used: set[str] = set()
    for call in functions:
        path = target(program.data, call.callee)
        names = names_of(program, call)
        if names is None and (path is None or path.name in ("_create_code", "_unmarshal")):
            return None
        used.update(names or ())
    return used


def _strays(program: PickleProgram, worlds: dict[int, _World]) -> set[int] | None:
    """Return ids of names and globals that anything else holds; None past the bounds."""
    names = {id(name) for world in worlds.values() for name in world.names}
    strays: set[int] = set()
    try:
        for item, part in _pairs(program):
            stray = id(part) in names and id(item) not in worlds
            if stray or (id(part) in worlds and id(item) not in worlds[id(part)].owners):
                strays.add(id(part))
    except LimitExceeded:
        return None
    return strays


def _pairs(program: PickleProgram) -> Iterator[tuple[Value, Value]]:
    """Yield whatever holds something, with what it holds; a result is held by an empty tuple.

    Raises:
        LimitExceeded: There is more than is looked through, or than was kept.
    """
    results = [stream.result for stream in program.streams if stream.result is not None]
    yield from (((), result) for result in results)
    queue: list[Value] = [*results, *program.calls]
    seen: set[int] = set()
    while queue:
        item = queue.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if len(seen) > _MOST or _cut_short(item):
            raise LimitExceeded("too many values to look for other mentions of a name")
        for part in _parts(item):
            yield item, part
            if type(part) in (tuple, Container, Call, Persistent):
                queue.append(part)


def _cut_short(item: Value) -> bool:
    """Return True for a value of which only the first parts were kept."""
    if type(item) is Call:
        return len(item.states or ()) >= KEEP or len(item.items or ()) >= KEEP
    return type(item) is Container and item.more


def _parts(item: Value) -> Iterable[Value]:
    if type(item) is tuple:
        return item
    if type(item) is Container:
        return [one for one in item.items if not isinstance(one, Run)]
    if type(item) is Persistent:
        return (item.id,)
    if type(item) is not Call:
        return ()
    kwargs = () if item.kwargs is None else (item.kwargs,)
    return (item.callee, item.args, *kwargs, *(item.states or ()), *(item.items or ()))
