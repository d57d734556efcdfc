"""Whatever a machine or an interpreter runs: ELF, PE, Mach-O, WebAssembly, byte code, scripts.

Only headers are read; the code itself is never judged, so a file of its own is a gap. Within an
archive what counts is where it lies, which is noted beside what the header says.
"""

from __future__ import annotations

import re
from functools import cache

from ..artifacts import Artifact
from ..findings import Gap
from ..limits import MIB, Budget
from ..readers.base import Reader
from . import FORMATS, Parsed
from .family import CARRIERS
from .native_beside import model_beside
from .native_headers import elf, fat, mach, portable
from .native_model import Code, NativeFile

__all__ = ["code_of", "looks_native", "parse"]

_HEAD = 64
_HASHED = 64 * MIB
_SCRIPT = re.compile(rb"#![ \t]*(/[\x21-\x7e]+(?:[ \t]+[\x21-\x7e]+)*)[ \t]*\r?\n")
_PYTHON_3 = range(3000, 4000)
_PYTHON_2 = range(62_000, 62_300)
_CODE_OBJECT = b"\x63\xe3"
_PACKAGES = (
    ".whl", ".egg", ".conda", ".jar", ".war", ".aar", ".apk", ".ipa", ".deb", ".rpm", ".nupkg",
    ".vsix", ".crate", ".gem", ".pex", ".pyz", ".xpi", ".msix", ".par",
)  # fmt: skip
_INSTALLED = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|[\w.-]+\.libs|s?bin|lib|lib32|lib64|libexec"
    r"|usr|Scripts|[\w.-]+\.dist-info|[\w.-]+\.app|[\w.-]+\.framework)/"
    r"|\.(?:cpython-\d+|abi3|pypy\d+|cp\d+-)[\w.-]*\.(?:so|pyd|dylib)$|\.pyd$",
    re.IGNORECASE,
)
_ARCHIVED_MODELS = (".npz", ".mar", ".nemo", ".mlpackage", ".bento", ".task", ".model")
_SHARED = frozenset((".meta", ".bin", ".zip", ".py", ".json", ".xml", ".txt", ".yaml", ".yml"))


def looks_native(artifact: Artifact, head: bytes) -> bool:
    """Return True for code whose header fits; a script counts only where no script should be."""
    code = code_of(artifact.reader, head[:_HEAD])
    if code is None:
        return False
    return code.kind != "script" or artifact.parent is not None or _named_as_model(artifact)


def code_of(reader: Reader, head: bytes) -> Code | None:
    """Return what a header says; None when it is none of those known here.

    Args:
        reader: The file.
        head: Its first 64 bytes.

    Raises:
        ReadError: What the header refers to cannot be read.
    """
    start = head[:4]
    if start == b"\x7fELF":
        return elf(reader, head)
    if start[:2] == b"MZ":
        return portable(reader, head)
    if start in (
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
    ):
        return mach(head)
    if start in (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"):
        return _java(head) or fat(reader, head)
    if start[:2] == b"#!":
        found = _SCRIPT.match(reader.pread(0, 256))
        return Code("script", "code", found[1].decode("ascii")) if found else None
    return _byte_code(head)


def _java(head: bytes) -> Code | None:
    major = int.from_bytes(head[6:8], "big")
    if head[3] == 0xBE and 45 <= major <= 100 and head[10:11] and head[10] in range(1, 21):
        return Code("Java class", "code", f"Java class version {major}")
    return None


def _byte_code(head: bytes) -> Code | None:
    if head.startswith(b"\0asm") and head[4:8] in (b"\1\0\0\0", b"\x0d\0\1\0"):
        return Code("WebAssembly", "code", "WebAssembly")
    if head.startswith(b"\x1bLua") and head[4:5] and 0x50 <= head[4] <= 0x5F:
        return Code("Lua byte code", "code", f"Lua {head[4] >> 4}.{head[4] & 15}")
    if head.startswith(b"\x1bLJ") and head[3:4] in (b"\1", b"\2"):
        return Code("Lua byte code", "code", "LuaJIT")
    if re.match(rb"dex\n0\d\d\0", head):
        return Code("Dalvik code", "code", "Android")
    return _python(head)


def _python(head: bytes) -> Code | None:
    """Tell byte code of Python by its number and by the code object behind the header."""
    if head[2:4] != b"\r\n" or len(head) < 17:
        return None
    number = int.from_bytes(head[:2], "little")
    at = 16 if number >= 3390 else 12
    if number in _PYTHON_2:
        at = 8
    elif number not in _PYTHON_3:
        return None
    if head[at] not in _CODE_OBJECT:
        return None
    return Code("Python byte code", "code", f"Python magic {number}")


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read the header of code and note where it lies.

    Returns:
        A ``NativeFile``; for a file of its own a gap, since its code is not examined.

    Raises:
        ParseError: It is none of the kinds known here.
        ReadError: The bytes cannot be had.
        LimitExceeded: Out of time.
    """
    code = code_of(artifact.reader, artifact.reader.pread(0, _HEAD))
    if code is None:
        from ..errors import ParseError

        raise ParseError("no header of any machine or byte code")
    where, named = setting(artifact), _named_as_model(artifact)
    alone = where == "archive" or (where == "top" and not _INSTALLED.search(artifact.name))
    beside = model_beside(artifact) if alone and not named else ""
    digest = "" if where in ("top", "package") else _digest(artifact.reader, budget)
    gaps: tuple[Gap, ...] = ()
    if where == "top":
        detail = f"{describe(code)}: code is not examined"
        gaps = (Gap("unrecognised", artifact.location(), detail),)
    return Parsed(NativeFile(code, where, named, beside, digest), (), gaps)


def describe(code: Code) -> str:
    """Return what code is, in words."""
    if code.kind == "script":
        return f"a script for {code.machine}"
    role = f" {code.role}" if code.role != "code" else ""
    return f"{code.kind}{role} ({code.machine})"


def setting(artifact: Artifact) -> str:
    """Return where code was met, as ``NativeFile.setting`` lists it."""
    if artifact.parent is None:
        return "top"
    if artifact.leaf == "bytes@0":
        return setting(artifact.parent)  # the front of a file is what that file is
    if artifact.leaf.startswith("bytes@"):
        return "hidden"
    above: Artifact | None = artifact.parent
    names = []
    while above is not None:
        names.append(above.leaf.lower())
        above = above.parent
    if any(name.endswith((*_model_suffixes(), *_ARCHIVED_MODELS)) for name in names):
        return "model"
    if any(name.endswith(_PACKAGES) for name in names):
        return "package"
    path = artifact.member.rpartition("!")[2].replace("\\", "/")
    return "package" if _INSTALLED.search(path) else "archive"


@cache
def _model_suffixes() -> tuple[str, ...]:
    """Return the endings that only models have."""
    found = {
        suffix
        for entry in FORMATS
        if entry.name not in CARRIERS and entry.name not in ("jinja", "llamafile")
        for suffix in entry.suffixes
        if suffix not in entry.shared_suffixes
    }
    return tuple(sorted(found - _SHARED))


def _named_as_model(artifact: Artifact) -> bool:
    return artifact.leaf.lower().endswith(_model_suffixes())


def _digest(reader: Reader, budget: Budget) -> str:
    if reader.size > _HASHED:
        return ""
    import hashlib

    digest = hashlib.sha256()
    for offset in range(0, reader.size, MIB):
        budget.check_time()
        digest.update(reader.pread(offset, MIB))
    return digest.hexdigest()
