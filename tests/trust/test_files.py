"""Files that the user names are opened as files, or refused with what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sentinel.errors import UsageError
from sentinel.trust.files import opened


def test_a_regular_file_is_opened_and_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "key"
    place.write_bytes(b"12345")
    descriptor, status = opened(str(place))
    os.close(descriptor)
    assert status.st_size == 5

    (tmp_path / "link").symlink_to(place)
    os.mkfifo(tmp_path / "pipe")  # nobody writes to it, and nobody waits for it
    for name in ("link", "pipe", "absent", "a\0b", "."):
        with pytest.raises(UsageError) as refused:
            opened(str(tmp_path / name))
        assert str(tmp_path / name) in refused.value.message
