"""Takes pictures of MLflow's own pages with what the guard left there, for the documentation.

``.venv-mlflow3/bin/python -m tools.mlflow_pictures`` starts a real server on the loopback
interface, logs a model under the guard and one that it blocks, and looks at the pages of the run,
of the registered version and of the report in a headless Chromium. The payload of the blocked
model is never loaded and would make an empty file.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sentinel.integrations import MLflowGuard, SentinelBlocked
from tests.kit.browser import Browser

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "guides"
_PATIENCE = 90.0
_PLACE = """(() => {
  const all = [...document.querySelectorAll('*')];
  const one = all.filter(x => x.textContent.trim() === 'WORDS').pop();
  const box = one.getBoundingClientRect();
  return [box.left, box.top + box.height / 2];
})()"""


class Payload:
    """An estimator whose pickle would make an empty file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch payload-was-run",)

    def predict(self, rows: Any) -> list[int]:
        """Do as a model does."""
        return [0] * len(rows)


def main() -> int:
    """Take the pictures."""
    with tempfile.TemporaryDirectory() as name, _server(Path(name)) as uri, Browser() as browser:
        pages = _log(uri)
        browser.look(width=1500, height=900)
        for picture, (page, words) in pages.items():
            browser.open("about:blank")  # or only the part behind the hash would change
            browser.open(uri + page)
            _until(browser, words)
            if picture == "report":
                _click(browser, "sentinel", -12)  # the arrow beside the folder
                _until(browser, "report.html")
                _click(browser, "report.html", 10)
                time.sleep(4)
            browser.picture(FOLDER / f"mlflow-{picture}.png")
            print(picture, page)
    return 0


def _log(uri: str) -> dict[str, tuple[str, str]]:
    """Log two models; return the pages to look at, and words that are there once it is drawn."""
    import mlflow
    import mlflow.sklearn
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    mlflow.set_tracking_uri(uri)
    experiment = mlflow.set_experiment("fraud").experiment_id
    rows = np.arange(40.0).reshape(20, 2) % 7
    model = LogisticRegression().fit(rows, np.arange(20) % 2)
    more: dict[str, Any] = {
        "serialization_format": "cloudpickle", "pip_requirements": ["scikit-learn==1.9.1"],
    }  # fmt: skip
    with MLflowGuard(), mlflow.start_run(run_name="clean"):
        info = mlflow.sklearn.log_model(model, name="model", registered_model_name="fraud", **more)
    try:
        with MLflowGuard(), mlflow.start_run(run_name="blocked") as blocked:
            mlflow.sklearn.log_model(Payload(), name="model", **more)
    except SentinelBlocked as error:
        print(error)
    runs = f"/#/experiments/{experiment}/runs"
    report = f"/#/experiments/{experiment}/models/{info.model_id}/artifacts"
    return {
        "blocked": (f"{runs}/{blocked.info.run_id}", "sentinel.blocked"),
        "version": ("/#/models/fraud/versions/1", "sentinel.verdict"),
        "report": (report, "sentinel.provenance.json"),
    }


def _click(browser: Browser, words: str, right: int) -> None:
    """Click beside some words."""
    left, top = browser.run(_PLACE.replace("WORDS", words))
    where = {"x": left + right, "y": top, "button": "left", "clickCount": 1}
    browser.send("Input.dispatchMouseEvent", type="mousePressed", **where)
    browser.send("Input.dispatchMouseEvent", type="mouseReleased", **where)


def _until(browser: Browser, words: str) -> None:
    """Wait until the page shows some words, and for what it draws after them."""
    end = time.monotonic() + _PATIENCE
    while words not in str(browser.run("document.body.innerText")):
        if time.monotonic() > end:
            raise SystemExit(f"the page does not show {words!r}")
        time.sleep(0.2)
    time.sleep(3)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", f"sqlite:///{folder / 'tracking.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, stdout=quiet, stderr=quiet, start_new_session=True, cwd=folder
    )
    uri = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{uri}/health", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield uri
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


if __name__ == "__main__":
    sys.exit(main())
