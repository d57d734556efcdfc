"""Functions and classes that dill and cloudpickle write whole, beside the nearest hostile files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sentinel import Severity, Verdict, scan_bytes

pytest.importorskip("dill")
pytest.importorskip("cloudpickle")

SCRIPT = """
import collections, dataclasses, enum, functools, pathlib, sys, typing
import cloudpickle, dill

@dataclasses.dataclass(order=True)
class Settings:
    rate: float = 0.1
    layers: list = dataclasses.field(default_factory=list)

class Mode(enum.Enum):
    FAST = 1
    SLOW = "slow"

class Kind(str, enum.Enum):
    CAT = "cat"

class Row(typing.NamedTuple):
    a: int = 1

class Lazy:
    @functools.cached_property
    def size(self):
        return 1

@functools.lru_cache(maxsize=8)
def cached(x):
    return x

try:
    from sklearn.base import BaseEstimator, TransformerMixin
    class Select(BaseEstimator, TransformerMixin):
        def fit(self, X, y=None):
            return self
        def transform(self, X):
            return X
    select = {"select": Select()}
except ImportError:
    select = {}

def uses():
    return _create_fn("f", (), ["pass"])

class Hook:
    pass

hook = Hook()
hook.make = dataclasses._create_fn
settings = Settings()
benign = {"settings": settings, "mode": Mode.FAST, "kind": Kind.CAT, "row": Row(),
          "lazy": Lazy(), "cached": cached,
          **select}
hostile = {"beside": [settings, hook], "used": [settings, uses]}
folder = pathlib.Path(sys.argv[1])
for kind, values in (("benign", benign), ("hostile", hostile)):
    for name, value in values.items():
        for writer in (dill, cloudpickle):
            if writer is cloudpickle and (kind == "hostile" or value is cached):
                continue
            for protocol in (2, 4):
                path = folder / f"{kind}-{name}-{writer.__name__}-{protocol}.pkl"
                try:
                    path.write_bytes(writer.dumps(value, protocol=protocol))
                except TypeError:  # cloudpickle has no way to write a lock
                    assert name == "lazy"
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("by-value")
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    subprocess.run([sys.executable, "-W", "ignore", "script.py", "."], cwd=folder, check=True)
    return folder


def test_classes_of_a_script_are_clean(written: Path, subtests: pytest.Subtests) -> None:
    paths = sorted(written.glob("benign-*.pkl"))
    assert len(paths) >= 16
    for path in paths:
        with subtests.test(path.name):
            report = scan_bytes(path.read_bytes(), path.name)
            assert report.verdict is Verdict.CLEAN, report.findings[0]


def test_globals_that_something_else_uses_are_told(
    written: Path, subtests: pytest.Subtests
) -> None:
    paths = sorted(written.glob("hostile-*.pkl"))
    assert len(paths) == 4
    for path in paths:
        with subtests.test(path.name):
            found = scan_bytes(path.read_bytes(), path.name).findings
            assert any("dataclasses._create_fn" in one.message for one in found)
            assert max(one.severity for one in found) >= Severity.HIGH


def function(world: bytes, names: bytes = b"") -> bytes:
    """Return a pickle of a function by value (dill) with these items in its globals."""
    code = b"I0\n" * 6 + b"C\x01x(t(" + names + b"t(tVf\nVf\nVf\nI1\nC\x00C\x00(t(t"
    made = b"cdill._dill\n_create_code\n(" + code + b"tR"
    return b"(dp9\n" + world + b"0cdill._dill\n_create_function\n(" + made + b"g9\nVf\nN(ttR"


@pytest.mark.parametrize(
    ("stream", "alarm"),
    [
        (function(b"Vwraps\ncfunctools\nwraps\ns") + b".", False),
        (function(b"Vwraps\ncfunctools\nwraps\ns", b"Vwraps\n") + b".", True),
        (function(b"Vother\ncfunctools\nwraps\ns") + b".", True),
        (function(b"Vsystem\ncos\nsystem\ns") + b".", True),
        (function(b"Vwraps\ncfunctools\nwraps\ns") + b"cfunctools\nwraps\n\x86.", True),
        (function(b"Vwraps\ncfunctools\nwraps\ns") + b"g9\n\x86.", True),
    ],
)
def test_globals_of_a_function_by_value(stream: bytes, alarm: bool) -> None:
    found = scan_bytes(b"\x80\x04" + stream, "f.pkl").findings
    assert any(one.rule_id == "SNT1102" for one in found) is alarm, found


FETCH = (
    b"cdill._dill\n_getattr\n(cdill._dill\n_load_type\n(Vstr\ntRV__repr__\n"
    b"V<slot wrapper '__repr__' of '%s' objects>\ntR"
)


@pytest.mark.parametrize(
    ("stream", "alarm"),
    [
        (b"cfunctools\nlru_cache\n(I8\nI00\ntR(cmath\nsqrt\ntR.", False),
        (b"cfunctools\nlru_cache\n(I8\nI00\ntR(cmath\nsqrt\ntR(V9\ntR.", True),
        (b"cfunctools\nlru_cache\n(I8\nI00\ntR(cos\nsystem\ntR.", True),
        (b"cfunctools\nlru_cache\n(cacme\nrun\nI00\ntR(Vx\ntR.", True),
        (FETCH % b"str" + b"0.", False),
        (FETCH % b"os" + b"0.", True),
        (FETCH % b"str" + b"0" + FETCH % b"x'.__class__.__base__" + b"0.", True),
        (FETCH % b"str" + b"cdill._dill\n_getattr\n.", True),
        (FETCH % b"str" + b"(Vhook\ncdill._dill\n_getattr\nd.", True),
        (b"cbuiltins\nsetattr\n(c__main__\nMode\nV__qualname__\nVMode\ntR.", False),
        (b"cbuiltins\nsetattr\n(c__main__\nMode\nV__reduce__\nVMode\ntR.", True),
        (b"cbuiltins\nsetattr\n(cacme.x\nMode\nV__qualname__\nVMode\ntR.", True),
        (b"cbuiltins\nsetattr\n(c__main__\nMode\nV__qualname__\ncacme\nf\ntR.", True),
    ],
)
def test_what_dill_calls_beside_its_makers(stream: bytes, alarm: bool) -> None:
    report = scan_bytes(b"\x80\x02" + stream, "f.pkl")
    worst = max((one.severity for one in report.findings), default=Severity.INFO)
    assert (worst >= Severity.MEDIUM) is alarm, report.findings


@pytest.mark.parametrize(
    ("planted", "alarm"),
    [
        (b"cenum\nEnum.__new__\n", False),
        (b"cacme\nrun\n", True),
        (b"cacme\nEnum.__new__\n", True),
        (b"cbuiltins\nstaticmethod\n(cacme\nrun\ntR", True),
    ],
)
def test_a_maker_in_the_dict_of_a_class(planted: bytes, alarm: bool) -> None:
    stream = b"\x80\x04}V__new__\n" + planted + b"s."
    found = scan_bytes(stream, "f.pkl").findings
    assert any(one.rule_id == "SNT1108" for one in found) is alarm, found
