"""A walker of Thrift's compact protocol: structs as fields by number, everything bounded.

Source: the specification of the Thrift compact protocol. Only what Parquet's metadata uses.
"""

from __future__ import annotations

from ..errors import LimitExceeded, ParseError

_DEPTH = 24
_MOST = 2_000_000
Value = int | bytes | float | bool | list["Value"] | dict[int, "Value"]
"""A decoded value: structs are dicts by field number."""

_STRUCT, _LIST, _SET, _MAP = 12, 9, 10, 11


class Thrift:
    """Decodes one buffer.

    Args:
        data: The bytes.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0
        self._values = 0

    def struct(self, depth: int = 0) -> dict[int, Value]:
        """Return the struct at the current place.

        Raises:
            ParseError: It is none, or ends too early.
            LimitExceeded: It is nested too deeply or has too many values.
        """
        if depth > _DEPTH:
            raise LimitExceeded("Thrift nested too deeply")
        found: dict[int, Value] = {}
        number = 0
        while True:
            head = self._byte()
            kind = head & 15
            if not kind:
                return found
            delta = head >> 4
            number = number + delta if delta else self._signed()
            found[number] = kind == 1 if kind in (1, 2) else self._value(kind, depth + 1)

    def _value(self, kind: int, depth: int) -> Value:
        self._values += 1
        if self._values > _MOST:
            raise LimitExceeded("Thrift with too many values")
        if kind in (1, 2):
            return self._byte() == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 7:
            return float.fromhex("0x0") if self._take(8) else 0.0  # no field of ours is a double
        if kind == 8:
            return self._take(self._unsigned())
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind == _STRUCT:
            return self.struct(depth)
        raise ParseError(f"Thrift type {kind}")

    def _list(self, depth: int) -> Value:
        if depth > _DEPTH:
            raise LimitExceeded("Thrift nested too deeply")
        head = self._byte()
        count = head >> 4
        count = self._unsigned() if count == 15 else count
        if count > len(self._data) - self.at:
            raise ParseError("a list longer than the file")
        return [self._value(head & 15, depth + 1) for _ in range(count)]

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise ParseError("the metadata ends too early")
        self.at += 1
        return self._data[self.at - 1]

    def _take(self, length: int) -> bytes:
        if length > len(self._data) - self.at:
            raise ParseError("a text longer than the metadata")
        self.at += length
        return self._data[self.at - length : self.at]

    def _unsigned(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
            if shift > 63:
                raise ParseError("a number of more than 64 bits")

    def _signed(self) -> int:
        number = self._unsigned()
        return (number >> 1) ^ -(number & 1)
