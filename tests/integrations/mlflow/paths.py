"""The table of write paths: every way by which a client's bytes reach a tracking store.

Each takes a scene with an open run and uploads the payload. Those that make a file's content
themselves (figures, images, tables) are given objects that write the payload when asked to save.
"""

from __future__ import annotations

import io
import shutil
import threading
import uuid
from collections.abc import Callable
from typing import Any

import mlflow

from tests.integrations.mlflow.kit import NAME, V3, Reduced, Scene, log_estimator

Write = Callable[[Scene], object]
PATHS: dict[str, Write] = {}


def path(function: Write) -> Write:
    """Enter a path into the table."""
    PATHS[function.__name__] = function
    return function


def path3(function: Write) -> Write:
    """Enter a path that MLflow 2 does not have."""
    return path(function) if V3 else function


@path
def log_artifact(scene: Scene) -> None:
    mlflow.log_artifact(str(scene.payload.file()))


@path
def log_artifact_by_keyword(scene: Scene) -> None:
    mlflow.log_artifact(local_path=str(scene.payload.file()), artifact_path="below/it")


@path
def log_artifact_of_another_run(scene: Scene) -> None:
    other = scene.client.create_run(mlflow.get_run(scene.run_id).info.experiment_id)
    mlflow.log_artifact(str(scene.payload.file()), run_id=other.info.run_id)


@path
def log_artifacts(scene: Scene) -> None:
    mlflow.log_artifacts(str(scene.payload.directory()))


@path
def log_artifacts_hidden_in_git(scene: Scene) -> None:
    folder = scene.folder / "checkout"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "model.pkl").write_bytes(scene.payload.bytes)
    mlflow.log_artifacts(str(folder))


@path
def client_log_artifact(scene: Scene) -> None:
    scene.client.log_artifact(scene.run_id, str(scene.payload.file()))


@path
def client_log_artifacts(scene: Scene) -> None:
    scene.client.log_artifacts(scene.run_id, str(scene.payload.directory()), "below")


@path
def log_text(scene: Scene) -> None:
    mlflow.log_text(scene.payload.bytes.decode("ascii"), "text/model.pkl")


@path
def client_log_text(scene: Scene) -> None:
    scene.client.log_text(scene.run_id, scene.payload.bytes.decode("ascii"), "model.pkl")


@path
def log_dict(scene: Scene) -> None:
    template = "{{ cycler.__init__.__globals__.os.popen('true').read() }}" + scene.payload.mark
    mlflow.log_dict({"chat_template": template}, "tokenizer_config.json")


@path3
def log_stream(scene: Scene) -> None:
    mlflow.log_stream(io.BytesIO(scene.payload.bytes), "model.pkl")


@path
def log_figure(scene: Scene) -> None:
    from matplotlib.figure import Figure

    class Hostile(Figure):
        def savefig(self, where: Any, *args: Any, **kwargs: Any) -> None:
            scene.payload.file("figure").replace(where)

    mlflow.log_figure(Hostile(), "figure.png")


def _image(scene: Scene) -> Any:
    from PIL import Image

    class Hostile(Image.Image):
        def save(self, where: Any, *args: Any, **kwargs: Any) -> None:
            scene.payload.file(f"image-{uuid.uuid4().hex}").replace(where)  # two at a time

        def resize(self, *args: Any, **kwargs: Any) -> Any:
            return self

        def copy(self) -> Any:
            return self

    found = Hostile()
    found._size = (4, 4)
    return found


@path
def log_image_to_a_file(scene: Scene) -> None:
    mlflow.log_image(_image(scene), "image.png")


@path
def log_image_by_key(scene: Scene) -> None:
    mlflow.log_image(_image(scene), key="image", step=1, synchronous=True)


@path
def log_image_in_background(scene: Scene) -> None:
    mlflow.log_image(_image(scene), key="image", step=2, synchronous=False)
    mlflow.flush_artifact_async_logging()


@path
def log_table(scene: Scene) -> None:
    import pandas

    class Hostile(pandas.DataFrame):
        def copy(self, *args: Any, **kwargs: Any) -> Any:
            return self

        def to_json(self, where: Any = None, *args: Any, **kwargs: Any) -> Any:
            if where is None:
                return super().to_json(where, *args, **kwargs)
            scene.payload.file("table").replace(where)
            return None

    mlflow.log_table(Hostile({"a": [1]}), "table.json")


@path
def log_model(scene: Scene) -> None:
    log_estimator(Reduced(scene.payload.flag, scene.payload.mark))


@path
def pyfunc_artifacts(scene: Scene) -> None:
    import mlflow.pyfunc

    class Plain(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input

    mlflow.pyfunc.log_model(
        **{NAME: "model"}, python_model=Plain(), artifacts={"one": str(scene.payload.file())},
        pip_requirements=["mlflow"],
    )  # fmt: skip


@path
def pyfunc_data_path(scene: Scene) -> None:
    import mlflow.pyfunc

    mlflow.pyfunc.log_model(
        **{NAME: "model"}, loader_module="mlflow.sklearn",
        data_path=str(scene.payload.directory()), pip_requirements=["mlflow"],
    )  # fmt: skip


@path
def pyfunc_code_paths(scene: Scene) -> None:
    import mlflow.pyfunc

    class Plain(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input

    mlflow.pyfunc.log_model(
        **{NAME: "model"}, python_model=Plain(), code_paths=[str(scene.payload.directory())],
        pip_requirements=["mlflow"],
    )  # fmt: skip


@path
def model_log_of_an_own_flavour(scene: Scene) -> None:
    from mlflow.models import Model

    class Flavour:
        __name__ = "own"

        @staticmethod
        def save_model(path: str, mlflow_model: Any, **kwargs: Any) -> None:
            shutil.copytree(scene.payload.directory(), path)
            mlflow_model.add_flavor("own")
            mlflow_model.save(f"{path}/MLmodel")

    Model.log(**{NAME: "own", **({"artifact_path": None} if V3 else {})}, flavor=Flavour())


@path
def autolog(scene: Scene) -> None:
    import mlflow.sklearn
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression()
    more = {"serialization_format": "cloudpickle"} if V3 else {}
    mlflow.sklearn.autolog(log_datasets=False, log_post_training_metrics=False, **more)
    try:
        model.extra_ = Reduced(scene.payload.flag, scene.payload.mark)
        model.fit(np.arange(40.0).reshape(20, 2) % 7, np.arange(20) % 2)
    finally:
        mlflow.sklearn.autolog(disable=True)


@path3
def log_model_artifact(scene: Scene) -> None:
    model = mlflow.initialize_logged_model(name="by-hand")
    scene.client.log_model_artifact(model.model_id, str(scene.payload.file()))


@path3
def log_model_artifacts(scene: Scene) -> None:
    model = mlflow.initialize_logged_model(name="by-hand")
    scene.client.log_model_artifacts(model.model_id, str(scene.payload.directory()))


@path
def upload_to_uri(scene: Scene) -> None:
    from mlflow.tracking.artifact_utils import _upload_artifact_to_uri

    _upload_artifact_to_uri(str(scene.payload.file()), f"{scene.artifact_uri}/evil.pkl")


@path
def repository_of_a_run(scene: Scene) -> None:
    from mlflow.store.artifact.runs_artifact_repo import RunsArtifactRepository

    RunsArtifactRepository(f"runs:/{scene.run_id}").log_artifact(str(scene.payload.file()))


@path3
def repository_of_a_model(scene: Scene) -> None:
    from mlflow.store.artifact.models_artifact_repo import ModelsArtifactRepository

    model = mlflow.initialize_logged_model(name="by-hand")
    repository = ModelsArtifactRepository(f"models:/{model.model_id}")
    repository.log_artifacts(local_dir=str(scene.payload.directory()))


@path
def repository_made_by_hand(scene: Scene) -> None:
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
    from mlflow.store.artifact.mlflow_artifacts_repo import MlflowArtifactsRepository

    remote = scene.store.kind == "http"
    kind = MlflowArtifactsRepository if remote else LocalArtifactRepository
    kind(scene.artifact_uri).log_artifact(local_file=str(scene.payload.file()))


@path
def repository_of_a_late_class(scene: Scene) -> None:
    from mlflow.store.artifact.artifact_repository_registry import _artifact_repository_registry
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

    class Late(LocalArtifactRepository):
        def log_artifact(self, local_file: Any, artifact_path: Any = None) -> None:
            shutil.copyfile(local_file, scene.store.roots[0] / f"late-{scene.run_id}")

    _artifact_repository_registry.register("late", lambda *args, **kwargs: Late("/nowhere"))
    repository = _artifact_repository_registry.get_artifact_repository("late://here")
    repository.log_artifact(str(scene.payload.file()))


@path3
def attachment_of_a_trace(scene: Scene) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(scene.artifact_uri)
    repository.upload_attachment("11111111-1111-4111-8111-111111111111", scene.payload.bytes)


@path
def data_of_a_trace(scene: Scene) -> None:
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    repository = get_artifact_repository(scene.artifact_uri)
    repository.upload_trace_data(scene.payload.bytes.decode("ascii"))


@path
def another_thread(scene: Scene) -> None:
    failed: list[BaseException] = []

    def work() -> None:
        try:
            scene.client.log_artifact(scene.run_id, str(scene.payload.file()))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
