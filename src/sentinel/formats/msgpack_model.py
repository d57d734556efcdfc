"""What a file of MessagePack says."""

from __future__ import annotations

from typing import NamedTuple

from .archive.anomalies import Anomaly

ITEM_SIZES = {
    "bool": 1, "bool_": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4,
    "int64": 8, "uint64": 8, "float16": 2, "bfloat16": 2, "float32": 4, "float64": 8,
    "complex64": 8, "complex128": 16, "int4": 1, "uint4": 1, "int2": 1, "uint2": 1,
    "float8_e4m3fn": 1, "float8_e4m3": 1, "float8_e5m2": 1, "float8_e4m3b11fnuz": 1,
    "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1, "float8_e3m4": 1, "float8_e8m0fnu": 1,
    "float4_e2m1fn": 1, "float6_e2m3fn": 1, "float6_e3m2fn": 1,
}  # fmt: skip
"""Bytes of one item by the name of its type, as NumPy and ml_dtypes name them."""


class MsgpackFile(NamedTuple):
    """What was met in a file.

    Attributes:
        values: How many values there are.
        arrays: How many arrays.
        problems: Kinds: ``extension`` (an unknown type of extension), ``object`` (an array of
            Python objects), ``size`` (bytes that shape and type do not give), ``type`` (an unknown
            type of items), ``array`` (an array that is not described as one), ``pickled`` (bytes
            that a common reader gives to pickle), ``duplicate`` (a key), ``behind``.
        texts: ``(key, text)``, the first ones.
    """

    values: int
    arrays: int
    problems: tuple[Anomaly, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
