"""torch: state dicts, whole modules, optimizers, schedulers, tensors of every kind."""

from __future__ import annotations

import inspect
import warnings
from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from . import Labelled, attempt


def objects() -> Labelled:
    """Yield what checkpoints hold."""
    warnings.simplefilter("ignore")
    yield from _tensors()
    yield from _modules()
    yield from _training()
    yield from _data()


def _tensors() -> Labelled:
    kinds = [value for value in vars(torch).values() if isinstance(value, torch.dtype)]
    yield "dtypes", kinds
    for kind in kinds:
        yield from attempt(str(kind), lambda kind=kind: torch.zeros(2).to(kind))
    one = torch.eye(3)
    yield (
        "kinds",
        [
            one,
            one.t(),
            one[1:],
            one.requires_grad_(),
            nn.Parameter(torch.ones(2)),
            nn.Buffer(torch.ones(2)),
            torch.tensor(1),
        ],
    )
    for layout in ("to_sparse", "to_sparse_csr", "to_sparse_csc"):
        yield from attempt(layout, lambda layout=layout: getattr(torch.eye(4), layout)())
    yield from attempt("bsr", lambda: torch.eye(4).to_sparse_bsr((2, 2)))
    yield from attempt("bsc", lambda: torch.eye(4).to_sparse_bsc((2, 2)))
    yield from attempt("q", lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8))
    yield from attempt(
        "qc",
        lambda: torch.quantize_per_channel(
            torch.ones(2, 2), torch.ones(2), torch.zeros(2), 0, torch.quint8
        ),
    )
    yield from attempt("nested", lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]))
    yield from attempt(
        "jagged",
        lambda: torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged),
    )
    yield from attempt("meta", lambda: torch.ones(2, device="meta"))
    yield from attempt("conj", lambda: torch.ones(2, dtype=torch.complex64).conj())
    yield from attempt("neg", lambda: torch.ones(2, dtype=torch.complex64).imag)
    yield (
        "bits",
        [
            torch.Size([1]),
            torch.device("cpu"),
            torch.strided,
            torch.sparse_coo,
            torch.contiguous_format,
            torch.channels_last,
            torch.per_tensor_affine,
            torch.per_channel_affine,
            torch.Generator().get_state(),
            torch.get_rng_state(),
        ],
    )
    for name in ("UntypedStorage", "FloatStorage", "TypedStorage", "Tensor", "Size", "device"):
        yield name, getattr(torch, name)
    yield "storage", [torch.ones(2).untyped_storage(), torch.ones(2).storage()]
    yield from attempt("uninitialized", lambda: nn.LazyLinear(3))


def _modules() -> Labelled:
    values = {
        "in_features": 4,
        "out_features": 2,
        "in_channels": 2,
        "out_channels": 2,
        "kernel_size": 2,
        "num_features": 2,
        "d_model": 4,
        "nhead": 2,
        "num_embeddings": 3,
        "embedding_dim": 2,
        "input_size": 3,
        "hidden_size": 2,
        "normalized_shape": 2,
        "num_channels": 2,
        "num_groups": 1,
        "embed_dim": 4,
        "num_heads": 2,
        "p": 0.5,
        "upscale_factor": 2,
        "downscale_factor": 2,
        "scale_factor": 2,
        "output_size": 2,
        "padding": 1,
        "dim": 1,
        "unflattened_size": (1, 2),
        "in1_features": 2,
        "in2_features": 2,
        "min_val": 0,
        "max_val": 1,
        "groups": 1,
        "num_layers": 1,
        "lambd": 0.5,
        "threshold": 0.1,
        "value": 0.0,
        "n_classes": 10,
        "cutoffs": [2, 4],
        "output_ratio": 0.5,
        "norm_type": 2,
        "size": 3,
        "eps": 1e-5,
        "negative_slope": 0.1,
        "init": 0.2,
        "mode": "nearest",
    }
    for name, kind in vars(nn).items():
        if isinstance(kind, type) and issubclass(kind, nn.Module):
            yield name, kind
            yield from attempt(name, lambda kind=kind: _made(kind, values))
    layer = nn.TransformerEncoderLayer(4, 2, batch_first=True)
    yield "encoder", nn.TransformerEncoder(layer, 2)
    yield "transformer", nn.Transformer(4, 2, 1, 1, 4)
    yield "sequence", nn.Sequential(OrderedDict(a=nn.Conv2d(1, 2, 3), b=nn.BatchNorm2d(2)))
    yield (
        "lists",
        [
            nn.ModuleList([nn.Linear(2, 2)]),
            nn.ModuleDict({"a": nn.ReLU()}),
            nn.ParameterList([nn.Parameter(torch.ones(1))]),
            nn.ParameterDict({"a": torch.ones(1)}),
        ],
    )
    yield "state", nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).state_dict()
    yield from attempt("spectral", lambda: nn.utils.spectral_norm(nn.Linear(2, 2)))
    yield from attempt("weight norm", lambda: nn.utils.weight_norm(nn.Linear(2, 2)))
    yield from attempt(
        "state p", lambda: nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)).state_dict()
    )
    yield from attempt("pruned", lambda: _pruned())
    yield from attempt(
        "quantised",
        lambda: torch.ao.quantization.quantize_dynamic(
            nn.Sequential(nn.Linear(2, 2), nn.LSTM(2, 2)), dtype=torch.qint8
        ),
    )
    yield from attempt("static", _static)
    yield "parallel", nn.DataParallel(nn.Linear(2, 2))
    yield "averaged", torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2))
    yield (
        "functions",
        [
            torch.nn.functional.relu,
            torch.nn.functional.gelu,
            torch.relu,
            torch.tanh,
            torch.sigmoid,
            torch.nn.functional.silu,
            torch.nn.functional.cross_entropy,
            torch.nn.functional.softmax,
            torch.nn.functional.leaky_relu,
            torch.nn.functional.elu,
            torch.nn.functional.mse_loss,
            torch.nn.functional.softplus,
            torch.nn.functional.mish,
            torch.nn.functional.normalize,
            torch.nn.functional.log_softmax,
            torch.exp,
        ],
    )


def _made(kind: Any, values: dict[str, Any]) -> Any:
    given = {}
    for name, parameter in inspect.signature(kind.__init__).parameters.items():
        if name != "self" and parameter.default is parameter.empty and name in values:
            given[name] = values[name]
    return kind(**given)


def _pruned() -> Any:
    from torch.nn.utils import prune

    layer = nn.Linear(4, 4)
    prune.l1_unstructured(layer, "weight", 0.5)
    return layer


def _static() -> Any:
    model = nn.Sequential(
        torch.ao.quantization.QuantStub(),
        nn.Linear(2, 2),
        nn.ReLU(),
        torch.ao.quantization.DeQuantStub(),
    )
    model.qconfig = torch.ao.quantization.get_default_qconfig("qnnpack")
    ready = torch.ao.quantization.prepare(model)
    ready(torch.ones(1, 2))
    return [ready, torch.ao.quantization.convert(ready)]


def _training() -> Labelled:
    model = nn.Linear(2, 2)
    for name, kind in vars(torch.optim).items():
        if isinstance(kind, type) and issubclass(kind, torch.optim.Optimizer):
            yield name, kind
            yield from attempt(name, lambda kind=kind: _stepped(kind, model))
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    arguments = {
        "StepLR": (2,),
        "MultiStepLR": ([2],),
        "ExponentialLR": (0.9,),
        "CosineAnnealingLR": (3,),
        "CosineAnnealingWarmRestarts": (3,),
        "CyclicLR": (0.1, 0.2),
        "OneCycleLR": (0.1, 10),
        "SequentialLR": (),
        "LambdaLR": (abs,),
        "MultiplicativeLR": (abs,),
    }
    for name, kind in vars(torch.optim.lr_scheduler).items():
        if isinstance(kind, type) and kind.__module__ == "torch.optim.lr_scheduler":
            yield name, kind
            yield from attempt(name, lambda n=name, k=kind: k(optimizer, *arguments.get(n, ())))
            yield from attempt(
                name, lambda n=name, k=kind: k(optimizer, *arguments.get(n, ())).state_dict()
            )
    yield from attempt("swa", lambda: torch.optim.swa_utils.SWALR(optimizer, 0.1))
    yield "scaler", torch.amp.GradScaler("cpu").state_dict()
    yield (
        "checkpoint",
        {
            "epoch": 1,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "rng": torch.get_rng_state(),
        },
    )


def _stepped(kind: Any, model: nn.Module) -> Any:
    optimizer = kind(model.parameters(), lr=0.1)
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return [optimizer, optimizer.state_dict()]


def _data() -> Labelled:
    from torch.utils import data

    rows = data.TensorDataset(torch.ones(4, 2))
    yield (
        "datasets",
        [
            rows,
            data.Subset(rows, [1]),
            data.ConcatDataset([rows]),
            data.StackDataset(rows),
            data.ChainDataset([]),
        ],
    )
    yield (
        "samplers",
        [
            data.SequentialSampler(rows),
            data.BatchSampler(data.SequentialSampler(rows), 2, True),
            data.SubsetRandomSampler([1]),
        ],
    )
    yield from attempt("random", lambda: data.RandomSampler(rows))
    yield from attempt("weighted", lambda: data.WeightedRandomSampler([1.0], 1))
    yield from attempt("loader", lambda: data.DataLoader(rows, 2))
    from torch import distributions

    yield (
        "distributions",
        [
            distributions.Normal(0.0, 1.0),
            distributions.Categorical(torch.ones(3)),
            distributions.Beta(1.0, 1.0),
            distributions.Bernoulli(0.5),
        ],
    )
