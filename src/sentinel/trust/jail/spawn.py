"""Starts the jailed process, feeds it nothing but a descriptor, and bounds what comes back."""

from __future__ import annotations

import json
import mmap
import os
import selectors
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import NamedTuple

from ...errors import SandboxUnavailable, TrustError
from . import kernel
from .child import LOCKED, WRONG_SANDBOX, Job
from .limits import MOST_COMPLAINT, MOST_HEADER, JailLimits

_BOOT = (
    "import json, sys; job = json.loads(sys.argv[1]); sys.path[:] = job['path']; "
    "from sentinel.trust.jail.child import main; main(job)"
)
_KEPT = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "LD_LIBRARY_PATH")
"""What a library needs of the environment to compute, and nothing that can be a secret."""
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_SYSTEM = (
    "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/etc/ld.so.cache",
    "/dev/urandom", "/dev/null", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
    "/proc/self/maps",
)  # fmt: skip
_KNOWN = ("sklearn", "xgboost", "lightgbm")
_CHUNK = 1 << 20
_MISSING = "ModuleNotFoundError: "


class Made(NamedTuple):
    """What came out of the jail: bytes, and claims of the process that made them.

    Attributes:
        data: The converted model; as untrusted as the one that went in.
        type: What the process says the model was.
        taken: Where in it the tensors were; empty for the whole.
        left_out: Names that hold no tensor and were left out, a hundred at most.
    """

    data: bytes
    type: str
    taken: str
    left_out: tuple[str, ...]


def run(descriptor: int, kind: str, to: str, name: str, limits: JailLimits) -> Made:
    """Convert a model in a process of its own that may read libraries and nothing else.

    Args:
        descriptor: Where the model's bytes are open for reading; they must not change.
        kind: ``pickle`` (joblib's files too) or ``torch``.
        to: ``skops``, ``safetensors`` or ``ubj``.
        name: What to call the model in messages.
        limits: What the process may use.

    Returns:
        What it made.

    Raises:
        SandboxUnavailable: There is no jail here.
        TrustError: The model could not be converted (``not-convertible``), or the process passed a
            limit (``jail-limit``) or was ended by the kernel (``jail-stopped``).
    """
    kernel.machine()
    job = _job(descriptor, kind, to, limits)
    # An empty environment but for what the libraries compute with; no shell, no standard input.
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", _BOOT, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(descriptor,),
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )
    try:
        out, complaint, reason = _collect(child, limits)
    finally:
        child.kill()
        code = child.wait()
    if reason:
        raise TrustError("jail-limit", f"{name}: {reason}", "give it more, if it deserves it")
    locked = out.startswith(LOCKED)
    _judge(code, complaint, name, locked)
    del out[: len(LOCKED)]
    return _read(out, name)


def _job(descriptor: int, kind: str, to: str, limits: JailLimits) -> Job:
    path = import_path()
    return Job(
        path=path,
        readable=[*path, *_SYSTEM],
        parent=os.getpid(),
        descriptor=descriptor,
        kind=kind,
        names=_libraries(descriptor),
        to=to,
        cpu_seconds=limits.cpu_seconds,
        memory=limits.memory,
    )


def _libraries(descriptor: int) -> list[str]:
    """Return which of the known libraries the model's bytes name; leaves it at its beginning."""
    size = os.lseek(descriptor, 0, os.SEEK_END)
    os.lseek(descriptor, 0, os.SEEK_SET)
    if not size:
        return []
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as data:
        packed = data[:1] != b"\x80"  # compressed, or of protocol 0: they may be anywhere in it
        return [name for name in _KNOWN if packed or data.find(name.encode()) >= 0]


def import_path() -> list[str]:
    """Return where the child imports from: installed libraries and this package, nothing else."""
    own = str(Path(__file__).resolve().parents[3])
    installed = {
        os.path.realpath(sysconfig.get_path(name))
        for name in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    roots = (*installed, *(os.path.realpath(one) for one in (sys.prefix, sys.base_prefix)))
    kept = [own]
    for entry in sys.path:
        real = os.path.realpath(entry)
        below = any(real == root or real.startswith(root + os.sep) for root in roots)
        if entry and below and real not in kept and os.path.exists(real):
            kept.append(real)
    return kept


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **dict.fromkeys(_ONE_THREAD, "1")}


def _collect(
    child: subprocess.Popen[bytes], limits: JailLimits
) -> tuple[bytearray, bytearray, str]:
    """Return the output, the complaint, and why the process was stopped, if it was."""
    assert child.stdout is not None
    assert child.stderr is not None
    ends = time.monotonic() + limits.seconds
    out, complaint = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector, child.stdout, child.stderr:
        selector.register(child.stdout, selectors.EVENT_READ, (out, limits.result + MOST_HEADER))
        selector.register(child.stderr, selectors.EVENT_READ, (complaint, MOST_COMPLAINT))
        while selector.get_map():
            left = ends - time.monotonic()
            if left <= 0:
                return out, complaint, f"not done after {limits.seconds:g} seconds"
            for key, _ in selector.select(left):
                into, most = key.data
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif len(into) + len(chunk) > most:
                    return out, complaint, f"wrote more than {most} bytes"
                else:
                    into += chunk
        try:
            child.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            return out, complaint, f"not done after {limits.seconds:g} seconds"
    return out, complaint, ""


def _judge(code: int, complaint: bytearray, name: str, locked: bool) -> None:
    if code == 0 and locked:
        return
    said = complaint[:2_000].decode("utf-8", "replace").strip()
    if code == WRONG_SANDBOX and not locked:
        raise SandboxUnavailable(f"{name}: {said}", "load it at level 'allowlist'")
    if code < 0:
        raise TrustError(
            "jail-stopped",
            f"{name}: the process was ended by signal {-code} while it loaded the model",
            "it asked for what the jail does not give, or used up its processor time",
        )
    hint = "install the library that the model was made with" if _MISSING in said else ""
    raise TrustError(
        "not-convertible", f"{name}: in the jail: {said or 'no reason was given'}", hint
    )


def _read(out: bytearray, name: str) -> Made:
    from ..strict_json import loads

    end = out.find(b"\n", 0, MOST_HEADER)
    if end < 0:
        raise TrustError("not-convertible", f"{name}: the jailed process made nothing")
    header = loads(bytes(out[:end]), what=f"{name}: what the jailed process says")
    del out[: end + 1]
    data = bytes(out)
    out.clear()
    if not isinstance(header, dict) or header.get("size") != len(data):
        raise TrustError("not-convertible", f"{name}: the jailed process was cut short")
    left_out = header.get("left_out")
    return Made(
        data,
        str(header.get("type", ""))[:200],
        str(header.get("taken", ""))[:200],
        tuple(str(one)[:200] for one in left_out[:100]) if isinstance(left_out, list) else (),
    )
