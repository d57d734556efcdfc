"""The kinds of models that can be marked: one line each, modules imported when they are needed.

A module of a kind of files has ``matches(head, size) -> bool`` (the first 64 bytes and the size of
the file), ``embed_file(path, out, job) -> Marked`` and ``verify_file(path, provider, request) ->
Verification``. A module of a kind of objects has ``accepts(model) -> bool``, ``embed_model(model,
job) -> (copy, Marked)`` and ``verify_model(model, provider, request) -> Verification``. One module
may have all of them. What cannot be done is ``NotMarked``.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from .keys import WatermarkKeyProvider
from .record import NotMarked

if TYPE_CHECKING:
    from types import ModuleType


class Kind(NamedTuple):
    """One line of the table.

    Attributes:
        name: Stable short name.
        title: What people call it.
        module: Module beside this one.
        files: Whether it reads files.
        objects: Whether it takes models in memory.
        folders: Whether it takes directories; ``matches`` is not asked then.
    """

    name: str
    title: str
    module: str
    files: bool = False
    objects: bool = False
    folders: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("safetensors", "safetensors files", "safetensors_file", files=True),
    Kind("shards", "directories of safetensors files", "safetensors_folder", folders=True),
    Kind("estimator", "files of scikit-learn and XGBoost", "estimator_file", files=True),
    Kind("torch", "PyTorch state dicts (torch.save)", "torch_file", files=True),
    Kind("arrays", "mappings of names to numpy arrays", "arrays", objects=True),
    Kind("module", "modules and state dicts of PyTorch", "torch_module", objects=True),
    Kind("estimators", "estimators of scikit-learn and XGBoost", "estimators", objects=True),
)
"""All kinds, in the order in which they are asked."""

_NOT_HERE: tuple[tuple[bytes, str, str], ...] = (
    (b"GGUF", "quantised", "GGUF is quantised; mark the float master, a mark survives quantising"),
    (b"\x89HDF\r\n\x1a\n", "unsupported-kind", "HDF5 is not marked here; convert to safetensors"),
)


class Job(NamedTuple):
    """What to mark a model with.

    Attributes:
        provider: Gives the key.
        identity: The payload, 64 bits.
        context: What the key is derived for; empty for the default key.
        example: Inputs of a model in memory, whose answers must stay (``answers``); None without.
    """

    provider: WatermarkKeyProvider
    identity: int
    context: str = ""
    example: Any = None


def kind_of_file(path: str) -> ModuleType:
    """Return the module of the kind of a file, by its content, or of a directory.

    Raises:
        NotMarked: It is of no kind that can be marked.
        UsageError: It cannot be opened.
    """
    from .file_store import open_model

    if os.path.isdir(path) and not os.path.islink(path):
        return _module(next(kind for kind in KINDS if kind.folders))
    with open_model(path) as reader:
        head, size = reader.pread(0, 64), reader.size
    for kind in KINDS:
        if kind.files:
            module = _module(kind)
            if module.matches(head, size):
                return module
    for magic, reason, hint in _NOT_HERE:
        if head.startswith(magic):
            raise NotMarked(reason, f"{path}: cannot be marked", hint)
    raise NotMarked(
        "unsupported-kind", f"{path}: is no kind of file that can be marked", known(True)
    )


def kind_of_model(model: Any) -> ModuleType:
    """Return the module of the kind of a model in memory. Raises NotMarked when there is none."""
    for kind in KINDS:
        if kind.objects:
            module = _module(kind)
            if module.accepts(model):
                return module
    name = type(model).__name__
    raise NotMarked("unsupported-kind", f"a {name} cannot be marked", known(False))


def known(files: bool) -> str:
    """Return the titles of the kinds of files, or of models in memory, as a hint."""
    titles = [kind.title for kind in KINDS if (kind.objects ^ files)]
    return f"these can be: {', '.join(titles)}"


def _module(kind: Kind) -> ModuleType:
    return import_module(f"{__package__}.{kind.module}")
