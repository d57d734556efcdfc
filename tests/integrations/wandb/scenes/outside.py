"""Names that lead out of a folder, links among wandb's own copies, and files that are no copies."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from wandb.sdk.artifacts.artifact_manifest_entry import ArtifactManifestEntry

from .stage import Notes, harmless_file, hostile_file


def entry(path: str, source: str, ref: str | None = None) -> Any:
    """Return an entry of a manifest whose file comes from a place of this machine."""
    from sentinel.integrations.wandb.sealing import seal

    def load(*args: Any, **kwargs: Any) -> str:
        return source

    policy = SimpleNamespace(load_file=load, load_reference=load)
    parent = SimpleNamespace(
        name="one:v0", metadata={}, manifest=SimpleNamespace(storage_policy=policy),
        _add_download_root=lambda root: root, _default_root=lambda: "got",
    )  # fmt: skip
    sealed = seal(source)
    found = ArtifactManifestEntry(
        path=path, digest=sealed.md5, size=sealed.size, ref=ref, local_path=None
    )
    found._parent_artifact = parent
    return found


def main() -> None:
    notes = Notes()
    from sentinel.integrations import WandbGuard
    from sentinel.integrations.wandb.runfiles import REFUSED, sweep
    from sentinel.integrations.wandb.sealing import Stage

    clean = str(Path(harmless_file("clean.pkl")).absolute())
    bare = entry("../unguarded.pkl", clean)
    notes.attempt("bare", lambda: bare.download("got"))
    notes.say("unguarded", Path("unguarded.pkl").exists())
    with WandbGuard(quiet=True) as guard:
        for name in ("../above.pkl", "a/../../above.pkl", str(Path("above.pkl").absolute())):
            one = entry(name, clean)
            notes.attempt(name, lambda one=one: one.download("got"))  # type: ignore[misc]
        notes.say("above", Path("above.pkl").exists())
        notes.attempt("plain", lambda: entry("a/..plain.pkl", clean).download("got"))
        notes.say("plain there", Path("got/a/..plain.pkl").exists())

        mine = Path(hostile_file("mine it is")).absolute()
        of_mine = entry(mine.name, str(mine), mine.as_uri())
        notes.attempt("own", lambda: of_mine.download(str(mine.parent)))
        notes.say("own there", mine.exists())
        copy = Path("got", mine.name).absolute()
        far = entry(mine.name, str(mine), f"https://example.org/{copy}")
        notes.attempt("far", lambda: far.download("got"))
        notes.say("far there", copy.exists())

        folder = Path("run/files")
        folder.mkdir(parents=True)
        for name in ("one.pkl", "two.pkl"):
            (folder / name).write_bytes(mine.read_bytes())
        replace = os.replace
        refused: list[str] = []

        def fails_once(source: Any, target: Any) -> None:
            if not refused:
                refused.append(Path(source).name)
                raise PermissionError("not now")
            replace(source, target)

        os.replace = fails_once  # type: ignore[assignment]
        settings = SimpleNamespace(files_dir=str(folder))
        sweep(guard, SimpleNamespace(offline=True, settings=settings))
        os.replace = replace
        notes.say("left", [path.name for path in folder.iterdir()] == refused)
        notes.say("moved", len(list((folder.parent / REFUSED).iterdir())))

    parent = Path("staging")
    parent.mkdir()
    stage = Stage(str(parent))
    (parent / "link").symlink_to(clean)
    os.link(clean, parent / "hard")
    (parent / "sole").write_bytes(Path(clean).read_bytes())
    for name in ("link", "hard", "sole"):
        taken = Path(stage.take(str(parent / name), name).path)
        alone = not taken.is_symlink() and taken.stat().st_nlink == 1
        notes.say(name, [alone, (parent / name).exists()])


if __name__ == "__main__":
    main()
