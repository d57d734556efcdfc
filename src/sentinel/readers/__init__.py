"""Bytes by range, wherever they are: a file, memory, a part of another reader."""

from __future__ import annotations

from .base import Reader, ReadStats
from .file import FileReader, open_file
from .memory import MemoryReader
from .subrange import SubRangeReader

__all__ = ["FileReader", "MemoryReader", "ReadStats", "Reader", "SubRangeReader", "open_file"]
