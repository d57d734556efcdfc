"""spaCy's ``config.cfg``: the functions of its registry that building the pipeline calls."""

from __future__ import annotations

import re

from .config_code import CUT, CodeName, ConfigCode, checked

_ENTRY = re.compile(r"""(?m)^[ \t]*@(\w+)[ \t]*=[ \t]*["']?([^"'\n#]+)""")
_SECTION = re.compile(r"(?m)^\[([^\]\n]+)\]")
_FACTORY = re.compile(r"""(?m)^[ \t]*(factory|source)[ \t]*=[ \t]*["']?([^"'\n#]+)""")


def read_cfg(data: bytes) -> ConfigCode:
    """Return the registered functions that a configuration names.

    Args:
        data: Its text.

    Raises:
        LimitExceeded: There are more than are kept.
    """
    text = data.decode("utf-8", "replace")
    found = [(one.start(), f"@{one[1]}", one[2]) for one in _ENTRY.finditer(text)]
    found += [(one.start(), one[1], one[2]) for one in _FACTORY.finditer(text)]
    names = []
    line, last = 1, 0
    for start, key, name in sorted(found):
        line += text.count("\n", last, start)
        last = start
        names.append(CodeName("registry", key, name.strip()[:CUT], line))
    return ConfigCode("cfg", checked(names))
