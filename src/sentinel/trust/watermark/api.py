"""Marking and verifying, whatever the kind of model: what programs call."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

from ...errors import UsageError
from ..extras import need
from .anchors import Anchors
from .embed import Marked
from .keys import WatermarkKeyProvider
from .kinds import Job, kind_of_file, kind_of_model
from .record import Record
from .store import Store
from .verify import Request, Verification

_IDENTITIES = 1 << 64


def embed_watermark(
    model: Any,
    key: WatermarkKeyProvider,
    *,
    identity: int | None = None,
    context: str = "",
    input_example: Any = None,
) -> tuple[Any, Marked]:
    """Return a marked copy of a model in memory; the model itself stays as it is.

    Args:
        model: A module or state dict of PyTorch, a fitted estimator of scikit-learn or XGBoost or
            what is made of them, or a mapping of names to numpy arrays.
        key: Where the key is from (``load_watermark_key``).
        identity: The payload, 64 bits; drawn at random by default.
        context: What the key is derived for: a model, a recipient. Verification needs it again.
        input_example: Inputs to ask the model before and after: with the mark all labels must be
            the same, or no number may move by more than 1 % of the numbers' root mean square.

    Raises:
        NotMarked: It cannot be marked; ``reason`` says why.
        UsageError: A library or the key is missing.
    """
    need("watermark", "numpy", "cryptography")
    job = Job(key, _checked(identity), context, input_example)
    return cast("tuple[Any, Marked]", kind_of_model(model).embed_model(model, job))


def verify_watermark(
    model: Any,
    key: WatermarkKeyProvider,
    *,
    record: Record | None = None,
    identities: Sequence[int] = (),
    anchors: Anchors | None = None,
    original: Any = None,
    context: str = "",
) -> Verification:
    """Look for the mark of a key in a model in memory.

    Args:
        model: The model in question.
        key: Where the key is from.
        record: The record of the mark. Without it the model must have the names and shapes it was
            marked with.
        identities: Payloads to test instead of the record's; each counts as a hypothesis.
        anchors: The anchors of the mark.
        original: The model before it was marked, to realign permuted hidden units to.
        context: What the key was derived for, where there is no record.

    Raises:
        TrustError: Key or anchors are not those of the record, or nothing could bear a mark.
        UsageError: A library or the key is missing.
    """
    need("watermark", "numpy", "cryptography")
    owned = None if original is None else kind_of_model(original).store_of(original)
    request = Request(record, identities, anchors, owned, context)
    return cast("Verification", kind_of_model(model).verify_model(model, key, request))


def embed_watermark_file(
    path: str | os.PathLike[str],
    out: str | os.PathLike[str],
    key: WatermarkKeyProvider,
    *,
    identity: int | None = None,
    context: str = "",
) -> Marked:
    """Write a marked copy of a model file, of the same size and layout.

    Args:
        path: A safetensors file or a checkpoint of ``torch.save``; it is only read.
        out: Where the copy goes; nothing is overwritten.
        key: Where the key is from.
        identity: The payload, 64 bits; drawn at random by default.
        context: What the key is derived for.

    Raises:
        NotMarked: It cannot be marked; ``reason`` says why.
        TrustError: It carries a signature, or is malformed.
        UsageError: A path or the key cannot be used.
    """
    need("watermark", "numpy", "cryptography")
    job = Job(key, _checked(identity), context)
    path = os.fspath(path)
    return cast("Marked", kind_of_file(path).embed_file(path, os.fspath(out), job))


def verify_watermark_file(
    path: str | os.PathLike[str], key: WatermarkKeyProvider, request: Request | None = None
) -> Verification:
    """Look for the mark of a key in a model file.

    Args:
        path: The file.
        key: Where the key is from.
        request: What else the owner has.

    Raises:
        TrustError: Key or anchors are not those of the record, or the file is malformed.
        UsageError: A path or the key cannot be used.
    """
    need("watermark", "numpy", "cryptography")
    path = os.fspath(path)
    found = kind_of_file(path).verify_file(path, key, request or Request())
    return cast("Verification", found)


def open_original(path: str) -> AbstractContextManager[Store]:
    """Open the owner's original of a model, for ``Request.original``.

    Raises:
        UsageError: The file cannot be opened.
        TrustError: It is malformed, or no file of tensors.
    """
    opened = getattr(kind_of_file(path), "opened", None)
    if opened is None:
        raise UsageError(f"{path}: is no file of tensors to realign to")
    return cast("AbstractContextManager[Store]", opened(path))


def _checked(identity: int | None) -> int:
    if identity is None:
        return int.from_bytes(os.urandom(8), "big")
    if not 0 <= identity < _IDENTITIES:
        raise UsageError("a payload is a number of 64 bits")
    return identity
