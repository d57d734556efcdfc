"""Fixtures of the tests of what is exported as a repository of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integrations.world import FRAMEWORKS, Project, World, make_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The wheel, the exported repository of the hooks, and homes for the frameworks."""
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """Each of the frameworks in turn."""
    return str(request.param)


@pytest.fixture
def project(world: World, framework: str, tmp_path: Path) -> Project:
    """A repository with the hooks installed."""
    return Project(world, tmp_path / "project", framework).install()


@pytest.fixture
def bare_project(world: World, framework: str, tmp_path: Path) -> Callable[[], Project]:
    """Makes a repository that is configured, but has no git hook."""
    return lambda: Project(world, tmp_path / "project", framework)
