"""Jinja2 templates: those that turn a conversation into a prompt, and any other.

Chat templates come with models (in ``tokenizer_config.json``, GGUF, ``chat_template.jinja``) and
are run on every request. A template is parsed into its tree and never rendered.
"""

from __future__ import annotations

from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...findings import Gap
from ...limits import MIB, Budget
from .. import Parsed
from .nodes import Body, Name, walk
from .parser import parse_template
from .reach import follow
from .reached import Reached

_MOST = 1 * MIB
_CHAT_NAMES = frozenset(("messages", "add_generation_prompt", "bos_token", "conversation"))


class Template(NamedTuple):
    """What a template says.

    Attributes:
        body: Its statements (see ``nodes``).
        reached: What it reaches for.
        chat: True for a chat template, by its name or by the variables it uses.
        source: Its text.
    """

    body: Body
    reached: Reached
    chat: bool
    source: str


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a template.

    Returns:
        A ``Template``; a gap when it loops too much to be followed.

    Raises:
        ParseError: It is no template, or no UTF-8.
        LimitExceeded: It is longer than 1 MiB, or nested too deeply.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"a template of more than {_MOST} bytes is not read")
    try:
        source = artifact.reader.pread(0, _MOST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError("a template that is not UTF-8") from error
    budget.check_time()
    body = parse_template(source)
    gaps: tuple[Gap, ...] = ()
    try:
        reached = follow(body, budget)
    except LimitExceeded as error:
        reached = Reached((), ())
        gaps = (Gap("limit", artifact.location(), error.message),)
    named = "chat_template" in artifact.leaf
    return Parsed(Template(body, reached, named or _uses_messages(body), source), gaps=gaps)


def _uses_messages(body: Body) -> bool:
    return any(isinstance(node, Name) and node.name in _CHAT_NAMES for node in walk(body))
