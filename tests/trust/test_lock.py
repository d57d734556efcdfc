"""The lock: only forward, whole at every moment, one process at a time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import SettingsError, TrustError
from sentinel.trust import lock
from sentinel.trust.lock import Entry

OLD, NEW = "a" * 64, "b" * 64
SOURCE = Path(__file__).resolve().parents[2] / "src"


def test_it_goes_forward_only(tmp_path: Path) -> None:
    path = str(tmp_path / "sentinel.lock")
    assert lock.advance(path, "fraud", Entry(7, OLD)).advances
    assert lock.advance(path, "fraud", Entry(8, NEW)).advances
    assert lock.read(path) == {"fraud": Entry(8, NEW)}
    before = Path(path).read_bytes()
    assert lock.advance(path, "fraud", Entry(7, OLD)).reason == "rollback"
    assert lock.advance(path, "fraud", Entry(8, OLD)).reason == "lock-digest-mismatch"
    assert not lock.advance(path, "fraud", Entry(8, NEW)).reason
    assert Path(path).read_bytes() == before


def test_an_allowed_rollback_passes_and_does_not_move_it(tmp_path: Path) -> None:
    path = str(tmp_path / "sentinel.lock")
    lock.advance(path, "fraud", Entry(8, NEW))
    step = lock.advance(path, "fraud", Entry(7, OLD), allow_rollback=True)
    assert (step.reason, step.advances) == ("", False)
    assert lock.read(path)["fraud"] == Entry(8, NEW)
    # the same version with other files is no rollback
    assert lock.advance(path, "fraud", Entry(8, OLD), allow_rollback=True).reason


def test_names_do_not_touch_one_another(tmp_path: Path) -> None:
    path = str(tmp_path / "sentinel.lock")
    lock.advance(path, "fraud", Entry(8, NEW))
    assert not lock.advance(path, "churn", Entry(1, OLD)).reason
    assert lock.read(path) == {"fraud": Entry(8, NEW), "churn": Entry(1, OLD)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"lock":1}',
        '{"lock":2,"models":{}}',
        '{"lock":true,"models":{}}',
        '{"lock":1,"models":[]}',
        '{"lock":1,"models":{"a":{"version":1}}}',
        '{"lock":1,"models":{"a":{"version":-1,"manifest":"' + OLD + '"}}}',
        '{"lock":1,"models":{"a":{"version":true,"manifest":"' + OLD + '"}}}',
        '{"lock":1,"models":{"a":{"version":1,"manifest":"' + OLD.upper() + '"}}}',
        '{"lock":1,"models":{"a":{"version":1,"manifest":"' + OLD + '","x":1}}}',
        '{"lock":1,"models":{},"models":{}}',
        '{"lock":1,"models":{}} {}',
    ],
)
def test_a_damaged_lock_refuses_and_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sentinel.lock"
    path.write_text(text)
    with pytest.raises(TrustError) as caught:
        lock.advance(str(path), "a", Entry(1, OLD))
    assert caught.value.reason == "bad-lock"
    assert path.read_text() == text


def test_a_lock_that_cannot_be_written_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        lock.advance(str(tmp_path / "none" / "sentinel.lock"), "a", Entry(1, OLD))
    with pytest.raises(SettingsError):
        lock.read(str(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="pipes")
def test_a_lock_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "sentinel.lock"
    os.mkfifo(path)
    with pytest.raises(SettingsError, match="not a file"):
        lock.advance(str(path), "a", Entry(1, OLD))
    assert path.is_fifo()


def test_a_lock_never_grows_beyond_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "sentinel.lock")
    monkeypatch.setattr(lock, "MAX_SIZE", 260)
    lock.advance(path, "a", Entry(1, OLD))
    lock.advance(path, "b", Entry(1, OLD))
    with pytest.raises(SettingsError, match="full"):
        lock.advance(path, "c", Entry(1, OLD))
    assert sorted(lock.read(path)) == ["a", "b"]
    assert lock.advance(path, "a", Entry(2, OLD)).advances


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_lock_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("lock") / "sentinel.lock"
    path.write_bytes(data)
    with pytest.raises(TrustError):
        lock.read(str(path))


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "sentinel.lock")

    def work(number: int) -> None:
        for version in range(20):
            lock.advance(path, f"m{number}", Entry(version, OLD))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lock.read(path) == {f"m{number}": Entry(19, OLD) for number in range(4)}


WRITER = """
import sys
from sentinel.trust import lock
path, version = sys.argv[1], int(sys.argv[2])
while True:
    version += 1
    lock.advance(path, "fraud", lock.Entry(version, "%064x" % version))
    print(version, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_at_any_moment_it_is_whole_and_never_behind(tmp_path: Path) -> None:
    path = str(tmp_path / "sentinel.lock")
    dice = random.Random(7)
    version = 0
    for _ in range(12):
        command = [sys.executable, "-c", WRITER, path, str(version)]
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as child:
            assert child.stdout is not None
            told = version
            for _ in range(dice.randrange(1, 60)):
                told = int(child.stdout.readline())
                assert lock.read(path)["fraud"].version >= told  # readable while it is written
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read().split()
        told = int(rest[-1]) if rest and rest[-1].isdigit() else told
        entry = lock.read(path)["fraud"]
        assert told <= entry.version <= told + 1
        assert entry.manifest == f"{entry.version:064x}"
        version = entry.version
    # whoever comes after a killed one is not kept out by what it left
    assert lock.advance(path, "fraud", Entry(version + 1, NEW)).advances
