"""Manifests of images and artifacts whose blobs lead elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.case import ABSENT, URL, Case

_KIND = "application/vnd.oci.image.layer.v1.tar+gzip"


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    good = manifest(title="model.gguf")
    for name, (change, expect) in {
        "digest-climbs": ({"digest": "sha256:../../../marker"}, "high"),
        "digest-absolute": ({"digest": ABSENT}, "high"),
        "title-climbs": ({"title": "../../marker"}, "high"),
        "title-absolute": ({"title": ABSENT}, "high"),
        "title-share": ({"title": r"\\127.0.0.1\x"}, "high"),
        "elsewhere": ({"urls": [URL]}, "medium"),
    }.items():
        data = manifest(**change)
        yield Case(name, "oci", "manifest.json", data, good, expect, reaches=False)
    yield Case("index", "oci", "index.json", index(digest="sha256:../x"), index(), "high", False)


def blob(
    media_type: str = _KIND, digest: str = "sha256:" + "ab" * 32, title: str = "", **more: Any
) -> dict[str, Any]:
    """Return a descriptor."""
    notes = {"annotations": {"org.opencontainers.image.title": title}} if title else {}
    return {"mediaType": media_type, "digest": digest, "size": 7, **notes, **more}


def manifest(**layer: Any) -> bytes:
    """Return a manifest of one layer."""
    document = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob("application/vnd.oci.image.config.v1+json"), "layers": [blob(**layer)],
    }  # fmt: skip
    return json.dumps(document).encode()


def index(**entry: Any) -> bytes:
    """Return an index of one manifest."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    document = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
                "manifests": [blob(kind, **entry)]}  # fmt: skip
    return json.dumps(document, indent=2).encode()
