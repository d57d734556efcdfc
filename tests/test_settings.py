"""Settings: what beats what, what is refused, and where a file may come from."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import SettingsError
from sentinel.findings import Severity
from sentinel.limits import GIB, MIB, Limits
from sentinel.settings import Settings, git_root, load
from sentinel.settings.patterns import matcher
from sentinel.settings.schema import BY_FIELD, KEYS, LIMITS, parse


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository the user stands in."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def test_every_key_has_an_attribute_and_every_default_is_a_value_of_its_key() -> None:
    names = {*Settings._fields, *Limits._fields}
    assert names >= BY_FIELD.keys()
    for key in (*KEYS, *LIMITS):
        value = Settings().value(key)
        if value not in ("", None):
            plain = value.label if isinstance(value, Severity) else value
            assert parse(key, plain, "test") == value


def test_without_anything_there_are_defaults(root: Path) -> None:
    settings = load({}, {})
    assert settings == Settings(base=str(root))
    assert settings.fail_on is Severity.HIGH
    assert settings.require_complete


def test_an_option_beats_a_variable_and_a_variable_beats_a_file(root: Path) -> None:
    (root / "sentinel.toml").write_text(
        'fail-on = "low"\nmin-severity = "low"\njobs = 3\n'
        '[limits]\ntimeout = 60\nmax-size = "2GB"\n'
    )
    environ = {"SENTINEL_MIN_SEVERITY": "medium", "SENTINEL_JOBS": "4", "SENTINEL_TIMEOUT": "7.5"}
    settings = load({"jobs": "5", "fail_on": None}, environ)
    assert settings.fail_on is Severity.LOW
    assert settings.min_severity is Severity.MEDIUM
    assert settings.jobs == 5
    assert settings.limits == Limits(timeout=7.5, max_file_size=2 * GIB)
    assert settings.origins == {
        "fail_on": "sentinel.toml: fail-on",
        "min_severity": "SENTINEL_MIN_SEVERITY",
        "jobs": "--jobs",
        "timeout": "SENTINEL_TIMEOUT",
        "max_file_size": "sentinel.toml: limits.max-size",
    }


def test_pyproject_counts_where_it_has_our_table(root: Path) -> None:
    project = root / "pyproject.toml"
    project.write_text("[tool.other]\nsentinel = 1\n")
    assert load({}, {}).source == ""
    project.write_text('[tool.sentinel]\nfail-on = "never"\n')
    assert load({}, {}).fail_on is None
    (root / "sentinel.toml").write_text('fail-on = "info"\n')
    assert load({}, {}).fail_on is Severity.INFO


def test_toml_is_not_read_for_a_project_that_does_not_know_us(root: Path) -> None:
    (root / "pyproject.toml").write_text("this is no TOML\n")
    assert load({}, {}).source == ""


def test_a_file_is_looked_for_up_to_the_root_of_the_repository(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root.parent / "sentinel.toml").write_text('fail-on = "never"\n')
    (root / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(root / "a" / "b")
    assert load({}, {}).source == ""
    (root / "sentinel.toml").write_text('fail-on = "low"\n')
    assert load({}, {}).source == "../../sentinel.toml"
    (root / "a" / "sentinel.toml").write_text('fail-on = "medium"\n')
    assert load({}, {}).fail_on is Severity.MEDIUM
    assert load({}, {}).base == str(root / "a")


def test_without_a_repository_only_the_working_directory_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sentinel.toml").write_text('fail-on = "never"\n')
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    assert git_root(".") == ""
    assert load({}, {}).source == ""
    monkeypatch.chdir(tmp_path)
    assert load({}, {}).fail_on is None


def test_nothing_below_is_ever_read(root: Path) -> None:
    (root / "model").mkdir()
    (root / "model" / "sentinel.toml").write_text("this is no TOML\n")
    assert load({}, {}).source == ""


def test_a_named_file_takes_the_place_of_the_search(root: Path) -> None:
    (root / "sentinel.toml").write_text('fail-on = "low"\n')
    (root / "other.toml").write_text('fail-on = "medium"\n')
    assert load({}, {}, config="other.toml").fail_on is Severity.MEDIUM
    assert load({}, {"SENTINEL_CONFIG": "other.toml"}).fail_on is Severity.MEDIUM
    assert load({}, {"SENTINEL_CONFIG": "other.toml"}, search=False).fail_on is Severity.HIGH


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("fial-on = 'high'", "sentinel.toml: there is no key 'fial-on'", "did you mean 'fail-on'?"),
        ("zzz = 1", "there is no key 'zzz'", "the keys are baseline"),
        ("[limits]\nmax-sise = 1", "[limits]: there is no key 'max-sise'", "'max-size'"),
        ("limits = 3", "limits is a table", ""),
        ("fail-on = 'hgih'", "'hgih' will not do: expected one of critical", ""),
        ("fail-on = true", "expected one of critical", ""),
        ("jobs = -1", "expected a whole number of at least 0", ""),
        ("jobs = true", "expected a whole number", ""),
        ("require-complete = 'perhaps'", "expected true or false", ""),
        ("exclude = [1]", "expected some text", ""),
        ("exclude = 3", "expected a list of texts", ""),
        ("color = 'red'", "expected one of auto, always, never", ""),
        ("[limits]\nmax-size = 'big'", "expected a size", ""),
        ("[limits]\ntimeout = 0", "expected a number of seconds above 0", ""),
        ("[limits]\ntimeout = nan", "expected a number of seconds above 0", ""),
        ("fail-on = ", "not valid TOML", ""),
        ("a = " + "[" * 9000, "not valid TOML", ""),
        ("[[suppress]]\nrule = 'SNT1101'", "suppress entry 1 has no path", ""),
        ("suppress = 'all'", "suppress is an array of tables", ""),
    ],
)
def test_what_makes_no_sense_is_refused(root: Path, text: str, message: str, hint: str) -> None:
    (root / "sentinel.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load({}, {})
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.startswith("sentinel.toml")


ENTRY = {
    "rule": '"SNT1101"',
    "path": '"a.pkl"',
    "reason": '"reviewed"',
    "expires": "2027-01-31",
    "sha256": f'"{"0" * 64}"',
}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("rule", '"1101"', "rule is '1101'"),
        ("rule", None, "has no rule"),
        ("path", '" "', "path must be a text"),
        ("reason", '""', "reason must be a text"),
        ("reason", None, "has no reason"),
        ("expires", None, "has no expires"),
        ("expires", '"soon"', "expires must be a day"),
        ("expires", "3", "expires must be a day"),
        ("sha256", '"ABC"', "not 64 digits"),
        ("raeson", '"x"', "there is no key 'raeson'"),
        ("owner", "3", "owner must be a text"),
    ],
)
def test_suppressions_are_checked(root: Path, key: str, value: str | None, message: str) -> None:
    entry = {**ENTRY, key: value}
    lines = [f"{name} = {text}" for name, text in entry.items() if text is not None]
    (root / "sentinel.toml").write_text("\n".join(["[[suppress]]", *lines]))
    with pytest.raises(SettingsError) as caught:
        load({}, {})
    assert message in caught.value.message


@pytest.mark.parametrize("day", ["2027-01-31", '"2027-01-31"', "2027-01-31T10:00:00Z"])
def test_a_day_may_be_written_in_several_ways(root: Path, day: str) -> None:
    lines = [f"{name} = {text}" for name, text in {**ENTRY, "expires": day}.items()]
    (root / "sentinel.toml").write_text("\n".join(["[[suppress]]", *lines]))
    (entry,) = load({}, {}).suppress
    assert entry.expires.isoformat() == "2027-01-31"
    assert entry.base == str(root)


def test_a_settings_file_that_is_no_file_is_refused(root: Path) -> None:
    (root / "sentinel.toml").mkdir()
    with pytest.raises(SettingsError, match="not a regular file"):
        load({}, {})
    with pytest.raises(SettingsError, match="No such file"):
        load({}, {}, config="none.toml")
    (root / "big.toml").write_bytes(b"#" * (MIB + 1))
    with pytest.raises(SettingsError, match="larger than a settings file"):
        load({}, {}, config="big.toml")


def test_paths_in_a_file_count_from_it(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "sentinel.toml").write_text('baseline = "known.json"\n')
    (root / "sub").mkdir()
    monkeypatch.chdir(root / "sub")
    assert load({}, {}).baseline == str(root / "known.json")
    assert load({"baseline": "mine.json"}, {}).baseline == "mine.json"


def test_a_variable_that_is_nearly_ours_is_mentioned(root: Path) -> None:
    environ = {"SENTINEL_FAILON": "high", "SENTINEL_HOST": "redis", "SENTINEL_MODEL_PATH": "m"}
    assert load({}, environ).notices == (
        "SENTINEL_FAILON is not a setting; did you mean SENTINEL_FAIL_ON?",
    )


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("tests/", ["tests/a.pkl", "x/tests/b/c"], ["tests2/a", "a.tests"]),
        ("*.bin", ["a.bin", "x/y/a.bin"], ["a.bin2", "bin"]),
        ("models/*.pkl", ["models/a.pkl"], ["models/x/a.pkl", "x/models/a.pkl"]),
        ("models/**/a.pkl", ["models/a.pkl", "models/x/y/a.pkl"], ["models/xa.pkl"]),
        ("/a.pkl", ["a.pkl"], ["x/a.pkl"]),
        ("a?.pkl", ["ab.pkl"], ["a.pkl", "a/.pkl"]),
        ("./models", ["models/x"], ["x/models"]),
        ("a[b].pkl", ["a[b].pkl"], ["ab.pkl"]),
    ],
)
def test_patterns(root: Path, pattern: str, matching: list[str], others: list[str]) -> None:
    match = matcher([pattern], str(root))
    assert [name for name in matching if not match(name)] == []
    assert [name for name in others if match(name)] == []
    assert match(str(root / matching[0]))


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text())))
def test_any_value_is_taken_or_refused_and_nothing_else(value: object) -> None:
    for key in (*KEYS, *LIMITS):
        with suppress(SettingsError):
            parse(key, parse(key, value, "here"), "here")
