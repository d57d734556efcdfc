"""NumPy's arrays, types and numbers out of their saved parts, made by NumPy's public functions.

NumPy's own ``__setstate__`` trusts its input: a type whose flags or offsets lie makes bytes into
pointers, and a second state frees memory that others still look at. Nothing here calls it. A type
is made anew from its description and must save to the very state that the file gives; an array is
made at once, of bytes that are exactly as long as its shape and type need.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, Any

from ...errors import TrustError

if TYPE_CHECKING:
    import numpy as np

_CODE = re.compile(r"[|<>=]?[?bBhHiIlLqQefdgFDGSUVOMmcaupP]\d{0,10}")
_ALIGNED = 0x80
_MOST_DIMENSIONS = 32
_MOST_FIELDS = 10_000
_NATIVE = ("=", "|", "<", ">")


def bad(what: str) -> TrustError:
    """Return the refusal of values that no writer gives."""
    return TrustError("unsafe-values", what, "get the file again from its source")


def is_array(value: Any, kinds: str, dimensions: int) -> bool:
    """Return True for a plain array of numbers of these kinds and so many dimensions."""
    import numpy as np

    return type(value) is np.ndarray and value.dtype.kind in kinds and value.ndim == dimensions


def parts(held: dict[str, Any], *keys: str) -> tuple[Any, ...]:
    """Return some values of a dict, None where there is none."""
    return tuple(held.get(key) for key in keys)


def attributes_of(thing: object) -> dict[str, Any]:
    """Return the attributes of an instance, without asking its class; empty where it has none."""
    if isinstance(thing, type):
        return {}
    try:
        found = object.__getattribute__(thing, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def base_dtype(args: tuple[Any, ...]) -> np.dtype[Any]:
    """Return the type that ``numpy.dtype`` is called for.

    Args:
        args: Its arguments, as pickles give them: a code, and two flags.

    Raises:
        TrustError: They are others.
    """
    import numpy as np

    code = args[0] if args else None
    flags = all(type(flag) in (bool, int) for flag in args[1:])
    if type(code) is not str or not _CODE.fullmatch(code) or len(args) != 3 or not flags:
        raise bad("a type of numbers of an unknown description")
    return np.dtype(code, bool(args[1]))


def finish_dtype(base: np.dtype[Any], state: Any) -> np.dtype[Any]:
    """Return a type with its byte order, fields or shape.

    Args:
        base: What ``base_dtype`` gave.
        state: What the file says about it.

    Raises:
        TrustError: NumPy would not write that state for the type it describes.
    """
    import numpy as np

    if type(state) is not tuple or len(state) not in (8, 9) or state[0] not in (3, 4):
        raise bad("a type of numbers with an unknown state")
    _, order, inner, names, fields, size, alignment, flags = state[:8]
    if order not in _NATIVE:
        raise bad(f"a byte order {order!r}"[:60])
    if names is not None:
        made = _structured(names, fields, size, type(flags) is int and bool(flags & _ALIGNED))
    elif inner is not None:
        made = _repeated(inner)
    elif base.kind in "Mm":
        made = np.dtype(f"{base.kind}8[{_unit(state[8:])}]")
    else:
        made = base
    made = made if order in "|=" else made.newbyteorder(order)
    want: Any = made.__reduce__()[2]
    given = (order, size, alignment, flags)
    ours = (want[1], want[5], want[6], want[7])
    if any(a != b or type(a) is not type(b) for a, b in zip(given, ours, strict=True)):
        raise bad(f"a type of numbers whose size or flags are not those of {made.str}")
    if made.kind == base.kind and made.itemsize == base.itemsize:
        return made
    raise bad("a type of numbers that is not the one it was called")


def _structured(names: Any, fields: Any, size: Any, aligned: bool) -> np.dtype[Any]:
    import numpy as np

    fits = type(names) is tuple and type(fields) is dict and set(map(type, names)) <= {str}
    if not fits or len(names) > _MOST_FIELDS or set(names) != set(fields) or type(size) is not int:
        raise bad("a record of unknown fields")
    given = [fields[name] for name in names]
    if any(type(one) is not tuple or len(one) != 2 or type(one[1]) is not int for one in given):
        raise bad("a record of unknown fields")
    formats = [checked_dtype(kind) for kind, _ in given]
    if any(one.hasobject for one in formats):
        raise bad("a record that holds objects")
    description: Any = {"names": list(names), "formats": formats, "itemsize": size}
    description["offsets"] = [offset for _, offset in given]
    try:
        made: np.dtype[Any] = np.dtype(description, aligned)
        return made
    except (ValueError, TypeError, OverflowError) as error:
        raise bad("a record whose fields do not fit") from error


def _repeated(inner: Any) -> np.dtype[Any]:
    import numpy as np

    if type(inner) is not tuple or len(inner) != 2:
        raise bad("a type of numbers of an unknown shape")
    kind = checked_dtype(inner[0])
    if kind.hasobject:
        raise bad("a group of objects")
    made: np.dtype[Any] = np.dtype((kind, checked_shape(inner[1], kind.itemsize)))
    return made


def _unit(rest: tuple[Any, ...]) -> str:
    metadata: Any = rest[0] if rest else None
    unit = metadata[1] if type(metadata) is tuple and len(metadata) == 2 else None
    if type(unit) is not tuple or len(unit) != 4 or metadata[0]:
        raise bad("a time of an unknown unit")
    name, count = unit[0], unit[1]
    name = name.decode("ascii", "replace") if type(name) is bytes else name
    plain = type(name) is str and re.fullmatch(r"[A-Za-zμ]{1,7}", name)
    if not plain or type(count) is not int or not 0 < count < 1 << 31 or unit[2:] != (1, 1):
        raise bad("a time of an unknown unit")
    return name if name == "generic" else f"{count}{name}"


def checked_dtype(kind: Any) -> np.dtype[Any]:
    """Return a finished type. Raises TrustError for anything else."""
    import numpy as np

    if not isinstance(kind, np.dtype):
        raise bad("an array whose type is none")
    return kind


def checked_shape(shape: Any, width: int) -> tuple[int, ...]:
    """Return the lengths of an array's sides.

    Args:
        shape: What the file says: a tuple, or one length.
        width: Bytes of one item.

    Raises:
        TrustError: They are no such lengths, or too many bytes in all.
    """
    sides = (shape,) if type(shape) is int else shape
    if type(sides) is not tuple or len(sides) > _MOST_DIMENSIONS:
        raise bad("an array of an unknown shape")
    if any(type(side) is not int or side < 0 for side in sides):
        raise bad("an array of an unknown shape")
    if prod(side for side in sides if side) * max(width, 1) >= 1 << 47:
        raise bad("an array larger than memory")
    return sides


def from_bytes(raw: Any, kind: Any, shape: Any, order: str) -> np.ndarray[Any, Any]:
    """Return an array over bytes, which it shares; it can be written to where they can.

    Raises:
        TrustError: There are more or fewer bytes than it takes, or it would hold objects.
    """
    import numpy as np

    kind = checked_dtype(kind)
    sides = checked_shape(shape, kind.itemsize)
    if kind.hasobject or type(raw) not in (bytes, bytearray, memoryview):
        raise bad("an array of objects made of bytes")
    if len(raw) != prod(sides) * kind.itemsize:
        raise bad(f"an array of {prod(sides) * kind.itemsize} bytes with {len(raw)}")
    if not len(raw):
        empty: np.ndarray[Any, Any] = np.empty(sides, kind, "F" if order == "F" else "C")
        return empty
    flat: Any = np.frombuffer(raw, kind)
    made: np.ndarray[Any, Any] = flat.reshape(sides, order="F" if order == "F" else "C")
    return made


def from_items(items: Any, shape: Any, order: str) -> np.ndarray[Any, Any]:
    """Return an array of objects. Raises TrustError when their number is not that of the shape."""
    import numpy as np

    sides = checked_shape(shape, 8)
    if type(items) is not list or len(items) != prod(sides):
        raise bad("an array of objects with more or fewer than its shape says")
    flat: np.ndarray[Any, Any] = np.empty(len(items), object)
    for at, item in enumerate(items):
        flat[at] = item
    made = flat.reshape(sides)
    ordered: np.ndarray[Any, Any] = np.array(made, order="F" if order == "F" else "C")
    return ordered


def from_state(state: Any) -> np.ndarray[Any, Any]:
    """Return the array of a saved state: version, shape, type, order, content.

    Raises:
        TrustError: The state is none, or its parts do not fit each other.
    """
    if type(state) is not tuple or len(state) != 5 or state[0] != 1:
        raise bad("an array with an unknown state")
    _, shape, kind, fortran, raw = state
    order = "F" if fortran else "C"
    if checked_dtype(kind).kind == "O":
        return from_items(raw, shape, order)
    made: np.ndarray[Any, Any] = from_bytes(raw, kind, shape, order).copy("F" if fortran else "C")
    return made


def masked(state: Any) -> Any:
    """Return a masked array: the state of an array, its mask, and what stands for masked items.

    Raises:
        TrustError: As for ``from_state``.
    """
    import numpy as np

    if type(state) is not tuple or len(state) != 7:
        raise bad("a masked array with an unknown state")
    data = from_state(state[:5])
    if data.dtype.names is not None:
        raise bad("a masked array of records")
    mask = from_bytes(state[5], np.dtype(bool), state[1], "F" if state[3] else "C").copy()
    fill = state[6]
    if isinstance(fill, np.ndarray) and fill.shape != ():
        raise bad("a masked array with an odd filling")
    return np.ma.MaskedArray(data, mask, fill_value=fill)


def number(args: tuple[Any, ...]) -> Any:
    """Return the number that ``numpy.core.multiarray.scalar`` is called for.

    Raises:
        TrustError: It is made of other than a type and as many bytes as that takes.
    """
    if len(args) != 2 or type(args[1]) is not bytes:
        raise bad("a number that is not made of bytes")
    kind = checked_dtype(args[0])
    if not kind.itemsize:
        return kind.type()
    return from_bytes(args[1], kind, (), "C")[()]
