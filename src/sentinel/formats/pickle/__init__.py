"""Pickle: an interpreter that follows a stream without ever building what it describes."""

from __future__ import annotations

from .driver import interpret
from .parse import parse
from .program import PickleProgram, Stream

__all__ = ["PickleProgram", "Stream", "interpret", "parse"]
