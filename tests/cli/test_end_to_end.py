"""The program as users run it: a process of its own over real files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

import sentinel
from sentinel.cli import workers
from sentinel.findings import Report
from sentinel.limits import DEFAULT_LIMITS

SOURCE = str(Path(sentinel.__file__).parent.parent)
CLEAN = b"\x80\x04]\x94(K\x01K\x02e."
HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9\n"


def sentinel_command(*arguments: str | bytes, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "sentinel", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
    )


def test_hostile_names_do_no_harm_in_any_format(tmp_path: Path) -> None:
    names = [
        b"a\nb.pkl",
        b"\x1b[31m.pkl",
        b"\xff\xfe.pkl",
        b"-o.pkl",
        b"::error::x.pkl",
        b"##[x].pkl",
    ]
    for name in names:
        (tmp_path / os.fsdecode(name)).write_bytes(HOSTILE)
    for format in ("text", "json", "sarif"):
        done = sentinel_command("scan", ".", "-f", format, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        text = (done.stdout + done.stderr).decode()
        assert all(char == "\n" or char.isprintable() for char in text)
        assert "##[" not in text
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
        if format == "json":
            assert json.loads(done.stdout)["counts"]["files"] == len(names)
    done = sentinel_command("scan", "--", *names, cwd=tmp_path)
    assert done.returncode == 1
    assert b"6 model files scanned" in done.stdout


def test_processes_give_the_same_report(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.pkl").write_bytes(HOSTILE if number % 2 else CLEAN)
    (tmp_path / "lfs.bin").write_bytes(POINTER)
    serial, parallel = (
        json.loads(sentinel_command("scan", ".", "-f", "json", *more, cwd=tmp_path).stdout)
        for more in ([], ["--jobs", "2"])
    )
    assert parallel["exit_code"] == 1
    assert parallel["not_scanned"][0]["code"] == "pointer"
    for key in ("findings", "files", "not_scanned", "counts"):
        assert serial[key] == parallel[key]


class DyingPool:
    """A pool whose second file takes the workers down."""

    def __init__(self, *_: object, **__: object) -> None:
        self.closed = False

    def map(self, work: object, files: list[str], chunksize: int) -> Iterator[Report]:
        yield workers.crash_report(files[0], ValueError("first"))
        raise BrokenProcessPool("a worker died")

    def shutdown(self, **_: object) -> None:
        self.closed = True


def test_a_worker_that_dies_leaves_no_file_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "ProcessPoolExecutor", DyingPool)
    reports = list(workers.scan_in_processes(["a", "b", "c"], DEFAULT_LIMITS, 2))
    assert [report.artifact for report in reports] == ["a", "b", "c"]
    assert all(report.coverage.gaps[0].reason == "internal" for report in reports)


class Child:
    """A worker process that notes that it was ended."""

    ended = 0

    def terminate(self) -> None:
        Child.ended += 1


def test_workers_never_hear_an_interrupt_and_end_with_the_scan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocked: list[bool] = []

    class Pool(DyingPool):
        def map(self, work: object, files: list[str], chunksize: int) -> Iterator[Report]:
            blocked.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
            return (workers.crash_report(path, ValueError("x")) for path in files)

    monkeypatch.setattr(workers, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr("multiprocessing.active_children", lambda: [Child(), Child()])
    list(workers.scan_in_processes(["a", "b"], DEFAULT_LIMITS, 2))
    assert (blocked, Child.ended) == ([True], 0)
    scan = workers.scan_in_processes(["a", "b"], DEFAULT_LIMITS, 2)
    next(scan)
    with pytest.raises(KeyboardInterrupt):
        scan.throw(KeyboardInterrupt)
    assert Child.ended == 2
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_a_reader_that_goes_away_is_no_noise(tmp_path: Path) -> None:
    for number in range(200):
        (tmp_path / f"{number}.pkl").write_bytes(HOSTILE)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "sentinel", "scan", "."],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": SOURCE},
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes descriptors")
def test_without_a_standard_output_the_exit_code_stands(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(CLEAN)
    (tmp_path / "b.pkl").write_bytes(HOSTILE)
    for name, code in (("a.pkl", 0), ("b.pkl", 1)):
        words = [sys.executable, "-m", "sentinel", "scan", name]
        done = subprocess.run(
            ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": SOURCE},
            stderr=subprocess.PIPE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (code, b"")


def test_what_is_scanned_is_not_changed_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(HOSTILE)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert sentinel_command("scan", ".", cwd=tmp_path).returncode == 1
    assert sentinel_command("explain", "a.pkl", cwd=tmp_path).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_finding_and_its_fingerprint_are_the_same_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.pkl").write_bytes(HOSTILE)
    found = [
        json.loads(sentinel_command("scan", target, "-f", "json", cwd=cwd).stdout)["findings"]
        for target, cwd in ((".", tmp_path), ("a.pkl", tmp_path / "m"), (str(tmp_path), tmp_path))
    ]
    assert found[0]
    assert found[0] == found[1] == found[2]


def test_a_suppression_of_a_real_rule(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(HOSTILE)
    document = json.loads(sentinel_command("scan", ".", "-f", "json", cwd=tmp_path).stdout)
    entry = '[[suppress]]\nrule = "{rule}"\npath = "{path}"\nsha256 = "{sha256}"\n'
    entry += 'reason = "a test"\nexpires = 2999-12-31\n'
    accepted = "".join(entry.format(**finding) for finding in document["findings"])
    (tmp_path / "sentinel.toml").write_text(accepted)
    done = sentinel_command("scan", ".", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "a.pkl").write_bytes(HOSTILE + b"#")
    assert sentinel_command("scan", ".", cwd=tmp_path).returncode == 1
