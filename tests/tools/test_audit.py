"""The audit of sources: what reaches something that acts, and what must not be swallowed."""

from __future__ import annotations

import textwrap

import pytest

from tools.audit.extract import extract
from tools.audit_imports import Findings


def audit(**sources: str) -> Findings:
    modules = {
        name.replace("__", "."): extract(textwrap.dedent(text), name.replace("__", "."), False)
        for name, text in sources.items()
    }
    return Findings(modules)


def capability(findings: Findings, path: str) -> str | None:
    found = findings.of(path)
    return found[0] if found else None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\ndef f(x): os.system(x)", "execute"),
        ("from os import system as s\ndef f(x): s('echo ' + x)", "execute"),
        ("import subprocess\ndef f(*cmd): return subprocess.run(list(cmd))", "execute"),
        ("def f(**kw): exec(kw['source'])", "execute"),
        ("def f(x):\n    y = x.strip()\n    return eval(y)", "execute"),
        ("def f(x):\n    for y in x:\n        open(y)", "file"),
        ("from pathlib import Path\ndef f(x): return (Path(x) / 'a').read_text()", "file"),
        ("def f(x):\n    with open(x) as g: return g.read()", "file"),
        ("import pickle\ndef f(x): return pickle.loads(x)", "deserialise"),
        ("def f(name): return __import__(name)", "import"),
        ("def f(a, b):\n    for c in b.split('.'): a = getattr(a, c)\n    return a", "import"),
        ("import sys\ndef f(name): return sys.modules[name]", "import"),
        ("import urllib.request as u\ndef f(x): return u.urlopen(x)", "network"),
        ("def h(c): c()\ndef f(x): g(x)\ndef g(y): exec(y)", "execute"),
        ("run = exec\ndef f(x): run(x)", "execute"),
        ("import pickle\nload, loads = pickle.load, pickle.loads\ndef f(x): loads(x)",
         "deserialise"),
        ("def call(function, *args): return function(*args)\ndef f(x): call(exec, x)", "execute"),
        ("try:\n    from os import system\nexcept ImportError:\n    pass\ndef f(x): system(x)",
         "execute"),
    ],
)  # fmt: skip
def test_a_parameter_is_followed_to_what_acts(source: str, expected: str) -> None:
    assert capability(audit(m=source), "m.f") == expected


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\ndef f(x): return subprocess.run(['uname', '-p'])",
        "def f(x): return open('/etc/hostname').read()",
        "def f(x): return x + 1",
        "def f(x): return eval(str(len(x)))",
        "def f(x):\n    if x == 'a': exec('pass')",
        "class exec: pass\ndef f(x): return [exec, x]",
        "import re\ndef f(x): return re.compile(x)",
        "def f(x): return isinstance(x, str)",
        "import yaml\ndef f(x): return yaml.load(x, Loader=yaml.SafeLoader)",
    ],
)
def test_what_the_caller_does_not_decide_is_not_listed(source: str) -> None:
    assert capability(audit(m=source), "m.f") is None


def test_calls_are_followed_between_modules_and_re_exports() -> None:
    found = audit(
        low="import os\ndef run(x): os.system(x)",
        mid="from low import *",
        top="import mid\nfrom mid import run as again\ndef f(x): mid.run(x)",
    )
    assert capability(found, "top.f") == "execute"
    assert capability(found, "top.again") == "execute"


def test_constructors_reach_through_attributes_and_overrides() -> None:
    found = audit(
        m="""
        class Base:
            def __init__(self, path):
                self.path = path
                self.start()
            def start(self): pass

        class Opens(Base):
            def start(self): open(self.path)

        class Plain(Base):
            def start(self): self.path += 'x'

        class Later(Base):
            def read(self): return open(self.path)
        """
    )
    assert capability(found, "m.Opens") == "file"
    assert capability(found, "m.Plain") is None
    assert capability(found, "m.Later") is None
    assert capability(found, "m.Later.read") == "file"


def test_building_an_instance_is_told_from_calling_its_class() -> None:
    found = audit(
        m="""
        class Acts:
            def __setstate__(self, state):
                self.__dict__.update(state)
                self.attach()
            def attach(self): exec(self.template)

        class Waits:
            def __init__(self, path): self.file = open(path)
            def __setstate__(self, state): self.__dict__.update(state)

        class Cleans:
            def __del__(self):
                import os
                os.unlink(self.path)
        """
    )
    classes = found.program.modules["m"].classes
    building = {name: found.of_building(kind) for name, kind in classes.items()}
    assert building["Acts"] is not None
    assert building["Acts"][0] == "execute"
    assert building["Waits"] is None
    assert capability(found, "m.Waits") == "file"
    assert building["Cleans"] is not None
    assert building["Cleans"][0] == "file"


def test_a_chain_that_is_too_long_is_cut() -> None:
    steps = "\n".join(f"def f{n}(x): f{n + 1}(x)" for n in range(9))
    found = audit(m=steps + "\ndef f9(x): exec(x)")
    assert capability(found, "m.f9") == "execute"
    assert capability(found, "m.f5") == "execute"
    assert capability(found, "m.f0") is None
