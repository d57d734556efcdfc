"""Writes the tables that are facts about an installed PyTorch.

``torch_weights_only.txt``
    The names that ``torch.load(weights_only=True)`` accepts without being told to.
``torchscript_operators.txt``
    The names of the operators that PyTorch registers by itself.

Run it with an interpreter that has the PyTorch release to describe::

    python tools/make_torch_tables.py
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import _weights_only_unpickler

DATA = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data"


def weights_only_names() -> set[str]:
    """Return the names on the default allow-list of the weights-only unpickler."""
    return set(_weights_only_unpickler._get_allowed_globals())


def operator_names() -> set[str]:
    """Return the names of registered operators, overloads and private test operators left out."""
    schemas = torch._C._jit_get_all_schemas()
    names = {schema.name for schema in schemas}
    return {name for name in names if not name.startswith(("_test::", "debugprims::"))}


def write(name: str, about: str, lines: Iterable[str]) -> None:
    """Write one table: a comment, then sorted lines."""
    release = torch.__version__.partition("+")[0]
    head = f"# {about}, PyTorch {release}. Written by tools/make_torch_tables.py.\n"
    text = head + "".join(f"{line}\n" for line in sorted(lines))
    (DATA / name).write_text(text, encoding="utf-8")
    print(f"{name}: {text.count(chr(10)) - 1} names")


def main() -> None:
    """Write both tables."""
    warnings.simplefilter("ignore")
    write("torch_weights_only.txt", "Names that weights_only=True accepts", weights_only_names())
    write("torchscript_operators.txt", "Operators of TorchScript", operator_names())


if __name__ == "__main__":
    main()
