"""What a call in ordinary source code can do: exact names, since libraries do nearly everything.

The tables for pickles do not fit: there any name of ``numpy.testing`` is out of place, here most
code is harmless, and what acts in the end is one of a few functions.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .import_index import index
from .imports import Standing, judge

_COMMANDS = re.compile(
    r"os\.(?:system|popen\d?|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|startfile)\Z"
    r"|subprocess\.(?:run|call|Popen|check_call|check_output|getoutput|getstatusoutput)\Z"
    r"|(?:commands|popen2)\.\w+\Z|pty\.spawn\Z|_posixsubprocess\.fork_exec\Z"
    r"|asyncio\.create_subprocess_(?:shell|exec)\Z|(?:pexpect|plumbum|sh)\.(?:spawn|run|local)\Z"
    r"|ctypes\.(?:library|loaded)\.(?:system|popen|exec\w*|fork|dlopen|mprotect)\Z"
    r"|pip\.(?:main|_internal\.(?:main|cli\.main\.main))\Z|IPython\.get_ipython\.(?:system\w*|getoutput)\Z"
    r"|(?:posix|nt)\.(?:system|popen|exec\w+|spawn\w+)\Z|torch\.utils\.collect_env\.run\Z"
)
_CODE = re.compile(
    r"builtins\.(?:exec|eval|compile|execfile)\Z|six\.exec_\Z|runpy\.run_\w+\Z"
    r"|code\.\w*[Ii]nteract\w*(?:\.\w+)?\Z|types\.(?:FunctionType|CodeType)\Z"
    r"|timeit\.(?:timeit|repeat|Timer)\Z|imp\.load_source\Z|cProfile\.runc?t?x?\Z"
)
_NETWORK = re.compile(
    r"socket\.(?:socket|create_connection)(?:\.\w+)?\Z"
    r"|urllib\.request\.(?:urlopen|urlretrieve)\Z|urllib2\.urlopen\Z|urllib\.urlopen\Z"
    r"|(?:requests|httpx)\.(?:get|post|put|patch|delete|request|head|Session|Client)\Z"
    r"|aiohttp\.ClientSession\Z|urllib3\.PoolManager\Z|http\.client\.HTTPS?Connection\Z"
    r"|(?:ftplib\.FTP|smtplib\.SMTP|telnetlib\.Telnet|paramiko\.SSHClient)(?:_\w+)?\Z"
    r"|xmlrpc\.client\.ServerProxy\Z|websockets?\.(?:connect|create_connection)\Z"
    r"|socket\.(?:gethostbyname(?:_ex)?|getaddrinfo)\Z|webbrowser\.open(?:_new(?:_tab)?)?\Z"
    r"|socketserver\.\w+\Z|http\.server\.HTTPServer\Z"
)
_NATIVE = re.compile(
    r"(?:ctypes\.(?:CDLL|PyDLL|WinDLL|OleDLL|cdll\.LoadLibrary|windll\.LoadLibrary)"
    r"|ctypes\.(?:pythonapi|windll)\.\w+(?:\.\w+)?|cffi\.FFI\.dlopen|torch\.ops\.load_library"
    r"|torch\.utils\.cpp_extension\.(?:load|load_inline)|torch\.classes\.load_library|tensorflow\.load_(?:op_)?library|imp\.load_dynamic)\Z"
)
_STAGES = re.compile(
    r"(?:pickle|_pickle|cPickle|dill|cloudpickle|marshal)\.loads?\Z|(?:_?pickle|dill)\.Unpickler\Z"
    r"|yaml\.(?:unsafe_load(?:_all)?|full_load|load)\Z|jsonpickle\.decode\Z|shelve\.open\Z"
)
_REMOVES = re.compile(r"(?:os\.(?:remove|unlink|rmdir|removedirs)|shutil\.rmtree)\Z")
_TABLE = (
    ("command", _COMMANDS), ("code", _CODE), ("network", _NETWORK), ("native", _NATIVE),
    ("stage", _STAGES), ("remove", _REMOVES),
)  # fmt: skip
_WRITES = frozenset(("builtins.open", "io.open", "os.open", "codecs.open", "pathlib.Path.open"))
EVERY_CLASS = "builtins.object.__subclasses__"
"""A walk to every class there is, by which source gets at what it does not import."""
_PLAIN = frozenset(
    (
        "builtins", "atexit", "signal", "threading", "asyncio", "types", "sys", "contextlib",
        "weakref",
    )
)  # fmt: skip
_CREATES = frozenset(("pathlib.Path.write_text", "pathlib.Path.write_bytes"))


@lru_cache(maxsize=4096)
def effect_of(path: str) -> str:
    """Return what calling a dotted path does: a word, or nothing.

    Args:
        path: ``module.name``; built-in functions from ``builtins``.

    Returns:
        ``command``, ``code``, ``network``, ``native``, ``stage`` (deserialises), ``remove``,
        ``open``, ``write`` or ``classes`` (reaches every class); empty for everything else.
    """
    if path == EVERY_CLASS:
        return "classes"
    for word, pattern in _TABLE:
        if pattern.match(path):
            return word
    if path in _WRITES:
        return "open"
    if path in _CREATES:
        return "write"
    return _gadget(path)


def _gadget(path: str) -> str:
    """Look for functions of libraries that run what they are given, by exact name."""
    module, _, name = path.rpartition(".")
    if not module or module in _PLAIN or name.startswith("__"):
        return ""
    entry = index().entry(module, name)
    if entry is None or entry.kind != "d" or "via" in entry.text:
        return ""
    judged = judge(module, name)
    runs = judged.standing is Standing.DANGEROUS and judged.capability == "execute"
    return "gadget" if runs else ""
