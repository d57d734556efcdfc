"""What MLflow loads of us by itself: an entry point of the group ``mlflow.artifact_repository``.

MLflow loads it in every process that imports its repositories, at the very end of that import.
Unless ``SENTINEL_MLFLOW_GUARD`` is set, nothing happens but that; with ``1`` the process is guarded
as by ``enable()``, with ``server`` as a tracking server that stores what others upload.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "SENTINEL_MLFLOW_GUARD"
_OFF = ("", "0", "false", "no", "off")
_SERVER = "server"
_ON = ("1", "true", "yes", "on")


class NoRepository:
    """Stands for a scheme that nobody uses; it is there because MLflow expects a class.

    Args:
        arguments: Whatever MLflow gives.

    Raises:
        ValueError: Always.
    """

    def __init__(self, *arguments: object, **options: object) -> None:
        raise ValueError("sentinel-guard: is no scheme of artifacts")


def start() -> None:
    """Guard this process where the environment says so.

    Raises:
        RuntimeError: The variable says something else: a guard that is not there is worse than a
            program that does not start.
    """
    said = os.environ.get(VARIABLE, "").strip().lower()
    if said in _OFF:
        return
    if said not in (*_ON, _SERVER):
        raise RuntimeError(f"{VARIABLE}={said!r}: expected 1, server or 0")
    try:
        _start(said)
    except (AttributeError, ImportError) as error:  # of these MLflow would only warn
        raise RuntimeError(f"{VARIABLE}={said}: this MLflow cannot be guarded: {error}") from error


def _start(said: str) -> None:
    if said == _SERVER:
        from .server import serve

        serve()
    else:
        from .guard import enable

        enable()


if "mlflow.store.artifact.artifact_repo" in sys.modules:
    start()
