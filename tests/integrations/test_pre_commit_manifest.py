"""The manifest: in step with the table of formats, valid for both frameworks, and which names its
patterns take.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from identify import identify

from sentinel import __version__
from sentinel.formats import FORMATS
from sentinel.formats.family import CARRIERS, PICKLES
from tests.integrations.world import FRAMEWORKS, REV, ROOT, World
from tools import make_hooks

PACKAGE = ROOT / "integrations" / "pre-commit"
MANIFESTS = [ROOT / ".pre-commit-hooks.yaml", PACKAGE / ".pre-commit-hooks.yaml"]
MODEL, PICKLE, PII = "sentinel-model-scan", "sentinel-pickle-check", "sentinel-pii-scan"


def hook(name: str) -> dict[str, object]:
    """Return the entry of one hook."""
    (found,) = (one for one in yaml.safe_load(MANIFESTS[0].read_text()) if one["id"] == name)
    return found


def takes(name: str, path: str) -> bool:
    """Return whether a hook is given a path, as the frameworks decide it."""
    entry = hook(name)
    chosen = re.search(str(entry.get("files", "")), path)
    left_out = re.search(str(entry.get("exclude", "^$")), path)
    return bool(chosen) and not left_out


def test_what_is_committed_is_what_the_generator_makes() -> None:
    stale = [
        path for path, text in make_hooks.outputs().items() if path.read_bytes() != text.encode()
    ]
    assert stale == [], "run `make hooks`"
    assert MANIFESTS[0].read_bytes() == MANIFESTS[1].read_bytes()


@pytest.mark.parametrize("path", MANIFESTS, ids=["root", "package"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_frameworks_accept_it(world: World, framework: str, path: Path) -> None:
    world.must(framework, "validate-manifest", path, cwd=world.folder)


def test_there_is_a_hook_for_each_command() -> None:
    hooks = yaml.safe_load(MANIFESTS[0].read_text())
    assert [one["id"] for one in hooks] == [MODEL, PICKLE, PII]
    for one in hooks:
        assert one["entry"] == f"sentinel-hook {one['id'].removeprefix('sentinel-')}"
        assert one["types"] == ["file"]
        assert one["require_serial"] is True
        assert one["verbose"] is True


@pytest.mark.parametrize("entry", FORMATS, ids=lambda entry: entry.name)
def test_every_suffix_of_the_table_is_taken(entry: object) -> None:
    for suffix in entry.suffixes:  # type: ignore[attr-defined]
        assert takes(MODEL, f"models/x{suffix}")
        assert takes(MODEL, f"X{suffix.upper()}")
        if entry.name in PICKLES:  # type: ignore[attr-defined]
            assert takes(PICKLE, f"models/x{suffix}")
        if entry.name in CARRIERS:  # type: ignore[attr-defined]
            assert takes(PICKLE, f"models/x.pkl{suffix}")


def test_the_families_are_of_the_table() -> None:
    assert {entry.name for entry in FORMATS} >= PICKLES | CARRIERS
    assert not PICKLES & CARRIERS


@pytest.mark.parametrize(
    "path",
    ["model.pkl", "a/b c/model.PKL", "pytorch_model.bin", "m.pt", "checkpoint.pth.tar", "m.npz",
     "model.joblib.gz", "m.pkl.z", "-o.pkl", "--config=x.pkl", "a\nb.pkl", "é.ckpt", "m.pkl.dvc",
     "train/dvc.lock", "paddle.pdparams", "word.kv", "slow.pyth", "m.pbz2", "m.cloudpickle"],
)  # fmt: skip
def test_names_that_both_take(path: str) -> None:
    assert takes(MODEL, path)
    assert takes(PICKLE, path)


@pytest.mark.parametrize(
    "path",
    ["model.safetensors", "m.gguf", "m.onnx", "m.h5", "m.keras", "m.tflite", "saved_model.pb",
     "run/MLmodel", "bert/config.json", "tokenizer_config.json", "data.zip", "data.tar"],
)  # fmt: skip
def test_names_that_are_for_the_models_hook_alone(path: str) -> None:
    assert takes(MODEL, path)
    assert not takes(PICKLE, path)


@pytest.mark.parametrize("path", ["main.py", "README.md", "package.json", "pkl", "a.pkl.txt"])
def test_names_that_are_for_neither(path: str) -> None:
    assert not takes(MODEL, path)
    assert not takes(PICKLE, path)
    assert takes(PII, path)


@pytest.mark.parametrize("path", ["data/people.csv", "n.ipynb", "t.parquet", ".env", "Dockerfile"])
def test_names_that_may_hold_personal_data(path: str) -> None:
    assert takes(PII, path)


@pytest.mark.parametrize("path", ["logo.png", "talk.MP4", "font.woff2", "lib.so"])
def test_pictures_and_machine_code_hold_none(path: str) -> None:
    assert not takes(PII, path)


def test_a_pickle_that_is_text_is_no_binary_file_to_the_frameworks(tmp_path: Path) -> None:
    # Why the hooks take names and not types.
    path = tmp_path / "model.pkl"
    path.write_bytes(b"cos\nsystem\n(S'echo inert'\ntR.")
    assert "text" in identify.tags_from_path(str(path))


def test_the_package_pins_the_scanner_and_the_readme_the_package() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__
    assert project["dependencies"] == [f"sentinel-mlsecops[pii]=={__version__}"]
    assert f"    rev: {REV}\n" in (PACKAGE / "README.md").read_text()


def test_the_export_holds_three_files_and_a_tag(world: World) -> None:
    listed = world.must("git", "ls-tree", "--name-only", "-r", REV, cwd=world.hooks).split()
    assert listed == [".pre-commit-hooks.yaml", "README.md", "pyproject.toml"]
    main = world.must("git", "rev-parse", "main", cwd=world.hooks)
    assert main == world.must("git", "rev-parse", REV, cwd=world.hooks)


def test_exporting_again_changes_nothing(world: World) -> None:
    before = world.must("git", "rev-parse", "main", cwd=world.hooks)
    mono = world.folder / "mono"
    world.must("sh", "tools/export_integrations.sh", world.folder / "exported", cwd=mono)
    assert world.must("git", "rev-parse", "main", cwd=world.hooks) == before


def test_exporting_needs_a_folder(world: World) -> None:
    done = world.run("sh", "tools/export_integrations.sh", cwd=world.folder / "mono")
    assert done.code == 2
    assert "usage" in done.out


@pytest.mark.parametrize("page", ["README.md", "docs/guides/pre-commit.md", PACKAGE / "README.md"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_configuration_in_the_documentation_is_valid(
    world: World, framework: str, tmp_path: Path, page: str | Path
) -> None:
    text = (ROOT / page).read_text()
    (block,) = re.findall(r"^```yaml\n(# \.pre-commit-config\.yaml\n.*?)^```$", text, re.M | re.S)
    (repo,) = yaml.safe_load(block)["repos"]
    assert repo["rev"] == REV
    assert [one["id"] for one in repo["hooks"]] == [MODEL, PICKLE, PII]
    path = tmp_path / ".pre-commit-config.yaml"
    path.write_text(block)
    world.must(framework, "validate-config", path, cwd=tmp_path)
