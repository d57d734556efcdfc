"""Every reason code that a refusal can bear is in the table."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import sentinel.trust
from sentinel.trust.reasons import REASONS

ROOM = Path(sentinel.trust.__file__).parent
ERRORS = {"TrustError", "Ask"}


def codes() -> dict[str, str]:
    """Return the literal reason codes in the source, each with a place."""
    found = {}
    for path in sorted(ROOM.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ERRORS:
                continue
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found[first.value] = f"{path.relative_to(ROOM)}:{node.lineno}"
    return found


def test_every_code_is_explained() -> None:
    missing = {code: place for code, place in codes().items() if code not in REASONS}
    assert not missing, "say in trust/reasons.py what these mean"


def test_codes_and_sentences_have_their_form() -> None:
    for code, sentence in REASONS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code), code
        assert sentence[0].isupper() and sentence.endswith("."), code  # noqa: PT018
