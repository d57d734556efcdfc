"""Modules and state dicts of PyTorch in memory; the caller's tensors are never written to.

Torch is not imported: whoever has a module has imported it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .answers import Answers, asked, check
from .embed import Marked, embed_store
from .estimators import duplicate
from .keys import WatermarkKeyProvider
from .kinds import Job
from .record import NotMarked
from .refusals import SCRIPT, refuse
from .store import Tensor
from .verify import Request, Verification, verify_store

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {"torch.float64": "F64", "torch.float32": "F32", "torch.float16": "F16",
          "torch.bfloat16": "BF16"}  # fmt: skip


class TorchStore:
    """Tensors of PyTorch by name; those not dense, in a row and in memory are left alone.

    Args:
        source: What is read.
        target: Tensors of the same names that are written to; empty when nothing is.
    """

    def __init__(self, source: Mapping[str, Any], target: Mapping[str, Any] | None = None) -> None:
        self.source = dict(source)
        self.target = dict(target or {})
        self.tensors = tuple(_described(name, one) for name, one in self.source.items())

    def read(self, tensor: Tensor, start: int, count: int) -> NDArray[Any]:
        """Return a copy of elements as they are in the source."""
        flat = self.source[tensor.name].detach().reshape(-1)[start : start + count].cpu()
        if tensor.dtype == "BF16":
            return flat.view(_torch().int16).numpy().view("u2").copy()
        return flat.numpy().copy()

    def write(self, tensor: Tensor, start: int, values: NDArray[Any]) -> None:
        """Replace elements of the target."""
        torch = _torch()
        if tensor.dtype == "BF16":
            new = torch.from_numpy(values.view("i2").copy()).view(torch.bfloat16)
        else:
            new = torch.from_numpy(values.copy())
        with torch.no_grad():
            flat = self.target[tensor.name].detach().reshape(-1)
            flat[start : start + len(values)].copy_(new)


def accepts(model: Any) -> bool:
    """Return True for a module, and for a mapping whose values are tensors."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if isinstance(model, torch.nn.Module):
        return True
    tensors = isinstance(model, Mapping) and bool(model)
    return tensors and all(isinstance(one, torch.Tensor) for one in model.values())


def embed_model(model: Any, job: Job) -> tuple[Any, Marked]:
    """Return a marked copy.

    Raises:
        NotMarked: It cannot be marked, or its answers to the example change.
    """
    if isinstance(model, _torch().jit.ScriptModule):
        raise refuse(model, SCRIPT)
    twin = duplicate(model)
    modes = _evaluating(twin)
    before = asked(_outputs, twin, job.example)
    store = TorchStore(_tensors(model), _tensors(twin))
    marked = embed_store(
        store, job.provider, job.identity, context=job.context,
        written=lambda: TorchStore(store.target),
    )  # fmt: skip
    check(before, asked(_outputs, twin, job.example))
    for module, training in modes:
        module.training = training
    return twin, marked


def verify_model(model: Any, provider: WatermarkKeyProvider, request: Request) -> Verification:
    """Look for the mark of a key. Raises as ``verify_store`` does."""
    return verify_store(store_of(model), provider, request)


def store_of(model: Any) -> TorchStore:
    """Return the tensors of a module or a state dict."""
    return TorchStore(_tensors(model))


def _torch() -> Any:
    return sys.modules["torch"]


def _tensors(model: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = model if isinstance(model, Mapping) else model.state_dict()
    return {str(name): one for name, one in found.items() if isinstance(one, _torch().Tensor)}


def _described(name: str, tensor: Any) -> Tensor:
    """Return what is known of a tensor; its type is one that bears no mark if it cannot."""
    torch = _torch()
    plain = type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.device.type != "meta"
    dense = plain and tensor.layout is torch.strided and tensor.is_contiguous()
    if not dense:
        return Tensor(name, "strided", tuple(tensor.shape), (name, 0, 0))
    dtype = _TYPES.get(str(tensor.dtype), str(tensor.dtype))
    place = (str(tensor.device), tensor.data_ptr(), tensor.numel() * tensor.element_size())
    return Tensor(name, dtype, tuple(tensor.shape), place)


def _evaluating(twin: Any) -> list[tuple[Any, bool]]:
    """Put a copy into evaluation; return what each of its modules was in before."""
    if isinstance(twin, Mapping):
        return []
    modes = [(module, module.training) for module in twin.modules()]
    for module, _ in modes:
        module.training = False
    return modes


def _outputs(twin: Any, example: Any) -> Answers:
    torch = _torch()
    if isinstance(twin, Mapping):
        raise NotMarked("self-check", "a state dict answers nothing", "give the module")
    with torch.no_grad():
        if isinstance(example, Mapping):
            said = twin(**{name: _tensor(one, twin) for name, one in example.items()})
        elif isinstance(example, list | tuple):
            said = twin(*(_tensor(one, twin) for one in example))
        else:
            said = twin(_tensor(example, twin))
    values = _first(said).detach().float().cpu().numpy()
    return Answers(values, False, classes=values.ndim >= 2 and values.shape[-1] >= 2)


def _tensor(value: Any, twin: Any) -> Any:
    torch = _torch()
    if not isinstance(value, torch.Tensor) and hasattr(value, "__array__"):
        value = torch.as_tensor(value.__array__())
    if not isinstance(value, torch.Tensor):
        return value
    own = next(iter(twin.parameters()), None)
    if own is None:
        return value
    return value.to(own.device, own.dtype if value.is_floating_point() else value.dtype)


def _first(said: Any) -> Any:
    """Return the first tensor of what a module returns."""
    while not isinstance(said, _torch().Tensor):
        items = list(said.values()) if isinstance(said, Mapping) else said
        if not isinstance(items, list | tuple) or not items:
            raise NotMarked("self-check", "the module returns no tensors to compare")
        said = items[0]
    return said
