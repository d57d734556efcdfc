"""Whether PyTorch's weights-only unpickler would take a pickle, by the names it accepts."""

from __future__ import annotations

from functools import lru_cache

from ..data import read
from ..formats.pickle.program import PickleProgram

_TABLE = "torch_weights_only.txt"


@lru_cache(maxsize=1)
def _accepted() -> bytes:
    return read(_TABLE)


def refusals(program: PickleProgram) -> list[str]:
    """Return what the weights-only unpickler would refuse, in words; nothing when it would load.

    Args:
        program: The checkpoint's pickle. Names are compared with the list of PyTorch 2.13; what
            the named functions are given is not.
    """
    table = _accepted()
    found: dict[str, None] = {}
    for name in program.globals:
        path = f"{name.module}.{name.name}"
        if name.how != "GLOBAL":
            found[f"{path} (named by {name.how})"] = None
        elif f"\n{path}\n".encode("utf-8", "surrogatepass") not in table:
            found[path] = None
    return list(found)
