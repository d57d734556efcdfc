"""The jail holds what tries to get out, and gives back models whose answers are the same.

The probes are harmless by themselves: each tries one thing that a process outside could do, and the
jailed process reports what it was told.
"""

from __future__ import annotations

import json
import os
import pickle
import platform
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from safetensors.numpy import load as load_tensors

import sentinel
from sentinel.errors import SandboxUnavailable, TrustError, UsageError
from sentinel.trust.jail import JailLimits
from sentinel.trust.jail.spawn import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail is of Linux")

PROBES = {
    "read a file": "os.stat('/etc/passwd') and os.open('/etc/passwd', 0)",
    "read its own program's directory": "open('/proc/self/environ').read()",
    "list a home": "os.listdir(os.path.expanduser('~root'))",
    "write a file": "open('/tmp/probe', 'w')",
    "write beside": "open('probe', 'w')",
    "open the network": "socket.socket(socket.AF_INET)",
    "open a local socket": "socket.socket(socket.AF_UNIX)",
    "open a pair": "socket.socketpair()",
    "fork": "os.fork()",
    "trace": "call(101, 16, os.getppid(), 0, 0)",
    "end its parent": "os.kill(os.getppid(), 0)",
    "remove a file": "os.unlink('/tmp/probe')",
    "change permissions": "os.chmod('/tmp', 0o777)",
    "make a directory": "os.mkdir('/tmp/probe')",
    "hide a program in memory": "os.memfd_create('probe')",
    "ring": "call(425, 1, 0, 0, 0)",
    "look at its parent": "os.listdir(f'/proc/{os.getppid()}')",
    "another namespace": "call(272, 0x10000000, 0, 0, 0)",
    "mount": "call(165, 0, 0, 0, 0)",
    "keys": "call(250, 0, 0, 0, 0)",
    "raise its limits": "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
    "rename over a library": "os.rename(os.__file__, os.__file__ + 'c')",
}
PRELUDE = """
import ctypes, json, os, resource, socket
import numpy
def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return 0
found = {}
for name, text in probes.items():
    try:
        found[name] = 'done: ' + repr(eval(text))[:60]
    except (OSError, ValueError) as error:
        found[name] = getattr(error, 'errno', 0)
found['environment'] = sorted(os.environ)
found['import'] = __import__('colorsys').__name__
answer = {'said': numpy.frombuffer(json.dumps(found).encode(), 'u1').copy()}
"""


class Runs:
    """Pickles as a call of ``exec`` whose namespace is the model."""

    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> tuple[Any, ...]:
        text = f"(lambda d: (exec({self.source!r}, d), d['answer'])[1])({{'probes': {PROBES!r}}})"
        return eval, (text,)


@pytest.fixture
def memory() -> Iterator[Any]:
    """Return a function that puts bytes where they can be read by descriptor."""
    opened: list[int] = []

    def place(data: bytes) -> int:
        descriptor = os.memfd_create("model")
        opened.append(descriptor)
        os.write(descriptor, data)
        return descriptor

    yield place
    for one in opened:
        os.close(one)


def jailed(descriptor: int, to: str = "safetensors", **limits: Any) -> Any:
    return run(descriptor, "pickle", to, "model.pkl", JailLimits(**limits))


def test_whatever_a_model_tries_is_refused(memory: Any) -> None:
    made = jailed(memory(pickle.dumps(Runs(PRELUDE))))
    said = json.loads(load_tensors(made.data)["said"].tobytes())
    environment, imported = said.pop("environment"), said.pop("import")
    assert set(said) == set(PROBES)
    assert [name for name, got in said.items() if not isinstance(got, int)] == []
    assert imported == "colorsys"  # libraries can still be read
    kept = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH", "LC_CTYPE"}
    set_by_libraries = {name for name in environment if name.startswith("KMP_")}
    ours = {name for name in environment if name.endswith("_NUM_THREADS")}
    assert set(environment) - ours - set_by_libraries <= kept


def test_the_probes_are_of_things_that_work_outside(tmp_path: Path) -> None:
    # Their nearest twin: the same text with no jail around it does what it says.
    os.close(eval(PROBES["read a file"], {"os": os}))
    assert eval(PROBES["look at its parent"], {"os": os})
    assert eval(PROBES["end its parent"], {"os": os}) is None


@pytest.mark.parametrize(
    "limits", [{"seconds": float("nan")}, {"seconds": float("inf")}, {"memory": 0}]
)
def test_limits_are_numbers_above_zero(limits: dict[str, Any]) -> None:
    assert JailLimits(seconds=0.5, memory=1)
    with pytest.raises(UsageError):
        JailLimits(**limits)


@pytest.mark.parametrize(
    ("text", "limits", "reason"),
    [
        ("__import__('os').execv('/bin/true', ['true'])", {}, "jail-stopped"),
        ("[None for _ in iter(int, 1)]", {"seconds": 1.5}, "jail-limit"),
        ("sum(0 for _ in iter(int, 1))", {"cpu_seconds": 3}, "jail-stopped"),
        ("bytearray(1 << 40)", {}, "not-convertible"),
        ("{'a': __import__('numpy').zeros(1 << 20)}", {"result": 1 << 20}, "jail-limit"),
        ("42", {}, "not-convertible"),
        ("exit(0)", {}, "not-convertible"),
        ("__import__('os').write(2, b'no Landlock: use pickle') and __import__('os')._exit(3)", {},
         "not-convertible"),
        ("__import__('os')._exit(0)", {}, "not-convertible"),
        ("__import__('os').write(1, b'{\"size\": 3}\\n') and __import__('os')._exit(0)", {},
         "not-convertible"),
        ("__import__('os').write(1, b'x' * 100_000) and __import__('os')._exit(0)", {},
         "not-convertible"),
    ],
)  # fmt: skip
def test_what_does_not_end_well_ends(
    memory: Any, text: str, limits: dict[str, Any], reason: str
) -> None:
    class Call:
        def __reduce__(self) -> tuple[Any, ...]:
            return eval, (text,)

    with pytest.raises(TrustError) as raised:
        jailed(memory(pickle.dumps(Call())), **limits)
    assert raised.value.reason == reason
    assert "Traceback" not in raised.value.message


def test_nothing_is_open_but_the_model_and_two_pipes(memory: Any) -> None:
    source = (
        "import os, numpy\n"
        "def kind(n):\n"
        "    try: return os.fstat(n).st_mode >> 12\n"
        "    except OSError: return -1\n"
        "answer = {'kinds': numpy.array([kind(n) for n in range(256)])}"
    )
    kinds = load_tensors(jailed(memory(pickle.dumps(Runs(source)))).data)["kinds"]
    assert sorted(kinds[kinds >= 0].tolist()) == [1, 1, 2, 8]


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    class Waits:
        def __reduce__(self) -> tuple[Any, ...]:
            return eval, ("__import__('time').sleep(600)",)

    (tmp_path / "model.pkl").write_bytes(pickle.dumps(Waits()))
    source = str(Path(sentinel.__file__).resolve().parent.parent)
    text = _STARTS.format(source=source, path=str(tmp_path / "model.pkl"))
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    try:
        assert select.select([child], [], [], 60)[0] == [child]
    finally:
        os.close(child)


def test_without_namespaces_there_is_no_jail(tmp_path: Path) -> None:
    source = str(Path(sentinel.__file__).resolve().parent.parent)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"a": np.zeros(1)}))
    code = "import sys; from sentinel.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "convert", "model.pkl", "--to", "safetensors"]
    closed = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    outside = ["unshare", "-Ur", "sh", "-c", closed, "sh"]
    who: dict[str, Any] = {"capture_output": True, "text": True, "check": False, "cwd": tmp_path}
    if not shutil.which("unshare") or subprocess.run([*outside, "true"], **who).returncode:
        pytest.skip("no namespace can be made to take them away in")
    environment = {**os.environ, "PYTHONPATH": source}
    done = subprocess.run([*outside, *command], env=environment, **who)
    assert done.returncode == 1
    assert "may not make namespaces here" in done.stderr
    assert not (tmp_path / "model.safetensors").exists()


_STARTS = """
import os, sys
sys.path[:0] = [{source!r}]
from sentinel.trust.jail import JailLimits, spawn
real = spawn._collect
def told(child, limits):
    print(child.pid, flush=True)
    return real(child, limits)
spawn._collect = told
place = os.open({path!r}, os.O_RDONLY)
spawn.run(place, 'pickle', 'safetensors', 'model.pkl', JailLimits())
"""


def test_joblib_s_files_and_plain_arrays_come_back(memory: Any, tmp_path: Path) -> None:
    weights = {"a": np.arange(6.0).reshape(2, 3), "note": "not a tensor"}
    joblib.dump(weights, tmp_path / "w.joblib", compress=3)
    made = jailed(memory((tmp_path / "w.joblib").read_bytes()))
    assert np.array_equal(load_tensors(made.data)["a"], weights["a"])
    assert made.left_out == ("note",)


def test_elsewhere_there_is_no_jail_and_nothing_instead(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = memory(pickle.dumps({"a": np.zeros(1)}))
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(SandboxUnavailable):
        jailed(place)
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(SandboxUnavailable):
        jailed(place)


_AS_NOBODY = """
import os, pickle, sys
sys.path[:0] = [{source!r}]
from sentinel.trust.jail import JailLimits
from sentinel.trust.jail.spawn import run
assert os.getuid() == {user}
place = os.memfd_create('model')
os.write(place, pickle.dumps({{'a': __import__('numpy').arange(3)}}))
print(run(place, 'pickle', 'safetensors', 'model.pkl', JailLimits()).type)
"""


@pytest.mark.skipif(
    os.name != "posix" or os.getuid() != 0, reason="root alone can be somebody else"
)
def test_no_privilege_is_needed() -> None:
    user = 65534
    source = str(Path(sentinel.__file__).resolve().parent.parent)
    text = _AS_NOBODY.format(source=source, user=user)
    command = [sys.executable, "-c", "import numpy, safetensors, joblib"]
    who: dict[str, Any] = {"user": user, "group": user, "extra_groups": [], "cwd": "/"}
    try:
        subprocess.run(command, check=True, capture_output=True, **who)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this environment lies where nobody else may read")
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, **who
    )
    assert done.stdout == "builtins.dict\n", done.stderr
