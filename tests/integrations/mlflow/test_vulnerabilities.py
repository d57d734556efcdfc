"""Known vulnerabilities of the packages that a model asks for: what is said, and when not."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import mlflow
import pytest

from sentinel.integrations import GuardPolicy, MLflowGuard, SentinelBlocked
from sentinel.trust import vulndb
from tests.integrations.mlflow.kit import V3, Scene, estimator, log_estimator
from tests.trust.advisory_kit import advisory, ghsa, imported

PINS = ["scikit-learn==1.9.1", "torch==2.5.1"]


def database(scene: Scene, monkeypatch: pytest.MonkeyPatch, *records: dict[str, Any]) -> Path:
    """Import advisories as the user's database."""
    monkeypatch.setenv("XDG_DATA_HOME", str(scene.folder))
    imported(scene.folder, records)
    place = Path(vulndb.default_path())
    place.parent.mkdir(exist_ok=True)
    (scene.folder / "advisories.db").replace(place)
    return place


def tags(scene: Scene) -> dict[str, str]:
    return dict(mlflow.get_run(scene.run_id).data.tags)


def page(info: Any) -> str:
    """Return the text of the report beside a model."""
    folder = Path(mlflow.artifacts.download_artifacts(info.model_uri))
    text = (folder / "sentinel" / "report.html").read_text("ascii")
    return html.unescape(re.sub(r"<[^>]*>", "", text))


def told(scene: Scene) -> list[tuple[str, str, str]]:
    """Return rule, severity and file of what is known of packages."""
    found = json.loads(tags(scene)["sentinel.findings"])
    return [(one["rule"], one["severity"], one["artifact"].split(":")[0].rpartition("/")[2])
            for one in found if one["rule"] in ("SNT1822", "SNT1823")]  # fmt: skip


def test_without_a_database_nothing_was_checked(any_scene: Scene) -> None:
    name = f"unchecked-{any_scene.run_id[:8]}"
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator(), registered_model_name=name)
    sources = [tags(any_scene), any_scene.client.get_model_version(name, "1").tags]
    if V3:
        sources.append(mlflow.get_logged_model(info.model_id).tags)
    assert [one["sentinel.vulnerabilities"] for one in sources] == ["not_checked"] * len(sources)
    assert re.search(r"Known vulnerabilities\s*not checked", page(info))


def test_what_is_known_is_told_with_its_date(
    any_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(any_scene, monkeypatch, ghsa(advisory(summary="Weights run code"), "MODERATE"))
    with MLflowGuard(quiet=True):
        info = log_estimator(estimator(), pip_requirements=PINS)
    assert tags(any_scene)["sentinel.vulnerabilities"] == "as of 2026-11-20: 1"
    assert tags(any_scene)["sentinel.verdict"] == "findings"
    assert told(any_scene) == [("SNT1822", "medium", "requirements.txt")], "of two lists, once"
    for text in ("SNT1822", "PYSEC-2026-1", "as of 2026-11-20: 1"):
        assert text in page(info)


def test_a_version_that_is_fixed_is_not_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    database(scene, monkeypatch, advisory())
    with MLflowGuard(quiet=True):
        log_estimator(estimator(), pip_requirements=["scikit-learn==1.9.1", "torch==2.6.0"])
    assert tags(scene)["sentinel.vulnerabilities"] == "as of 2026-11-20: 0"
    assert told(scene) == []


def test_what_is_not_pinned_is_a_fact_and_not_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(scene, monkeypatch, advisory())
    with MLflowGuard(quiet=True):
        log_estimator(estimator(), pip_requirements=["scikit-learn==1.9.1", "torch"])
    assert tags(scene)["sentinel.vulnerabilities"] == "as of 2026-11-20: 0"
    assert told(scene) == [("SNT1822", "info", "requirements.txt")]


def test_its_severity_decides_as_that_of_any_finding(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(scene, monkeypatch, ghsa(advisory(), "HIGH"))
    with pytest.raises(SentinelBlocked, match=r"SNT1822 \(high\)"), MLflowGuard(quiet=True):
        log_estimator(estimator(), pip_requirements=PINS)
    with MLflowGuard(GuardPolicy(allow=["SNT1822"]), quiet=True):
        log_estimator(estimator(), pip_requirements=PINS)
    assert tags(scene)["sentinel.vulnerabilities"] == "as of 2026-11-20: 1"


def test_malware_is_blocked_whatever_is_allowed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    database(scene, monkeypatch, advisory("MAL-2026-1"))
    allowed = GuardPolicy(allow=["SNT1822", "SNT1823"])
    with pytest.raises(SentinelBlocked, match="SNT1823"), MLflowGuard(allowed, quiet=True):
        log_estimator(estimator(), pip_requirements=PINS)


def test_a_version_is_looked_up_when_it_is_registered(
    any_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = log_estimator(estimator(), pip_requirements=PINS)
    database(any_scene, monkeypatch, ghsa(advisory(), "MODERATE"))
    name = f"later-{any_scene.run_id[:8]}"
    with MLflowGuard(quiet=True):
        mlflow.register_model(info.model_uri, name)
    found = any_scene.client.get_model_version(name, "1").tags
    assert found["sentinel.vulnerabilities"] == "as of 2026-11-20: 1"
    assert "SNT1822" in found["sentinel.findings"]


def test_a_damaged_database_is_none(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place = database(scene, monkeypatch, advisory())
    place.write_bytes(place.read_bytes()[:100])
    with MLflowGuard(quiet=True):
        log_estimator(estimator(), pip_requirements=PINS)
    assert tags(scene)["sentinel.vulnerabilities"] == "not_checked"
    assert "known vulnerabilities were not checked" in caplog.text
