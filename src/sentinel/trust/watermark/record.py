"""What is known of a mark: the record of it, and why there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from ...errors import TrustError, UsageError

_MOST_RECORD = 16 << 20
_HEX = {"commitment": 64, "key_id": 16, "salt": 32, "identity": 16, "anchors_sha256": 64}
_MOST_PARTS = 200_000
_Value = TypeVar("_Value")


class NotMarked(TrustError):
    """No mark was put in, and the model is as it was.

    Args:
        reason: Why, as a code: ``capacity``, ``dtype``, ``signed``, ``unsupported`` ...
        message: One line that names the model.
        hint: What can be done about it.
    """


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a model that bears a mark: a tensor, a tree.

    Attributes:
        name: Name of the part; its random numbers depend on it.
        shape: Extents of a tensor; for other kinds whatever tells parts apart.
        chips: How many chips (or other units) of the mark it bears.
    """

    name: str
    shape: tuple[int, ...]
    chips: int


@dataclass(frozen=True, slots=True)
class Record:
    """What the owner keeps beside the key; the key is not in it and cannot be had from it.

    Attributes:
        scheme: ``stdm-1`` for float tensors, ``tree-threshold-1`` and ``xgb-threshold-1``.
        key_id: First 8 bytes of the commitment, hexadecimal.
        salt: Salt of the commitment, hexadecimal.
        commitment: SHA-256 that binds the owner to the key of this model, hexadecimal.
        context: What the key of this model was derived for.
        identity: The payload, 64 bits in hexadecimal.
        parameters: Numbers of the scheme: L (weights per chip), delta (in units of a tensor's
            RMS), M (chips), n (weights that could be marked).
        parts: What bears the mark, in the order of its chips.
        distortion: Root mean square of the change over that of what was marked, measured.
        anchors_sha256: Digest of the file of anchors; empty without one.
    """

    scheme: str
    key_id: str
    salt: str
    commitment: str
    context: str
    identity: str
    parameters: Mapping[str, float]
    parts: tuple[Part, ...] = field(repr=False)
    distortion: float
    anchors_sha256: str = ""

    def to_json(self) -> str:
        """Return the record as JSON."""
        value = asdict(self)
        value["parameters"] = dict(self.parameters)
        value["parts"] = [[part.name, list(part.shape), part.chips] for part in self.parts]
        return json.dumps(value, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, data: bytes, what: str) -> Record:
        """Return the record that JSON holds.

        Args:
            data: The JSON.
            what: Name for messages.

        Raises:
            TrustError: It is no record.
        """
        from ..strict_json import loads

        value = loads(data, what=what, limit=_MOST_RECORD)
        if not isinstance(value, dict) or set(value) != set(cls.__slots__):
            raise _bad(what, "its fields are not those of a record")
        for name in ("scheme", "context", *_HEX):
            if not isinstance(value[name], str):
                raise _bad(what, f"{name} is no text")
        for name, digits in _HEX.items():
            optional = name == "anchors_sha256" and not value[name]
            if not optional and not re.fullmatch(f"[0-9a-f]{{{digits}}}", value[name], re.ASCII):
                raise _bad(what, f"{name} is not {digits} hexadecimal digits")
        numbers = {"distortion": value["distortion"], **_object(value["parameters"], what)}
        for name, number in numbers.items():
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise _bad(what, f"{name} is no number")
            if not 0 <= number < 2**62:
                raise _bad(what, f"{name} is out of range")
        return cls(**{**value, "parts": _parts(value["parts"], what)})


def read_record(path: str) -> Record:
    """Return the record in a file.

    Raises:
        UsageError: The file cannot be read.
        TrustError: It is no record.
    """
    return Record.from_json(read_bounded(path, _MOST_RECORD), path)


def read_bounded(path: str, most: int) -> bytes:
    """Return the bytes of a small file the user named. Raises UsageError."""
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    if len(data) > most:
        raise UsageError(f"{path}: more than {most} bytes")
    return data


def _bad(what: str, why: str) -> TrustError:
    return TrustError("watermark-record", f"{what}: {why}", "give the record that embed wrote")


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _bad(what, "parameters is no object")
    return value


def _parts(value: Any, what: str) -> tuple[Part, ...]:
    if not isinstance(value, list) or len(value) > _MOST_PARTS:
        raise _bad(what, "parts is no list")
    found = []
    for item in value:
        if not isinstance(item, list) or len(item) != 3:
            raise _bad(what, "a part is not [name, shape, chips]")
        name, shape, chips = item
        if not isinstance(name, str) or not isinstance(shape, list):
            raise _bad(what, "a part is not [name, shape, chips]")
        if not all(type(one) is int and 0 <= one < 2**48 for one in [*shape, chips]):
            raise _bad(what, f"the sizes of part {name[:120]!r} are no sizes")
        found.append(Part(name, tuple(shape), chips))
    return tuple(found)
