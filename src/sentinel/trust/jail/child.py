"""What runs in the jail: load one model, write it in a format that is data.

The order is the point. Namespaces and Landlock come before any library of the model's is imported,
while the process has one thread; the libraries are imported under them, reading only; then the
filter of system calls shuts the rest, in every thread; and only then is the model looked at, from a
descriptor that was open before.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, BinaryIO, TypedDict, cast

from ...errors import SandboxUnavailable
from . import kernel

WRONG_SANDBOX, WRONG_MODEL = 3, 4
"""Exit codes: the jail could not be made; the model could not be converted in it."""

LOCKED = b"locked\n"
"""Said before the model is looked at. A jail that is said to be missing after that is a lie."""

_THREADS = 512
_WEIGHTS = ("state_dict", "model_state_dict", "model")


class Job(TypedDict):
    """What the child is told, as JSON on its command line.

    Attributes:
        path: Its ``sys.path``.
        readable: What it may read below.
        parent: Number of the process without which it has no reason to go on.
        descriptor: Where the model's bytes are open.
        kind: ``pickle`` (joblib's files too) or ``torch``.
        names: Libraries that the model's bytes name.
        to: ``skops``, ``safetensors`` or ``ubj``.
        cpu_seconds: As in the limits.
        memory: As in the limits.
    """

    path: list[str]
    readable: list[str]
    parent: int
    descriptor: int
    kind: str
    names: list[str]
    to: str
    cpu_seconds: int
    memory: int


def main(job: Job) -> None:
    """Lock this process in, convert the model, write the result to standard output, and end."""
    try:
        kernel.machine()
        # While they can be opened: the one is read later, the other kept so that its rule stays.
        sizes = os.open("/proc/self/statm", os.O_RDONLY)
        own_map = os.open("/proc/self/maps", os.O_RDONLY)
        kernel.isolate()
        kernel.end_with(job["parent"])
        kernel.allow_reading(job["readable"])
    except SandboxUnavailable as error:
        _complain(error.message, WRONG_SANDBOX)
    except OSError as error:
        _complain(f"the jail needs /proc: {error.strerror}", WRONG_SANDBOX)
    tempfile.tempdir = "/"  # asked for at import by libraries that never write to it
    load, write = _prepare(job)
    try:
        _limit(job, int(os.read(sizes, 100).split()[0]))
        os.close(sizes)
        os.close(own_map)
        kernel.restrict_calls()
    except SandboxUnavailable as error:
        _complain(error.message, WRONG_SANDBOX)
    except (OSError, ValueError) as error:
        _complain(f"limits cannot be set: {error}", WRONG_SANDBOX)
    _write(LOCKED)
    try:
        with open(job["descriptor"], "rb") as file:
            model = load(file)
        made, facts = write(model)
        _answer(made, facts)
    except BaseException as error:
        # Whatever the model raised, in words: nothing of it is an object outside of here.
        _complain(f"{type(error).__name__}: {error}"[:2_000], WRONG_MODEL)
    os._exit(0)


Loader = Callable[[BinaryIO], object]
Writer = Callable[[Any], "tuple[bytes, dict[str, object]]"]


def _prepare(job: Job) -> tuple[Loader, Writer]:
    """Return how to load and how to write, with all libraries for it imported."""
    try:
        _import_what_it_names(job["names"])
        return _LOADERS[job["kind"]](), _WRITERS[job["to"]]()
    except Exception as error:
        words = f"{type(error).__name__}: {error}"[:1_000]
        _complain(f"what is needed cannot be imported in the jail: {words}", WRONG_MODEL)
        raise


def _limit(job: Job, pages: int) -> None:
    """Set what the process may use, from the pages that its libraries take already."""
    limits = {
        resource.RLIMIT_AS: pages * resource.getpagesize() + job["memory"],
        resource.RLIMIT_CPU: job["cpu_seconds"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_NPROC: _THREADS,
    }
    for which, value in limits.items():
        resource.setrlimit(which, (value, value))


def _answer(made: bytes, facts: dict[str, object]) -> None:
    header = json.dumps({"size": len(made), **facts}).encode("ascii")
    _write(header + b"\n")
    _write(made)


def _write(data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(1, rest) :]


def _complain(message: str, code: int) -> None:
    os.write(2, message.encode("utf-8", "replace"))
    os._exit(code)


def _load_pickle() -> Loader:
    with suppress(ImportError):
        import joblib

        # It reads plain pickles too, and those that are compressed.
        return cast("Loader", joblib.load)
    import pickle

    return cast("Loader", pickle.load)


def _load_torch() -> Loader:
    import torch

    # The whole pickle, code and all: that is what the jail is for.
    return lambda file: torch.load(file, map_location="cpu", weights_only=False)


def _import_what_it_names(names: Iterable[str]) -> None:
    """Import the libraries of a model before the last door is shut, of those that are known."""
    with suppress(ImportError):
        if "sklearn" in names:
            import sklearn  # noqa: F401
    with suppress(ImportError):
        if "xgboost" in names:
            import xgboost  # noqa: F401
    with suppress(ImportError):
        if "lightgbm" in names:
            import lightgbm  # noqa: F401


def _write_skops() -> Writer:
    import skops.io

    return lambda model: (skops.io.dumps(model), {"type": _type(model)})


def _write_ubj() -> Writer:
    import xgboost

    def write(model: Any) -> tuple[bytes, dict[str, object]]:
        booster = model.get_booster() if hasattr(model, "get_booster") else model
        if not isinstance(booster, xgboost.Booster):
            raise TypeError(f"{_type(model)} is no XGBoost model")
        return bytes(booster.save_raw("ubj")), {"type": _type(model)}

    return write


def _write_safetensors() -> Writer:
    import numpy
    import safetensors.numpy

    try:
        import safetensors.torch
        import torch
    except ImportError:
        torch = None

    def write(model: Any) -> tuple[bytes, dict[str, object]]:
        found, taken = _weights(model)
        kept, dropped = {}, []
        is_torch = torch is not None and any(torch.is_tensor(one) for one in found.values())
        for name, value in found.items():
            if is_torch and torch.is_tensor(value):
                kept[str(name)] = value.detach().to("cpu").clone().contiguous()
            elif not is_torch and isinstance(value, numpy.ndarray) and value.dtype != object:
                kept[str(name)] = numpy.ascontiguousarray(value)
            else:
                dropped.append(str(name))
        if not kept:
            raise TypeError(f"{_type(model)} holds no tensors by name; save its state_dict()")
        save = safetensors.torch.save if is_torch else safetensors.numpy.save
        facts = {"type": _type(model), "taken": taken, "left_out": sorted(dropped)[:100]}
        return save(kept), {**facts, "left_out_count": len(dropped)}

    return write


def _weights(model: Any) -> tuple[Mapping[str, Any], str]:
    """Return what is to be written of a model, and where in it that was."""
    if callable(getattr(model, "state_dict", None)):
        return model.state_dict(), "state_dict()"
    if not isinstance(model, Mapping):
        raise TypeError(f"{_type(model)} is neither a module nor a mapping of tensors")
    for key in _WEIGHTS:
        inner = model.get(key)
        if inner is not None and callable(getattr(inner, "state_dict", None)):
            return inner.state_dict(), key
        if isinstance(inner, Mapping):
            return inner, key
    within = [key for key, inner in model.items() if isinstance(inner, Mapping) and _holds(inner)]
    if within and not _holds(model):
        if len(within) > 1:
            names = ", ".join(str(key)[:50] for key in within[:10])
            raise TypeError(f"it holds several sets of tensors ({names}); save the one you want")
        return model[within[0]], str(within[0])
    return model, ""


def _holds(model: Mapping[Any, Any]) -> bool:
    """Return whether a mapping holds arrays or tensors by name."""
    return any(hasattr(value, "dtype") and hasattr(value, "shape") for value in model.values())


def _type(model: object) -> str:
    return f"{type(model).__module__}.{type(model).__qualname__}"[:200]


_LOADERS: dict[str, Callable[[], Loader]] = {
    "pickle": _load_pickle,
    "torch": _load_torch,
}
_WRITERS: dict[str, Callable[[], Writer]] = {
    "skops": _write_skops,
    "ubj": _write_ubj,
    "safetensors": _write_safetensors,
}

if __name__ == "__main__":
    main(cast("Job", json.loads(sys.argv[1])))
