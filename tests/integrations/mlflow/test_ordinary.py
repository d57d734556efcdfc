"""What people do with MLflow every day goes on under a guard, and its hostile twin does not."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from functools import wraps
from pathlib import Path
from shutil import rmtree
from typing import Any

import mlflow
import pytest
from mlflow.models import Model
from mlflow.store.artifact.artifact_repository_registry import ArtifactRepositoryRegistry
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.tracking._model_registry.client import ModelRegistryClient

from sentinel.engine import Scanner
from sentinel.errors import SentinelError
from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked, unchanged
from sentinel.integrations.mlflow import provenance
from tests.integrations.mlflow.kit import V3, Reduced, Scene, estimator, log_estimator


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of its own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def register_prompt(name: str) -> Any:
    home = mlflow.genai if V3 else mlflow
    return home.register_prompt(name=name, template="Sum up {{text}}")


def test_a_prompt_is_registered(any_scene: Scene) -> None:
    name = f"prompt-{any_scene.run_id[:8]}"
    with MLflowGuard(quiet=True) as guard:
        register_prompt(name)
        assert int(register_prompt(name).version) == 2
    assert guard.blocks == []


@pytest.mark.parametrize("source", ["real", "dummy-source"])
def test_what_is_only_called_a_prompt_is_scanned(
    scene: Scene, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scene.folder)
    folder = scene.payload.directory(model=True)
    if source == "dummy-source":
        folder = folder.rename(scene.folder / source)
    name = f"no-prompt-{scene.run_id[:8]}"
    scene.client.create_registered_model(name)
    address = str(folder) if source == "real" else source
    registry = ModelRegistryClient(scene.store.uri, scene.store.uri)
    with pytest.raises(SentinelBlocked, match="not registered"), MLflowGuard(quiet=True):
        registry.create_model_version(name, address, tags={"mlflow.prompt.is_prompt": "true"})
    assert scene.client.search_model_versions(f"name = '{name}'") == []


def test_a_file_that_is_not_there_is_told_as_ever(any_scene: Scene, temporary: Path) -> None:
    path = str(any_scene.folder / "none.txt")
    with pytest.raises(FileNotFoundError, match=r"none\.txt"), MLflowGuard(quiet=True) as guard:
        mlflow.log_artifact(path)
    assert guard.blocks == []
    assert list(temporary.iterdir()) == []


def test_a_directory_that_is_not_there_is_told_as_ever(any_scene: Scene, temporary: Path) -> None:
    def outcome() -> str:
        try:
            mlflow.log_artifacts(str(any_scene.folder / "none"))
        except Exception as error:
            return type(error).__name__
        return "nothing"

    before = outcome()
    with MLflowGuard(quiet=True) as guard:
        assert outcome() == before
    assert guard.blocks == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("folder", [True, False])
def test_what_appears_with_the_upload_is_not_stored(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    """And is gone right after, so that nothing tells of it."""
    name = "log_artifacts" if folder else "log_artifact"
    original = vars(LocalArtifactRepository)[name]
    top = scene.folder / "late"

    def upload(self: Any, local: Any, *args: Any, **kwargs: Any) -> Any:
        top.mkdir()
        (top / "evil.pkl").write_bytes(scene.payload.bytes)
        try:
            return original(self, local, *args, **kwargs)
        finally:
            rmtree(top)

    monkeypatch.setattr(LocalArtifactRepository, name, upload)
    path = str(top if folder else top / "evil.pkl")

    def log() -> None:
        with suppress(FileNotFoundError):
            getattr(LocalArtifactRepository(scene.artifact_uri), name)(path)

    log()
    assert scene.store.holds(scene.payload.mark), "this is what leaks"
    for stored in scene.store.holds(scene.payload.mark):
        stored.unlink()
    with MLflowGuard(quiet=True):
        log()
    assert scene.store.holds(scene.payload.mark) == []


def test_a_source_that_cannot_be_had(scene: Scene, temporary: Path) -> None:
    name = f"far-{scene.run_id[:8]}"
    scene.client.create_registered_model(name)
    with pytest.raises(SentinelBlocked, match="cannot be had"), MLflowGuard(quiet=True):
        scene.client.create_model_version(name, "s3://far/away")
    assert list(temporary.iterdir()) == []
    for guard in (
        MLflowGuard(fail_closed=False, quiet=True),
        MLflowGuard(GuardPolicy(incomplete="warn"), quiet=True),
    ):
        with guard:
            found = scene.client.create_model_version(name, "s3://far/away")
        assert found.tags["sentinel.verdict"] == "unscanned"
    with MLflowGuard(on_block="warn", quiet=True):
        found = scene.client.create_model_version(name, "s3://far/away")
    assert found.tags["sentinel.verdict"] == "warned"


def test_what_has_no_model_is_refused_by_whoever_lets_pass_what_is_not_scanned(
    scene: Scene,
) -> None:
    mlflow.log_text("no model", "below/a.txt")
    name = f"empty-{scene.run_id[:8]}"
    scene.client.create_registered_model(name)
    with pytest.raises(SentinelBlocked, match="no MLmodel"):  # noqa: SIM117
        with MLflowGuard(fail_closed=False, quiet=True):
            scene.client.create_model_version(name, f"{scene.artifact_uri}/below")


@pytest.mark.parametrize("changed", [True, False])
def test_an_upload_that_is_interrupted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    original = vars(LocalArtifactRepository)["log_artifacts"]

    def upload(self: Any, local: Any, *args: Any, **kwargs: Any) -> Any:
        if changed:
            (Path(local) / "a.txt").write_bytes(scene.payload.bytes)
        original(self, local, *args, **kwargs)
        raise KeyboardInterrupt

    folder = scene.folder / "clean"
    folder.mkdir()
    (folder / "a.txt").write_text(f"clean {scene.payload.mark}")
    monkeypatch.setattr(LocalArtifactRepository, "log_artifacts", upload)
    with pytest.raises(KeyboardInterrupt), MLflowGuard(quiet=True) as guard:
        mlflow.log_artifacts(str(folder))
    assert len(guard.blocks) == changed
    assert bool(scene.store.holds(scene.payload.mark)) is not changed


@pytest.mark.parametrize("signed", [True, False])
def test_provenance_that_cannot_be_uploaded(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, signed: bool
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no more today")

    monkeypatch.setattr(provenance, "send", fail)
    if signed:  # somebody relies on it
        with pytest.raises(ConnectionError), MLflowGuard(_signing(scene), quiet=True):
            log_estimator(estimator())
        return
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator())
    assert mlflow.sklearn.load_model(info.model_uri) is not None
    assert "no provenance: no more today" in caplog.text


def _signing(scene: Scene) -> GuardPolicy:
    from sentinel.trust.keygen import generate

    path = scene.folder / "key.pem"
    generate(str(path))
    return GuardPolicy(signing_key=str(path))


def test_a_signing_key_that_cannot_be_had_stops_it_before_the_upload(any_scene: Scene) -> None:
    policy = GuardPolicy(signing_key=str(any_scene.folder / "none.key"), report=False)
    before = set(any_scene.store.files())
    with pytest.raises(SentinelError, match=r"none\.key"), MLflowGuard(policy, quiet=True):
        mlflow.log_artifacts(str(_bundle(any_scene)), "here")
    assert {path for path in set(any_scene.store.files()) - before if "here" in path.parts} == set()


def _bundle(scene: Scene) -> Path:
    folder = scene.folder / "bundle"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}\n")
    return folder


def test_a_flavour_that_gives_arguments_by_place(scene: Scene) -> None:
    with MLflowGuard(quiet=True):
        info = Model.log(
            "model", mlflow.sklearn, None, 0, {"ours": 1}, sk_model=estimator(),
            serialization_format="cloudpickle", pip_requirements=["scikit-learn==1.9.1"],
        )  # fmt: skip
    assert info.metadata["ours"] == 1
    assert info.metadata["sentinel"]["policies"]
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        Model.log(
            "model", mlflow.sklearn, None, 0, {"ours": 1},
            sk_model=Reduced(scene.payload.flag, scene.payload.mark),
            serialization_format="cloudpickle", pip_requirements=["scikit-learn==1.9.1"],
        )  # fmt: skip
    with pytest.raises(TypeError, match="multiple values"), MLflowGuard(quiet=True):
        Model.log("model", mlflow.sklearn, flavor=mlflow.sklearn)


class Plugin(LocalArtifactRepository):
    """A repository of somebody else, who calls the arguments something else."""

    def log_artifact(self, source: str, where: str | None = None) -> None:  # type: ignore[override]
        super().log_artifact(source, where)


def test_a_plugin_that_looks_like_what_it_replaces(scene: Scene) -> None:
    """``wraps`` copies every mark of ours to a method that does not come to us."""
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        original = LocalArtifactRepository.log_artifact

        class Alike(LocalArtifactRepository):
            @wraps(original)
            def log_artifact(self, local_file: Any, artifact_path: Any = None) -> None:
                (Path(self.artifact_dir) / "stored").write_bytes(Path(local_file).read_bytes())

        registry = ArtifactRepositoryRegistry()
        registry.register("alike", lambda uri, *args, **kwargs: Alike(scene.artifact_uri))
        mlflow.log_text("makes the folder", "a.txt")
        repository = registry.get_artifact_repository("alike://")
        repository.log_artifact(str(scene.payload.file()))
    assert scene.store.holds(scene.payload.mark) == []


def test_a_plugin_with_names_of_its_own(scene: Scene) -> None:
    clean = scene.folder / "clean.txt"
    clean.write_text(f"clean {scene.payload.mark}")
    with MLflowGuard(quiet=True):
        Plugin(scene.artifact_uri).log_artifact(source=str(clean), where="there")
    stored = scene.store.holds(scene.payload.mark)
    assert [path.parts[-2:] for path in stored] == [("there", "clean.txt")]
    clean.unlink()
    stored[0].unlink()
    with pytest.raises(SentinelBlocked, match=r"there/evil\.pkl"), MLflowGuard(quiet=True):
        Plugin(scene.artifact_uri).log_artifact(where="there", source=str(scene.payload.file()))
    assert scene.store.holds(scene.payload.mark) == []
    with pytest.raises(TypeError), MLflowGuard(quiet=True):
        Plugin(scene.artifact_uri).log_artifact()  # type: ignore[call-arg]


@pytest.mark.parametrize(("size", "waits"), [(100, False), (2_000_000, True)])
def test_a_small_file_is_not_waited_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, temporary: Path, size: int, waits: bool
) -> None:
    waited: list[str] = []
    monkeypatch.setattr(unchanged, "_let_age", waited.append)
    with MLflowGuard(quiet=True):
        mlflow.log_text("x" * size, "a.txt")
    assert bool(waited) is waits
    assert list(temporary.iterdir()) == []


def test_what_is_uploaded_of_a_small_file_is_what_was_scanned(
    any_scene: Scene, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    path = any_scene.folder / "model.pkl"
    path.write_bytes(b"N.")
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    scan = Scanner.scan_artifact

    def late(self: Scanner, artifact: Any) -> Any:
        found = scan(self, artifact)
        path.write_bytes(any_scene.payload.bytes)
        return found

    monkeypatch.setattr(Scanner, "scan_artifact", late)
    with MLflowGuard(quiet=True):
        mlflow.log_artifact(str(path), "here")
    monkeypatch.undo()
    assert path.read_bytes() == any_scene.payload.bytes
    assert any_scene.store.holds(any_scene.payload.mark) == []
    found = Path(mlflow.artifacts.download_artifacts(f"{any_scene.artifact_uri}/here/model.pkl"))
    assert found.read_bytes() == b"N."
    assert list(temporary.iterdir()) == []


def test_without_room_for_a_copy_the_file_itself_is_looked_at(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentinel.integrations.mlflow import small

    def full(*args: Any, **kwargs: Any) -> str:
        raise OSError("no room")

    monkeypatch.setattr(small.tempfile, "mkdtemp", full)
    clean = scene.folder / "clean.txt"
    clean.write_text("clean")
    with MLflowGuard(GuardPolicy(report=False), quiet=True):
        LocalArtifactRepository(scene.artifact_uri).log_artifact(str(clean))
        with pytest.raises(SentinelBlocked):
            LocalArtifactRepository(scene.artifact_uri).log_artifact(str(scene.payload.file()))
    assert scene.store.holds(scene.payload.mark) == []


def test_every_block_of_a_run_has_a_page_of_its_own(
    any_scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    with MLflowGuard() as guard:
        for name in ("one.pkl", "two.pkl", "one.pkl"):
            with pytest.raises(SentinelBlocked):
                mlflow.log_artifact(str(any_scene.payload.file(name)))
    assert len(guard.blocks) == 3
    stored = [path for path in any_scene.store.files() if any_scene.run_id in path.parts]
    pages = [path for path in stored if path.suffix == ".html"]
    names = sorted(path.name for path in pages)
    assert [name[:15] for name in names] == ["blocked-one.pkl", "blocked-two.pkl"]
    said = capsys.readouterr().err
    assert "3 blocked; report: runs:/" in said
    assert "(and 1 more)" in said


@pytest.mark.parametrize("name", ["C:\\model.pkl", "..evil\x1b[31m.pkl", "-.pkl", "\u00e9" * 90])
def test_the_name_of_a_page_is_harmless(scene: Scene, name: str) -> None:
    with pytest.raises(SentinelBlocked), MLflowGuard(quiet=True):
        mlflow.log_artifact(str(scene.payload.file(name)))
    address = mlflow.get_run(scene.run_id).data.tags["sentinel.report"]
    leaf = address.rpartition("/")[2]
    assert leaf.isascii()
    assert len(leaf) < 70
    assert set(leaf) <= set("abcdefghijklmnopqrstuvwxyzCE_0123456789.-"), leaf
    assert "<!DOCTYPE html>" in mlflow.artifacts.load_text(address)


@pytest.mark.parametrize("act", ["", "__import__('os').system('true')"])
def test_a_model_that_is_source_is_logged_unless_it_acts(scene: Scene, act: str) -> None:
    source = scene.folder / "model.py"
    source.write_text(
        f"import mlflow\n{act}\n\nclass Same(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input, params=None):\n"
        "        return model_input\n\n\nmlflow.models.set_model(Same())\n"
    )
    name = {"name" if V3 else "artifact_path": "model"}
    with MLflowGuard(quiet=True) as guard:
        if act:
            with pytest.raises(SentinelBlocked):
                mlflow.pyfunc.log_model(**name, python_model=str(source))
        else:
            made = mlflow.pyfunc.log_model(**name, python_model=str(source))
            assert mlflow.pyfunc.load_model(made.model_uri).predict([1]) == [1]
    assert len(guard.blocks) == bool(act)
