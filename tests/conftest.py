"""Fixtures for the whole suite: the corpus, made once."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every hostile file and its index; see ``tests.corpus.store``."""
    from tests.corpus import store

    folder = tmp_path_factory.mktemp("hostile") / "files"
    store.write(folder)
    return folder


@pytest.fixture(scope="session")
def benign_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the ordinary files, one folder a library; see ``tests.corpus.benign``."""
    from tests.corpus import benign

    folder = tmp_path_factory.mktemp("benign") / "files"
    benign.build(folder)
    return folder
