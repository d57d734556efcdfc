"""Types of credentials that the name of a key tells, and tokens that their own rules find."""

from __future__ import annotations

import re
from functools import cache

from ..catalog import catalog
from ..headers import Aliases
from ..model import Rule, Validator

_LONG = 4_096
_OWN = ("GENERIC_SECRET", "BEARER_TOKEN", "BASIC_AUTH", "URL_PASSWORD", "PASSWORD_HASH")


@cache
def _aliases() -> Aliases:
    types = catalog().types.values()
    return Aliases(
        {t.name: t.headers for t in types if t.category == "credentials" and t.name not in _OWN}
    )


def named(name: str) -> str:
    """Return the info type of the credential that a key is named after.

    Args:
        name: Such as ``WANDB_API_KEY``.

    Returns:
        Its type, or ``GENERIC_SECRET``.
    """
    if not name:
        return "GENERIC_SECRET"
    found = _aliases().types(name)
    return found[0] if found and found[0] != "JWT" else "GENERIC_SECRET"


@cache
def _marked() -> tuple[tuple[Rule, re.Pattern[bytes], Validator | None], ...]:
    from ..secrets import SECRET_VALIDATORS

    types = catalog().types
    return tuple(
        (rule, re.compile(rule.pattern.encode()), SECRET_VALIDATORS.get(rule.validator))
        for rule in catalog().rules
        if rule.where == "text"
        and types[rule.type].category == "credentials"
        and rule.type not in _OWN
        and rule.literals
        and not rule.ignore_case
    )


def marked(value: bytes) -> bool:
    """Tell whether the search of the text finds a value by a mark of its own.

    It then says the type better than the file's name does.
    """
    value = value[:_LONG]
    lower = value.lower()
    for rule, pattern, validator in _marked():
        if not any(literal.encode() in lower for literal in rule.literals):
            continue
        match = pattern.search(value)
        if match is None:
            continue
        found = match["value"] if "value" in pattern.groupindex else match[0]
        if validator is None or validator.check(found.decode("utf-8", "replace")):
            return True
    return False
