"""Level ``allowlist``: checkpoints of PyTorch, by its own unpickler of weights."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ...errors import TrustError, UsageError
from .checks import everything
from .data import need_library
from .held import Held
from .names import Name, resolve

_FLOOR = (2, 6)
_LEGACY = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."


def is_legacy(held: Held) -> bool:
    """Return True for the layout of PyTorch before 1.6, which begins with a number of its own."""
    return bytes(held.view()[: len(_LEGACY)]) == _LEGACY


def load(held: Held, allow: AbstractSet[Name]) -> object:
    """Return what a checkpoint holds: tensors, and the plain values around them.

    Args:
        held: The file.
        allow: Classes that it may be made of beside those of PyTorch's own list.

    Raises:
        TrustError: It asks for anything else (``not-allowed``).
        UsageError: PyTorch is not installed, or older than 2.6, whose ``weights_only`` can be led
            to run code (CVE-2025-32434).
    """
    need_library("torch")
    import torch

    check_floor(torch.__version__)
    try:
        with _classes(torch, allow), open(held.path, "rb") as file:
            found = torch.load(file, map_location="cpu", weights_only=True, mmap=False)
        _check_indices(torch, held.name, found)
        return found
    except TrustError:
        raise
    except Exception as error:
        detail = str(error).replace("\n", " ")
        at = detail.find("Unsupported")
        detail = detail[at:] if at >= 0 else detail
        raise TrustError(
            "not-allowed",
            f"{held.name}: not a file of weights alone: {detail[:200]}",
            "save its state_dict as safetensors",
        ) from error


def _check_indices(torch: Any, name: str, found: object) -> None:
    """Look at sparse tensors: PyTorch follows their indices without looking.

    Raises:
        TrustError: One leads out of its tensor (``unsafe-values``).
    """
    thing: Any
    for thing in everything(found):
        if not torch.is_tensor(thing) or thing.layout == torch.strided:
            continue
        try:
            _made_again(torch, thing)
        except (RuntimeError, ValueError) as error:
            raise TrustError(
                "unsafe-values", f"{name}: a sparse tensor whose indices do not fit it"
            ) from error


def _made_again(torch: Any, tensor: Any) -> None:
    size, layout = tensor.size(), tensor.layout
    if layout == torch.sparse_coo:
        torch.sparse_coo_tensor(
            tensor._indices(), tensor._values(), size,
            is_coalesced=tensor.is_coalesced(), check_invariants=True,
        )  # fmt: skip
        return
    rows = layout in (torch.sparse_csr, torch.sparse_bsr)
    if not rows and layout not in (torch.sparse_csc, torch.sparse_bsc):
        raise ValueError("a layout that is not known")
    outer, inner = ("crow", "col") if rows else ("ccol", "row")
    indices = [getattr(tensor, f"{which}_indices")() for which in (outer, inner)]
    torch.sparse_compressed_tensor(
        *indices, tensor.values(), size, layout=layout, check_invariants=True
    )


def check_floor(version: str) -> None:
    """Raise UsageError for a PyTorch before 2.6.

    Args:
        version: As ``torch.__version__`` gives it.
    """
    parts = version.split("+")[0].split(".")
    try:
        found = (int(parts[0]), int(parts[1]))
    except (ValueError, IndexError):
        found = (0, 0)
    if found < _FLOOR:
        raise UsageError(
            f"PyTorch {version} can be made to run code by a file of weights (CVE-2025-32434)",
            "pip install 'torch>=2.6'",
        )


def _classes(torch: Any, allow: AbstractSet[Name]) -> AbstractContextManager[Any]:
    """Return a context in which PyTorch also takes some classes; it undoes itself."""
    if not allow:
        return nullcontext()
    found: Any = torch.serialization.safe_globals([resolve(*name) for name in sorted(allow)])
    return found  # type: ignore[no-any-return]
