"""Level ``trusted``: signed by a listed key and scanned, then loaded in the ordinary way.

The ordinary way runs what the file says. The signature says who vouched for it, and the scan that
nothing was found in it; neither says that it is safe.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ...errors import TrustError, UsageError
from .data import need_library
from .held import Held

if TYPE_CHECKING:
    from ..oms import Trust, Verified

_DIRECTORY_SIGNATURE = "model.sig"


def verify(
    held: Held,
    keys: tuple[str | os.PathLike[str] | Trust, ...],
    signature: str | os.PathLike[str] | None,
) -> str:
    """Return who signed the bytes that are held.

    Args:
        held: The file; what is verified on disk must be these very bytes.
        keys: Whom to believe.
        signature: Where the signature is; by default beside the file (``.sig``), or that of the
            directory the file is in (``model.sig``).

    Raises:
        TrustError: None of the keys signed it, or other bytes were signed (``digest-mismatch``).
    """
    from .. import oms

    place = os.path.abspath(held.name)
    whole = os.path.dirname(place)
    of_directory = os.path.join(whole, _DIRECTORY_SIGNATURE)
    alone = signature is not None or os.path.exists(place + ".sig")
    target = place if alone or not os.path.exists(of_directory) else whole
    refusal: TrustError | None = None
    for key in keys:
        try:
            found = oms.verify(target, _trust(key), signature=signature)
        except TrustError as error:
            refusal = error
            continue
        _same(found, held, os.path.basename(place))
        return found.signer
    raise refusal or TrustError("wrong-key", f"{held.name}: no key is listed")


def _trust(key: Any) -> Trust:
    from ..keys import load_public_key

    if isinstance(key, str | os.PathLike):
        return load_public_key(key)
    trust: Trust = key
    return trust


def _same(found: Verified, held: Held, name: str) -> None:
    digests = {one.sha256 for one in found.manifest.files if one.name in (name, ".")}
    if digests != {held.digest}:
        raise TrustError(
            "digest-mismatch",
            f"{held.name}: the signed file is not the one that was read",
            "it changed while it was loaded; try again",
        )


def load(held: Held, kind: str) -> object:
    """Return what a file makes when it is loaded in the ordinary way; its code runs.

    Args:
        held: The file, verified and scanned.
        kind: ``torch`` or ``pickle``; the latter with joblib where it is installed.

    Raises:
        TrustError: It cannot be loaded (``malformed``).
    """
    try:
        return _torch(held) if kind == "torch" else _pickle(held)
    except UsageError:
        raise
    except Exception as error:
        raise TrustError(
            "malformed", f"{held.name}: loading it failed: {type(error).__name__}: {error}"[:300]
        ) from error


def _torch(held: Held) -> object:
    need_library("torch")
    import torch

    with open(held.path, "rb") as file:
        return torch.load(file, map_location="cpu", weights_only=False, mmap=False)


def _pickle(held: Held) -> object:
    from importlib.util import find_spec

    with open(held.path, "rb") as file:
        if find_spec("joblib") is not None:
            import joblib

            return joblib.load(file)
        import pickle

        return pickle.load(file)
