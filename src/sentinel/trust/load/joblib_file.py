"""Pickles and joblib's files: one pickle, with the bytes of arrays between its opcodes.

joblib puts a ``NumpyArrayWrapper`` where an array was; its bytes follow at once, behind padding. An
array of objects is a pickle of its own there. Releases of joblib before 1.6 read that one with
``pickle.load``, whatever the outer reader allows; this reader takes both kinds of file with one set
of names, and needs no joblib.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ...errors import TrustError
from . import arrays
from .arrays import bad
from .machine import Machine, Pending
from .names import Name, Names, table

_WRAPPER: Name = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_KEYS = {"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"}


def load_pickle(data: bytes | memoryview, names: Names | None = None) -> object:
    """Return the object of a pickle or of a joblib file that is not compressed.

    Args:
        data: The whole file.
        names: What may be used; by default what comes with this version.

    Raises:
        TrustError: The file asks for something that is not allowed (``not-allowed``), is broken
            (``malformed``, ``truncated``), or holds values that would crash native code
            (``unsafe-values``).
    """
    machine = JoblibMachine(memoryview(data), names or table())
    found = machine.load()
    if machine.stream.left:
        raise TrustError("malformed", f"{machine.stream.left} bytes follow the end of the pickle")
    return found


class JoblibMachine(Machine):
    """A machine that reads the arrays between the opcodes."""

    def find(self, module: str, name: str) -> object:
        """Return what a name becomes; joblib's wrapper is known here."""
        if (module, name) == _WRAPPER:
            return self.token(_WRAPPER)
        return super().find(module, name)

    def newobj(self) -> None:
        """Make an instance; a wrapper becomes its array when its state comes."""
        if len(self.stack) < 2 or self.name_of(self.stack[-2]) != _WRAPPER:
            super().newobj()
            return
        if self.stack.pop() != ():
            raise bad("a wrapper of an array with arguments")
        self.stack[-1] = self.take_in(Pending(self.array))

    def array(self, state: Any) -> object:
        """Return the array whose description is given and whose bytes come next."""
        if type(state) is not dict or not set(state) <= _KEYS:
            raise bad("a wrapper of an array with an unknown state")
        if self.name_of(state.get("subclass")) != ("numpy", "ndarray"):
            raise TrustError("not-allowed", "an array of an unknown class")
        kind = arrays.checked_dtype(state.get("dtype"))
        shape = arrays.checked_shape(state.get("shape"), kind.itemsize)
        if kind.hasobject:
            return self._objects(kind, shape)
        self._skip_padding(state.get("numpy_array_alignment_bytes"))
        raw = bytearray(self.stream.take(prod(shape) * kind.itemsize))
        return arrays.from_bytes(raw, kind, shape, "F" if state.get("order") == "F" else "C")

    def _skip_padding(self, alignment: Any) -> None:
        if alignment is None:
            return
        if type(alignment) is not int:
            raise bad("a wrapper of an array with an unknown alignment")
        self.stream.take(self.stream.byte())

    def _objects(self, kind: Any, shape: tuple[int, ...]) -> object:
        inner = JoblibMachine(self.data, self.names, self.stream.at, self.depth + 1)
        inner.room = self.room
        found: Any = inner.load()
        self.stream.at = inner.stream.at
        if getattr(found, "dtype", None) != kind or found.shape != shape:
            raise bad("an array of objects that is not the one it was called")
        return found
