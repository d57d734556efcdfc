"""The guard itself: what it replaces is put back, whoever opens and closes it, in any order."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext, suppress
from typing import Any

import mlflow
import mlflow.models.model
import mlflow.tracking._model_registry.client
import mlflow.tracking._model_registry.fluent
import pytest
from mlflow.store.artifact import artifact_repo, artifact_repository_registry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

from sentinel.errors import SettingsError, UsageError
from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from sentinel.integrations.mlflow import disable, enable
from sentinel.integrations.mlflow.active import ACTIVE
from sentinel.integrations.mlflow.install import classes_below, patched
from tests.integrations.mlflow.kit import Scene


def attributes() -> dict[tuple[Any, str], object]:
    """Return all that the objects have of which something is replaced."""
    owners = [
        *classes_below(artifact_repo.ArtifactRepository),
        artifact_repository_registry.ArtifactRepositoryRegistry,
        mlflow.models.model.Model,
        mlflow.tracking._model_registry.client.ModelRegistryClient,
        mlflow.tracking._model_registry.fluent,
    ]
    return {(owner, name): value for owner in owners for name, value in vars(owner).items()}


@pytest.fixture(autouse=True)
def _all_is_put_back() -> Iterator[None]:
    before = attributes()
    yield
    after = attributes()
    assert before.keys() == after.keys()
    assert [key for key in before if before[key] is not after[key]] == []
    assert patched() == []


def test_something_is_replaced_while_it_is_open() -> None:
    before = attributes()
    with MLflowGuard(quiet=True):
        after = attributes()
        changed = {key for key in before if before[key] is not after.get(key)}
        assert set(patched()) == changed
        assert len(changed) >= 40


def test_nested_and_entered_twice(scene: Scene) -> None:
    guard = MLflowGuard(quiet=True)
    with guard, MLflowGuard(quiet=True), guard:
        assert patched()
        with pytest.raises(SentinelBlocked) as caught:
            mlflow.log_artifact(str(scene.payload.file()))
        caught.value.acknowledge()
    assert guard.blocks == [caught.value], "one block, told once to each guard"


def test_the_strictest_of_open_guards_decides(scene: Scene) -> None:
    lenient = MLflowGuard(GuardPolicy(fail_on=None), quiet=True)
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True), lenient:
        mlflow.log_artifact(str(scene.payload.file()))


def test_an_error_of_the_user_is_the_one_that_is_raised(scene: Scene) -> None:
    with pytest.raises(KeyError, match="mine"), MLflowGuard(quiet=True):
        try:
            mlflow.log_artifact(str(scene.payload.file()))
        except SentinelBlocked:
            pass
        raise KeyError("mine")


def swallow(module: str, path: str) -> None:
    """Log a file in a module that keeps errors to itself."""
    names: dict[str, Any] = {"__name__": module, "log": mlflow.log_artifact, "path": path}
    exec("try:\n    log(path)\nexcept Exception:\n    pass", names)


def test_a_block_that_mlflow_swallowed_is_raised_at_the_end(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True) as guard:
        swallow("mlflow.utils.autologging_utils.safety", str(scene.payload.file()))
        assert len(guard.blocks) == 1


def test_a_block_that_was_caught_is_known(scene: Scene) -> None:
    with MLflowGuard(quiet=True) as guard:
        swallow("train", str(scene.payload.file()))
        with suppress(SentinelBlocked):
            mlflow.log_artifact(str(scene.payload.file("other.pkl")))
    assert len(guard.blocks) == 2
    assert all(one.was_seen for one in guard.blocks)


@pytest.mark.parametrize("asked", [True, False])
def test_a_block_in_a_pool_is_known_to_whoever_asks(scene: Scene, asked: bool) -> None:
    with pytest.raises(SentinelBlocked) if not asked else nullcontext(), MLflowGuard(quiet=True):
        with ThreadPoolExecutor(1) as pool:
            path = str(scene.payload.file())
            future = pool.submit(scene.client.log_artifact, scene.run_id, path)
        if asked:
            with pytest.raises(SentinelBlocked):
                future.result()


def test_a_block_that_nobody_caught_in_a_thread_is_raised_at_the_end(scene: Scene) -> None:
    path = str(scene.payload.file())
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        thread = threading.Thread(target=scene.client.log_artifact, args=(scene.run_id, path))
        thread.start()
        thread.join()


def test_a_block_that_was_acknowledged_is_not(scene: Scene) -> None:
    with MLflowGuard(quiet=True) as guard:
        swallow("mlflow.sklearn", str(scene.payload.file()))
        guard.blocks[0].acknowledge()


def test_a_block_of_another_thread_is_raised_there(scene: Scene) -> None:
    """A function is decorated once and called by many threads."""
    guard, inside, left = MLflowGuard(quiet=True), threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            with guard:
                swallow("mlflow.sklearn", str(scene.payload.file()))
                inside.set()
                assert left.wait(60)
        except SentinelBlocked as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    with guard:
        thread.start()
        assert inside.wait(60)
    left.set()
    thread.join()
    assert raised == guard.blocks


def test_a_guard_that_another_thread_closed_is_told_nothing(scene: Scene) -> None:
    closed, fresh = MLflowGuard(quiet=True), MLflowGuard(quiet=True)
    closed.__enter__()
    thread = threading.Thread(target=closed.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    thread = threading.Thread(target=fresh.__enter__)
    thread.start()
    thread.join()
    swallow("mlflow.sklearn", str(scene.payload.file()))
    assert closed.blocks == []
    with pytest.raises(SentinelBlocked):
        fresh.__exit__(None, None, None)


def test_an_upload_in_the_background_that_fails_hides_no_error(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(ACTIVE, "flush", fail)
    with pytest.raises(KeyError, match="mine"), MLflowGuard(quiet=True):
        raise KeyError("mine")
    assert "uploads in the background: ConnectionError: gone" in caplog.text


@pytest.mark.parametrize("name", ["create_model_version", "copy_model_version"])
def test_a_version_of_mlflow_that_cannot_be_guarded(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client = mlflow.tracking._model_registry.client.ModelRegistryClient
    with monkeypatch.context() as changed:
        changed.delattr(client, name)
        before = attributes()
        with pytest.raises(ImportError, match=f"cannot be guarded.* has no {name}"):
            MLflowGuard().__enter__()
        assert attributes() == before, "nothing is left half guarded"
    with MLflowGuard(quiet=True):
        assert patched()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_the_child_of_a_fork_is_guarded(scene: Scene) -> None:
    evil, clean = scene.payload.file(), scene.folder / "clean.txt"
    clean.write_text("clean")
    repository = LocalArtifactRepository(scene.artifact_uri)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with ACTIVE.held():
            held.set()
            free.wait(60)

    holder = threading.Thread(target=hold)
    with MLflowGuard(GuardPolicy(report=False), quiet=True):
        holder.start()
        assert held.wait(60)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with MLflowGuard(quiet=True):
                    repository.log_artifact(str(clean), "child")
                    try:
                        repository.log_artifact(str(evil), "child")
                    except SentinelBlocked:
                        code = 0
            finally:
                os._exit(code)
        free.set()
        holder.join()
    assert os.waitpid(child, 0)[1] == 0
    assert scene.store.holds(scene.payload.mark) == []


def test_out_of_order(scene: Scene) -> None:
    first, second = MLflowGuard(quiet=True), MLflowGuard(quiet=True)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert patched()
    with pytest.raises(SentinelBlocked):
        mlflow.log_artifact(str(scene.payload.file()))
    second.__exit__(None, None, None)
    assert len(second.blocks) == 1


def test_eight_threads(scene: Scene) -> None:
    failed: list[BaseException] = []
    path = str(scene.payload.file())

    def work(seed: int) -> None:
        order = random.Random(seed)
        try:
            for _ in range(5):
                guards = [MLflowGuard(quiet=True) for _ in range(2)]
                with ExitStack() as stack:
                    for guard in guards:
                        stack.enter_context(guard)
                    with pytest.raises(SentinelBlocked) as caught:
                        scene.client.log_artifact(scene.run_id, path)
                    caught.value.acknowledge()
                    order.shuffle(guards)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert scene.store.holds(scene.payload.mark) == []


def test_a_foreign_patch_on_top_stays(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    original = LocalArtifactRepository.log_artifact
    guard = MLflowGuard(quiet=True)
    with guard:
        below = LocalArtifactRepository.log_artifact

        def foreign(self: Any, local_file: Any, artifact_path: Any = None) -> Any:
            calls.append(str(local_file))
            return below(self, local_file, artifact_path)

        LocalArtifactRepository.log_artifact = foreign
    try:
        assert LocalArtifactRepository.log_artifact is foreign
        mlflow.log_text("clean", "clean.txt")
        assert len(calls) == 1, "theirs is called, and ours below it passes on"
        with pytest.raises(SentinelBlocked), guard:
            mlflow.log_artifact(str(scene.payload.file()))
        assert LocalArtifactRepository.log_artifact is foreign
    finally:
        LocalArtifactRepository.log_artifact = original


def test_a_function_is_decorated(scene: Scene) -> None:
    @MLflowGuard(quiet=True)
    def train(name: str) -> str:
        """Train."""
        mlflow.log_artifact(str(scene.payload.file(name)))
        return name

    assert train.__doc__ == "Train."
    with pytest.raises(SentinelBlocked):
        train("model.pkl")
    assert patched() == []


def test_a_coroutine_is_decorated(scene: Scene) -> None:
    @MLflowGuard(quiet=True)
    async def train() -> None:
        await asyncio.sleep(0)
        mlflow.log_artifact(str(scene.payload.file()))

    with pytest.raises(SentinelBlocked):
        asyncio.run(train())


def test_a_whole_process(scene: Scene) -> None:
    guard = enable(quiet=True)
    try:
        assert enable() is guard
        swallow("mlflow.sklearn", str(scene.payload.file()))
    finally:
        with pytest.raises(SentinelBlocked):
            disable()
    disable()


def test_the_line_at_the_end(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    with MLflowGuard():
        mlflow.log_text("clean", "clean.txt")
    assert "sentinel: MLflow: 1 checked, 0 blocked" in capsys.readouterr().err


def test_nothing_is_said_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with MLflowGuard():
        pass
    assert capsys.readouterr().err == ""


def test_what_the_error_says(scene: Scene) -> None:
    with pytest.raises(SentinelBlocked) as caught, MLflowGuard(quiet=True):
        mlflow.log_artifact(str(scene.payload.file()), "models")
    error = caught.value
    assert error.artifact.startswith("models/evil.pkl")
    assert error.rule == "SNT1101"
    assert error.action == "log"
    assert scene.run_id in str(error)
    assert "help: Do not load this file" in str(error)
    assert error.reports[0].verdict == "malicious"


@pytest.mark.parametrize("allow", ["SNT1101", ["nonsense"], ["SNT1101@abc"]])
def test_an_allowance_that_makes_no_sense(allow: Any) -> None:
    with pytest.raises(SettingsError):
        GuardPolicy(allow=allow)


def test_an_on_block_that_makes_no_sense() -> None:
    with pytest.raises(UsageError, match="raise, warn, quarantine"):
        MLflowGuard(on_block="nonsense")


def test_a_rule_is_allowed_for_one_content_of_a_file(scene: Scene) -> None:
    import hashlib

    path = scene.payload.file()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    findings = {"SNT1101"}
    with pytest.raises(SentinelBlocked), MLflowGuard(GuardPolicy(allow=findings), quiet=True):
        mlflow.log_artifact(str(path))  # critical: the rule alone is not enough
    allowed = GuardPolicy(allow=[f"SNT1101@{digest}"])
    with MLflowGuard(allowed, quiet=True):
        mlflow.log_artifact(str(path))
    assert scene.store.holds(scene.payload.mark)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SentinelBlocked), MLflowGuard(allowed, quiet=True):
        mlflow.log_artifact(str(path))


def test_quarantine_keeps_the_bytes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = scene.folder / "kept"
    monkeypatch.setenv("SENTINEL_QUARANTINE", str(kept))
    with (
        pytest.raises(SentinelBlocked, match="kept as"),
        MLflowGuard(on_block="quarantine", quiet=True),
    ):
        mlflow.log_artifacts(str(scene.payload.directory()))
    found = [path for path in kept.iterdir() if path.suffix != ".json"]
    assert [path.read_bytes() for path in found] == [scene.payload.bytes]
    assert found[0].stat().st_mode & 0o777 == 0o400
    assert scene.store.holds(scene.payload.mark) == []


def test_a_warning_lets_it_pass_and_says_so(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    with MLflowGuard(on_block="warn", quiet=True) as guard:
        mlflow.log_artifact(str(scene.payload.file()))
    assert scene.store.holds(scene.payload.mark)
    assert "SNT1101" in caplog.text
    assert guard.blocks == []
    assert mlflow.get_run(scene.run_id).data.tags["sentinel.verdict"] == "warned"
