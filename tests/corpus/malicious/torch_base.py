"""Real PyTorch files that hostile ones are made from."""

from __future__ import annotations

import io
import pickletools
from functools import cache
from typing import Any

from tests.corpus.malicious.case import decimal, system
from tests.kit.assemble import POP, Code, Dialect

_P2 = Dialect(2)


def state() -> Any:
    """Return a small state dict."""
    import torch

    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    return network.state_dict()


@cache
def checkpoint(modern: bool = True) -> bytes:
    """Return the state dict as torch saves it: a zip archive, or the legacy stream."""
    import torch

    file = io.BytesIO()
    torch.save(state(), file, _use_new_zipfile_serialization=modern)
    return file.getvalue()


@cache
def script() -> bytes:
    """Return a small TorchScript archive."""
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = torch.jit.trace(torch.nn.Sequential(torch.nn.Linear(4, 2)), torch.ones(1, 4))
        file = io.BytesIO()
        torch.jit.save(module, file)
    return file.getvalue()


def split(stream: bytes) -> list[bytes]:
    """Return the pickles that stand at the beginning of a stream, and the rest."""
    parts, rest = [], stream
    file = io.BytesIO(stream)
    for _ in range(5):
        start = file.tell()
        for _opcode, _argument, _position in pickletools.genops(file):
            pass
        parts.append(stream[start : file.tell()])
        rest = stream[file.tell() :]
    return [*parts, rest]


def infect(pickle: bytes, payload: Code | None = None) -> bytes:
    """Return a pickle that calls something first and then goes on as before."""
    return pickle[:2] + (system(_P2) if payload is None else payload) + POP + pickle[2:]


def treat(pickle: bytes) -> bytes:
    """Return the same with a harmless call."""
    return infect(pickle, decimal(_P2))
