"""Writes the tables that are facts about an installed PyTorch.

``torch_weights_only.txt``
    The names that ``torch.load(weights_only=True)`` accepts without being told to.
``torchscript_operators.txt``
    The names of the operators that PyTorch registers by itself.
``imports/safe_torch_formats.toml``
    The names in pickles that PyTorch's C++ code, its packages and its distributed checkpoints
    write, and the tensor and storage types that weights-only loading accepts.

Run it with an interpreter that has the PyTorch release to describe::

    python -m tools.make_torch_tables

and ``python -m tools.make_index`` behind it.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import torch
from torch import _weights_only_unpickler
from torch.distributed.checkpoint import metadata
from torch.jit import _pickle as jit_pickle

from .toml_out import render_safe

DATA = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data"


def weights_only_names() -> set[str]:
    """Return the names on the default allow-list of the weights-only unpickler."""
    return set(_weights_only_unpickler._get_allowed_globals())


def operator_names() -> set[str]:
    """Return the names of registered operators, overloads and private test operators left out."""
    schemas = torch._C._jit_get_all_schemas()
    names = {schema.name for schema in schemas}
    return {name for name in names if not name.startswith(("_test::", "debugprims::"))}


def tensor_names() -> set[str]:
    """Return the tensor and storage types among the names that weights-only loading accepts."""
    kinds = ("Tensor", "Storage")
    return {name for name in weights_only_names() if name.endswith(kinds) and "torch." in name}


def format_names() -> set[str]:
    """Return what TorchScript's own pickler, packages and distributed checkpoints write."""
    jit = [name for name in vars(jit_pickle) if name.startswith(("build_", "restore_"))]
    classes = [
        name
        for name, value in vars(metadata).items()
        if isinstance(value, type) and value.__module__ == metadata.__name__
    ]
    return {
        *(f"torch.jit._pickle.{name}" for name in jit),
        "torch.jit._script.unpackage_script_module",
        *(f"{metadata.__name__}.{name}" for name in classes),
        "torch.distributed.checkpoint.filesystem._StorageInfo",
    }


def write_safe() -> None:
    """Write the table of import names."""
    modules: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: {"seen": {}})
    for path in tensor_names() | format_names():
        module, _, name = path.rpartition(".")
        modules[module]["seen"][name] = ""
    release = f"torch {torch.__version__.partition('+')[0]}"
    text = render_safe("torch", release, date.today(), modules)
    text = text.replace("tools/make_safe_imports.py", "tools/make_torch_tables.py")
    (DATA / "imports" / "safe_torch_formats.toml").write_text(text, encoding="utf-8")


def write(name: str, about: str, lines: Iterable[str]) -> None:
    """Write one table: a comment, then sorted lines."""
    release = torch.__version__.partition("+")[0]
    head = f"# {about}, PyTorch {release}. Written by tools/make_torch_tables.py.\n"
    text = head + "".join(f"{line}\n" for line in sorted(lines))
    (DATA / name).write_text(text, encoding="utf-8")
    print(f"{name}: {text.count(chr(10)) - 1} names")


def main() -> None:
    """Write the tables."""
    warnings.simplefilter("ignore")
    write("torch_weights_only.txt", "Names that weights_only=True accepts", weights_only_names())
    write("torchscript_operators.txt", "Operators of TorchScript", operator_names())
    write_safe()


if __name__ == "__main__":
    main()
