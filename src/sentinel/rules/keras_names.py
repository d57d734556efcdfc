"""What Keras itself provides: the table that tells its names from others."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from ..data import read

_UNRELATED = (
    "keras.config", "keras.utils", "keras.saving", "keras.legacy", "keras.datasets",
    "keras.backend", "keras.export", "keras.callbacks", "keras._legacy", "keras.src.utils",
    "keras.src.saving", "keras.src.legacy", "keras.src.datasets", "keras.src.export",
    "keras.src.callbacks",
    "keras.src.backend.config", "keras.src.backend.common", "keras.preprocessing",
)  # fmt: skip
_PARTS = frozenset(
    (
        "FeatureSpace", "Cross", "Feature", "Sequence", "PyDataset", "TFSMLayer", "register",
        "CustomObjectScope", "custom_object_scope",
    )
)  # fmt: skip


class Known(Enum):
    """What is known of a name within Keras."""

    YES = 1
    REFUSED = 2
    UNRELATED = 3
    NOT = 4


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    modules: dict[str, frozenset[str]] = {}
    every: set[str] = set()
    for line in read("keras_names.txt").decode().splitlines():
        if not line.startswith("#"):
            module, _, names = line.partition("\t")
            modules[module] = frozenset(names.split())
            if not _unrelated(module):
                every |= {name for name in modules[module] if name[0] != "-"}
    return modules, frozenset(every)


def known(module: str, name: str) -> Known:
    """Return what is known of a name in a module of Keras.

    Args:
        module: A module of ``keras`` or of a package that follows its layout (``tf_keras``).
        name: A class or function in it.
    """
    package, _, below = module.partition(".")
    plain = f"keras.{below}" if below else "keras"
    names = _table()[0].get(plain, frozenset())
    if f"-{name}" in names or (f"-{name}" in _refused() and not name[:1].isupper()):
        return Known.REFUSED
    if _unrelated(plain) and name not in _PARTS:
        return Known.UNRELATED if not name[:1].isupper() or name not in names else Known.YES
    return Known.YES if name in names or package != "keras" else Known.NOT


def _unrelated(module: str) -> bool:
    return any(f"{module}.".startswith(f"{other}.") for other in _UNRELATED)


@lru_cache(maxsize=1)
def _refused() -> frozenset[str]:
    return frozenset(name for names in _table()[0].values() for name in names if name[0] == "-")


def is_class(name: str) -> bool:
    """Return True for a name that some module of Keras has: a layer, a loss, an activation."""
    return name in _table()[1] or name.lower() in _lowered()


@lru_cache(maxsize=1)
def _lowered() -> frozenset[str]:
    return frozenset(name.lower() for name in _table()[1])
