"""What a model consists of: every file, and no way round it."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.artifacts import Artifact
from sentinel.engine import Scanner
from sentinel.errors import TrustError, UsageError
from sentinel.readers import FileReader
from sentinel.trust import manifest, tree
from sentinel.trust.manifest import FileDigest, Manifest, manifest_of, scan_and_hash
from sentinel.trust.tree import hf_blobs
from tests.trust.signing_kit import FILES, model

COMMIT = "a" * 40


def reason(call: Callable[[], object], match: str = ".") -> str:
    with pytest.raises(TrustError, match=match) as caught:
        call()
    return caught.value.reason


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_every_file_with_its_digest_and_size(tmp_path: Path) -> None:
    model(tmp_path, {**FILES, ".git/config": b"x", ".hidden": b"", "large.bin": b"z" * 3_000_000})
    found = manifest_of(tmp_path)
    assert [one.name for one in found.files] == sorted(
        [*FILES, ".git/config", ".hidden", "large.bin"]
    )
    for one in found.files:
        data = (tmp_path / one.name).read_bytes()
        assert (one.sha256, one.size) == (sha256(data), len(data))
    assert found.empty_directories == ()
    assert not found.single


def test_a_single_file_is_named_by_its_last_part(tmp_path: Path) -> None:
    model(tmp_path)
    found = manifest_of(tmp_path / "data/weights.safetensors")
    assert [one.name for one in found.files] == ["weights.safetensors"]
    assert found.single


def test_the_digest_binds_names(tmp_path: Path) -> None:
    model(tmp_path)
    before = manifest_of(tmp_path)
    pairs = [[one.name, one.sha256] for one in before.files]
    assert before.digest == sha256(json.dumps(pairs, separators=(",", ":")).encode())
    (tmp_path / "MLmodel").rename(tmp_path / "Mmodel")
    after = manifest_of(tmp_path)
    assert [one.sha256 for one in after.files] == [one.sha256 for one in before.files]
    assert after.digest != before.digest


@given(
    st.lists(st.tuples(st.text(min_size=1), st.text("0123456789abcdef", min_size=64, max_size=64)))
)
def test_two_lists_of_files_never_have_one_digest(pairs: list[tuple[str, str]]) -> None:
    files = tuple(FileDigest(name, digest, 0) for name, digest in pairs)
    shifted = tuple(FileDigest(name + "x", digest, 0) for name, digest in pairs)
    assert Manifest(files).digest == Manifest(files).digest
    assert not files or Manifest(files).digest != Manifest(shifted).digest


def test_many_files_on_several_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    files = {f"{number:02}.bin": bytes([number]) * (1 << 20) for number in range(12)}
    found = manifest_of(model(tmp_path, files))
    assert {one.name: one.sha256 for one in found.files} == {
        name: sha256(data) for name, data in files.items()
    }


def test_there_must_be_something(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        manifest_of(tmp_path / "missing")
    with pytest.raises(UsageError):
        manifest_of("a\0b")


@pytest.mark.parametrize("target", ["model.pkl", "/etc/hostname", "nowhere", "data"])
def test_a_link_is_refused(tmp_path: Path, target: str) -> None:
    model(tmp_path)
    (tmp_path / "link").symlink_to(target)
    assert reason(lambda: manifest_of(tmp_path), "link") == "symlink"


def test_the_model_itself_may_be_named_by_a_link(tmp_path: Path) -> None:
    model(tmp_path / "real")
    (tmp_path / "link").symlink_to("real")
    assert manifest_of(tmp_path / "link") == manifest_of(tmp_path / "real")


@pytest.mark.parametrize("kind", ["pipe", "link", "file"])
def test_a_directory_that_is_exchanged_after_it_was_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    top = model(tmp_path / "m")
    opened = os.open

    def exchange(path: object, *arguments: int, **more: int) -> int:
        if path == "data" and (top / "data").is_dir() and not (top / "data").is_symlink():
            (top / "data").rename(tmp_path / "away")
            if kind == "pipe":
                os.mkfifo(top / "data")  # waited for, without O_DIRECTORY
            elif kind == "link":
                (top / "data").symlink_to(tmp_path / "away")
            else:
                (top / "data").write_text("")
        return opened(path, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", exchange)
    assert reason(lambda: manifest_of(top), "data") == "symlink"


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_neither_file_nor_directory_is_refused(tmp_path: Path, kind: str) -> None:
    model(tmp_path)
    if kind == "pipe":
        os.mkfifo(tmp_path / "odd")
        assert reason(lambda: manifest_of(tmp_path / "odd")) == "special-file"
    else:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(os.path.relpath(tmp_path / "odd"))
    assert reason(lambda: manifest_of(tmp_path), "odd") == "special-file"


@pytest.mark.skipif(sys.platform != "linux", reason="such names are not allowed elsewhere")
def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.bin")).write_bytes(b"")
    assert reason(lambda: manifest_of(tmp_path)) == "name-invalid"


def test_a_deep_tree_is_refused_and_a_less_deep_one_is_read(tmp_path: Path) -> None:
    model(tmp_path, {"/".join(["d"] * 40) + "/x": b""})
    assert len(manifest_of(tmp_path).files) == 1
    model(tmp_path, {"/".join(["d"] * 80) + "/x": b""})
    assert reason(lambda: manifest_of(tmp_path)) == "too-many-files"


def test_directories_without_files_are_named(tmp_path: Path) -> None:
    model(tmp_path)
    (tmp_path / "a/b").mkdir(parents=True)
    assert manifest_of(tmp_path).empty_directories == ("a", "a/b")


class TestChanges:
    """A file that changes between the listing and the end of the hash is refused."""

    def during(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]
    ) -> str:
        whole = manifest._chunks

        def chunks(descriptor: int, entry: object) -> object:
            change()
            return whole(descriptor, entry)  # type: ignore[arg-type]

        monkeypatch.setattr(manifest, "_chunks", chunks)
        return reason(lambda: manifest_of(path))

    def test_grows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = model(tmp_path) / "model.pkl"
        change = lambda: file.write_bytes(file.read_bytes() + b"x")  # noqa: E731
        assert self.during(tmp_path, monkeypatch, change) == "file-changed"

    def test_shrinks(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = model(tmp_path) / "model.pkl"
        assert self.during(file, monkeypatch, lambda: file.write_bytes(b"")) == "file-changed"

    def test_is_rewritten_in_place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = model(tmp_path) / "model.pkl"
        os.utime(file, (1, 1))
        change = lambda: file.write_bytes(b"\x80\x04K.")  # noqa: E731
        assert self.during(tmp_path, monkeypatch, change) == "file-changed"

    def test_is_replaced_by_a_link(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = model(tmp_path) / "model.pkl"

        def change() -> None:
            file.unlink(missing_ok=True)
            file.symlink_to("MLmodel")

        assert self.during(tmp_path, monkeypatch, change) in ("file-changed", "symlink")

    def test_a_file_is_added(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        added = model(tmp_path) / "added.py"
        assert self.during(tmp_path, monkeypatch, lambda: added.write_text("")) == "file-changed"


class TestIgnoring:
    def test_a_file_and_a_directory(self, tmp_path: Path) -> None:
        model(tmp_path, {**FILES, "notes/a.txt": b"", "notes-2/a.txt": b"", "b.txt": b""})
        found = manifest_of(tmp_path, ignore=["notes/", "b.txt"])
        assert {one.name for one in found.files} == {*FILES, "notes-2/a.txt"}
        assert found.ignored == ("b.txt", "notes/a.txt")

    def test_the_name_of_a_file_covers_no_directory(self, tmp_path: Path) -> None:
        model(tmp_path, {**FILES, "notes/a.txt": b""})
        assert "notes/a.txt" in manifest_of(tmp_path, ignore=["notes"]).by_name()

    @pytest.mark.parametrize(
        "name", ["a.pkl", "b.safetensors", "c.PT", "d.py", "e.so", "f.gguf", "g.onnx", "h.joblib"]
    )
    def test_model_files_and_code_cannot_be_ignored(self, tmp_path: Path, name: str) -> None:
        model(tmp_path, {**FILES, f"notes/{name}": b"x"})
        assert reason(lambda: manifest_of(tmp_path, ignore=["notes/"])) == "ignored-model-file"
        assert (
            reason(lambda: manifest_of(tmp_path, ignore=[f"notes/{name}"])) == "ignored-model-file"
        )


class TestScanning:
    def scan(self, name: str, reader: FileReader) -> str:
        return Scanner().scan_artifact(Artifact(name, reader)).verdict.value

    def test_the_same_bytes_are_hashed_and_scanned(self, tmp_path: Path) -> None:
        hostile = b"cos\nsystem\n(S'echo'\ntR."
        model(tmp_path, {"good.pkl": b"\x80\x04N.", "bad.pkl": hostile})
        found, verdicts = scan_and_hash(tmp_path, self.scan)
        assert found == manifest_of(tmp_path)
        assert verdicts == {"bad.pkl": "malicious", "good.pkl": "clean"}

    def test_a_file_that_changes_while_it_is_scanned(self, tmp_path: Path) -> None:
        file = model(tmp_path) / "model.pkl"

        def scan(name: str, reader: FileReader) -> bytes:
            file.write_bytes(b"other")
            return reader.pread(0, 4)

        assert reason(lambda: scan_and_hash(file, scan)) == "file-changed"


class TestHuggingFaceCache:
    @pytest.fixture
    def snapshot(self, tmp_path: Path) -> Path:
        """A cache with one blob of large-file storage and one of Git."""
        repository = tmp_path / "models--org--name"
        snapshot = repository / "snapshots" / COMMIT
        (snapshot / "sub").mkdir(parents=True)
        (repository / "blobs").mkdir()
        weights, config = b"w" * 1_000, b"{}"
        git = hashlib.sha1(b"blob 2\0{}").hexdigest()
        self.add(repository, snapshot / "model.safetensors", sha256(weights), weights)
        self.add(repository, snapshot / "sub/config.json", git, config)
        return snapshot

    def add(self, repository: Path, link: Path, name: str, data: bytes) -> None:
        (repository / "blobs" / name).write_bytes(data)
        link.symlink_to(os.path.relpath(repository / "blobs" / name, link.parent))

    def test_is_read_through_its_links(self, snapshot: Path) -> None:
        assert hf_blobs(str(snapshot))
        found = manifest_of(snapshot).by_name()
        assert found["model.safetensors"].sha256 == sha256(b"w" * 1_000)
        assert found["sub/config.json"].sha256 == sha256(b"{}")

    @pytest.mark.parametrize("name", ["model.safetensors", "sub/config.json"])
    def test_a_changed_blob(self, snapshot: Path, name: str) -> None:
        (snapshot / name).resolve().write_bytes(b"other")
        assert reason(lambda: manifest_of(snapshot), "not what its name says") == "blob-mismatch"

    @pytest.mark.parametrize(
        "target",
        ["/etc/hostname", "../../../elsewhere", "../../blobs/../refs/main", "../../blobs/short",
         "../sub", "../../../models--o--n/blobs/" + "a" * 40],
    )  # fmt: skip
    def test_a_link_out_of_the_blobs(self, snapshot: Path, target: str) -> None:
        (snapshot / "link").symlink_to(target)
        assert reason(lambda: manifest_of(snapshot), "link") == "outside-cache"

    def test_a_blob_that_is_a_link_itself(self, snapshot: Path) -> None:
        blobs = snapshot.parent.parent / "blobs"
        (blobs / ("b" * 64)).symlink_to("/etc/hostname")
        (snapshot / "link").symlink_to("../../blobs/" + "b" * 64)
        assert reason(lambda: manifest_of(snapshot)) in ("special-file", "symlink")

    def test_a_blob_that_is_missing(self, snapshot: Path) -> None:
        (snapshot / "link").symlink_to("../../blobs/" + "b" * 64)
        assert reason(lambda: manifest_of(snapshot), "link") == "file-changed"

    def test_elsewhere_such_links_are_refused(self, snapshot: Path) -> None:
        other = snapshot.parent / "main"
        snapshot.rename(other)
        assert reason(lambda: manifest_of(other)) == "symlink"


class TestByPath:
    """Where the system has no calls relative to a descriptor."""

    @pytest.fixture(autouse=True)
    def _by_path(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree, "_BY_DESCRIPTOR", False)

    def test_the_manifest_is_the_same(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        model(tmp_path, {**FILES, "a/b/c.txt": b"x"})
        (tmp_path / "empty").mkdir()
        found = manifest_of(tmp_path)
        monkeypatch.setattr(tree, "_BY_DESCRIPTOR", True)
        assert found == manifest_of(tmp_path)
        assert found.empty_directories == ("empty",)

    @pytest.mark.parametrize("target", ["model.pkl", "data"])
    def test_a_link_is_refused(self, tmp_path: Path, target: str) -> None:
        model(tmp_path)
        (tmp_path / "link").symlink_to(target)
        assert reason(lambda: manifest_of(tmp_path)) == "symlink"
