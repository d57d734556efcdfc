"""Manifests and indexes of OCI. Rules SNT1357 and SNT1358."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Severity, Verdict
from sentinel.formats.oci import OciManifest, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.case import EVIL
from tests.corpus.malicious.oci_files import blob, index, manifest


def ids(data: bytes) -> dict[str, Severity]:
    return {found.rule_id: found.severity for found in scan_bytes(data, "blob").findings}


@pytest.mark.parametrize("data", [manifest(), index(), manifest(title="model.gguf")])
def test_an_ordinary_one_is_known_by_its_content_and_clean(data: bytes) -> None:
    report = scan_bytes(data, "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945")
    assert report.formats == ("oci",)
    assert report.verdict is Verdict.CLEAN
    assert report.findings == ()


def test_what_it_names_is_given() -> None:
    model = parse(Artifact("m", MemoryReader(manifest(title="a.gguf"))), Budget()).model
    assert isinstance(model, OciManifest)
    assert [(one.role, one.title) for one in model.descriptors] == [
        ("config", ""), ("layer", "a.gguf")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "rule", "severity"),
    [
        ({"digest": "sha256:../../../../etc/x"}, "SNT1357", Severity.HIGH),
        ({"digest": "sha256:zz"}, "SNT1357", Severity.LOW),
        ({"title": "../../x"}, "SNT1357", Severity.HIGH),
        ({"title": "/etc/passwd"}, "SNT1357", Severity.HIGH),
        ({"urls": ["http://127.0.0.1:9/x"]}, "SNT1358", Severity.MEDIUM),
    ],
)
def test_a_layer_that_leads_elsewhere(change: dict[str, Any], rule: str, severity: Any) -> None:
    assert ids(manifest(**change)) == {rule: severity}


def test_layers_of_windows_are_low() -> None:
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    data = manifest(media_type=kind, urls=["https://mcr.microsoft.com/v2/x"])
    assert ids(data) == {"SNT1358": Severity.LOW}


def test_layers_on_disk_are_files_of_their_own(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("model.pkl")
        entry.size = len(EVIL[4])
        archive.addfile(entry, io.BytesIO(EVIL[4]))
    layer = gzip.compress(packed.getvalue(), mtime=0)
    folder = tmp_path / "blobs" / "sha256"
    folder.mkdir(parents=True)
    digest = hashlib.sha256(layer).hexdigest()
    (folder / digest).write_bytes(layer)
    (folder / ("0" * 64)).write_bytes(manifest(digest=f"sha256:{digest}"))
    reports = {Path(report.artifact).name: report for report in scan(tmp_path)}
    assert reports[digest].verdict is Verdict.MALICIOUS
    assert reports["0" * 64].verdict is Verdict.CLEAN


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("layers", "config", "digest", "urls", "annotations", "size", "subject")),
        inner, max_size=4,
    ),
    max_leaves=20,
))  # fmt: skip
def test_any_document_gives_a_manifest_or_an_error(document: Any) -> None:
    try:
        parse(Artifact("m", MemoryReader(json.dumps(document).encode())), Budget())
    except SentinelError:
        pass


def test_every_cut_is_incomplete_or_none() -> None:
    data = manifest(title="a")
    for length in range(1, len(data)):
        assert scan_bytes(data[:length], "blob").verdict is Verdict.INCOMPLETE


def test_it_is_bounded() -> None:
    many = json.dumps({"layers": [blob()] * 10_001}).encode()
    assert scan_bytes(many, "blob").coverage.gaps[0].reason == "limit"
