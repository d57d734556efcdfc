"""What constants come to under Jinja's operators, filters and methods: strings above all.

A value is known as a few candidates; none means that it is not known. Everything is bounded in
length, so that a template cannot make us do the work it would make a renderer do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Values: TypeAlias = tuple[object, ...]

MOST_TEXT = 4096
MOST_ITEMS = 1000
MOST_VALUES = 16
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]{0,4}\d{0,3}(?:\.\d{1,3})?([srdicxXoaufg%])")
_BRACES = re.compile(r"\{(\w*)(?:![rsa])?(?::([^{}]{0,20}))?\}|\{\{|\}\}")


def bounded(value: object) -> Values:
    """Return a value as the only candidate, or none when it is too large to carry on with."""
    if isinstance(value, str):
        return (value,) if len(value) <= MOST_TEXT else ()
    if isinstance(value, list | dict):
        return (value,) if len(value) <= MOST_ITEMS else ()
    if isinstance(value, int) and value.bit_length() > 257:
        return ()
    return (value,)


def merge(*groups: Values) -> Values:
    """Return the candidates of several groups, the first ones first, without repetition."""
    found: list[object] = []
    for group in groups:
        for value in group:
            if len(found) >= MOST_VALUES:
                return tuple(found)
            if not any(_alike(value, one) for one in found):
                found.append(value)
    return tuple(found)


def _alike(one: object, other: object) -> bool:
    # Lists can hold each other many times over, so comparing what they hold has no bound.
    return one is other or (
        isinstance(one, str | int) and type(one) is type(other) and one == other
    )


def shown(value: object) -> str:
    """Return a value as a template would print it; of nested lists only that they are there."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "[" + ", ".join(repr(one)[:100] for one in value[:50] if _scalar(one)) + "]"
    return "{}" if isinstance(value, dict) else str(value)


def _scalar(value: object) -> bool:
    return not isinstance(value, list | dict)


def join_all(parts: Sequence[Values]) -> Values:
    """Return the texts that ``~`` makes of its operands."""
    found: list[str] = [""]
    for part in parts:
        # What is not known may be nothing: a name that is not defined prints as no text at all.
        found = [left + shown(right) for right in part or ("",) for left in found][:MOST_VALUES]
        if any(len(text) > MOST_TEXT for text in found):
            return ()
    return tuple(found)


def operate(op: str, left: object, right: object) -> Values:
    """Return what an arithmetic operator makes of two values; none where it cannot be told."""
    if op == "%" and isinstance(left, str):
        return bounded(percent(left, right if isinstance(right, list) else [right]))
    if op == "*" and isinstance(left, str | list) and isinstance(right, int):
        return bounded(left * right) if 0 <= right * max(1, len(left)) <= MOST_TEXT else ()
    if op == "+" and isinstance(left, str) and isinstance(right, str):
        return bounded(left + right)
    if op == "+" and isinstance(left, list) and isinstance(right, list):
        return bounded(left + right)
    if _plain(left) and _plain(right):
        return _arithmetic(op, left, right)
    return ()


def _plain(value: object) -> bool:
    return type(value) is int and value.bit_length() <= 257


def _arithmetic(op: str, left: object, right: object) -> Values:
    assert isinstance(left, int)
    assert isinstance(right, int)
    if op == "+":
        return bounded(left + right)
    if op == "-":
        return bounded(left - right)
    if op == "*":
        return bounded(left * right)
    if op == "**":
        # Too large to carry on with, but large is what matters then.
        return bounded(left**right) if 0 <= right * left.bit_length() <= 256 else (1 << 256,)
    if op in ("//", "%") and right:
        return bounded(left // right if op == "//" else left % right)
    return ()


def percent(template: str, values: Sequence[object]) -> str:
    """Return what ``template % values`` gives, near enough to recognise a name in it."""
    rest = iter(values)
    named = values[0] if values and isinstance(values[0], dict) else {}

    def one(match: re.Match[str]) -> str:
        if match[2] == "%":
            return "%"
        value = named.get(match[1]) if match[1] else next(rest, "")
        return _as_character(value) if match[2] == "c" else shown(value)

    return _PERCENT.sub(one, template)


def braces(template: str, values: Sequence[object], named: dict[str, object]) -> str:
    """Return what ``template.format(*values, **named)`` gives, near enough."""
    rest = iter(values)

    def one(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        key = match[1]
        if key.isdecimal():
            value = values[int(key)] if len(key) < 4 and int(key) < len(values) else ""
        else:
            value = named.get(key, "") if key else next(rest, "")
        return _as_character(value) if (match[2] or "").endswith("c") else shown(value)

    return _BRACES.sub(one, template)


def _as_character(value: object) -> str:
    if isinstance(value, int) and 0 <= value < 0x110000:
        return chr(value)
    return shown(value)[:1]


def item(base: object, key: object) -> Values:
    """Return ``base[key]``."""
    if isinstance(base, dict):
        return (base[key],) if isinstance(key, str | int) and key in base else ()
    if isinstance(base, str | list) and type(key) is int and -len(base) <= key < len(base):
        return (base[key],)
    return ()


def cut(base: object, start: object, stop: object, step: object) -> Values:
    """Return ``base[start:stop:step]``."""
    if not isinstance(base, str | list):
        return ()
    parts = [part for part in (start, stop, step) if part is None or isinstance(part, int)]
    if len(parts) < 3 or parts[2] == 0:
        return ()
    return (base[parts[0] : parts[1] : parts[2]],)


def _text(work: Callable[[str], object]) -> Callable[..., Values]:
    def apply(base: object, *given: object) -> Values:
        return bounded(work(base)) if isinstance(base, str) else ()

    return apply


def _replace(base: object, *given: object) -> Values:
    if len(given) < 2 or not isinstance(base, str):
        return ()
    old, new = shown(given[0]), shown(given[1])
    if len(base) + base.count(old) * len(new) > MOST_TEXT:
        return ()
    return bounded(base.replace(old, new))


def _join(base: object, *given: object) -> Values:
    """``base | join(between)``: the base is the list."""
    if isinstance(base, str):
        base = list(base)
    if not isinstance(base, list | dict):
        return ()
    parts = [shown(one) for one in base]
    between = shown(given[0]) if given else ""
    if sum(map(len, parts)) + len(between) * len(parts) > MOST_TEXT:
        return ()
    return bounded(between.join(parts))


def _join_method(base: object, *given: object) -> Values:
    return _join(given[0], base) if given else ()


def _reverse(base: object, *given: object) -> Values:
    return bounded(base[::-1]) if isinstance(base, str | list) else ()


def _list(base: object, *given: object) -> Values:
    return bounded(list(base)) if isinstance(base, str | list | dict) else ()


def _first(base: object, *given: object) -> Values:
    found = list(base)[:1] if isinstance(base, str | list | dict) else []
    return tuple(found)


def _last(base: object, *given: object) -> Values:
    found = list(base)[-1:] if isinstance(base, str | list | dict) else []
    return tuple(found)


def _any(base: object, *given: object) -> Values:
    return merge(tuple(list(base)[:MOST_VALUES])) if isinstance(base, str | list | dict) else ()


def _same(base: object, *given: object) -> Values:
    return (base,)


def _length(base: object, *given: object) -> Values:
    return (len(base),) if isinstance(base, str | list | dict) else ()


def _split(base: object, *given: object) -> Values:
    if not isinstance(base, str):
        return ()
    mark = given[0] if given and isinstance(given[0], str) and given[0] else None
    return bounded(base.split(mark))


def _pad(work: Callable[[str, int, str], str]) -> Callable[..., Values]:
    def apply(base: object, *given: object) -> Values:
        width = given[0] if given else 80
        fill = given[1] if len(given) > 1 else " "
        if not isinstance(base, str) or not isinstance(fill, str) or len(fill) != 1:
            return ()
        if type(width) is not int or not 0 <= width <= MOST_TEXT:
            return ()
        return bounded(work(base, width, fill))

    return apply


def _parts(work: Callable[[str, str], Sequence[str]]) -> Callable[..., Values]:
    def apply(base: object, *given: object) -> Values:
        mark = given[0] if given else ""
        if not isinstance(base, str) or not isinstance(mark, str) or not mark:
            return ()
        return bounded(list(work(base, mark)))

    return apply


def _without(work: Callable[[str, str], str]) -> Callable[..., Values]:
    def apply(base: object, *given: object) -> Values:
        mark = given[0] if given else ""
        return bounded(work(base, mark)) if isinstance(base, str) and isinstance(mark, str) else ()

    return apply


def _pairs(base: object, *given: object) -> Values:
    return bounded([[key, base[key]] for key in base]) if isinstance(base, dict) else ()


def _values(base: object, *given: object) -> Values:
    return bounded(list(base.values())) if isinstance(base, dict) else ()


def _get(base: object, *given: object) -> Values:
    if not isinstance(base, dict) or not given:
        return ()
    key = given[0]
    found = base.get(key, given[1] if len(given) > 1 else "") if isinstance(key, str) else ""
    return (found,)


def _nested(base: object, *given: object) -> Values:
    """``batch`` and ``slice``: one list of them all is enough to know what they hold."""
    return bounded([list(base)]) if isinstance(base, str | list | dict) else ()


def _quoted(base: object, *given: object) -> Values:
    return bounded(f'"{base}"') if isinstance(base, str) else ()


def _shorter(base: object, *given: object) -> Values:
    length = given[0] if given else 255
    if not isinstance(base, str) or type(length) is not int or length < 0:
        return ()
    return bounded(base[:length])


def _hex(base: object, *given: object) -> Values:
    return bounded(base.encode("utf-8", "replace").hex()) if isinstance(base, str) else ()


def _translate(base: object, *given: object) -> Values:
    table = given[0] if given else None
    if not isinstance(base, str) or not isinstance(table, dict):
        return (base,)
    known = {key: shown(value) for key, value in table.items() if isinstance(key, int)}
    return bounded(base.translate(known)) if _fits(base, known.values()) else ()


def _fits(base: str, pieces: Iterable[str]) -> bool:
    return len(base) * max([1, *map(len, pieces)]) <= MOST_TEXT


def _striptags(base: object, *given: object) -> Values:
    return bounded(re.sub(r"<[^<>]{0,500}>", "", base)) if isinstance(base, str) else ()


def _whole(base: object, *given: object) -> Values:
    if isinstance(base, str) and re.fullmatch(r"[+-]?\d{1,20}", base.strip()):
        return (int(base),)
    return (base,) if type(base) is int else ()


def _strip(base: object, *given: object) -> Values:
    marks = given[0] if given and isinstance(given[0], str) else None
    return bounded(base.strip(marks)) if isinstance(base, str) else ()


def _format_filter(base: object, *given: object) -> Values:
    return bounded(percent(base, given)) if isinstance(base, str) else ()


def _format_method(base: object, *given: object) -> Values:
    return bounded(braces(base, given, {})) if isinstance(base, str) else ()


_BOTH: dict[str, Callable[..., Values]] = {
    "lower": _text(str.lower), "upper": _text(str.upper), "title": _text(str.title),
    "capitalize": _text(str.capitalize), "replace": _replace, "items": _pairs,
    "center": _pad(lambda text, width, fill: text.center(width, fill)),
}  # fmt: skip
FILTERS: dict[str, Callable[..., Values]] = {
    **_BOTH, "join": _join, "reverse": _reverse, "list": _list, "first": _first, "last": _last,
    "random": _any, "min": _any, "max": _any, "string": _text(str), "safe": _same, "e": _same,
    "escape": _same, "forceescape": _same, "trim": _strip, "striptags": _striptags, "format":
    _format_filter, "length": _length, "count": _length, "int": _whole, "sort": _same,
    "unique": _same, "default": _same, "d": _same, "split": _split,
    "dictsort": _pairs, "batch": _nested, "slice": _nested, "tojson": _quoted, "truncate": _shorter,
}  # fmt: skip
"""Filters by name: ``(value, *arguments) -> candidates``; any other is taken to change nothing."""
METHODS: dict[str, Callable[..., Values]] = {
    **_BOTH, "swapcase": _text(str.swapcase), "casefold": _text(str.casefold), "strip": _strip,
    "lstrip": _strip, "rstrip": _strip, "join": _join_method, "format": _format_method,
    "split": _split, "rsplit": _split, "keys": _list, "pop": _any, "copy": _same,
    "translate": _translate, "values": _values, "get": _get, "setdefault": _get, "hex": _hex,
    "ljust": _pad(lambda text, width, fill: text.ljust(width, fill)),
    "rjust": _pad(lambda text, width, fill: text.rjust(width, fill)),
    "zfill": _pad(lambda text, width, fill: text.zfill(width)),
    "partition": _parts(str.partition), "rpartition": _parts(str.rpartition),
    "removeprefix": _without(str.removeprefix), "removesuffix": _without(str.removesuffix),
}  # fmt: skip
"""Methods of strings, lists and dictionaries by name, likewise."""
