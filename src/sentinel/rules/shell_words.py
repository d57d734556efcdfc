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
_FETCHES_THERE = r"\b(?:iwr|irm|curl|wget|invoke-webrequest|invoke-restmethod)\b"
_FETCHES_TO = r"\b(?:downloadfile|iwr|invoke-webrequest|start-bitstransfer|curl|wget)\b"
_THEN_RUNS = (
    r"[^\n]{0,200}(?:;|&)\s*"
    r"(?:start(?:-process)?\b|&|\.\\|[\w.%\\:-]{1,80}\.(?:exe|bat|cmd|ps1)\b)"
)
_PROGRAM = r"\.(?:exe|dll|scr|msi|bat|cmd|ps1|vbs|hta)\b"
_PACKED = r"\b(?:b64decode|urlopen|requests\.get|fromhex|decompress|marshal)\b"
_WITHIN_ANY = r"[^\n]{0,300}?"
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
        (
            r"\b(?:iex|invoke-expression)\b[^\n]{0,200}\b(?:downloadstring|webclient|i[wr][rm])\b",
            _RUN,
        ),
        (rf"{_FETCHES_THERE}{_WITHIN}\|\s*(?:iex|invoke-expression)\b", _RUN),
        (r"\b(?:iex|invoke-expression)\b[^\n]{0,200}\bfrombase64string\b", _DECODE),
        (r"\bfrombase64string\b[^\n]{0,200}\b(?:iex|invoke-expression)\b", _DECODE),
        (r"\breflection\.assembly\]::load\b[^\n]{0,200}", _DECODE),
        (rf"{_FETCHES_TO}{_WITHIN_ANY}{_PROGRAM}{_THEN_RUNS}", _RUN),
        (rf"\bpython[\d.]*\s+-c\b{_WITHIN_ANY}\bexec\({_WITHIN_ANY}{_PACKED}", _DECODE),
        (r"\bcertutil\b[^\n]{0,100}-(?:urlcache|decode)\b", _RUN),
        (r"\bbitsadmin\b[^\n]{0,100}/transfer\b", _RUN),
        (r"\b(?:mshta|regsvr32|rundll32|msiexec|wmic)(?:\.exe)?\b[^\n&|]{0,200}https?://", _RUN),
        (r"\bschtasks(?:\.exe)?\s+/create\b", _PERSIST),
        (r"\breg(?:\.exe)?\s+add\b[^\n]{0,100}\\currentversion\\run", _PERSIST),
        (r"\b(?:add|set)-mppreference\b[^\n]{0,100}-(?:exclusion|disable)", _PERSIST),
        (r"^(?:@?ADD|add)\s+(?:--\S+\s+)*https?://\S+\s+/(?:usr/(?:local/)?)?s?bin/", _RUN),
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


_INSTALLERS = frozenset((
    "astral.sh", "sh.rustup.rs", "rustup.rs", "get.docker.com", "deb.nodesource.com",
    "rpm.nodesource.com", "install.python-poetry.org", "bootstrap.pypa.io", "ollama.com",
    "pyenv.run", "get.pnpm.io", "bun.sh", "get.helm.sh", "pixi.sh", "micro.mamba.pm",
    "install.duckdb.org", "sdk.cloud.google.com", "pdm-project.org",
))  # fmt: skip
"""Hosts whose installers are told to be run this way, and that hold nobody else's files."""
_OPTION = (
    r"\s+(?:-[fsSLq]+|-[fsSLq]*[oO]\s?-|--(?:fail|silent|show-error|location|quiet|tlsv1\.[23])"
    r"|--proto(?:-redir)?[ =]['\"]?=https['\"]?)(?=\s)"
)
_PLAIN = re.compile(
    rf"\b(?:curl|wget|irm|iwr)(?:{_OPTION})*\s+[\"']?https://([a-z0-9.-]+)(?:/[\w./+-]*)?[\"']?"
    rf"(?:{_OPTION})*(?=\s*(?:[|)`\"']|$))"
)
"""A fetch of one address over HTTPS, and no option that would have it come from elsewhere."""
_FETCHER = re.compile(r"https?:|\b(?:curl|wget|fetch|aria2c|lynx|ncat|nc|iwr|irm)\b", re.IGNORECASE)
_INSTALL = Idiom("fetch-and-run", "runs the installer of a well-known tool unseen", Severity.LOW)


def idiom_of(line: str) -> Idiom | None:
    """Return what a line of shell does; None for an ordinary one.

    Args:
        line: One line, or a command.
    """
    text = line[:4_000]
    for pattern, idiom in _IDIOMS:
        if pattern.search(text):
            return _INSTALL if idiom is _RUN and _well_known(text) else idiom
    return None


def _well_known(text: str) -> bool:
    hosts = _PLAIN.findall(text)
    plain = bool(hosts) and len(_FETCHER.findall(text)) == 2 * len(hosts)
    return plain and all(host in _INSTALLERS for host in hosts)
