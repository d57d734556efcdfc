"""What a database answers: advisories of several sources joined, the worst first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sentinel import Severity
from sentinel.errors import UsageError
from sentinel.trust import extras, vulndb
from sentinel.trust.vulndb import Status, lookup
from sentinel.trust.vulndb.answers import answer, possible
from tests.trust.advisory_kit import NOW, advisory, database, ghsa, imported, span


def test_without_a_database_nothing_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = lookup("torch", "2.5.1")
    assert found == (Status.NOT_CHECKED, (), (), None)
    assert found.status == "not_checked"
    assert lookup("torch", "2.5.1", path=tmp_path / "none.db").status is Status.NOT_CHECKED


def test_the_users_own_database_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    vulndb_path = Path(vulndb.default_path())
    assert vulndb_path.is_relative_to(tmp_path)
    imported(tmp_path, [advisory()])
    vulndb_path.parent.mkdir()
    (tmp_path / "advisories.db").rename(vulndb_path)
    found = lookup("Torch", "2.5.1")
    assert found.status is Status.CHECKED
    assert [one.id for one in found.advisories] == ["PYSEC-2026-1"]
    assert found.info is not None
    assert found.info.records == 1
    assert lookup("torch", "2.6.0").advisories == ()
    assert lookup("none", "1.0").status is Status.CHECKED
    imported(tmp_path, [advisory("PYSEC-2026-2")])
    (tmp_path / "advisories.db").replace(vulndb_path)
    assert [one.id for one in lookup("torch", "2.5.1").advisories] == ["PYSEC-2026-2"]


@pytest.mark.parametrize("value", ["", "relative/folder"])
def test_the_path_without_a_folder_of_the_users(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", value)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert vulndb.default_path().startswith(f"{tmp_path}/.local/share/")


def test_records_that_name_each_other_are_one_advisory(tmp_path: Path) -> None:
    found = database(
        tmp_path,
        advisory("PYSEC-2026-1", aliases=["CVE-2026-1"], summary="Weights  run\ncode"),
        ghsa(
            advisory(
                "GHSA-aaaa-bbbb-cccc", "torch", span(("introduced", "1.0"), ("fixed", "2.6.1")),
                aliases=["CVE-2026-1"],
            ),
            "HIGH",
        ),
        advisory("PYSEC-2026-2", aliases=["CVE-2026-2", "GHSA-aaaa-bbbb-cccc"]),
        ghsa(advisory("GHSA-dddd-eeee-ffff"), "CRITICAL"),
        ghsa(advisory("GHSA-gggg-hhhh-iiii", "torch", span(("introduced", "3"))), "CRITICAL"),
    )  # fmt: skip
    first, second = answer(found, "torch", "2.5.1").advisories
    assert (first.id, first.severity, first.aliases) == (
        "GHSA-dddd-eeee-ffff", Severity.CRITICAL, (),
    )  # fmt: skip
    assert second.id == "GHSA-aaaa-bbbb-cccc"
    assert second.aliases == ("PYSEC-2026-1", "PYSEC-2026-2", "CVE-2026-1", "CVE-2026-2")
    assert second.severity is Severity.HIGH
    assert second.fixed == ("2.6.0", "2.6.1")
    assert second.summary == "Weights run code"


def test_an_advisory_without_a_severity_is_medium_and_says_so(tmp_path: Path) -> None:
    (one,) = answer(database(tmp_path, advisory()), "torch", "1.0").advisories
    assert (one.severity, one.scored) == (Severity.MEDIUM, False)


def test_malware_comes_first_and_by_its_own_id(tmp_path: Path) -> None:
    found = database(
        tmp_path,
        ghsa(advisory("GHSA-aaaa-bbbb-cccc"), "CRITICAL"),
        advisory("MAL-2026-1", versions=["2.5.1"], aliases=["GHSA-xxxx-yyyy-zzzz"]),
    )
    first, second = answer(found, "torch", "2.5.1").advisories
    assert (first.id, first.malicious, first.always) == ("MAL-2026-1", True, False)
    assert not second.malicious


def test_what_cannot_be_compared_is_undecided_unless_an_alias_decides(tmp_path: Path) -> None:
    odd = span(("introduced", "0.2.0-n653"), ("fixed", "0.9"))
    found = database(
        tmp_path,
        advisory("PYSEC-2026-1", "torch", odd, aliases=["CVE-2026-1"]),
        advisory("PYSEC-2026-2", "torch", odd),
        advisory("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2026-1", "PYSEC-2026-1"]),
    )
    known = answer(found, "torch", "0.5")
    assert [one.id for one in known.advisories] == ["GHSA-aaaa-bbbb-cccc"]
    assert known.undecided == ("PYSEC-2026-2",)
    strange = answer(found, "torch", "0.2.0-n653")
    assert strange.advisories == ()
    assert strange.undecided == ("GHSA-aaaa-bbbb-cccc", "PYSEC-2026-1", "PYSEC-2026-2")


def test_what_conditions_allow(tmp_path: Path) -> None:
    later = advisory("PYSEC-2026-2", "torch", span(("introduced", "3")))
    found = database(tmp_path, advisory(), later)
    assert len(possible(found, "torch", ())) == 2
    assert [one.id for one in possible(found, "torch", [("<", "2.7")])] == ["PYSEC-2026-1"]
    assert possible(found, "torch", [(">=", "2.6"), ("<", "3")]) == ()


def test_packaging_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    imported(tmp_path, [advisory()])
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="packaging"):
        imported(tmp_path, [advisory()])


def test_age_is_counted_from_the_newest_record(tmp_path: Path) -> None:
    info = imported(tmp_path, [advisory()], NOW + timedelta(days=400))
    assert info.is_old(NOW + timedelta(days=400))


def test_all_names_of_the_room_lead_somewhere() -> None:
    assert set(vulndb.__all__) <= set(dir(vulndb))
    for name in vulndb.__all__:
        assert getattr(vulndb, name) is not None
    with pytest.raises(AttributeError):
        vulndb.nothing  # noqa: B018
