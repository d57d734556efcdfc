"""Python source and torch.package: what importing reaches, and what waits to be called."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
import warnings
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.package import PackageExporter

from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.python_source import PythonSource, read_source
from tests.formats.torch_kit import PAYLOAD, ids, rewritten, scan

MODULE = """
import os
import torch
from torch import nn


def scale(value):
    return value * 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.name = os.path.join("a", "b")

    def forward(self, input):
        return scale(self.layer(input))
"""


def source(text: str) -> PythonSource:
    return read_source(textwrap.dedent(text).encode())


def reached(text: str, on_import: bool = True) -> set[str]:
    return {use.path for use in source(text).uses if use.on_import == on_import and use.called}


@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.system('x')",
        "import os as o\no.system('x')",
        "from os import system as s\ns('x')",
        "import os\nf = os.system\nf('x')",
        "import os\na = os\nb = a\nb.system('x')",
        "import os\ngetattr(os, 'system')('x')",
        "import os\ngetattr(os, 'sys' + 'tem')('x')",
        "import os\nos.__dict__['system']('x')",
        "import os\nvars(os)['system']('x')",
        "__import__('os').system('x')",
        "import importlib\nimportlib.import_module('os').system('x')",
        "import sys\nsys.modules['os'].system('x')",
        "import sys\nsys.modules.get('os').system('x')",
        "import os, functools\nfunctools.partial(os.system, 'x')()",
        "import os\n@os.system\ndef f(): pass",
        "import os\ndef f(a=os.system('x')): pass",
        "import os\nclass A:\n    b = os.system('x')",
        "import os\ndef f():\n    os.system('x')\nf()",
        "import os\ndef f():\n    g()\ndef g():\n    os.system('x')\nf()",
        "import os\nclass A:\n    def __init__(self):\n        os.system('x')\nA()",
        "import os\nclass A:\n    def go(self):\n        os.system('x')\nA().go()",
        "import os\ndef f(x):\n    os.system(x)\nlist(map(f, 'x'))",
        "import os\n(lambda: os.system('x'))()",
        "import os\nif (f := os.system):\n    f('x')",
        "import os\ntry:\n    pass\nfinally:\n    os.system('x')",
    ],
)
def test_a_call_on_import_is_found_however_it_is_spelled(text: str) -> None:
    assert "os.system" in reached(text)


@pytest.mark.parametrize(
    "text",
    [
        "eval('1')",
        "__builtins__['eval']('1')",
        "__builtins__.eval('1')",
        "globals()['eval']('1')",
        "import builtins\nbuiltins.eval('1')",
        "e = eval\ne('1')",
        "def other(eval): pass\neval('1')",
        "def other():\n    eval = 1\neval('1')",
        "if 0:\n    eval = None\neval('1')",
        "[eval for eval in ()]\neval('1')",
    ],
)
def test_a_built_in_function_is_found(text: str) -> None:
    assert "builtins.eval" in reached(text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(input, eval):\n    return eval(input)\nf(1, 2)",
        "def f():\n    eval = len\n    return eval('x')\nf()",
        "f = lambda eval: eval(1)\nf(2)",
    ],
)
def test_a_variable_of_a_function_is_not_the_built_in(text: str) -> None:
    assert not reached(text) & {"builtins.eval", "builtins.input"}


def test_what_waits_to_be_called_is_told_apart() -> None:
    text = """
        import os
        class A:
            def forward(self):
                os.system('x')
        hook = lambda: os.popen('y')
    """
    assert not reached(text) & {"os.system", "os.popen"}
    assert reached(text, on_import=False) >= {"os.system", "os.popen"}


def test_computed_names_are_said() -> None:
    assert source("import os\ngetattr(os, name)()").hidden == (2,)
    assert source("__import__(name)").hidden == (1,)
    assert not source("getattr(self, name)\n__import__('os')").hidden


@pytest.mark.parametrize("text", ["def (", "print 'x'", "\0", "(" * 1000, "a" + ".b" * 50_000])
def test_what_is_not_python_is_an_error(text: str) -> None:
    with pytest.raises(ParseError):
        read_source(text.encode())


def test_more_source_than_is_read_is_a_limit() -> None:
    for text in (b"a\n" * 120_001, b"[]," * 40_001):
        with pytest.raises(LimitExceeded):
            read_source(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")))
def test_any_text(text: str) -> None:
    try:
        read_source(text.encode("utf-8", "surrogatepass"))
    except SentinelError:
        pass


def packaged(tmp_path: Path, text: str = MODULE) -> bytes:
    """Return a torch.package archive with a module of this source."""
    name = "sentinel_packaged_module"
    path = tmp_path / f"{name}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PackageExporter(str(tmp_path / "package.pt")) as exporter:
                exporter.intern(name)
                exporter.extern(["torch", "torch.**"])
                exporter.save_pickle("model", "model.pkl", module.Net())
                exporter.save_text("notes", "readme.txt", "hello")
    finally:
        del sys.modules[name]
    return (tmp_path / "package.pt").read_bytes()


def test_an_ordinary_package_is_clean(tmp_path: Path) -> None:
    report = scan(packaged(tmp_path))
    assert report.verdict is Verdict.CLEAN
    assert not ids(report, Severity.LOW)


def test_code_in_a_package_is_judged(tmp_path: Path) -> None:
    data = packaged(tmp_path)
    name = "sentinel_packaged_module.py"

    def with_source(text: str) -> bytes:
        return rewritten(data, {name: text.encode()})

    on_import = scan(with_source(MODULE + "\nos.system('echo sentinel-marker')\n"))
    assert "SNT1420" in ids(on_import, Severity.HIGH)
    fetched = "\nimport urllib.request\nurllib.request.urlopen('http://localhost')\n"
    assert "SNT1420" in ids(scan(with_source(MODULE + fetched)), Severity.HIGH)
    on_use = MODULE.replace("scale(self.layer", "eval('scale')(self.layer")
    report = scan(with_source(on_use))
    assert "SNT1421" in ids(report)
    assert "SNT1420" not in ids(report, Severity.INFO)
    hidden = scan(with_source(MODULE + "\ndef f(name):\n    return getattr(os, name)\n"))
    assert "SNT1422" in ids(hidden, Severity.LOW)
    ordinary = {"SNT1420", "SNT1421", "SNT1422"} & ids(scan(data), Severity.INFO)
    assert not ordinary


def test_python_in_a_folder_named_code(tmp_path: Path) -> None:
    data = packaged(tmp_path)
    hostile = "import os\nos.system('echo sentinel-marker')\n"
    report = scan(rewritten(data, {"code/util.py": hostile.encode()}))
    assert "SNT1420" in ids(report, Severity.HIGH)


def test_pickles_and_storages_of_a_package(tmp_path: Path) -> None:
    data = packaged(tmp_path)
    assert "SNT1101" in ids(scan(rewritten(data, {"model/model.pkl": PAYLOAD})))
    assert "SNT1101" in ids(scan(rewritten(data, {"notes/readme.txt": PAYLOAD})))
    assert "SNT1150" in ids(scan(rewritten(data, {".data/0.storage": b"x" * 10})), Severity.LOW)


def test_external_modules_that_reach_out(tmp_path: Path) -> None:
    data = packaged(tmp_path)
    report = scan(rewritten(data, {".data/extern_modules": b"torch\nsubprocess\nsocket\n"}))
    assert "SNT1156" in ids(report, Severity.LOW)
    assert "SNT1156" not in ids(scan(data), Severity.INFO)


def test_source_that_cannot_be_parsed_is_never_clean(tmp_path: Path) -> None:
    data = rewritten(packaged(tmp_path), {"sentinel_packaged_module.py": b"print 'x'\n"})
    assert scan(data).verdict is not Verdict.CLEAN


def test_the_library_itself_is_quiet() -> None:
    from sentinel.rules.python_source import judge_path

    root = Path(nn.__file__).parent
    files = sorted((root / "modules").glob("*.py")) + sorted(
        Path(torch.optim.__file__).parent.glob("*.py")
    )
    assert len(files) > 40
    for path in files:
        for use in read_source(path.read_bytes()).uses:
            danger = judge_path(use.path) if use.called else None
            assert danger is None or danger.capability not in ("execute", "load-code"), path
