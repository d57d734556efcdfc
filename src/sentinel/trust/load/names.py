"""The exact names that a model may be made of, and what may be done with each.

The table is ``data/load/names.toml``, written by ``tools/make_load_names.py`` from models that were
fitted for it. A name is a module and a name in it without a dot: no prefix, no pattern, no
attribute of an attribute. Each has the uses that were met, and no others:

- ``new``: a class of which an empty instance may be made;
- ``value``: a class or function that a model may hold (a metric, a type of number);
- ``state``: a class whose ``__setstate__`` may be called.

What a pickle may *call* is in no table: that is code of this package, with checks of the arguments
(``makers.py``).
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from ...data import read
from ...errors import TrustError

Name = tuple[str, str]

USES = ("new", "value", "state")
_HINT = "convert it, or allow this very name in the policy if you trust what it does"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class Names:
    """Exact names and what each may be used for.

    Args:
        uses: For each use, its names.
        extra: Names that the user allows in every use.
        moved: Old modules and where their names live now.
    """

    __slots__ = ("_extra", "_moved", "_uses")

    def __init__(
        self,
        uses: Mapping[str, frozenset[Name]],
        extra: Iterable[Name] = (),
        moved: Mapping[str, str] | None = None,
    ) -> None:
        self._uses = uses
        self._extra = frozenset(extra)
        self._moved = moved or {}

    def current(self, module: str, name: str) -> Name:
        """Return where a name lives today; it is looked up in the table all the same."""
        return self._moved.get(module, module), name

    def may(self, use: str, name: Name) -> bool:
        """Return True when a name may be used so."""
        return name in self._uses[use] or name in self._extra

    def may_call(self, name: Name) -> bool:
        """Return True for a name that the user allows; the table itself lets nothing be called."""
        return name in self._extra

    def known(self, name: Name) -> bool:
        """Return True when a name may be used at all."""
        return name in self._extra or any(name in names for names in self._uses.values())

    def with_extra(self, extra: Iterable[Name]) -> Names:
        """Return these names and some that the user allows."""
        return Names(self._uses, extra, self._moved)


@cache
def table() -> Names:
    """Return the names that come with this version."""
    found = tomllib.loads(read("load/names.toml").decode("utf-8"))
    moved: dict[str, str] = found.pop("moved")
    found.pop("about")
    uses = {
        use: frozenset((module, name) for module in found for name in found[module].get(use, ()))
        for use in USES
    }
    return Names(uses, (), moved)


def is_exact(module: str, name: str) -> bool:
    """Return True for a module and a name in it that could stand in a table."""
    return bool(_MODULE.fullmatch(module) and _PLAIN.fullmatch(name))


class NotAllowed(TrustError):
    """A name that a model may not use, or not in that way (``not-allowed``).

    Args:
        name: The name.
    """

    def __init__(self, name: Name) -> None:
        shown = ascii(".".join(name))[1:-1][:200]
        super().__init__("not-allowed", f"{shown} is not a name that a model may use here", _HINT)
        self.name = name


def refused(module: str, name: str) -> NotAllowed:
    """Return the refusal of a name."""
    return NotAllowed((module, name))


def resolve(module: str, name: str) -> object:
    """Return the object that an allowed name stands for.

    Raises:
        TrustError: The library is not installed (``not-installed``), has no such name, or has taken
            it from elsewhere (``not-allowed``).
    """
    if not is_exact(module, name):
        raise refused(module, name)
    try:
        found = sys.modules[module] if module in sys.modules else import_module(module)
        value: object = vars(found)[name]
    except (ImportError, KeyError) as error:
        raise TrustError(
            "not-installed",
            f"{module}.{name} is not in what is installed here",
            f"install the version of {module.partition('.')[0]} that wrote the file",
        ) from error
    if not _lives_in(value, module, name):
        raise refused(module, name)
    return value


def _lives_in(value: object, module: str, name: str) -> bool:
    """Return True when a class or function is defined where it was asked for."""
    if type(value).__name__ == "ufunc" and type(value).__module__ == "numpy":
        return module == "numpy"
    if not (isinstance(value, type) or callable(value)):
        return False
    return getattr(value, "__module__", None) == module and getattr(value, "__name__", None) == name
