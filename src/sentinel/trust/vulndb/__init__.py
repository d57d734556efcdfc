"""Known vulnerabilities of Python packages, out of a dump that the user has imported.

Nothing is fetched. Without a database nothing was checked, and that is what is said: never that
there are no vulnerabilities. An answer holds as of the database's date.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers import lookup
    from .importing import import_dump
    from .model import Advisory, Answer, Info, Status
    from .place import default_path
    from .store import Database, open_database

_HOMES: dict[str, str] = {
    "Advisory": "model",
    "Answer": "model",
    "Database": "store",
    "Info": "model",
    "Status": "model",
    "default_path": "place",
    "import_dump": "importing",
    "lookup": "answers",
    "open_database": "store",
}

__all__ = [
    "Advisory",
    "Answer",
    "Database",
    "Info",
    "Status",
    "default_path",
    "import_dump",
    "lookup",
    "open_database",
]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
