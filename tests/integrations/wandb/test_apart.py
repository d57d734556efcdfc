"""A file that was checked is not written over by another download.

wandb keeps the place of the last download that skipped its cache, for all that come after it.
"""

from __future__ import annotations

from pathlib import Path

from tests.integrations.wandb.conftest import play
from tests.kit.wandb_server import serving

PATHS = ("got/first/first.pkl", "got/entry/first.pkl")


def test_another_download_leaves_what_was_checked_alone(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "apart", "guarded")
    assert [played.said[name][0] for name in ("first", "second", "entry", "other")] == [""] * 4
    assert [played.said[path] for path in PATHS] == [True, True]


def test_without_the_guard_it_is_written_over(tmp_path: Path) -> None:
    with serving() as server:
        played = play(server, tmp_path, "apart", "unguarded")
    assert not all(played.said[path] for path in PATHS)
