"""The hooks through real pre-commit and real prek: what is committed and pushed, what is not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.integrations.samples import BENIGN, BENIGN_4, HOSTILE, HOSTILE_4, pointer
from tests.integrations.world import FRAMEWORKS, HOOKS, REV, Done, Project, World

Maker = Callable[[], Project]
FRAME = re.compile(
    r"sentinel .*(Passed|Skipped)|- (hook id|description|duration): .*|\[main .*\] Change"
    r"| \d+ files? changed.*| create mode .*|"
)
"""What the frameworks and git print themselves when all is well."""


def findings(output: str) -> list[str]:
    """Return the report's lines, which the frameworks indent and head differently."""
    lines = [line.strip() for line in output.splitlines()]
    start = next(index for index, line in enumerate(lines) if "· malicious" in line)
    end = next(index for index, line in enumerate(lines) if line.startswith("Failed: "))
    return lines[start : end + 1]


def is_silent(done: Done) -> bool:
    """Return whether the hooks passed and printed nothing of their own."""
    return done.code == 0 and all(FRAME.fullmatch(line) for line in done.out.splitlines())


@pytest.mark.parametrize("name", ["model.pkl", "pytorch_model.bin", "down/model.PT", "a b.pth"])
@pytest.mark.parametrize(
    ("bad", "good"), [(HOSTILE, BENIGN), (HOSTILE_4, BENIGN_4)], ids=["text", "binary"]
)
def test_a_hostile_pickle_is_refused_and_its_twin_is_committed(
    project: Project, name: str, bad: bytes, good: bytes
) -> None:
    project.stage(name, bad)
    refused = project.commit()
    assert refused.code == 1
    assert "SNT1101" in refused.out
    assert refused.out.count("exit code: 1") == len(HOOKS)
    assert project.commits() == 0

    project.stage(name, good)
    accepted = project.commit()
    assert is_silent(accepted), accepted.out
    assert project.commits() == 1


def test_both_frameworks_show_the_same(world: World, tmp_path: Path) -> None:
    shown = []
    for framework in FRAMEWORKS:
        project = Project(world, tmp_path / framework, framework).install()
        project.stage("model.pkl", HOSTILE)
        shown.append(findings(project.commit().out))
    assert shown[0] == shown[1]
    assert len(shown[0]) > 5


def test_what_was_found_is_accepted_with_the_entry_that_is_printed(project: Project) -> None:
    project.stage("model.pkl", HOSTILE)
    refused = project.commit()
    (entry, _) = re.findall(r"^ *\[\[suppress\]\]\n(?: *\w+ = .*\n)+", refused.out, re.M)
    assert str(date.today() + timedelta(days=90)) in entry

    project.stage("sentinel.toml", entry)
    unexplained = project.commit()
    assert unexplained.code == 1
    assert "reason must be a text" in unexplained.out

    project.stage("sentinel.toml", entry.replace('reason = ""', 'reason = "reviewed, a test"'))
    assert project.commit().code == 0
    project.stage("model.pkl", HOSTILE.replace(b"inert", b"other"))
    changed = project.commit()
    assert changed.code == 1
    assert "the file is not the one that was reviewed" in changed.out


def test_what_is_staged_counts_not_what_lies_in_the_work_tree(project: Project) -> None:
    project.stage("model.pkl", HOSTILE)
    project.write("model.pkl", BENIGN)
    assert project.commit().code == 1
    assert (project.root / "model.pkl").read_bytes() == BENIGN

    project.stage("model.pkl", BENIGN)
    project.write("model.pkl", HOSTILE)
    assert project.commit().code == 0
    assert (project.root / "model.pkl").read_bytes() == HOSTILE


def test_a_git_lfs_pointer_is_told_and_passes_unless_all_must_be_read(project: Project) -> None:
    # A pointer by hand is what a clone without smudging holds, which needs no git-lfs.
    project.stage("model.pt", pointer(HOSTILE))
    told = project.commit()
    assert told.code == 0
    assert told.out.count("not scanned: Git LFS pointer") == len(HOOKS)
    assert "git lfs pull" in told.out

    project.configure(args="--require-complete")
    strict = project.run("--all-files")
    assert strict.code == 1
    assert strict.out.count("exit code: 3") == len(HOOKS)

    project.write("model.pt", HOSTILE)  # what `git lfs pull` does
    assert "SNT1101" in project.run("--all-files").out


@pytest.mark.skipif(shutil.which("git-lfs") is None, reason="git-lfs is not installed")
def test_git_lfs_itself(project: Project, tmp_path: Path) -> None:
    project.git("init", "-q", "--bare", tmp_path / "store.git")
    project.git("remote", "add", "origin", f"file://{tmp_path / 'store.git'}")
    project.git("lfs", "install", "--local")
    project.git("lfs", "track", "*.pt")
    project.stage(".gitattributes", (project.root / ".gitattributes").read_bytes())
    project.stage("model.pt", HOSTILE)
    assert project.commit().code == 1  # its author has the content, and the hook sees it
    project.git("commit", "--no-verify", "-q", "-m", "Change")
    project.git("push", "-q", "origin", "HEAD:main")

    clone = tmp_path / "clone"
    source = f"file://{tmp_path / 'store.git'}"
    skip = {"GIT_LFS_SKIP_SMUDGE": "1"}
    project.git("clone", "-q", "-b", "main", source, clone, **skip)
    world, framework = project.world, project.framework
    told = world.run(framework, "run", "--all-files", cwd=clone, **skip)
    assert told.code == 0
    assert "not scanned: Git LFS pointer" in told.out
    world.must("git", "lfs", "install", "--local", cwd=clone)
    world.must("git", "lfs", "pull", cwd=clone)
    assert "SNT1101" in world.run(framework, "run", "--all-files", cwd=clone).out


def test_a_dvc_pointer_leads_to_the_model(project: Project) -> None:
    import hashlib

    digest = hashlib.md5(HOSTILE).hexdigest()
    project.write(".gitignore", "/models/big.pkl\n")
    project.write("models/big.pkl", HOSTILE)
    text = f"outs:\n- md5: {digest}\n  size: {len(HOSTILE)}\n  hash: md5\n  path: big.pkl\n"
    project.stage("models/big.pkl.dvc", text)
    refused = project.commit()
    assert refused.code == 1
    assert findings(refused.out)[0] == "models/big.pkl · malicious"

    (project.root / "models" / "big.pkl").unlink()
    told = project.commit()
    assert told.code == 0
    assert "not scanned: DVC pointer; 'big.pkl' is not here" in told.out


def test_names_are_never_options(project: Project) -> None:
    names = [
        "--config=evil.pkl", "--fail-on=never.pkl", "-o.pkl", "@x.pkl", "a\nb.pkl",
        "'; touch x.pkl", "$(touch x).pkl", "::error file=README.md::x.pkl", "\x1b[31m.pkl",
        "é\u202e.pkl",
    ]  # fmt: skip
    for name in names:
        project.stage(name, HOSTILE)
    refused = project.commit()
    assert refused.code == 1
    assert f"{len(names)} model files scanned: {len(names)} critical." in refused.out
    assert "Traceback" not in refused.out
    assert "\x1b[31m.pkl" not in refused.out
    assert not re.search(r"^\s*::error", refused.out, re.M)
    assert not (project.root / "x").exists()


def test_a_name_that_is_not_utf_8_does_not_let_a_hostile_file_through(project: Project) -> None:
    project.stage("b\udcff.pkl", HOSTILE)
    refused = project.commit()
    assert refused.code == 1
    assert project.commits() == 0
    if project.framework == "prek":
        assert "b\\xff.pkl · malicious" in refused.out
    else:  # it cannot pass such a name on, and says so
        assert "UnicodeDecodeError" in refused.out


def test_two_thousand_files_reach_one_process(bare_project: Maker) -> None:
    project = bare_project()
    project.configure(args="-v")
    for number in range(2_000):
        project.write(f"models/{number}.pkl", BENIGN)
    project.git("add", "-A")
    done = project.run()
    assert done.code == 0
    assert done.out.count("2000 model files scanned: no findings.") == len(HOOKS)


def test_a_hook_is_skipped_by_name(project: Project) -> None:
    project.stage("model.pkl", HOSTILE)
    done = project.commit(SKIP=HOOKS[0])
    assert done.code == 1
    assert re.search(r"^sentinel model scan\.+Skipped$", done.out, re.M)
    assert done.out.count("exit code: 1") == len(HOOKS) - 1


def test_the_manual_stage(bare_project: Maker) -> None:
    project = bare_project()
    project.stage("model.pkl", HOSTILE)
    done = project.run("--hook-stage", "manual", "--all-files")
    assert done.code == 1
    assert done.out.count("exit code: 1") == len(HOOKS)


def test_a_push_is_refused_for_what_its_commits_bring(project: Project, tmp_path: Path) -> None:
    project.install("pre-push")
    project.git("init", "-q", "--bare", tmp_path / "remote.git")
    project.git("remote", "add", "origin", tmp_path / "remote.git")
    push = ("git", "push", "-q", "origin", "main")
    project.stage("good.pkl", BENIGN)
    assert project.commit().code == 0
    first = project.world.run(*push, cwd=project.root)
    assert first.code == 0, first.out

    project.stage("model.pkl", HOSTILE)
    project.git("commit", "-q", "--no-verify", "-m", "Past the first hook")
    refused = project.world.run(*push, cwd=project.root)
    assert refused.code == 1
    assert "model.pkl · malicious" in refused.out
    assert "good.pkl" not in refused.out

    project.stage("model.pkl", BENIGN)
    project.git("commit", "-q", "--no-verify", "-m", "Mended")
    mended = project.world.run(*push, cwd=project.root)
    assert mended.code == 0, mended.out
    assert project.git("rev-parse", "main") == project.git("rev-parse", "origin/main")


def test_a_range_of_commits(bare_project: Maker) -> None:
    project = bare_project()
    project.stage("old.pkl", HOSTILE)
    project.git("commit", "-q", "-m", "Old")
    project.stage("new.pkl", HOSTILE)
    project.git("commit", "-q", "-m", "New")
    done = project.run("--from-ref", "HEAD~1", "--to-ref", "HEAD")
    assert done.code == 1
    assert "new.pkl · malicious" in done.out
    assert "old.pkl" not in done.out


def test_settings_leave_out_files_that_a_framework_names(project: Project) -> None:
    project.stage("sentinel.toml", 'exclude = ["tests/"]\n')
    project.stage("tests/fixture.pkl", HOSTILE)
    done = project.commit()
    assert done.code == 0
    told = "1 file not scanned: left out by `exclude` in sentinel.toml."
    assert done.out.count(told) == len(HOOKS)


def test_other_files_pass_in_silence(project: Project) -> None:
    project.stage("config.json", '{"model_type": "bert"}')
    project.stage("firmware.bin", b"\x7fELF\x02\x01\x01" + bytes(64))
    project.stage("paths.pth", "import site\n")
    done = project.commit()
    assert is_silent(done), done.out


def test_the_repository_can_be_tried(world: World, framework: str, tmp_path: Path) -> None:
    project = Project(world, tmp_path / "project", framework)
    project.stage("model.pkl", HOSTILE)
    trial = (framework, "try-repo", world.hooks, "--ref", REV, "--all-files")
    done = world.run(*trial, cwd=project.root)
    assert done.code == 1
    assert done.out.count("exit code: 1") == len(HOOKS)
