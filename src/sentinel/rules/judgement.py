"""What is thought of one imported name."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from .import_index import Entry, ModuleEntry

MADE = "made"
TEXT = "text"
UNVOUCHED = "unvouched"
"""Capability of a safe class that is plain data to make instances of, and that nobody vouches for
as something to call with text."""


class Standing(StrEnum):
    """Where a name stands before it is known how it is used."""

    SAFE = "safe"
    SHAPE = "shape"
    DANGEROUS = "dangerous"
    UNKNOWN = "unknown"


class Judgement(NamedTuple):
    """What is known about an imported name.

    Attributes:
        standing: Safe, dangerous, as good as its arguments (a shape), or unknown.
        capability: What an attacker gains by calling it: ``execute`` (code or commands),
            ``load-code`` (native code), ``deserialise`` (a second stage), ``import`` (resolves
            names), ``introspect`` (reaches the interpreter's state), ``file``, ``network``,
            ``process``. Empty for what is not dangerous, with one exception: on a *safe* name it
            says that the name is a plain data class to make instances of (NEWOBJ, BUILD), but that
            *calling* it (REDUCE) has this effect (or, for ``unvouched``, an effect unknown).
        reason: Why, in plain words.
        shape: How ``rules/pickle.py`` must judge its arguments, when it is a shape. Two words
            narrow what is dangerous: ``made`` (a class that only calling is dangerous, making
            instances of it is not) and ``text`` (dangerous when given text, harmless otherwise).
        through: What it really reaches, when that is not its own name (``os.system``).
        odd: It is a look-alike of another name, or no identifier at all.
    """

    standing: Standing
    capability: str
    reason: str
    shape: str = ""
    through: str = ""
    odd: bool = False


def of_entry(entry: Entry) -> Judgement:
    """Return the judgement of an exact entry of the tables."""
    if entry.kind == "s":
        if entry.capability == UNVOUCHED:
            reason = "plain data to make instances of; what calling it does was not looked at"
            return Judgement(Standing.SAFE, UNVOUCHED, reason)
        if entry.capability:
            reason = f"plain data, but calling it gives: {entry.capability}"
            return Judgement(Standing.SAFE, entry.capability, reason)
        return Judgement(Standing.SAFE, "", "ordinary files hold it")
    if entry.kind == "h":
        return Judgement(Standing.SHAPE, "", "as good as its arguments", entry.text)
    return Judgement(
        Standing.DANGEROUS, entry.capability, entry.text, MADE if entry.kind == "c" else ""
    )


def of_module(module: str, about: ModuleEntry) -> Judgement:
    """Return the judgement of any name in a module that is dangerous as a whole."""
    reason = f"{module} {about.reason}"
    return Judgement(Standing.DANGEROUS, about.capability, reason, TEXT if about.text else "")
