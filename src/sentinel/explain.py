"""Pseudo-Python listings of every pickle in an artifact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from .artifacts import Artifact
from .errors import SentinelError
from .formats import BY_NAME, Parsed, load
from .formats.identify import identify
from .limits import Budget


def explain_artifact(artifact: Artifact, budget: Budget) -> Iterator[str]:
    """Yield the listings, container by container.

    Args:
        artifact: What to explain.
        budget: Limits; what is beyond them is said.
    """
    try:
        formats = identify(artifact).formats
        for name in formats:
            if name == "pickle":
                yield from _pickle(artifact, budget)
            elif BY_NAME[name].parse and not BY_NAME[name].within:
                yield from _container(artifact, name, budget)
        if not formats:
            yield f"# {artifact.location()}: not a format that is read here"
    except SentinelError as error:
        yield f"# {artifact.location()}: {error.message}"


def _pickle(artifact: Artifact, budget: Budget) -> Iterator[str]:
    from .formats.pickle.driver import interpret_window
    from .formats.pickle.render import render
    from .formats.pickle.window import Window

    whole = artifact.reader.view()
    window = Window(artifact.reader) if whole is None else Window(None, whole)
    yield f"# {artifact.location()}"
    yield from render(interpret_window(window, budget, batch=False, trace=True))


def _container(artifact: Artifact, name: str, budget: Budget) -> Iterator[str]:
    if artifact.depth >= budget.limits.max_depth:
        yield f"# {artifact.location()}: nested too deep"
        return
    parsed = cast("Parsed", load(BY_NAME[name].parse)(artifact, budget))
    for member in parsed.members:
        budget.spend_member()
        child = artifact.child(member.name, member.open())
        if child.reader.size and identify(child, use_name=False).formats:
            yield from explain_artifact(child, budget)
