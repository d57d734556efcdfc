"""Pickle: an interpreter that follows a stream without ever building what it describes."""

from __future__ import annotations

from .parse import parse
from .program import PickleProgram, Stream, interpret

__all__ = ["PickleProgram", "Stream", "interpret", "parse"]
