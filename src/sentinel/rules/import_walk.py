"""Dotted names: an attribute path from a module, judged by everything that it passes through."""

from __future__ import annotations

from .import_index import Index
from .judgement import Judgement, Standing, of_entry, of_module

LONGEST_PATH = 16
"""Segments of a dotted name that are looked at; no library writes a quarter as many."""


def judge_path(index: Index, module: str, name: str) -> Judgement | None:
    """Return the judgement of a dotted name, or None when nothing on its way is known.

    Args:
        index: The tables.
        module: Where the path begins.
        name: Two or more identifiers joined by dots.
    """
    parts = name.split(".", LONGEST_PATH)
    if len(parts) > LONGEST_PATH:
        reason = f"a path of more than {LONGEST_PATH} attributes, which hides what it reaches"
        return Judgement(Standing.DANGEROUS, "introspect", reason)
    return (
        _submodule(index, module, parts)
        or _member(index, module, parts)
        or _module_on_the_way(index, parts)
        or judge_segment(index, parts)
        or _telling(index, parts)
        or _whole(index, module)
    )


def _whole(index: Index, module: str) -> Judgement | None:
    about = index.module(module)
    return of_module(module, about) if about is not None and about.whole else None


def _submodule(index: Index, module: str, parts: list[str]) -> Judgement | None:
    """Read the first segments as sub-modules: ``numpy`` + ``testing._private.utils.runstring``."""
    if not index.has_below(f"{module}.{parts[0]}"):
        return None
    for count in range(len(parts) - 1, 0, -1):
        inner = ".".join((module, *parts[:count]))
        rest = ".".join(parts[count:])
        entry = index.entry(inner, rest)
        if entry is not None:
            return _by_path(of_entry(entry), f"{inner}.{rest}")
        own = index.module(inner)
        if own is not None and own.whole and own != index.module(module):
            return _by_path(of_module(inner, own), f"{inner}.{rest}")
    return None


def _member(index: Index, module: str, parts: list[str]) -> Judgement | None:
    """Read the first segments as a dangerous class or object of the module itself."""
    for count in range(len(parts) - 1, 0, -1):
        head = ".".join(parts[:count])
        entry = index.entry(module, head)
        if entry is not None and entry.kind in "dg":
            return of_entry(entry)._replace(through=f"{module}.{head}")
    return None


def _module_on_the_way(index: Index, parts: list[str]) -> Judgement | None:
    """Find a module object that an ordinary library hands out: ``x.y.os.system``."""
    for place in range(len(parts) - 1, -1, -1):
        word, rest = parts[place], parts[place + 1 :]
        if index.is_tail(word):
            return judge_handle(index, word, rest)
        entry = index.entry(word, ".".join(rest)) if rest else None
        if entry is not None and entry.kind == "d":
            return _by_path(of_entry(entry), ".".join((word, *rest)))
    return None


def judge_handle(index: Index, word: str, rest: list[str]) -> Judgement | None:
    """Return the judgement of an attribute path that begins at a telling module's object."""
    about = index.module(word)
    if about is None:
        word = word.lstrip("_")  # modules imported under a private name, as in collections._sys
        about = index.module(word)
    if about is None:
        return None
    if not rest:
        if not (about.whole or about.handle):
            return None
        reason = f"hands out the module {word}, which {about.reason}"
        return Judgement(Standing.DANGEROUS, "introspect", reason, through=word)
    target = ".".join((word, *rest))
    entry = index.entry(word, ".".join(rest))
    found = of_entry(entry) if entry is not None else None
    if found is None and len(rest) > 1:
        found = judge_path(index, word, ".".join(rest))
    if found is None and about.whole:
        found = of_module(word, about)
    if found is not None and found.standing is Standing.DANGEROUS:
        return _by_path(found, found.through or target)
    if about.handle:
        reason = f"goes through the module {word}, which {about.reason}"
        return Judgement(Standing.DANGEROUS, "introspect", reason, through=target)
    return None


def judge_segment(index: Index, parts: list[str]) -> Judgement | None:
    """Return the judgement of a path that leaves its object for what lies behind it."""
    for place, part in enumerate(parts):
        kind = index.segment(part)
        if kind is None:
            continue
        last = _telling(index, parts[place + 1 :])
        if last is not None:
            return last
        reason = f"reaches the {kind} behind an object by {part}"
        return Judgement(Standing.DANGEROUS, "introspect", reason, through=".".join(parts[place:]))
    return None


def _telling(index: Index, parts: list[str]) -> Judgement | None:
    if not parts:
        return None
    return judge_telling(index, parts[-1]) or _named_after(index, index.method(parts[-1]))


def judge_telling(index: Index, name: str) -> Judgement | None:
    """Return the judgement of a name that stands for one function wherever it is found."""
    return _named_after(index, index.telling(name))


def _named_after(index: Index, target: str | None) -> Judgement | None:
    if target is None:
        return None
    found: Judgement | None = None
    parts = target.split(".")
    for count in range(len(parts) - 1, 0, -1):
        entry = index.entry(".".join(parts[:count]), ".".join(parts[count:]))
        about = index.module(".".join(parts[:count]))
        if entry is not None:
            found = of_entry(entry)
        elif about is not None and about.whole:
            found = of_module(".".join(parts[:count]), about)
        if found is not None:
            break
    if found is None:
        return None
    reason = f"has the same name as {target} ({found.reason}): an alias or a re-export"
    return found._replace(reason=reason, through=target)


def _by_path(found: Judgement, target: str) -> Judgement:
    """Return what a name is worth that was reached by walking rather than imported.

    No ordinary file walks to a name that it could import, so a safe one is not vouched for here.
    """
    if found.standing is Standing.DANGEROUS:
        return found._replace(through=found.through or target)
    reason = f"reaches {target} by a path of attributes"
    if found.standing is Standing.SHAPE:
        return Judgement(Standing.DANGEROUS, "introspect", reason, found.shape, target)
    return Judgement(Standing.UNKNOWN, "", reason, through=target)
