"""Writes the tables that are facts about an installed PyTorch.

``torch_weights_only.txt``
    The names that ``torch.load(weights_only=True)`` accepts without being told to.
``torchscript_operators.txt``
    The names of the operators that PyTorch registers by itself.
``imports/vouched_torch.toml``
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

from .toml_out import string

DATA = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data"


def weights_only_names() -> set[str]:
    """Return the names on the default allow-list of the weights-only unpickler."""
    return set(_weights_only_unpickler._get_allowed_globals())


def operator_names() -> set[str]:
    """Return the names of registered operators, overloads and private test operators left out."""
    schemas = torch._C._jit_get_all_schemas()
    names = {schema.name for schema in schemas}
    return {name for name in names if not name.startswith(("_test::", "debugprims::"))}


def vouched_names() -> dict[str, str]:
    """Return names that PyTorch's own code writes or accepts, with the reason each is harmless."""
    found = {
        "torch.jit._script.unpackage_script_module": "loads a script of the package, judged itself",
        "torch.distributed.checkpoint.filesystem._StorageInfo": "a data class of plain fields",
    }
    for name in weights_only_names():
        if name.startswith("torch.") and name.endswith(("Tensor", "Storage")):
            found[name] = "a tensor or storage type that weights-only loading accepts"
    for name in vars(jit_pickle):
        if name.startswith(("build_", "restore_")):
            found[f"{jit_pickle.__name__}.{name}"] = "written by TorchScript; returns its argument"
    for name, value in vars(metadata).items():
        if isinstance(value, type) and value.__module__ == metadata.__name__:
            found[f"{metadata.__name__}.{name}"] = "a data class or enumeration of plain fields"
    return found


def write_vouched() -> None:
    """Write the table of import names."""
    modules: dict[str, dict[str, str]] = defaultdict(dict)
    for path, reason in vouched_names().items():
        module, _, name = path.rpartition(".")
        modules[module][name] = reason
    parts = [
        "# Names that PyTorch's own code writes into pickles or accepts from them, beside those\n"
        "# seen in sample files. Written by tools/make_torch_tables.py.\n"
        f"date = {date.today()}\n"
    ]
    for module, names in sorted(modules.items()):
        lines = [f"{name} = {string(reason)}\n" for name, reason in sorted(names.items())]
        parts.append(f"\n[{string(module)}]\n" + "".join(lines))
    (DATA / "imports" / "vouched_torch.toml").write_text("".join(parts), encoding="utf-8")


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
    write_vouched()


if __name__ == "__main__":
    main()
