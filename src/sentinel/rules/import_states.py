"""Saved states that hold source text which the class runs when it is made again.

scipy's distributions keep the source of three small functions in their state and hand it to
``exec`` in ``__setstate__``. The text is the same for every distribution but for the names of its
shape parameters; whatever else stands there is not scipy's.
"""

from __future__ import annotations

import re

SOURCE_KEYS = frozenset(("_parse_arg_template",))
"""Keys of a state whose text is run as source by a class of the shape ``source_state``."""

_GIVEN = r"(?P<given>(?:[A-Za-z_][A-Za-z0-9_]*, )*)"
_SCIPY = re.compile(
    rf"\ndef _parse_args\(self, {_GIVEN} (?P<accepts>loc=0(?:, scale=1)?)\):\n"
    r"    return \((?P=given)\), (?P<returns>loc, (?:scale|1|1\.0))\n"
    r"\n"
    r"def _parse_args_rvs\(self, (?P=given) (?P=accepts), size=None\):\n"
    r"    return self\._argcheck_rvs\((?P=given) (?P=returns), size=size\)\n"
    r"\n"
    r"def _parse_args_stats\(self, (?P=given) (?P=accepts), moments='mv'\):\n"
    r"    return \((?P=given)\), (?P=returns), moments\n",
    re.ASCII,
)


def is_own_source(text: str) -> bool:
    """Return True when the text is what scipy itself writes under ``_parse_arg_template``."""
    return len(text) < 10_000 and _SCIPY.fullmatch(text) is not None
