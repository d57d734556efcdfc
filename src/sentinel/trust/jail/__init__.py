"""A jail for models that cannot be loaded in any safer way: load there, bring back data.

Linux only. Where there is no jail nothing weaker takes its place. It narrows what a hostile model
can do and is no proof against it: a fault in the kernel is out of its reach, and what comes back is
as untrusted as what went in, which is why it is scanned again and read as data.
"""

from __future__ import annotations

from .convert import Converted, convert, convert_held
from .limits import JailLimits

__all__ = ["Converted", "JailLimits", "convert", "convert_held"]
