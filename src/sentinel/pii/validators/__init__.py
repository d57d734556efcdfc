"""Checks of a value's inner logic: check digits, registries of prefixes, dates that exist.

A validator takes the value as it stands in the text, separators included, and never raises.
"""

from __future__ import annotations

from ..model import Validator

VALIDATORS: dict[str, Validator] = {}
"""All validators by the name that rules use."""
