"""Gathers what the lines of a list say, and follows it into the files that it includes.

Nothing outside of the folder of the first file is opened: not by ``..``, not through a link.
"""

from __future__ import annotations

import os
import re

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, ReadError
from ...findings import Gap
from ...limits import MIB, Budget
from ..dependency_names import is_list
from .address import read, redacted, scheme_of
from .line import is_address, read_line
from .model import Include, Option, Requirement
from .options import Given, read_options, split
from .paths import leads_out
from .text import decoded, lines

MOST_BYTES = 4 * MIB
_MOST_REQUIREMENTS = 20_000
_MOST_LINE = 64 * 1024
_LONG = 4096
_MOST_FILES = 100
_DEEPEST = 10
_MOST_GAPS = 20
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")


class Gatherer:
    """Keeps requirements, options and includes in the order in which they are met.

    Args:
        artifact: The file that is read.
        budget: Pays in time.
    """

    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self.artifact = artifact
        self.budget = budget
        self.requirements: list[Requirement] = []
        self.options: list[Option] = []
        self.includes: list[Include] = []
        self.gaps: list[Gap] = []
        self.file = ""
        self._section = "pip"
        self._open: list[str] = []
        self._done: set[str] = set()

    def add_text(self, data: bytes) -> None:
        """Take the lines of a requirements file.

        Raises:
            ParseError: It is in no encoding that is known.
            LimitExceeded: It holds more than is kept.
        """
        for number, line in lines(decoded(data)):
            self.add_line(line, number)

    def add_line(self, line: str, number: int | None, section: str = "pip") -> None:
        """Take one line, of which comments are gone; what pip would refuse becomes a gap."""
        if len(self.requirements) + len(self.options) + len(self.includes) >= _MOST_REQUIREMENTS:
            raise LimitExceeded(f"more than {_MOST_REQUIREMENTS} requirements are not read")
        if not number or number % 256 == 0 or len(line) > _LONG:
            self.budget.check_time()
        before, self._section = self._section, section if section != "pip" else self._section
        try:
            self._line(line, number)
        except ParseError as error:
            self.gap(f"line {number or '?'} is not understood: {error.message}")
        finally:
            self._section = before

    def keep(self, found: Requirement) -> None:
        """Keep a requirement that was read elsewhere."""
        if len(self.requirements) >= _MOST_REQUIREMENTS:
            raise LimitExceeded(f"more than {_MOST_REQUIREMENTS} requirements are not read")
        self.requirements.append(found._replace(name=redacted(found.name), file=self.file))

    def option(self, kind: str, value: str = "", line: int | None = None) -> None:
        """Keep an option, without its secrets."""
        place = read(value)
        host, scheme = place.host, place.scheme
        if kind == "trusted-host" and not host:  # host:port, of which a scheme cannot be told
            host, scheme = place.text.rpartition("@")[2].partition(":")[0].lower(), ""
        self.options.append(Option(kind, place.text, scheme, host, place.secret, line, self.file))

    def gap(self, detail: str, reason: str = "malformed") -> None:
        """Note something that was not understood."""
        if len(self.gaps) < _MOST_GAPS:
            place = self.artifact.location()
            if self.file:
                place = place._replace(member=_joined(place.member, self.file))
            self.gaps.append(Gap(reason, place, detail, "look at it by hand"))

    def _line(self, line: str, number: int | None) -> None:
        if len(line) > _MOST_LINE:
            raise ParseError(f"longer than {_MOST_LINE} characters")
        body, rest = split(line)
        given = read_options(rest) if rest else []
        hashes = tuple(one.value for one in given if one.kind == "hash")
        options = tuple(one.name for one in given if one.kind == "build")
        if body:
            found = self._requirement(body, editable=False)
            self._keep(found, number, hashes, options)
        for one in given:
            self._given(one, number, alone=not body)

    def _requirement(self, text: str, *, editable: bool) -> Requirement:
        variable = None if is_address(text) or "@" in text else _VARIABLE.search(text)
        if variable is None:
            return read_line(text, editable=editable)
        if not re.search(r"[=<>~/]", text[: variable.start()]):
            raise ParseError("a requirement out of the environment")
        # What the environment adds to a version is not known, so it pins nothing.
        found = read_line(_VARIABLE.sub("0", text), editable=editable)
        return found._replace(clauses=(), text=redacted(text)[:300])

    def _keep(
        self, found: Requirement, number: int | None, hashes: tuple[str, ...],
        options: tuple[str, ...],
    ) -> None:  # fmt: skip
        self.keep(
            found._replace(line=number, hashes=hashes, options=options, section=self._section)
        )

    def _given(self, given: Given, number: int | None, *, alone: bool) -> None:
        if given.kind == "-e":
            self._keep(self._requirement(given.value, editable=True), number, (), ())
        elif given.kind in ("-r", "-c"):
            self.include(given.kind, given.value, number)
        elif given.kind == "build":
            if alone:
                value = f"{given.name}={given.value}" if given.value else given.name
                self.option("build", value, number)
        elif given.kind not in ("hash", "other"):
            self.option(given.kind, given.value, number)

    def include(self, kind: str, target: str, number: int | None) -> None:
        """Follow an included file (``-r`` or ``-c``), where it stands in the folder."""
        outcome, detail, path = self._found(target)
        shown = redacted(target)[:300]
        self.includes.append(Include(kind, shown, outcome, detail, number, self.file))
        if outcome == "read":
            self._follow(kind, path)
        if outcome not in ("read", "elsewhere", "cycle"):
            says = detail or _SAYS[outcome]
            self.gap(f"{kind} {shown} is not read: {says}", "unreadable")

    def _found(self, target: str) -> tuple[str, str, str]:
        """Return what becomes of a name: the outcome, how it leads out, and the path to open."""
        if is_address(target) or len(scheme_of(target)) > 1:
            return "address", "is an address", ""
        directory: str | None = getattr(self.artifact.reader, "directory", None)
        relative = os.path.normpath(os.path.join(os.path.dirname(self.file), target))
        how = leads_out(target) if os.path.isabs(target) else leads_out(relative)
        how = how or ("" if relative != "." else "is the folder itself")
        if how:
            return "outside", how, ""
        if directory is None:
            return ("elsewhere" if is_list(relative) else "unseen"), "", ""
        return self._in_folder(directory, relative)

    def _in_folder(self, directory: str, relative: str) -> tuple[str, str, str]:
        path = os.path.join(directory, relative)
        try:
            real = os.path.realpath(path)
            if not os.path.isfile(real):
                return "missing", "", ""
        except (OSError, ValueError):
            return "missing", "", ""
        if not any(_below(real, root) for root in self._roots(directory)):
            return "outside", "is a link out of the folder", ""
        if real in self._open or real == os.path.realpath(self.artifact.name):
            return "cycle", "", ""
        if not self.artifact.asked and os.sep not in relative and is_list(relative):
            return "elsewhere", "", ""
        if real in self._done:
            return "elsewhere", "", ""
        if len(self._open) >= _DEEPEST or len(self._done) >= _MOST_FILES:
            return "deep", "", ""
        return "read", "", relative

    def _roots(self, directory: str) -> tuple[str, str]:
        # In a cache of Hugging Face every file is a link to a blob, all in one folder.
        return os.path.realpath(directory), os.path.dirname(os.path.realpath(self.artifact.name))

    def _follow(self, kind: str, relative: str) -> None:
        from ...readers import open_file

        directory = getattr(self.artifact.reader, "directory", "")
        path = os.path.join(directory, relative)
        real = os.path.realpath(path)
        before, section = self.file, self._section
        self._open.append(real)
        self._done.add(real)
        self.file, self._section = relative, "constraint" if kind == "-c" else section
        try:
            with open_file(path) as reader:
                if reader.size > MOST_BYTES:
                    raise LimitExceeded(f"more than {MOST_BYTES} bytes")
                self.add_text(reader.pread(0, MOST_BYTES))
        except (ReadError, ParseError) as error:
            self.gap(error.message, "unreadable")
        finally:
            self._open.pop()
            self.file, self._section = before, section


_SAYS = {
    "missing": "there is no such file",
    "deep": "too many files that include one another",
    "unseen": "what stands beside it is not known here",
    "outside": "it is outside of the folder",
    "address": "it is an address",
}


def _joined(member: str, file: str) -> str:
    return f"{member}!{file}" if member else file


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
