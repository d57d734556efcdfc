"""Lines of shell that nobody needs but who takes a machine over."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..findings import Severity

_SHELL = (
    r"(?:sudo\s+(?:-\w+\s+)*|env\s+|nohup\s+)*(?:/\S{1,40}/)?"
    r"(?:(?:ba|z|da|k|a)?sh|python[\d.]*|perl|ruby|node|php)\b(?!\s+-m\b)"
)
_FETCH = r"(?:\b(?:curl|wget|fetch|aria2c)\b|https?://)"
_WITHIN = r"[^\n;&]{0,400}"


class Idiom(NamedTuple):
    """What a line of shell does.

    Attributes:
        kind: Stable word: ``reverse-shell``, ``fetch-and-run``, ``decode-and-run``, ``persist``,
            ``destroy`` or ``steal``.
        says: In words.
        severity: How bad that is in a file that may be run.
    """

    kind: str
    says: str
    severity: Severity


_REVERSE = Idiom("reverse-shell", "gives a shell to somebody elsewhere", Severity.HIGH)
_RUN = Idiom("fetch-and-run", "downloads something and runs it unseen", Severity.MEDIUM)
_DECODE = Idiom("decode-and-run", "runs commands that are encoded", Severity.HIGH)
_PERSIST = Idiom("persist", "makes itself run again later", Severity.HIGH)
_DESTROY = Idiom("destroy", "removes everything there is", Severity.HIGH)
_STEAL = Idiom("steal", "sends keys or secrets elsewhere", Severity.HIGH)

_IDIOMS: tuple[tuple[re.Pattern[str], Idiom], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), idiom)
    for pattern, idiom in (
        (r"/dev/(?:tcp|udp)/[\w.$\{-]", _REVERSE),
        (r"\b(?:nc|ncat|netcat)(?:\.\w+)?\s[^\n;&]{0,120}?-\w*[ec]\w*\s+\S*(?:sh|cmd)\b", _REVERSE),
        (r"\bmkfifo\b[^\n]{0,200}\b(?:nc|ncat|netcat|openssl|telnet)\b", _REVERSE),
        (r"\bsocat\b[^\n]{0,200}\bexec:", _REVERSE),
        (r"\b(?:ba)?sh\s+-i\s*[>0-9]", _REVERSE),
        (r"\bsocket\b[^\n]{0,400}\b(?:dup2|pty\.spawn|fsockopen|subprocess)\b", _REVERSE),
        (r"\bfsockopen\b[^\n]{0,200}\b(?:exec|sh)\b", _REVERSE),
        (rf"{_FETCH}{_WITHIN}\|\s*{_SHELL}", _RUN),
        (rf"\b(?:ba|z|da)?sh\s+(?:-\w+\s+)?[\"']?(?:<\(|\$\(|`)\s*{_FETCH}", _RUN),
        (rf"(?:\beval|\bsource|^\.)\s+[\"']?(?:<\(|\$\(|`)\s*{_FETCH}", _RUN),
        (r"\b(?:curl|wget)\b[^\n]{0,300}(?:;|&&)\s*chmod\s+[^\n]{0,100}(?:;|&&)\s*\S*/", _RUN),
        (r"\bpowershell\b[^\n]{0,200}\s-e(?:nc|ncodedcommand)?\s", _DECODE),
        (r"\b(?:iex|invoke-expression)\b[^\n]{0,200}\b(?:downloadstring|webclient|iwr)\b", _RUN),
        (r"\bbase64\s+(?:-\w+\s+)*(?:-d|-D|--decode)\b[^\n;&]{0,300}\|\s*" + _SHELL, _DECODE),
        (r"\b(?:xxd\s+-r|openssl\s+enc\s+-d)[^\n;&]{0,300}\|\s*" + _SHELL, _DECODE),
        (r"\beval\b[^\n]{0,100}\bbase64\s+(?:-d|-D|--decode)\b", _DECODE),
        (r">>?\s*\S*(?:\.bashrc|\.zshrc|\.profile|authorized_keys|/etc/cron\S*)", _PERSIST),
        (r"\|\s*crontab\b", _PERSIST),
        (
            r"\brm\s+-\w*r\w*\s+(?:-\w+\s+)*(?:--no-preserve-root\s+)?"
            r"(?:/|~|/\*|\$HOME)(?:\s+--[\w-]+)*\s*(?:$|[;&\n])",
            _DESTROY,
        ),
        (
            r"\b(?:curl|wget|nc|ncat)\b[^\n]{0,300}(?:@|<|\()\s*\S{0,60}"
            r"(?:\.ssh/|\.aws/|/etc/shadow|\.kube/)",
            _STEAL,
        ),
    )
)  # fmt: skip


def idiom_of(line: str) -> Idiom | None:
    """Return what a line of shell does; None for an ordinary one.

    Args:
        line: One line, or a command.
    """
    text = line[:4_000]
    for pattern, idiom in _IDIOMS:
        if pattern.search(text):
            return idiom
    return None
