"""The import policy: what a name that a file imports would give whoever wrote the file.

Exact names only. A name is safe because an ordinary library was seen writing it, dangerous because
of what calling it reaches, a shape when it is as good as its arguments, and unknown otherwise;
``rules/pickle.py`` judges unknown names by what is done with them. There is no allowing by prefix:
``numpy.testing._private.utils.runstring`` begins like an array's constructor.
"""

from __future__ import annotations

from functools import lru_cache

from .import_index import Index, index
from .import_spelling import is_plain, looks_like
from .import_walk import judge_handle, judge_path, judge_segment, judge_telling
from .judgement import Judgement, Standing, of_entry, of_module

__all__ = ["Judgement", "Standing", "judge"]

_LONGEST = 1_000
_PROGRAM = ".__main__"
_UNKNOWN = Judgement(Standing.UNKNOWN, "", "no table knows it")
_NO_NAME = Judgement(Standing.UNKNOWN, "", "not a name that Python can import", odd=True)


def judge(module: str, name: str) -> Judgement:
    """Return what is known about a name.

    Args:
        module: The module it is imported from; Python 2 names are understood.
        name: Its name there, dotted for an attribute path; empty for the module itself.
    """
    if len(module) + len(name) > _LONGEST:
        return _too_long(module, name)
    return _judge(module, name)


def _too_long(module: str, name: str) -> Judgement:
    if name.count(".") + module.count(".") > 32:
        reason = "a path of very many attributes, which hides what it reaches"
        return Judgement(Standing.DANGEROUS, "introspect", reason, odd=True)
    return Judgement(Standing.UNKNOWN, "", "too long for a name", odd=True)


@lru_cache(maxsize=4096)
def _judge(module: str, name: str) -> Judgement:
    tables = index()
    plain = is_plain(module) and (not name or is_plain(name))
    found = None
    if not (plain and (module + name).isascii()):
        found = _look_alike(tables, module, name)
    if found is None and plain:
        found = (
            _as_written(tables, module, name)
            or _other_case(tables, module, name)
            or _alias(tables, module, name)
        )
    if found is None:
        return _UNKNOWN if plain else _NO_NAME
    return found


def _as_written(tables: Index, module: str, name: str) -> Judgement | None:
    """Judge a name by the tables; None when nothing is known of it."""
    if not name:
        return _module_itself(tables, module)
    entry = tables.entry(module, name)
    if entry is not None:
        return of_entry(entry)
    if "." in name:
        found = judge_path(tables, module, name)
        if found is not None:
            return found
    about = tables.module(module)
    if about is not None and about.whole:
        return of_module(module, about)
    if module.endswith(_PROGRAM):
        reason = f"{module} is a program: importing it may run it"
        return Judgement(Standing.DANGEROUS, "execute", reason)
    return None


def _alias(tables: Index, module: str, name: str) -> Judgement | None:
    """Judge a name by whose name it bears: a module's, or a telling function's."""
    return (
        _copy_of_module(tables, module, name)
        or (judge_handle(tables, name, []) if tables.is_tail(name) else None)
        or judge_telling(tables, name)
        or judge_segment(tables, [name])
        or _re_exported(tables, module, name)
    )


def _module_itself(tables: Index, module: str) -> Judgement | None:
    about = tables.module(module)
    if about is not None and (about.whole or about.handle):
        reason = f"the module {module}, which {about.reason}"
        return Judgement(Standing.DANGEROUS, about.capability or "introspect", reason)
    head, _, tail = module.rpartition(".")
    return judge_handle(tables, tail, []) if head and tables.is_tail(tail) else None


def _copy_of_module(tables: Index, module: str, name: str) -> Judgement | None:
    """Find a telling module's name within the module: ``six.moves.cPickle``, ``x._vendor.os``."""
    parts = module.split(".")
    for place in range(len(parts) - 1, 0, -1):
        if not tables.is_tail(parts[place]):
            continue
        entry = tables.entry(".".join(parts[place:]), name)
        if entry is not None and entry.kind == "d":
            target = ".".join((*parts[place:], name))
            reason = f"{entry.text} (a copy or re-export of {target})"
            return of_entry(entry)._replace(reason=reason, through=target)
    return None


def _re_exported(tables: Index, module: str, name: str) -> Judgement | None:
    """Find a dangerous class that its package hands out under another module's name."""
    home = tables.home(module, name)
    if home is None:
        return None
    entry = tables.entry(home, name)
    if entry is None:
        return None
    found = of_entry(entry)
    return found._replace(reason=f"{found.reason} (as {home}.{name})")


def _look_alike(tables: Index, module: str, name: str) -> Judgement | None:
    """Judge a name that is no identifier, or not written in ASCII, by what it looks like."""
    seen = looks_like(module), looks_like(name)
    if seen == (module, name) or not (is_plain(seen[0]) and is_plain(seen[1])):
        return None
    found = _as_written(tables, *seen) or _other_case(tables, *seen) or _alias(tables, *seen)
    return None if found is None else _taken_for(found, *seen)


def _other_case(tables: Index, module: str, name: str) -> Judgement | None:
    """Find a well-known name that differs in nothing but capitals."""
    lower = module.lower()
    if lower != module:
        found = _as_written(tables, lower, name)
        if found is not None:
            return _taken_for(found, lower, name)
    known = tables.other_case(lower, name)
    if known is None or (lower, known) == (module, name):
        return None
    found = _as_written(tables, lower, known)
    if found is None or (found.standing is Standing.SAFE and lower == module):
        return None  # a class and a function by one name, or a class that was renamed
    return _taken_for(found, lower, known)


def _taken_for(found: Judgement, module: str, name: str) -> Judgement:
    target = f"{module}.{name}" if name else module
    if found.standing is Standing.DANGEROUS:
        reason = f"written to look like {target}: {found.reason}"
        return found._replace(reason=reason, through=found.through or target, odd=True)
    reason = f"written to look like {target}"
    return Judgement(Standing.UNKNOWN, "", reason, through=target, odd=True)
