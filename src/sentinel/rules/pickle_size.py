"""How large a shared value becomes when it is walked without noticing that it is shared."""

from __future__ import annotations

from ..formats.pickle.values import Call, Container, Run, Value

_MOST = 1_000_000
_CEILING = 10**15
_BREADTH = 64


def expanded_size(value: Value) -> int:
    """Return the most elements that one value comes to, sharing ignored; a ceiling of 1e15.

    Args:
        value: A value with any amount of sharing, cycles included.
    """
    sizes: dict[int, int] = {}
    stack: list[tuple[Value, bool]] = [(value, False)]
    largest, work = 1, 0
    while stack:
        item, ready = stack.pop()
        if not ready and work >= _MOST:
            continue  # what was not gone into counts as one; the levels above it still add up
        children = _children(item)
        work += 1
        if ready:
            total = min(1 + sum(sizes.get(id(child), 1) for child in children), _CEILING)
            sizes[id(item)] = total
            largest = max(largest, total)
        elif id(item) not in sizes:
            sizes[id(item)] = 1
            stack.append((item, True))
            nested = (c for c in (*children, *_attributes(item)) if type(c) is not int)
            stack += [(child, False) for child in nested if id(child) not in sizes]
    return largest


def nesting(value: Value, most: int) -> int:
    """Return how many levels deep a value goes, ``most`` at the most; a lower bound.

    Args:
        value: The value; of each level only the first few containers are gone into.
        most: Where to stop.
    """
    seen: set[int] = set()
    level, depth = [value], 0
    while level and depth < most:
        depth += 1
        below: list[Value] = []
        for item in level:
            if id(item) not in seen and len(below) < _BREADTH:
                seen.add(id(item))
                below += [c for c in _children(item)[:_BREADTH] if type(c) is not int]
        level = below
    return depth


def _children(item: Value) -> list[Value]:
    if type(item) is tuple:
        return list(item[:1024])
    if type(item) is Container:
        return [one for one in item.items if not isinstance(one, Run)]
    if type(item) is Call:
        return [item.args, *(item.items or ())]
    return []


def _attributes(item: Value) -> list[Value]:
    """Return what lies behind an object's attributes: objects are walked, and compared, one by one.

    A drawing or a graph holds the same few objects along very many paths.
    """
    return item.states or [] if type(item) is Call else []
