"""What a server that stands for wandb's keeps of what it is sent, for tests to ask about."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ENTITY = "tester"
NOW = "2026-01-01T00:00:00Z"


@dataclass
class Stored:
    """One artifact as the server knows it."""

    id: str
    name: str
    kind: str
    project: str
    digest: str
    metadata: str | None
    aliases: list[str]
    version: int
    state: str = "PENDING"
    manifest: dict[str, Any] = field(default_factory=dict)

    def birth(self, name: str) -> str:
        """Return the id of the artifact that a file was uploaded for."""
        entry = self.manifest["contents"][name]
        return str(entry.get("birthArtifactID") or self.id)


class Store:
    """What was sent, by what it was sent for.

    Attributes:
        files: Bytes of every upload, by the path it was put to, in order of arrival.
        artifacts: Every artifact that was begun, by id.
        operations: Names of the GraphQL operations that were asked for, in order.
        unknown: Those there is no answer for.
        streams: Bodies sent to the stream of a run (summary, history, console), by run.
        tampered: Bytes to give instead of what was sent, by the path they were put to.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.artifacts: dict[str, Stored] = {}
        self.operations: list[str] = []
        self.unknown: list[str] = []
        self.streams: dict[str, list[dict[str, Any]]] = {}
        self.configs: dict[str, str] = {}
        self.tampered: dict[str, bytes] = {}
        self.url = ""
        self._lock = threading.RLock()

    def committed(self) -> list[Stored]:
        """Return the artifacts whose upload was completed."""
        with self._lock:
            return [one for one in self.artifacts.values() if one.state == "COMMITTED"]

    def holds(self, needle: bytes) -> list[str]:
        """Return the paths of uploads that contain some bytes."""
        with self._lock:
            return [path for path, data in self.files.items() if needle in data]

    def summary(self, run: str) -> dict[str, Any]:
        """Return the last summary that a run sent."""
        found: dict[str, Any] = {}
        for body in self.streams.get(run, []):
            part = body.get("files", {}).get("wandb-summary.json")
            if part:
                found = json.loads(part["content"][-1])
        return found

    def put(self, path: str, data: bytes) -> None:
        """Keep an upload."""
        with self._lock:
            self.files[path] = data

    def get(self, path: str) -> bytes | None:
        """Return what was uploaded to a path, or what a test said to give instead."""
        with self._lock:
            path = self._by_digest(path) or path
            return self.tampered.get(path, self.files.get(path))

    def _by_digest(self, path: str) -> str | None:
        """Return where a file was put that is asked for by its digest, as single entries are."""
        if not path.startswith("/artifacts"):
            return None
        digests = {_digest(part) for part in path.split("/")} - {""}
        for one in reversed(self.committed()):
            for name, entry in one.manifest.get("contents", {}).items():
                whose = f"/{one.name}/" in path or one.birth(name) in path
                if whose and entry["digest"] in digests:
                    return f"/storage/artifact/{one.birth(name)}/{name}"
        return None

    def edit(self, name: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the files that the manifest of an artifact lists, as who has the storage may."""
        one = self._find(name)
        assert one is not None
        change(one.manifest["contents"])
        self.files[f"/storage/manifest/{one.id}"] = json.dumps(one.manifest).encode()

    def stream(self, run: str, body: dict[str, Any]) -> None:
        """Keep what a run streams."""
        with self._lock:
            self.streams.setdefault(run, []).append(body)

    def _find(self, name: str) -> Stored | None:
        base, _, alias = name.rpartition("/")[2].partition(":")
        alias = alias or "latest"
        same = [one for one in self.committed() if one.name == base]
        for one in reversed(same):
            if alias in (f"v{one.version}", "latest", *one.aliases):
                return one
        return None


def _digest(part: str) -> str:
    """Return a part of an address as wandb writes digests, or "" where it is none."""
    try:
        return base64.b64encode(bytes.fromhex(part)).decode() if len(part) == 32 else ""
    except ValueError:
        return ""
