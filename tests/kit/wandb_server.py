"""A server that speaks as much of wandb's HTTP protocol as its client needs, on the loopback.

It keeps what it is sent, so that a test can ask what left the machine, and can be told to give
other bytes than it was sent.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.kit.wandb_artifacts import Artifacts
from tests.kit.wandb_runs import Runs

_INPUTS = {
    "CreateArtifactInput": (
        "entityName", "projectName", "runName", "artifactTypeName", "artifactCollectionName",
        "digest", "digestAlgorithm", "description", "aliases", "tags", "metadata", "clientID",
        "sequenceClientID", "historyStep", "distributedID", "enableDigestDeduplication",
    ),
}  # fmt: skip
_CALLED = re.compile(r"\b(?:query|mutation)\s+(\w+)")


class WandbServer(Runs, Artifacts):
    """What was sent, and the answer to each GraphQL operation."""

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
