"""Safe loading: the bytes that were scanned, by the safest reader there is for them.

``secure_load`` is the way in. The levels are in ``policy``, what a pickle may be made of in
``names`` and ``makers``, what is looked at before native code sees it in ``natives``, ``boosters``
and ``checks``.
"""

from __future__ import annotations

from .policy import LEVELS, LoadPolicy, LoadResult
from .secure import secure_load

__all__ = ["LEVELS", "LoadPolicy", "LoadResult", "secure_load"]
