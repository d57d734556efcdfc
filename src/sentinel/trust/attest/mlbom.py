"""A CycloneDX 1.6 bill of materials of a model: its files, its data, what it needs to run.

Plain dictionaries; the document is valid as 1.7 too. What a person typed is marked with the
property ``sentinel:claimed``. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..._version import __version__
from ...errors import UsageError
from .slsa import Dependency
from .values import sha256, stamp, text, without_none

if TYPE_CHECKING:
    from ..manifest import Manifest

MODEL = "model"
CARD = ("task", "architecture-family", "model-architecture", "approach")
"""What may be said of a model by whoever attests it."""
APPROACHES = (
    "supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """A package the model asks for.

    Attributes:
        name: Its name, as the requirement spells it.
        version: The one version it is pinned to; empty when it is not pinned.
        specifier: The requirement's specifier where it is not a pin.
        sha256: The hash it is pinned to; may be empty.
    """

    name: str
    version: str = ""
    specifier: str = ""
    sha256: str = ""


def document(
    manifest: Manifest,
    *,
    name: str,
    created: datetime,
    version: int | None = None,
    libraries: Sequence[Library] = (),
    datasets: Sequence[Dependency] = (),
    card: Mapping[str, str] | None = None,
    spec: str = "1.6",
) -> dict[str, object]:
    """Return the document.

    Args:
        manifest: The files of the model and their digests.
        name: Name of the model.
        created: When the document was made.
        version: Version it is registered under.
        libraries: What it asks for, from its requirements.
        datasets: What it was trained on, as far as somebody says so.
        card: Claims about it, by the names in ``CARD``.
        spec: ``1.6`` or ``1.7``.

    Raises:
        UsageError: A claim that a model card has no place for.
    """
    parts = [*_libraries(libraries), *_datasets(datasets)]
    identity = uuid.uuid5(uuid.NAMESPACE_OID, f"{manifest.digest} {stamp(created)}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": spec,
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": {
            "timestamp": stamp(created),
            "tools": {"components": [_tool()]},
            "component": _model(manifest, name, version, datasets, card or {}),
        },
        "components": parts,
        "dependencies": [{"ref": MODEL, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _tool() -> dict[str, object]:
    return {"type": "application", "name": "sentinel-mlsecops", "version": __version__}


def _model(
    manifest: Manifest,
    name: str,
    version: int | None,
    datasets: Sequence[Dependency],
    card: Mapping[str, str],
) -> dict[str, object]:
    claims = sorted(["name", *(["version"] if version is not None else []), *card])
    found: dict[str, object] = {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        "name": text(name, "name of the model"),
        "version": None if version is None else str(version),
        "modelCard": _card(card, datasets),
        "components": [
            {"type": "file", "name": file.name, "hashes": _hashes(file.sha256)}
            for file in manifest.files
        ],
        "properties": [
            _property("manifest_sha256", manifest.digest),
            *(_property("claimed", claim) for claim in claims),
        ],
    }
    return without_none(found)


def _card(card: Mapping[str, str], datasets: Sequence[Dependency]) -> dict[str, object]:
    for key, value in card.items():
        if key not in CARD:
            raise UsageError(f"a model card has no {key!r} here", f"it has {', '.join(CARD)}")
        text(value, key)
    approach = card.get("approach")
    if approach is not None and approach not in APPROACHES:
        raise UsageError(f"there is no approach {approach!r}", f"they are {', '.join(APPROACHES)}")
    parameters = without_none(
        {
            "approach": {"type": approach} if approach else None,
            "task": card.get("task"),
            "architectureFamily": card.get("architecture-family"),
            "modelArchitecture": card.get("model-architecture"),
            "datasets": [{"ref": _data_ref(index)} for index in range(len(datasets))],
        }
    )
    return {"modelParameters": parameters}


def _datasets(datasets: Sequence[Dependency]) -> list[dict[str, object]]:
    found = []
    for index, item in enumerate(datasets):
        part: dict[str, object] = {
            "type": "data",
            "bom-ref": _data_ref(index),
            "name": text(item.name, "data set"),
            "hashes": _hashes(item.sha256) if item.sha256 else None,
            "data": [{"type": "dataset", "name": item.name}],
            "properties": [_property("claimed", "digest")] if item.claimed else None,
        }
        found.append(without_none(part))
    return found


def _libraries(libraries: Sequence[Library]) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for item in libraries:
        purl = f"pkg:pypi/{quote(item.name.lower().replace('_', '-'), safe='')}"
        purl += f"@{quote(item.version, safe='')}" if item.version else ""
        part: dict[str, object] = {
            "type": "library",
            "bom-ref": purl,
            "name": text(item.name, "requirement"),
            "version": item.version,
            "purl": purl,
            "hashes": _hashes(item.sha256) if item.sha256 else None,
            "properties": [_property("specifier", text(item.specifier, "specifier"))]
            if item.specifier
            else None,
        }
        found[purl] = without_none(part)
    return list(found.values())


def _data_ref(index: int) -> str:
    return f"data:{index}"


def _hashes(digest: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": sha256(digest, "hash")}]


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": f"sentinel:{name}", "value": value}
