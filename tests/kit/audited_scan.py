"""Scans files under an audit hook and tells what the interpreter was asked to do meanwhile.

    python -m tests.kit.audited_scan FOLDER     scan every file below a folder
    python -m tests.kit.audited_scan --deed X   do one forbidden thing, to show that it is noticed

Every file is scanned twice. The first time, the scanner may still import parts of itself and a few
named modules of the standard library, and nothing else; the second time, nothing at all may be
imported, compiled or run. Neither time may anything be started, connected to or written. Prints
JSON.
"""

from __future__ import annotations

import ast
import collections
import contextlib
import dataclasses
import importlib
import json
import os
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

FORBIDDEN = (
    "exec", "compile", "import", "marshal.", "subprocess.", "os.system", "os.exec",
    "os.posix_spawn", "os.spawn", "os.fork", "os.startfile", "os.remove", "os.rename", "os.mkdir",
    "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "os.truncate", "os.kill",
    "os.putenv", "shutil.", "tempfile.", "socket.", "urllib.", "http.", "ftplib.", "smtplib.",
    "ssl.", "pickle.", "ctypes.", "code.", "function.__new__", "builtins.input", "webbrowser.",
    "pty.", "sqlite3.", "syslog.", "telnetlib.", "winreg.", "signal.", "sys.addaudithook",
    "sys.setprofile", "sys.settrace", "cpython.run_",
)  # fmt: skip
"""Beginnings of the names of audit events that a scan may not raise."""

OWN = frozenset(
    ("_ast", "_bisect", "_blake2", "_bz2", "_compat_pickle", "_compression", "_hashlib", "_lzma",
     "_struct", "pyexpat", "xml", "xml.parsers", "xml.parsers.expat", "ast", "base64",
     "binascii", "bisect", "bz2", "compression", "compression._common",
     "compression._common._streams", "gc", "hashlib", "lzma", "mmap", "struct", "unicodedata",
     "zlib", "shlex", "configparser", "tomllib", "tomllib._parser", "tomllib._re",
     "tomllib._types", "datetime", "_datetime", "string", "_string")
)  # fmt: skip
"""Modules of the standard library that the scanner may import while it scans; and codecs."""

EXTRAS = ("lz4.frame", "zstandard")
"""What the scanner may use where it is installed; imported before the watch begins."""

MAKERS = (collections.__file__, dataclasses.__file__, typing.__file__)
"""What makes the methods of the scanner's own named tuples and data classes."""

_LOADING = ("exec", "compile", "marshal.")
"""What importing one of them raises."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Notes forbidden events while it is on.

    Args:
        readable: Folders below which files may be opened for reading.
        sources: Folders of code that may be loaded while ``lenient``.
    """

    def __init__(self, readable: tuple[str, ...], sources: tuple[str, ...]) -> None:
        self.readable = readable
        self.sources = sources
        self.on = False
        self.lenient = False
        self.seen: dict[str, int] = {}

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.on and self._bad(event, args):
            self.on = False
            line = f"{event} {str(args)[:200]}"
            self.seen[line] = self.seen.get(line, 0) + 1
            self.on = True

    def _bad(self, event: str, args: tuple[Any, ...]) -> bool:
        if event == "open":
            return self._bad_open(*args)
        if event == "compile" and sys._getframe(2).f_code is ast.parse.__code__:
            return False  # It makes a tree, never code.
        if self.lenient and self._own(event, args):
            return False
        return event.startswith(FORBIDDEN)

    def _own(self, event: str, args: tuple[Any, ...]) -> bool:
        """Return True for an import of the scanner's own parts, and what it entails."""
        if event == "import":
            package, _, rest = str(args[0]).partition(".")
            return args[0] in OWN or package == "sentinel" or (
                package == "encodings" and "." not in rest)  # fmt: skip
        if event in ("exec", "compile") and sys._getframe(3).f_code.co_filename in MAKERS:
            return True
        if event == "exec":
            return args[0].co_filename.startswith((*self.sources, "<frozen"))
        if event == "compile":
            return isinstance(args[1], str) and args[1].startswith(self.sources)
        return event.startswith(_LOADING)

    def _bad_open(self, path: object, mode: object, flags: int) -> bool:
        if flags & _WRITING or (isinstance(mode, str) and set(mode) & set("wax+")):
            return True
        readable = (*self.readable, *self.sources) if self.lenient else self.readable
        return isinstance(path, str) and not os.path.abspath(path).startswith(readable)  # noqa: PTH100


DEEDS: dict[str, Callable[[Path], object]] = {
    "import": lambda folder: __import__("colorsys"),
    "exec": lambda folder: exec("1"),
    "eval": lambda folder: eval("1"),
    "compile": lambda folder: compile("1", "x", "eval"),
    "system": lambda folder: os.system("true"),
    "spawn": lambda folder: os.posix_spawn("/bin/true", ["true"], {}),
    "write": lambda folder: open(folder / "x", "w").close(),  # noqa: PTH123
    "low-write": lambda folder: os.open(folder / "x", os.O_CREAT | os.O_WRONLY),
    "make-folder": lambda folder: os.mkdir(folder / "y"),  # noqa: PTH102
    "read-elsewhere": lambda folder: open("/etc/hostname").close(),  # noqa: PTH123
    "unpickle": lambda folder: __import__("pickle").loads(b"cbuiltins\nlen\n."),
    "socket": lambda folder: __import__("socket").socket().close(),
}


def _scan(folder: Path, watch: Watch) -> int:
    from sentinel import scan

    files = [path for path in sorted(folder.glob("*/*")) if path.is_file()]
    for watch.lenient in (True, False):
        watch.on = True
        for path in files:
            scan(path)
        watch.on = False
    return len(files)


def main() -> None:
    """Run from the command line."""
    folder = Path(sys.argv[1]).resolve()
    source = str(Path(__file__).resolve().parents[2] / "src")
    watch = Watch((str(folder), source), (source, os.path.dirname(os.__file__)))  # noqa: PTH120
    deed = sys.argv[3] if sys.argv[2:3] == ["--deed"] else ""
    import socket  # noqa: F401  (so that a deed is noticed for itself, not for its import)

    for extra in EXTRAS:
        with contextlib.suppress(ImportError):
            importlib.import_module(extra)
    sys.addaudithook(watch)
    if deed:
        watch.on = True
        DEEDS[deed](folder)
        watch.on = False
    scanned = 0 if deed else _scan(folder, watch)
    print(json.dumps({"scanned": scanned, "seen": watch.seen}))


if __name__ == "__main__":
    main()
