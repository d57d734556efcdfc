"""A server that speaks as much of wandb's HTTP protocol as its client needs, on the loopback.

It keeps what it is sent, so that a test can ask what left the machine, and can be told to give
other bytes than it was sent.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote, urlsplit

ENTITY = "tester"
_NOW = "2026-01-01T00:00:00Z"
_INPUTS = {
    "CreateArtifactInput": (
        "entityName", "projectName", "runName", "artifactTypeName", "artifactCollectionName",
        "digest", "digestAlgorithm", "description", "aliases", "tags", "metadata", "clientID",
        "sequenceClientID", "historyStep", "distributedID", "enableDigestDeduplication",
    ),
}  # fmt: skip
_CALLED = re.compile(r"\b(?:query|mutation)\s+(\w+)")


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


class WandbServer:
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

    def answer(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Return the data for one GraphQL operation."""
        found = _CALLED.search(query)
        name = found.group(1) if found else ""
        with self._lock:
            self.operations.append(name)
            method = getattr(self, f"_on_{name}", None)
            if "__type" in query and method is None:
                return _types(query)
            if method is None:
                self.unknown.append(name)
                return _nothing(query)
            given: dict[str, Any] = method(variables)
            return given

    def _on_InputFields(self, variables: dict[str, Any]) -> dict[str, Any]:
        fields = _INPUTS.get(variables["typeName"], ())
        return {"TypeInfo": {"inputFields": [{"name": name} for name in fields]}}

    def _on_TypeFields(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"TypeInfo": {"fields": []}}

    # Runs

    def _on_Viewer(self, _: dict[str, Any]) -> dict[str, Any]:
        teams = {"edges": [{"node": {"name": ENTITY}}]}
        return {
            "viewer": {
                "id": "VXNlcjox", "entity": ENTITY, "username": ENTITY, "email": "t@example.org",
                "flags": "{}", "teams": teams, "admin": False, "name": ENTITY, "deletedAt": None,
                "apiKeys": {"edges": []},
            }
        }  # fmt: skip

    def _on_GetViewer(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_Viewer(variables)

    def _on_GetDefaultEntity(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_Viewer(variables)

    def _on_ServerFeaturesQuery(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverInfo": {"features": []}}

    def _on_ServerInfo(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"serverInfo": {"cliVersionInfo": {"max_cli_version": "1.0"}, "features": []}}

    def _on_RunResumeStatus(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"model": None}

    def _on_UpsertBucket(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = variables.get("name") or variables.get("id") or "run"
        project = variables.get("project") or "uncategorized"
        self.configs[name] = variables.get("config") or self.configs.get(name, "")
        bucket = {
            "id": f"run-{name}", "name": name, "displayName": name, "description": "",
            "config": "{}", "sweepName": None, "historyLineCount": 0,
            "project": {
                "id": project, "name": project, "entity": {"id": ENTITY, "name": ENTITY},
            },
        }  # fmt: skip
        return {"upsertBucket": {"bucket": bucket, "inserted": True}}

    def _on_CreateRunFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        run = variables["run"]
        files = [
            {"name": name, "uploadUrl": f"{self.url}/storage/run/{run}/{quote(name)}"}
            for name in variables["files"]
        ]
        return {"createRunFiles": {"runID": f"run-{run}", "uploadHeaders": [], "files": files}}

    def _on_Run(self, variables: dict[str, Any]) -> dict[str, Any]:
        name = variables["name"]
        run = {
            "__typename": "Run", "id": f"run-{name}", "tags": [], "name": name,
            "displayName": name, "sweepName": None, "state": "finished", "config": "{}",
            "group": None, "jobType": None, "commit": None, "readOnly": False,
            "createdAt": _NOW, "heartbeatAt": _NOW, "description": "", "notes": "",
            "systemMetrics": "{}", "summaryMetrics": "{}", "historyLineCount": 0,
            "projectId": 1, "user": {"name": ENTITY, "username": ENTITY}, "historyKeys": None,
        }  # fmt: skip
        return {"project": {"internalId": "1", "run": run}}

    def _on_RunFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        run = variables["name"]
        start = f"/storage/run/{run}/"
        wanted = variables.get("fileNames") or []
        edges = []
        for path, data in self.files.items():
            name = path.removeprefix(start)
            if path.startswith(start) and (not wanted or name in wanted):
                url = f"{self.url}{quote(path)}"
                edges.append({"cursor": name, "node": {
                    "id": name, "name": name, "url": url, "sizeBytes": len(data),
                    "mimetype": "", "updatedAt": _NOW, "md5": "", "digest": "", "directUrl": url,
                }})  # fmt: skip
        files = {"edges": edges, "pageInfo": {"endCursor": None, "hasNextPage": False}}
        run_part = {"id": f"run-{run}", "fileCount": len(edges), "files": files}
        return {"project": {"internalId": "1", "run": run_part}}

    def _on_CreateAgent(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"createAgent": {"agent": {"id": "agent"}}}

    def _on_Heartbeat(self, _: dict[str, Any]) -> dict[str, Any]:
        """Ask the agent of a sweep for one run, then for nothing more."""
        command: dict[str, Any] = {"type": "exit"}
        if self.operations.count("Heartbeat") == 1:
            command = {"type": "run", "run_id": "swept", "program": "", "args": {}}
        return {"agentHeartbeat": {"agent": {"id": "agent"}, "commands": json.dumps([command])}}

    # Artifacts, upwards

    def _on_CreateArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        name = given.get("artifactCollectionName") or given["artifactCollectionNames"][0]
        project = given["projectName"]
        same = [one for one in self.artifacts.values() if one.name == name]
        aliases = [one["alias"] for one in given.get("aliases") or []]
        one = Stored(
            _id(len(self.artifacts)), name, given["artifactTypeName"], project, given["digest"],
            given.get("metadata"), aliases, len(same),
        )  # fmt: skip
        self.artifacts[one.id] = one
        latest = {"id": same[-1].id} if same else None
        return {
            "createArtifact": {
                "artifact": {
                    "id": one.id, "state": "PENDING",
                    "artifactSequence": {"latestArtifact": latest},
                }
            }
        }  # fmt: skip

    def _on_CreateArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        manifest = self._manifest(variables["artifactID"])
        return {"createArtifactManifest": {"artifactManifest": manifest}}

    def _on_UpdateArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        manifest = self._manifest(unquote(variables["artifactManifestID"]))
        return {"updateArtifactManifest": {"artifactManifest": manifest}}

    def _manifest(self, artifact: str) -> dict[str, Any]:
        url = f"{self.url}/storage/manifest/{quote(artifact)}"
        return {
            "id": artifact,
            "file": {"id": f"file-{artifact}", "uploadUrl": url, "uploadHeaders": []},
        }

    def _on_CreateArtifactFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        edges = []
        for spec in given["artifactFiles"]:
            path = f"/storage/artifact/{quote(spec['artifactID'])}/{quote(spec['name'])}"
            edges.append({"node": {
                "storagePath": path, "uploadUrl": self.url + path, "uploadHeaders": [],
                "uploadMultipartUrls": None, "artifact": {"id": spec["artifactID"]},
                "name": spec["name"], "displayName": spec["name"], "id": path,
            }})  # fmt: skip
        return {"createArtifactFiles": {"files": {"edges": edges}}}

    def _on_CommitArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self.artifacts[variables["artifactID"]]
        one.state = "COMMITTED"
        one.manifest = json.loads(self.files[f"/storage/manifest/{one.id}"])
        return {"commitArtifact": {"artifact": {"id": one.id, "digest": one.digest}}}

    def _on_UseArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        given = variables.get("input") or variables
        return {"useArtifact": {"artifact": self._fragment(self.artifacts[given["artifactID"]])}}

    def _on_LinkArtifact(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"linkArtifact": {"versionIndex": 0, "includeAliases": True}}

    # Artifacts, downwards

    def _on_ArtifactType(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        kind = {"artifactType": {"name": one.kind}} if one else None
        return {"project": {"artifact": kind}}

    def _on_ArtifactByID(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": self._fragment(self.artifacts[variables["id"]])}

    def _on_ArtifactByIDShort(self, variables: dict[str, Any]) -> dict[str, Any]:
        return self._on_ArtifactByID(variables)

    def _on_ArtifactByName(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        return {"project": {"artifact": self._fragment(one) if one else None}}

    def _on_ArtifactMembershipByName(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(variables["name"])
        return {"project": {"artifactCollectionMembership": self._member(one) if one else None}}

    def _on_FetchArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": self._current(self.artifacts[variables["id"]])}

    def _on_ArtifactManifest(self, variables: dict[str, Any]) -> dict[str, Any]:
        if "artifact_id" in variables:
            return {"artifact": self._current(self.artifacts[variables["artifact_id"]])}
        one = self._find(variables["name"])
        return {"project": {"artifact": self._current(one) if one else None}}

    def _on_ArtifactFileURLs(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"artifact": {"files": self._listing(self.artifacts[variables["id"]])}}

    def _on_GetArtifactMembershipFileUrls(self, variables: dict[str, Any]) -> dict[str, Any]:
        one = self._find(f"{variables['collection']}:{variables['alias']}")
        files = self._listing(one) if one else None
        membership = {"artifactMembership": {"files": files}}
        return {"project": {"artifactCollection": {"__typename": "ArtifactSequence", **membership}}}

    def _on_ArtifactMembershipFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        files = self._files(f"{variables['collection']}:{variables['alias']}")
        membership = {"artifactMembership": {"files": files}}
        return {"project": {"artifactCollection": {"__typename": "ArtifactSequence", **membership}}}

    def _on_ArtifactVersionFiles(self, variables: dict[str, Any]) -> dict[str, Any]:
        files = self._files(variables["artifactName"])
        return {"project": {"artifactType": {"artifact": {"files": files}}}}

    def _files(self, name: str) -> dict[str, Any] | None:
        """Return the files of an artifact with all that is known of them."""
        one = self._find(name)
        if one is None:
            return None
        listing = self._listing(one)
        for edge in listing["edges"]:
            node = edge["node"]
            entry = one.manifest["contents"][node["name"]]
            edge["cursor"] = node["name"]
            node |= {
                "id": node["name"], "url": node["directUrl"], "sizeBytes": entry.get("size", 0),
                "storagePath": None, "mimetype": "", "updatedAt": _NOW, "digest": entry["digest"],
                "md5": entry["digest"],
            }  # fmt: skip
        return {**listing, "totalCount": len(listing["edges"])}

    def _find(self, name: str) -> Stored | None:
        base, _, alias = name.rpartition("/")[2].partition(":")
        alias = alias or "latest"
        same = [one for one in self.committed() if one.name == base]
        for one in reversed(same):
            if alias in (f"v{one.version}", "latest", *one.aliases):
                return one
        return None

    def _current(self, one: Stored) -> dict[str, Any]:
        url = f"{self.url}/storage/manifest/{quote(one.id)}"
        return {"currentManifest": {"file": {"directUrl": url}}}

    def _listing(self, one: Stored) -> dict[str, Any]:
        edges = []
        for name in one.manifest.get("contents", {}):
            path = f"/storage/artifact/{one.birth(name)}/{name}"
            url = f"{self.url}{quote(path)}" if path in self.files else ""
            edges.append({"node": {"__typename": "File", "name": name, "directUrl": url}})
        page = {"__typename": "PageInfo", "endCursor": None, "hasNextPage": False}
        return {"pageInfo": page, "edges": edges}

    def _collection(self, one: Stored, typename: str) -> dict[str, Any]:
        project = {
            "id": one.project, "internalId": "1", "name": one.project, "entityName": ENTITY,
            "entity": {"name": ENTITY},
        }  # fmt: skip
        return {"__typename": typename, "name": one.name, "project": project}

    def _fragment(self, one: Stored) -> dict[str, Any]:
        collection = self._collection(one, "ArtifactSequence")
        contents = one.manifest.get("contents", {})
        aliases = [
            {"__typename": "ArtifactAlias", "id": alias, "alias": alias,
             "artifactCollection": collection, "artifactCollectionName": one.name}
            for alias in (*one.aliases, "latest")
        ]  # fmt: skip
        return {
            "__typename": "Artifact", "id": one.id, "artifactSequence": collection,
            "versionIndex": one.version, "artifactType": {"name": one.kind}, "description": None,
            "metadata": one.metadata or "{}", "ttlDurationSeconds": -2, "ttlIsInherited": False,
            "tags": [], "historyStep": None, "state": one.state, "digest": one.digest,
            "size": sum(entry.get("size", 0) for entry in contents.values()), "commitHash": "",
            "fileCount": len(contents), "createdAt": _NOW, "updatedAt": _NOW, "aliases": aliases,
            **self._current(one),
        }  # fmt: skip

    def _member(self, one: Stored) -> dict[str, Any]:
        fragment = self._fragment(one)
        return {
            "__typename": "ArtifactCollectionMembership", "id": f"member-{one.id}",
            "versionIndex": one.version, "createdAt": _NOW, "aliases": fragment["aliases"],
            "artifactCollection": self._collection(one, "ArtifactSequence"), "artifact": fragment,
        }  # fmt: skip


def _id(number: int) -> str:
    return base64.b64encode(f"Artifact:{number + 1000}:xx".encode()).decode()


def _digest(part: str) -> str:
    """Return a part of an address as wandb writes digests, or "" where it is none."""
    try:
        return base64.b64encode(bytes.fromhex(part)).decode() if len(part) == 32 else ""
    except ValueError:
        return ""


def _types(query: str) -> dict[str, Any]:
    """Return that no type that a query asks of has any field that one may do without."""
    empty = {"name": "", "fields": [{"name": "createRunFiles"}], "inputFields": [{"name": "id"}]}
    return dict.fromkeys(re.findall(r"(\w+)\s*:\s*__type", query), empty)


def _nothing(query: str) -> dict[str, Any]:
    """Return null for each top-level field of a query that is not known here."""
    body = query[query.index("{") + 1 :] if "{" in query else ""
    names = re.findall(r"^\s*(\w+)\s*(?::\s*\w+)?\s*[({]", body, re.MULTILINE)
    return dict.fromkeys(names[:1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wandb: WandbServer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            data = b"".join(parts)
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            data = gzip.decompress(data)
        return data

    def _send(self, data: bytes, kind: str = "application/json", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_POST(self) -> None:
        body = self._body()
        path = urlsplit(self.path).path
        if path.endswith("/graphql"):
            asked = json.loads(body)
            data = self.wandb.answer(asked["query"], asked.get("variables") or {})
            self._send(json.dumps({"data": data}).encode())
        elif path.endswith("/file_stream"):
            self.wandb.stream(path.split("/")[-2], json.loads(body))
            self._send(b"{}")
        else:
            self._send(b"{}")

    def do_PUT(self) -> None:
        self.wandb.put(unquote(urlsplit(self.path).path), self._body())
        self._send(b"{}")

    def do_GET(self) -> None:
        found = self.wandb.get(unquote(urlsplit(self.path).path))
        if found is None:
            self._send(b"{}", status=404 if "/storage/" in self.path else 200)
        else:
            self._send(found, "application/octet-stream")

    def do_HEAD(self) -> None:
        self.do_GET()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def serving() -> Iterator[WandbServer]:
    """Run a server on a free port of the loopback until the end of the block."""
    wandb = WandbServer()
    handler = type("Handler", (_Handler,), {"wandb": wandb})
    server = _Server(("127.0.0.1", 0), handler)
    wandb.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield wandb
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
