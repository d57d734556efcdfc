"""Every way to name: opcodes, extension codes, Python 2's names, look-alikes, other homes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.corpus.malicious.case import (
    ABSENT,
    ARGUMENTS,
    COMMAND,
    GOOD,
    P0,
    P1,
    P2,
    P3,
    P4,
    SOURCE,
    URL,
    Case,
    rows,
)  # fmt: skip
from tests.kit.assemble import (
    BINSTRING,
    BINUNICODE8,
    EXT1,
    EXT2,
    EXT4,
    GLOBAL,
    POP,
    PROTO,
    REDUCE,
    SETITEM,
    SHORT_BINSTRING,
    SHORT_BINUNICODE,
    STACK_GLOBAL,
    STOP,
    STRING,
    TUPLE1,
    UNICODE,
    Code,
)  # fmt: skip

PYTHON2 = {
    ("__builtin__", "eval"): (SOURCE, "builtins.eval", "critical"),
    ("__builtin__", "exec"): (SOURCE, "builtins.exec", "critical"),
    ("__builtin__", "compile"): (SOURCE, "builtins.compile", "critical"),
    ("__builtin__", "__import__"): ("os", "builtins.__import__", "high"),
    ("__builtin__", "open"): (ABSENT, "builtins.open", "high"),
    ("commands", "getoutput"): (COMMAND, "subprocess.getoutput", "critical"),
    ("commands", "getstatusoutput"): (COMMAND, "subprocess.getstatusoutput", "critical"),
    ("os", "popen2"): (COMMAND, "os.popen2", "critical"),
    ("popen2", "popen2"): (COMMAND, "popen2.popen2", "critical"),
    ("urllib2", "urlopen"): (URL, "urllib.request.urlopen", "high"),
    ("urllib", "urlopen"): (URL, "urllib.request.urlopen", "high"),
    ("urllib", "urlretrieve"): (URL, "urllib.request.urlretrieve", "high"),
    ("httplib", "HTTPConnection"): ("127.0.0.1", "http.client.HTTPConnection", "high"),
    ("cPickle", "loads"): ("I1\n.", "pickle.loads", "high"),
    ("cPickle", "load"): (ABSENT, "pickle.load", "high"),
    ("_multiprocessing", "Connection"): ("x", "multiprocessing.connection.Connection", "medium"),
    ("thread", "start_new_thread"): ("x", "_thread.start_new_thread", "high"),
    ("socket", "create_connection"): ("127.0.0.1", "socket.create_connection", "high"),
    ("xmlrpclib", "ServerProxy"): (URL, "xmlrpc.client.ServerProxy", "high"),
    ("SimpleHTTPServer", "test"): ("x", "http.server.test", "high"),
    ("SocketServer", "TCPServer"): ("x", "socketserver.TCPServer", "high"),
    ("anydbm", "open"): (ABSENT, "dbm.open", "high"),
    ("dumbdbm", "open"): (ABSENT, "dbm.dumb.open", "high"),
    ("dbhash", "open"): (ABSENT, "dbm.bsd.open", "medium"),
    ("tkFileDialog", "askopenfile"): ("x", "tkinter.filedialog.askopenfile", "medium"),
    ("__builtin__", "execfile"): (ABSENT, "builtins.execfile", "critical"),
    ("imp", "load_source"): (ABSENT, "imp.load_source", "high"),
    ("compiler", "compileFile"): (ABSENT, "compiler.compileFile", "medium"),
}


def cases() -> Iterator[Case]:
    yield from _spelled()
    yield from _extensions()
    yield from _python2()
    yield from _odd()
    yield from _look_alikes()
    yield from _homes()


def _spelled() -> Iterator[Case]:
    """The two operands of STACK_GLOBAL by every string opcode, and GLOBAL in later protocols."""
    writers = {
        "string": lambda text: STRING(repr(text)),
        "string-escaped": lambda text: STRING(f"'{_each(text, '02x', 'x')}'"),
        "string-octal": lambda text: STRING(f'"{_each(text, "03o", "")}"'),
        "binstring": BINSTRING,
        "short-binstring": SHORT_BINSTRING,
        "unicode": UNICODE,
        "unicode-escaped": lambda text: UNICODE("".join(f"\\u{ord(c):04x}" for c in text)),
        "unicode-long": lambda text: UNICODE("".join(f"\\U{ord(c):08x}" for c in text)),
        "binunicode": P2.text,
        "short-binunicode": P4.text,
        "binunicode8": BINUNICODE8,
    }
    for name, write in writers.items():
        evil = _called(write, "os", "system", COMMAND)
        good = _called(write, "decimal", "Decimal", "1.5")
        yield Case(f"opcode-{name}", "name", "model.pkl", evil, good)
    for p in (P3, P4):
        body = GLOBAL("os", "system") + p.tuple(COMMAND) + REDUCE
        good = GLOBAL("decimal", "Decimal") + p.tuple("1.5") + REDUCE
        yield Case(f"text-global-{p.protocol}", "name", "model.pkl", p.file(body), p.file(good))


def _each(text: str, form: str, letter: str) -> str:
    """Escape every character."""
    return "".join(f"\\{letter}{ord(character):{form}}" for character in text)


def _called(write: Callable[[str], Code], module: str, name: str, argument: str) -> bytes:
    named = PROTO(4) + write(module) + write(name) + STACK_GLOBAL
    return named + write(argument) + TUPLE1 + REDUCE + STOP


def _extensions() -> Iterator[Case]:
    codes = {"ext1": (EXT1, 200), "ext2": (EXT2, 40_000), "ext4": (EXT4, 1 << 30)}
    for p in (P0, P2, P4):
        for name, (opcode, code) in codes.items():
            body = p.extension("os", "system", code) + p.apply(opcode(code), COMMAND)
            twin = p.file(p.call("decimal", "Decimal", "1.5"))
            yield Case(f"{name}-registered-{p.protocol}", "name", "m.pkl", p.file(body), twin)
    for name, (opcode, code) in codes.items():
        body = P4.apply(opcode(code), COMMAND)
        yield Case(
            f"{name}-of-the-host", "name", "model.pkl", P4.file(body), GOOD[4], "medium",
            payload=f"extension {code}.",
        )  # fmt: skip
        yield Case(
            f"{name}-named-only", "name", "model.pkl", P4.file(opcode(code)), GOOD[4], "incomplete",
            False,
        )  # fmt: skip
    tables = {
        "registry": ("_extension_registry", P4.join(("os", "system"), 7)),
        "inverted": ("_inverted_registry", P4.join(7, ("os", "system"))),
        "cache": ("_extension_cache", P4.join(7, P4.name("os", "system"))),
    }
    for name, (table, item) in tables.items():
        body = P4.name("copyreg", table) + item + SETITEM + POP + P4.apply(EXT1(7), COMMAND)
        yield Case(f"table-{name}", "name", "model.pkl", P4.file(body), GOOD[4], "high", False)
    earlier = P2.extension("os", "system", 9).replace(b"copyreg", b"copy_reg")
    body = Code(earlier) + P2.apply(EXT1(9), COMMAND)
    yield Case("ext1-python2", "name", "model.pkl", P2.file(body), GOOD[2])
    two = P4.file(P4.extension("os", "system", 5) + P4.value(None)) + P4.file(
        P4.apply(EXT1(5), COMMAND)
    )
    yield Case("ext1-registered-in-the-pickle-before", "name", "model.pkl", two, GOOD[4] * 2)


def _python2() -> Iterator[Case]:
    for (module, name), (argument, payload, expect) in PYTHON2.items():
        for p in (P0, P1, P2):
            data = p.file(p.call(module, name, argument))
            twin = p.file(p.call("__builtin__", "set", [argument]))
            yield Case(
                f"python2-{module}.{name}-{p.protocol}", "name", "model.pkl", data, twin, expect,
                payload=payload,
            )  # fmt: skip
    for p in (P0, P2):
        for old in ("imap", "ifilter"):
            body = p.call("itertools", old, p.name("os", "system"), [COMMAND])
            drained = p.file(p.call("__builtin__", "list", body))
            yield Case(f"python2-{old}-{p.protocol}", "name", "model.pkl", drained)
        walk = p.call("__builtin__", "reduce", p.name("__builtin__", "getattr"), ["system"],
                      p.name("os", "path"))  # fmt: skip
        yield Case(
            f"python2-reduce-{p.protocol}", "name", "model.pkl", p.file(p.apply(walk, COMMAND)),
            payload="os.path.system",
        )  # fmt: skip
        applied = p.call("__builtin__", "apply", p.name("os", "system"), (COMMAND,))
        yield Case(f"python2-apply-{p.protocol}", "name", "m.pkl", p.file(applied), reaches=False)
    # From protocol 3 on nothing is mapped: these are modules that somebody else provides.
    for module, name in (("commands", "getoutput"), ("urllib2", "urlopen")):
        data = P4.file(P4.call(module, name, COMMAND))
        yield Case(
            f"unmapped-{module}", "name", "model.pkl", data, GOOD[4], "medium",
            payload=f"{module}.{name}",
        )  # fmt: skip


ODD = {
    "blank-after": ("os ", "system"),
    "blank-after-name": ("os", "system "),
    "blank-before": (" os", " system"),
    "tab": ("os\t", "system\t"),
    "carriage-return": ("os\r", "system\r"),
    "nul": ("os\0", "system"),
    "nul-name": ("os", "system\0x"),
    "upper": ("OS", "system"),
    "title": ("Os", "System"),
    "upper-name": ("os", "SYSTEM"),
    "fullwidth": ("\uff4f\uff53", "system"),
    "cyrillic-o": ("\u043es", "system"),
    "cyrillic-name": ("os", "syst\u0435m"),
    "cyrillic-builtins": ("builtin\u0455", "eval"),
    "greek-o": ("\u03bfs", "system"),
    "dotless": ("bu\u0131ltins", "eval"),
    "zero-width": ("o\u200bs", "system"),
    "joiner": ("os", "sys\u200dtem"),
    "soft-hyphen": ("o\u00ads", "system"),
    "combining": ("o\u0301s", "system"),
    "right-to-left": ("\u202eso", "system"),
    "bom": ("\ufeffos", "system"),
    "empty-name": ("os", ""),
    "empty-module": ("", "system"),
    "leading-dot": (".os", "system"),
    "trailing-dot": ("os.", "system"),
    "double-dot": ("os..path", "os.system"),
    "slash": ("/tmp/absent/os", "system"),
    "newline-in-name": ("os\n", "system"),
    "escape": ("\x1b[2Kos", "system"),
    "very-long": ("a" * 5000, "system"),
}


def _odd() -> Iterator[Case]:
    for label, (module, attribute) in ODD.items():
        body = P4.apply(P4.text(module) + P4.text(attribute) + STACK_GLOBAL, COMMAND)
        yield _odd_case(label, P4.file(body), GOOD[4], f"{module}.{attribute}")
        if "\n" not in module and module and attribute:
            old = GLOBAL(module, attribute) + P2.tuple(COMMAND) + REDUCE
            yield _odd_case(f"{label}-text", P2.file(old), GOOD[2], f"{module}.{attribute}")
    latin = GLOBAL(b"os\xe9", b"system") + P2.tuple(COMMAND) + REDUCE
    yield Case("odd-not-utf8", "name", "m.pkl", P2.file(latin), GOOD[2], "incomplete", False)
    surrogate = SHORT_BINUNICODE(b"os\xed\xa0\x80") + P4.text("system") + STACK_GLOBAL
    data = P4.file(P4.apply(surrogate, COMMAND))
    yield _odd_case("surrogate", data, GOOD[4], "os\ud800.system")


def _odd_case(label: str, data: bytes, twin: bytes, payload: str) -> Case:
    return Case(f"odd-{label}", "name", "model.pkl", data, twin, "medium", payload=payload)


LOOK_ALIKES = (
    ("0s", "system"), ("oss", "system"), ("_os", "system"), ("os_", "system"), ("pos1x", "system"),
    ("posixx", "system"), ("subproces", "run"), ("subprocesss", "check_output"),
    ("builtlns", "exec"), ("bui1tins", "eval"), ("__builtins__", "eval"), ("nurnpy", "load_code"),
    ("numpyy.core", "execute"), ("t0rch", "load"), ("torchh.hub", "load"),
    ("sk1earn", "run_script"), ("pickel", "loads"), ("collections_", "run_command"),
    ("pandas_", "read_pickle"),
)  # fmt: skip


def _look_alikes() -> Iterator[Case]:
    for module, name in LOOK_ALIKES:
        for p in (P2, P4):
            data = p.file(p.call(module, name, COMMAND))
            yield Case(
                f"like-{module}.{name}-{p.protocol}", "name", "model.pkl", data,
                GOOD[p.protocol], "medium", payload=f"{module}.{name}",
            )  # fmt: skip


def _homes() -> Iterator[Case]:
    path = P4.call("pathlib", "PosixPath", ABSENT)
    for name in ("write_text", "write_bytes", "unlink", "touch", "symlink_to"):
        data = P4.file(P4.call("pathlib", f"Path.{name}", path, "x"))
        yield Case(
            f"home-pathlib.Path.{name}", "name", "m.pkl", data, P4.file(path), "high",
            payload=f"pathlib.Path.{name}",
        )  # fmt: skip
    for expect, kind, module, name in rows("homes.txt"):
        argument = int(kind) if kind.isdigit() else ARGUMENTS.get(kind, b"N.")
        for p in (P0, P4):
            data = p.file(p.call(module, name, argument))
            yield Case(
                f"home-{module}.{name}-{p.protocol}", "name", "model.pkl", data,
                GOOD[p.protocol], expect, payload=f"{module}.{name}",
            )  # fmt: skip
