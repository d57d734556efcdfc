"""R's serialised objects (``.rds``, ``.rda``, ``.RData``), walked without R."""

from __future__ import annotations

from .model import RCode, RFile
from .parse import looks_like_text, parse

__all__ = ["RCode", "RFile", "looks_like_text", "parse"]
