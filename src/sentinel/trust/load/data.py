"""Level ``data-only``: formats that hold numbers and text, by readers that run nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from ...errors import TrustError, UsageError
from ..extras import need
from . import boosters
from .held import Held

Loader = Callable[[Held, str], object]


def load(held: Held, kind: str, framework: str) -> object:
    """Return what a file holds.

    Args:
        held: The file.
        kind: One of the keys of ``LOADERS``.
        framework: ``numpy`` or ``torch``: what tensors are given as.

    Raises:
        TrustError: The file is not what it should be, or holds something that is no data.
        UsageError: A library that reads the format is not installed.
    """
    try:
        return LOADERS[kind](held, framework)
    except TrustError as error:
        raise TrustError(error.reason, f"{held.name}: {error.message}", error.hint) from error
    except UsageError:
        raise
    except Exception as error:
        detail = str(error).partition("\n")[0][:200]
        raise TrustError("malformed", f"{held.name}: {kind} cannot be read: {detail}") from error


def need_library(module: str) -> None:
    """Raise UsageError when the library that a model is for is not installed."""
    if find_spec(module) is None:
        raise UsageError(f"{module} is needed for this and not installed", f"pip install {module}")


def check_skops_floor(version: str) -> None:
    """Raise UsageError for a skops before 0.12, which can be led around its list of types.

    Args:
        version: As ``skops.__version__`` gives it.
    """
    found = tuple(int(part) for part in re.findall(r"[0-9]+", version)[:2])
    if found < (0, 12):
        raise UsageError(
            f"skops {version} can be made to run code by a file (CVE-2025-54412, CVE-2025-54413)",
            "pip install 'skops>=0.12'",
        )


def _safetensors(held: Held, framework: str) -> object:
    need("safe", "safetensors")
    need_library(framework)
    from safetensors import safe_open

    with safe_open(held.path, framework="pt" if framework == "torch" else "np") as file:
        return {name: _tensor(file, name) for name in file.keys()}  # noqa: SIM118


def _tensor(file: Any, name: str) -> object:
    try:
        return file.get_tensor(name)
    except (TypeError, AttributeError) as error:
        raise UsageError(
            f"NumPy has no numbers like those of {name!r}", "give framework='torch'"
        ) from error


def _npy(held: Held, framework: str) -> object:
    need("safe", "numpy")
    import numpy as np

    with open(held.path, "rb") as file:
        return np.load(file, allow_pickle=False)


def _npz(held: Held, framework: str) -> object:
    need("safe", "numpy")
    import numpy as np

    with open(held.path, "rb") as file, np.load(file, allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def _onnx(held: Held, framework: str) -> object:
    need_library("onnx")
    import onnx

    model = onnx.load_model_from_string(bytes(held.view()))
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise TrustError(
                "external-data",
                "its weights are in other files, which were not checked",
                "save it as one file",
            )
    onnx.checker.check_model(model)
    return model


def _gguf(held: Held, framework: str) -> object:
    need_library("gguf")
    from gguf import GGUFReader

    return GGUFReader(held.path, "r")


def _xgboost(held: Held, framework: str) -> object:
    need_library("xgboost")
    from xgboost import Booster

    data = bytearray(held.view())
    boosters.check_xgboost(bytes(data))
    model = Booster()
    model.load_model(data)
    return model


def _lightgbm(held: Held, framework: str) -> object:
    need_library("lightgbm")
    from lightgbm import Booster

    data = bytes(held.view())
    boosters.check_lightgbm(data)
    return Booster(model_str=data.decode("utf-8"))


def _skops(held: Held, framework: str) -> object:
    need("safe", "skops")
    import skops
    from skops.io import get_untrusted_types, loads

    from .checks import check

    check_skops_floor(skops.__version__)
    data = bytes(held.view())
    unknown = get_untrusted_types(data=data)
    if unknown:
        raise TrustError(
            "not-allowed",
            f"{', '.join(sorted(map(str, unknown)))[:200]}: not among the types of skops itself",
            "save it as a pickle and load it at level 'allowlist'",
        )
    found = loads(data, trusted=[])
    check(found)
    return found


LOADERS: dict[str, Loader] = {
    "safetensors": _safetensors,
    "npy": _npy,
    "npz": _npz,
    "onnx": _onnx,
    "gguf": _gguf,
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "skops": _skops,
}
"""Formats that are data, and their readers."""
