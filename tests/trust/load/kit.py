"""Pickles that ask for a name in every way there is, and what a refusal looks like."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import pytest

from sentinel.errors import TrustError
from sentinel.trust.load.checks import check
from sentinel.trust.load.joblib_file import load_pickle
from sentinel.trust.reasons import REASONS


def _text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def by_global(module: str, name: str) -> bytes:
    """Return opcodes that push a name: GLOBAL."""
    return f"c{module}\n{name}\n".encode()


def by_stack(module: str, name: str) -> bytes:
    """Return opcodes that push a name: STACK_GLOBAL."""
    return _text(module) + _text(name) + b"\x93"


def called(name: bytes, args: bytes = b")") -> bytes:
    """Return opcodes that call what is on the stack."""
    return name + args + b"R"


def inst(module: str, name: str) -> bytes:
    """Return opcodes that look a name up and call it in one: INST."""
    return f"(i{module}\n{name}\n".encode()


def obj(name: bytes) -> bytes:
    """Return opcodes that call a class within a group: OBJ."""
    return b"(" + name + b"o"


def made(name: bytes) -> bytes:
    """Return opcodes that make an instance: NEWOBJ."""
    return name + b")\x81"


def held(name: bytes) -> bytes:
    """Return opcodes that put a name into a list."""
    return b"]" + name + b"a"


def refusal(data: bytes) -> TrustError:
    """Return how a pickle is refused. Fails when it is not."""
    with pytest.raises(TrustError) as caught:
        check(load_pickle(data))
    assert caught.value.reason in REASONS
    return caught.value


def pickled(value: Any, protocol: int = 4) -> bytes:
    """Return a pickle by the standard library."""
    return pickle.dumps(value, protocol)


class Reduced:
    """An object that pickles as a call, for names that are then asked for but never run here."""

    def __init__(self, function: Any, args: tuple[Any, ...] = (), state: Any = None) -> None:
        self.parts = (function, args) if state is None else (function, args, state)

    def __reduce__(self) -> Any:
        return self.parts
