"""How large a shared value becomes when it is walked without noticing that it is shared."""

from __future__ import annotations

from ..formats.pickle.values import Call, Container, Run, Value

_MOST = 1_000_000
_CEILING = 10**15


def expanded_size(value: Value) -> int:
    """Return the number of elements, sharing ignored; bounded work, a ceiling of 1e15.

    Args:
        value: A value with any amount of sharing, cycles included.
    """
    sizes: dict[int, int] = {}
    stack: list[tuple[Value, bool]] = [(value, False)]
    work = 0
    while stack and work < _MOST:
        item, ready = stack.pop()
        children = _children(item)
        work += 1
        if ready:
            total = 1 + sum(sizes.get(id(child), 1) for child in children)
            sizes[id(item)] = min(total, _CEILING)
        elif id(item) not in sizes:
            sizes[id(item)] = 1
            stack.append((item, True))
            nested = (c for c in children if type(c) is not int and id(c) not in sizes)
            stack += [(child, False) for child in nested]
    return sizes.get(id(value), 1)


def _children(item: Value) -> list[Value]:
    if type(item) is tuple:
        return list(item[:1024])
    if type(item) is Container:
        return [one for one in item.items if not isinstance(one, Run)]
    if type(item) is Call:
        return [item.args, *(item.items or ()), *(item.states or ())]
    return []
