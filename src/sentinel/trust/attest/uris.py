"""The URIs of predicates, and the one base of those that are our own."""

from __future__ import annotations

from ..._version import __version__

BASE = "https://sentinel-mlsecops.dev"
"""Base of all URIs that this project gives. They are names: nothing is ever fetched from them."""

OMS = "https://model_signing/signature/v1.0"
SLSA = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SVR = "https://in-toto.io/attestation/svr/v0.2"
VULNS = "https://in-toto.io/attestation/vulns/v0.2"
MLBOM = "https://cyclonedx.org/bom"
WATERMARK = f"{BASE}/attestation/watermark/v1"

BUILD_TYPE_CLI = f"{BASE}/attest/v1"
BUILD_TYPE_MLFLOW = f"{BASE}/mlflow-log-model/v1"
BUILDER = f"{BASE}/builders/local@{__version__}"
VERIFIER = f"{BASE}/sentinel/{__version__}"

MANIFEST_SUBJECT = "sentinel:manifest"
"""Name of the subject whose digest binds the names of all files to their contents."""
