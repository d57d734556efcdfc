"""Where an artifact goes or comes from: the run or logged model that a repository belongs to."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_STORED = re.compile(r"/(?:models/(m-[0-9a-f]{32})|([0-9a-f]{32}))/artifacts(?:/(.*))?$")
_RUNS = re.compile(r"runs:/+([0-9a-f]{32})(?:/(.*))?$")
_MODELS = re.compile(r"models:/+(m-[0-9a-f]{32})(?:/(.*))?$")


class Target(NamedTuple):
    """A place for artifacts.

    Attributes:
        uri: Address of the repository.
        tracking_uri: Of the server; None for the one in force.
        run_id: The run; empty when it is none or not known.
        model_id: The logged model; likewise.
        path: Path below it.
    """

    uri: str
    tracking_uri: str | None = None
    run_id: str = ""
    model_id: str = ""
    path: str = ""

    def __str__(self) -> str:
        if self.model_id:
            return f"models:/{self.model_id}"
        return f"runs:/{self.run_id}" if self.run_id else self.uri

    def at(self, artifact_path: object) -> Target:
        """Return the place below a path."""
        more = str(artifact_path).strip("/") if artifact_path else ""
        return self._replace(path="/".join(part for part in (self.path, more) if part))


def target_of(repository: Any) -> Target:
    """Return what a repository belongs to."""
    uri = str(getattr(repository, "artifact_uri", "") or "")
    tracking = getattr(repository, "tracking_uri", None)
    plain = uri.split("?", 1)[0].rstrip("/")
    if stored := _STORED.search(plain):
        model, run, path = stored.groups(default="")
        return Target(uri, tracking, run, model, path)
    if found := _RUNS.match(plain):
        return Target(uri, tracking, found[1], "", found[2] or "")
    if found := _MODELS.match(plain):
        return Target(uri, tracking, "", found[1], found[2] or "")
    return Target(uri, tracking)
