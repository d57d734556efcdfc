"""What a hostile case is, and the inert things that every payload is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.kit.assemble import Code, Dialect

COMMAND = "echo SENTINEL_MARKER"
"""What hostile files would run: it prints a word."""

SOURCE = "print('SENTINEL_MARKER')"
"""What hostile files would give to exec."""

ABSENT = "/nonexistent-sentinel/SENTINEL_MARKER"
"""What hostile files would open: nothing can be made in a folder that is not there."""

URL = "http://127.0.0.1:9/SENTINEL_MARKER"
"""What hostile files would fetch: the discard port of this machine."""

ARGUMENTS = {
    "command": COMMAND, "code": SOURCE, "load": ABSENT, "write": ABSENT, "import": "os",
    "read": ABSENT, "network": URL, "defer": "system",
}  # fmt: skip
"""What a gadget is given, by what it does."""

PROTOCOLS = tuple(Dialect(number) for number in range(6))
P0, P1, P2, P3, P4, P5 = PROTOCOLS


@dataclass(frozen=True)
class Case:
    """One hostile file.

    Attributes:
        name: Unique within its family.
        family: The technique.
        filename: What the file is called.
        data: Its bytes.
        twin: The nearest benign file, or None where there is none.
        expect: Least severity of the worst finding; ``incomplete`` asks only that it is not clean.
        reaches: The stub unpickler must show that loading calls ``payload``.
        payload: Dotted path of what loading calls in the end.
        stream: The pickles that a loader would read out of ``data``; ``data`` itself when empty.
        start: Where the loader begins in the stream.
        joblib: The stream is joblib's, with arrays between the opcodes.
        one_memo: The loader reads all pickles with one unpickler.
        gap: The stream breaks after the payload: the finding stays and a gap is added.
    """

    name: str
    family: str
    filename: str
    data: bytes
    twin: bytes | None = None
    expect: str = "critical"
    reaches: bool = True
    payload: str = "os.system"
    stream: bytes = b""
    start: int = 0
    joblib: bool = False
    one_memo: bool = False
    gap: bool = False

    @property
    def id(self) -> str:
        """Family and name."""
        return f"{self.family}/{self.name}"


def system(dialect: Dialect, command: str = COMMAND) -> Code:
    """Return code that calls os.system."""
    return dialect.call("os", "system", command)


def decimal(dialect: Dialect) -> Code:
    """Return code that makes a Decimal: the harmless call that looks most like a hostile one."""
    return dialect.call("decimal", "Decimal", "1.5")


EVIL: dict[int, bytes] = {p.protocol: p.file(system(p)) for p in PROTOCOLS}
"""The plain hostile pickle of each protocol."""

GOOD: dict[int, bytes] = {p.protocol: p.file(decimal(p)) for p in PROTOCOLS}
"""The plain harmless pickle of each protocol."""


def rows(table: str) -> list[list[str]]:
    """Return the lines of a table of words."""
    text = (Path(__file__).parent / "tables" / table).read_text(encoding="utf-8")
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]
