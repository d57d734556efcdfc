"""Files that a signature leaves out: which of them a verifier may let through, and which never."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel.errors import TrustError
from sentinel.trust import oms
from tests.trust.oms_kit import Desk, flip, git_extra, in_serialization, to_link
from tests.trust.signing_kit import model


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class TestLenient:
    """What the reference implementation leaves out, where the verifier says so."""

    def ignoring(self, desk: Desk, *paths: str) -> None:
        said = desk.said()
        in_serialization(ignore_paths=["model.sig", *paths])(said)
        desk.say(said)

    def test_files_of_git(self, desk: Desk) -> None:
        git_extra(desk, ".git/config")
        assert desk.reason() == "unsigned-file"
        assert oms.verify(desk.model, desk.key, strict=False).unsigned == (".git/config",)

    def test_what_the_signer_left_out(self, desk: Desk) -> None:
        self.ignoring(desk, "logs", "notes.txt")
        model(desk.model, {"logs/a.txt": b"", "notes.txt": b""})
        assert desk.reason() == "unsigned-file"
        found = oms.verify(desk.model, desk.key, strict=False)
        assert found.unsigned == ("logs/a.txt", "notes.txt")

    def test_never_a_hook_of_git_that_would_be_run(self, desk: Desk) -> None:
        model(desk.model, {".git/hooks/pre-commit.sample": b"", ".git/config": b""})
        assert oms.verify(desk.model, desk.key, strict=False)
        model(desk.model, {".git/hooks/post-checkout": b""})
        assert desk.reason(strict=False) == "ignored-model-file"

    @pytest.mark.parametrize("name", ["logs/a.pkl", ".git/hook.py", "logs/b.safetensors"])
    def test_never_a_model_file_or_code(self, desk: Desk, name: str) -> None:
        self.ignoring(desk, "logs")
        model(desk.model, {name: b""})
        assert desk.reason(strict=False) == "ignored-model-file"

    def test_what_was_signed_is_compared_all_the_same(self, desk: Desk) -> None:
        self.ignoring(desk, "data", "data-card.md", ".git")
        assert oms.verify(desk.model, desk.key, strict=False).unsigned == ()
        flip(desk)
        assert desk.reason(strict=False) == "digest-mismatch"

    def test_links_and_empty_directories_are_refused_all_the_same(self, desk: Desk) -> None:
        (desk.model / "empty").mkdir()
        assert desk.reason(strict=False) == "empty-directory"
        (desk.model / "empty").rmdir()
        to_link(desk, "MLmodel")
        assert desk.reason(strict=False) == "symlink"

    def test_a_file_of_the_verifiers_choice(self, desk: Desk) -> None:
        model(desk.model, {"registered_model_meta": b"model_name: x\n"})
        with pytest.raises(TrustError) as caught:
            oms.verify(desk.model, desk.key)
        assert "--allow-unsigned registered_model_meta" in caught.value.hint
        allowed = ["registered_model_meta"]
        found = oms.verify(desk.model, desk.key, allow_unsigned=allowed)
        assert found.unsigned == ("registered_model_meta",)
        oms.sign(desk.model, desk.signer)  # one that was signed after all is compared
        assert oms.verify(desk.model, desk.key, allow_unsigned=allowed).unsigned == ()
        model(desk.model, {"registered_model_meta": b"model_name: y\n"})
        assert desk.reason(allow_unsigned=allowed) == "digest-mismatch"

    @pytest.mark.parametrize(
        "name",
        ["evil.py", "evil.pkl", "lib.so.1", "run.ps1", "a.pyz", "a.ipynb", "site.pth", "x/Y.JS"],
    )
    def test_never_a_model_file_or_code_of_the_verifiers_choice(
        self, desk: Desk, name: str
    ) -> None:
        assert desk.reason(allow_unsigned=[name]) == "ignored-model-file"
