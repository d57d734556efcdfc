"""JSON schemas of the predicates, written from their specifications.

in-toto attestation framework v1 (statement, resource descriptor), SLSA provenance v1, test-result
v0.1, SVR v0.2. The specifications let a producer add fields; ours may add those that
are listed here, so that a field that nobody knows is a test that fails.
"""

from __future__ import annotations

from typing import Any

TIME = {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
URI = {"type": "string", "format": "uri", "pattern": r"^[a-z][a-z0-9+.-]*:"}
TEXTS = {"type": "array", "items": {"type": "string", "minLength": 1}}
DIGESTS = {
    "type": "object",
    "properties": {"sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
    "required": ["sha256"],
    "additionalProperties": False,
}


def thing(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


DESCRIPTOR = thing(
    [],
    name={"type": "string", "minLength": 1},
    uri=URI,
    digest=DIGESTS,
    annotations={"type": "object"},
) | {"anyOf": [{"required": ["digest"]}, {"required": ["uri"]}]}
SUBJECT = thing(["name", "digest"], name={"type": "string", "minLength": 1}, digest=DIGESTS)


def statement(predicate_type: str, predicate: dict[str, Any]) -> dict[str, Any]:
    return thing(
        ["_type", "subject", "predicateType", "predicate"],
        _type={"const": "https://in-toto.io/Statement/v1"},
        subject={"type": "array", "minItems": 1, "uniqueItems": True, "items": SUBJECT},
        predicateType={"const": predicate_type},
        predicate=predicate,
    )


SLSA = statement(
    "https://slsa.dev/provenance/v1",
    thing(
        ["buildDefinition", "runDetails"],
        buildDefinition=thing(
            ["buildType", "externalParameters"],
            buildType=URI,
            externalParameters={"type": "object", "minProperties": 1},
            internalParameters={"type": "object"},
            resolvedDependencies={"type": "array", "items": DESCRIPTOR},
        ),
        runDetails=thing(
            ["builder"],
            builder=thing(["id"], id=URI),
            metadata=thing([], invocationId={"type": "string"}, startedOn=TIME, finishedOn=TIME),
            byproducts={"type": "array", "items": DESCRIPTOR},
        ),
    ),
)
TEST_RESULT = statement(
    "https://in-toto.io/attestation/test-result/v0.1",
    thing(
        ["result", "configuration"],
        result={"enum": ["PASSED", "WARNED", "FAILED"]},
        configuration={"type": "array", "items": DESCRIPTOR},
        url=URI,
        passedTests=TEXTS,
        warnedTests=TEXTS,
        failedTests=TEXTS,
        sentinel_scan={"type": "object"},
    ),
)
SVR = statement(
    "https://in-toto.io/attestation/svr/v0.2",
    thing(
        ["verifier", "timeCreated", "properties"],
        verifier=thing(["id"], id=URI, policies={"type": "array", "items": DESCRIPTOR}),
        timeCreated=TIME,
        properties={**TEXTS, "minItems": 1, "uniqueItems": True},
    ),
)
WATERMARK = statement(
    "https://sentinel-mlsecops.dev/attestation/watermark/v1",
    thing(
        ["keyId", "commitment", "scheme", "parameters", "recordedOn"],
        keyId={"type": "string", "pattern": "^[0-9a-f]{16}$"},
        commitment=DIGESTS,
        scheme={"type": "string"},
        parameters={"type": "object", "additionalProperties": {"type": "number"}},
        recordedOn=TIME,
        anchors=DIGESTS,
    ),
)
