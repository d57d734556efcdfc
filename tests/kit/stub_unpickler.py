"""An unpickler that resolves nothing: it proves what a hostile pickle would call.

It is Python's own pure-Python unpickler, so that *what runs and when* is the reference's word, but
every name is answered by an inert stub that writes down how it is used. Calls whose meaning is
fixed (``getattr``, ``operator.attrgetter``, ``functools.partial`` ...) are followed over stubs, and
a short list of pure functions over text and bytes is worked out, so that names that are put
together at load time are found too. Work is bounded.
"""

from __future__ import annotations

import _compat_pickle
import io
import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.kit.stub_models import MODELS, PURE

_OPERATIONS = 5_000_000
_SECONDS = 20.0


class TooMuch(Exception):
    """The stream asked for more work than the proof allows."""


@dataclass
class Journal:
    """What happened.

    Attributes:
        events: ``(what, path, args)``; what is ``import``, ``call``, ``new``, ``setstate``,
            ``store`` or ``persistent``.
        error: Why loading stopped early; empty when it did not.
    """

    events: list[tuple[str, str, tuple[Any, ...]]] = field(default_factory=list)
    codes: dict[int, tuple[str, str]] = field(default_factory=dict)
    error: str = ""

    def note(self, what: str, path: str, args: tuple[Any, ...] = ()) -> None:
        self.events.append((what, path, args))

    def paths(self, *what: str) -> set[str]:
        """Return the paths of all events of these kinds."""
        return {path for kind, path, _ in self.events if kind in what}


class Stub:
    """Stands for anything that was imported or came out of a call."""

    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(cls, Stub):
            return cls._made(args, kwargs)
        return object.__new__(cls)

    def __init__(self, journal: Journal, path: str, args: tuple[Any, ...] | None = None) -> None:
        self.__dict__.update(_journal=journal, _path=path, _args=args, _planted={}, _kwargs={})

    def _made(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Stub:
        self._journal.note("new", self._path, args)
        return Stub(self._journal, f"{self._path}()", args)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self._journal.note("call", self._path, args)
        model = MODELS.get(self._path)
        if model is not None:
            done = model(self, args, kwargs)
            if done is not NotImplemented:
                return done
        if self._path in PURE and _all_plain(args):
            return PURE[self._path](*args)
        made = Stub(self._journal, f"{self._path}()", args)
        made.__dict__["_kwargs"] = kwargs
        return made

    def __getattr__(self, name: str) -> Any:
        if name in ("__reduce_ex__", "__getinitargs__", "__length_hint__"):
            raise AttributeError(name)
        return self._attribute(name)

    def _attribute(self, name: str) -> Any:
        """Return an attribute, also one that this class has itself."""
        if name in self._planted:
            return self._planted[name]
        return Stub(self._journal, f"{self._path}.{name}")

    def __setitem__(self, key: Any, value: Any) -> None:
        self._journal.note("store", self._path, (key, value))
        if isinstance(key, str):
            self._planted[key] = value

    def __getitem__(self, key: Any) -> Any:
        """Return an item; items and attributes are not told apart."""
        return self._attribute(key)

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return f"<{self._path}>"


def _all_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_all_plain, value))
    if isinstance(value, dict):
        return all(map(_all_plain, value.values()))
    return isinstance(value, str | bytes | int | slice | type(None))


class _Counted(dict[int, Callable[..., Any]]):
    """The dispatch table, which counts look-ups and watches the clock."""

    def __init__(self, table: dict[int, Callable[..., Any]], operations: int) -> None:
        super().__init__(table)
        self.left = operations
        self.until = time.monotonic() + _SECONDS

    def __getitem__(self, key: int) -> Callable[..., Any]:
        self.left -= 1
        if self.left < 0 or (not self.left & 0xFFF and time.monotonic() > self.until):
            raise TooMuch
        return super().__getitem__(key)


class StubUnpickler(pickle._Unpickler):  # type: ignore[name-defined,misc]
    """The reference unpickler with everything outside of the stream taken away.

    Args:
        file: The stream.
        journal: Where to write.
        joblib: Step over the arrays that joblib puts between opcodes.
    """

    def __init__(
        self,
        file: io.BytesIO,
        journal: Journal,
        joblib: bool = False,
        operations: int = _OPERATIONS,
    ) -> None:
        super().__init__(file)
        self.file = file
        self.journal = journal
        self.joblib = joblib
        table = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]
        table[pickle.BUILD[0]] = StubUnpickler.load_build
        self.dispatch = _Counted(table, operations)

    def find_class(self, module: str, name: str) -> Any:
        if self.proto < 3:
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            elif module in _compat_pickle.IMPORT_MAPPING:
                module = _compat_pickle.IMPORT_MAPPING[module]
        self.journal.note("import", f"{module}.{name}")
        return Stub(self.journal, f"{module}.{name}")

    def get_extension(self, code: int) -> None:
        if code <= 0:
            raise pickle.UnpicklingError("EXT specifies code <= 0")
        module, name = self.journal.codes.get(code, (f"extension {code}", ""))
        self.append(self.find_class(module, name))

    def persistent_load(self, pid: Any) -> Any:
        self.journal.note("persistent", repr(pid)[:80], (pid,))
        return Stub(self.journal, "persistent()")

    def load_build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Stub):
            raise pickle.UnpicklingError("BUILD on plain data")
        setstate = target._planted.get("__setstate__")
        if setstate is not None:
            setstate(state)
            return
        self.journal.note("setstate", target._path, (state,))
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                target._planted.update(part)
        if self.joblib and target._path.endswith("NumpyArrayWrapper()"):
            self._skip_array(state)

    def _skip_array(self, state: dict[str, Any]) -> None:
        import numpy

        spelling = state["dtype"]._args[0]
        if spelling in ("O8", "O"):
            StubUnpickler(self.file, self.journal).load()
            return
        if state.get("numpy_array_alignment_bytes"):
            padding = self.file.read(1)[0]
            self.file.read(padding)
        count = 1
        for side in state["shape"]:
            count *= side
        self.file.read(count * numpy.dtype(spelling).itemsize)


def prove(data: bytes, *, joblib: bool = False, start: int = 0, one_memo: bool = False) -> Journal:
    """Load every pickle in ``data`` with stubs and return what happened.

    Args:
        data: Pickles, one after another.
        joblib: They are joblib's, with arrays between the opcodes.
        start: Where the loader would begin.
        one_memo: The loader keeps one unpickler, and so one memo, for all of them.
    """
    journal = Journal()
    file = io.BytesIO(data)
    file.seek(start)
    unpickler = StubUnpickler(file, journal, joblib)
    try:
        while file.tell() < len(data):
            unpickler.load()
            if not one_memo:
                unpickler = StubUnpickler(file, journal, joblib)
    except Exception as error:
        journal.error = f"{type(error).__name__}: {error}"
    return journal
