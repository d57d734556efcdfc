"""SLSA provenance v1: how a model came to be, as far as whoever signs it says so.

What a person types is a claim. The predicate lists the claims by name, so that a reader can tell
them from what was observed (digests of files that were there to be read). Signed on a person's own
machine this is Build L1 and no more: https://slsa.dev/spec/v1.1/provenance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...errors import UsageError
from .uris import BUILD_TYPE_CLI, BUILDER
from .values import descriptor, stamp, text, without_none

MAX_VERSION = 2**53 - 1
REGISTERED_MODEL = "registered_model"
VERSION = "version"
CLAIMED = "sentinel_claimed"


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the model was made from.

    Attributes:
        name: What it is called.
        sha256: Digest of its bytes; empty where only ``uri`` names it.
        uri: A package URL or other URI; may be empty.
        claimed: True where the digest was typed in, False where the bytes were read here.
    """

    name: str
    sha256: str = ""
    uri: str = ""
    claimed: bool = True

    def as_descriptor(self) -> dict[str, object]:
        """Return the ResourceDescriptor. Raises UsageError for one with neither digest nor URI."""
        if not self.sha256 and not self.uri:
            raise UsageError(f"dependency {self.name!r} has neither digest nor URI")
        marks: dict[str, object] = {CLAIMED: True} if self.claimed else {}
        found: dict[str, object] = {"name": text(self.name, "dependency")}
        if self.sha256:
            found = descriptor(self.name, self.sha256)
        if self.uri:
            found["uri"] = text(self.uri, "URI of a dependency")
        return found | ({"annotations": marks} if marks else {})


def predicate(
    *,
    name: str = "",
    version: int | None = None,
    parameters: Mapping[str, object] | None = None,
    internal: Mapping[str, object] | None = None,
    dependencies: Sequence[Dependency] = (),
    build_type: str = BUILD_TYPE_CLI,
    builder: str = BUILDER,
    invocation: str = "",
    finished: datetime | None = None,
) -> dict[str, object]:
    """Return a provenance predicate.

    Args:
        name: Name the model is registered under; a policy compares it with the name asked for.
        version: Its version there, 0 to 2**53-1; a lock compares it with the last one seen.
        parameters: Further external parameters, as typed.
        internal: Internal parameters, set by the program that calls.
        dependencies: Data sets, base models and packages.
        build_type: URI of the kind of build.
        builder: URI of who built; says no more than who signed.
        invocation: Identity of the run.
        finished: When the build ended, where it is known.

    Raises:
        UsageError: A parameter that no verifier would accept.
    """
    external = _external(name, version, parameters or {})
    inner = dict(internal or {})
    inner[CLAIMED] = sorted(external)
    metadata = {"invocationId": invocation, "finishedOn": stamp(finished) if finished else None}
    details: dict[str, object] = {"builder": {"id": builder}, "metadata": without_none(metadata)}
    definition: dict[str, object] = {
        "buildType": build_type,
        "externalParameters": external,
        "internalParameters": inner,
        "resolvedDependencies": [item.as_descriptor() for item in dependencies],
    }
    return {"buildDefinition": without_none(definition), "runDetails": without_none(details)}


def _external(
    name: str, version: int | None, parameters: Mapping[str, object]
) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in parameters.items():
        if key in (REGISTERED_MODEL, VERSION):
            raise UsageError(f"{key} is given by an option of its own")
        if not isinstance(value, (int, float, bool)):
            value = text(value, f"parameter {key}")
        found[text(key, "name of a parameter")] = value
    if name:
        found[REGISTERED_MODEL] = text(name, "name of the model")
    if version is not None:
        if isinstance(version, bool) or not 0 <= version <= MAX_VERSION:
            raise UsageError(f"a version is a whole number from 0 to {MAX_VERSION}")
        if not name:
            raise UsageError("a version without the name of the model", "give the name too")
        found[VERSION] = version
    if not found:
        raise UsageError("provenance without a parameter says nothing", "give the model's name")
    return found
