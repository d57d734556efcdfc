"""What is said of machine code, byte code and scripts."""

from __future__ import annotations

from typing import NamedTuple

MACHINE_CODE = frozenset({"ELF", "PE", "Mach-O"})
"""Kinds that a processor runs."""


class Code(NamedTuple):
    """What a header says.

    Attributes:
        kind: ``ELF``, ``PE``, ``Mach-O``, ``WebAssembly``, ``Python byte code``, ``Java class``,
            ``Lua byte code``, ``Dalvik code``, ``script``.
        role: ``program``, ``library``, ``object`` or ``code``.
        machine: What it is for: a processor, a version of an interpreter, an interpreter's path.
        entry: Address where it starts; 0 where it has none.
    """

    kind: str
    role: str
    machine: str
    entry: int = 0


class NativeFile(NamedTuple):
    """A file that something runs.

    Attributes:
        code: What its header says.
        setting: Where it was met: ``top`` (a file of its own), ``model`` (within a model),
            ``hidden`` (bytes where no file should be), ``package`` (an installation or a package of
            software), ``archive`` (any other archive).
        named_as_model: Its name ends as a model's does.
        beside: Name of a model that lies beside it; empty when none was met.
        sha256: Digest of its bytes where it is a part of something else; else empty.
    """

    code: Code
    setting: str
    named_as_model: bool
    beside: str = ""
    sha256: str = ""
