"""Scans files for personal data and credentials: source, engine, columns, acceptance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ReadError, SentinelError, gap_reason
from ..findings import Gap, Severity
from ..limits import DEFAULT_LIMITS, Budget, Limits
from ..readers import MemoryReader, open_file
from .allow import Allowances
from .baseline import REASON, PiiBaseline
from .catalog import catalog
from .column_facts import Found
from .columns import Table
from .files import applies, find
from .judging import CREDITED, ColumnJudge
from .marks import length_class, marker, new_key
from .model import STATISTICS, Batch, Detection, Likelihood, Piece, Place, Skipped, Text
from .rules_file import Allow
from .sources import Sampling, read
from .text import MOST, Quota, TextEngine

_MOST_KNOWN = 10_000
_MOST_REMARKS = 100


class Options(NamedTuple):
    """How a scan is done.

    Attributes:
        locales: Countries whose weak numbers are looked for; None for all.
        engine: See ``engines.make_engine``.
        least: Lowest likelihood that is reported.
        sampling: How much of large files is read.
        severities: Severities by info type, where they differ from the catalogue's.
        inline: Whether comments in a file may accept what is in it; never for files of others.
        allow: What ``.sentinel-pii.toml`` accepts.
        baseline: What is known, and the key of the hashes; None for nothing and a fresh key.
        ner: Path of a model that finds names in prose, as ``spacy:PATH``; empty for none.
        limits: Bounds of the scan of one file.
    """

    locales: frozenset[str] | None = None
    engine: str = "auto"
    least: Likelihood = Likelihood.LIKELY
    sampling: Sampling = Sampling()
    severities: dict[str, Severity] = {}  # noqa: RUF012 - a default nobody writes to
    inline: bool = True
    allow: tuple[Allow, ...] = ()
    baseline: PiiBaseline | None = None
    ner: str = ""
    limits: Limits = DEFAULT_LIMITS


class Accepted(NamedTuple):
    """A detection that a comment or rule accepts, with the reason given."""

    detection: Detection
    reason: str


class PiiScan(NamedTuple):
    """What was found in one file.

    Attributes:
        name: Its name.
        detections: What was found, in the order of the file.
        accepted: What was found and is accepted.
        gaps: What was not examined.
        skipped: What sampling left out.
        bytes_total: Size of the file.
        bytes_read: Bytes asked for.
    """

    name: str
    detections: tuple[Detection, ...]
    accepted: tuple[Accepted, ...] = ()
    gaps: tuple[Gap, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    bytes_total: int = 0
    bytes_read: int = 0


class PiiScanner:
    """Scans files one by one; holds no state between them but its compiled patterns.

    Args:
        options: How.

    Raises:
        UsageError: The engine cannot be had.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.engine = _engine(self.options.locales, self.options.engine)
        self.types = catalog().types
        self.judge = _judge(self.engine)
        known = self.options.baseline
        self.mark = marker(known.key if known is not None else new_key())

    def scan_path(self, path: str | os.PathLike[str]) -> PiiScan:
        """Scan one file. Whatever is wrong with it is in the result, never an exception."""
        name = os.fsdecode(path)
        try:
            reader = open_file(path)
        except ReadError as error:
            return _unread(name, "unreadable", error)
        with reader:
            return self.scan_artifact(Artifact(name, reader))

    def scan_bytes(self, data: bytes, name: str = "data") -> PiiScan:
        """Scan bytes in memory."""
        return self.scan_artifact(Artifact(name, MemoryReader(data)))

    def scan_artifact(self, artifact: Artifact) -> PiiScan:
        """Scan anything that has bytes and a name."""
        limits = self.options.limits
        if artifact.reader.size > limits.max_file_size:
            error = LimitExceeded(f"larger than {limits.max_file_size} bytes", "raise --max-size")
            return _unread(artifact.name, "limit", error)
        return _FileScan(self, artifact).run()


@lru_cache(maxsize=8)
def _engine(locales: frozenset[str] | None, engine: str) -> TextEngine:
    return TextEngine(catalog(), locales, engine)


@lru_cache(maxsize=8)
def _judge(engine: TextEngine) -> ColumnJudge:
    return ColumnJudge(engine, engine.catalog.types)


class _FileScan:
    """The scan of one file in progress."""

    def __init__(self, scanner: PiiScanner, artifact: Artifact) -> None:
        self._scanner = scanner
        self._options = scanner.options
        self._artifact = artifact
        self._budget = Budget(scanner.options.limits)
        self._quota = Quota(least=scanner.options.least)
        self._tables: dict[str, Table] = {}
        self._found: dict[tuple[object, ...], Detection] = {}
        self._accepted: list[Accepted] = []
        self._allowed: list[Allowances] = []
        self._columns: dict[str, set[str]] = {}
        self._spans: list[tuple[int, int]] = []
        self._prose = 0
        self._gaps: list[Gap] = []
        self._skipped: list[Skipped] = []

    def run(self) -> PiiScan:
        for piece in self._pieces():
            if isinstance(piece, Text):
                self._text(piece)
            elif isinstance(piece, Batch):
                self._batch(piece)
            elif isinstance(piece, Skipped):
                self._skipped.append(piece)
            else:
                self._gaps.append(piece)
        for path, table in self._tables.items():
            self._finish(path, table)
        self._note_quota()
        reader = self._artifact.reader
        kept, accepted = self._apply_rules(self._without_repeats())
        return PiiScan(
            self._artifact.name,
            tuple(kept),
            (*self._accepted, *accepted),
            tuple(dict.fromkeys(self._gaps)),
            tuple(self._skipped),
            reader.size,
            min(reader.size, reader.stats.bytes_read),
        )

    def _pieces(self) -> Iterator[Piece]:
        try:
            self._credential_file()
            for piece in read(self._artifact, self._budget, self._options.sampling):
                yield piece
                self._budget.check_time()
        except SentinelError as error:
            yield _gap(self._artifact, error)

    def _credential_file(self) -> None:
        artifact = self._artifact
        size = artifact.reader.size
        if not applies(artifact.name) or size > self._options.limits.max_text:
            return
        data = artifact.reader.pread(0, size)
        hits = list(find(artifact.name, data))
        allowed = self._allowances(Text(data)) if hits else None
        for hit in hits:
            line = 1 + data.count(b"\n", 0, hit.start)
            place = Place("", line, hit.start, hit.end - hit.start)
            self._keep(
                hit.type, hit.rule, hit.likelihood, place, data[hit.start : hit.end], allowed
            )
            self._spans.append((hit.start, hit.end))

    def _allowances(self, text: Text) -> Allowances | None:
        if not self._options.inline:
            return None
        found = Allowances(text.data, text.line, self._scanner.types)
        for line, message, hint in found.wrong[: max(0, _MOST_REMARKS - len(self._gaps))]:
            place = self._artifact.location()._replace(member=text.path, line=line or None)
            self._gaps.append(Gap("malformed", place, message, hint))
        return found

    def _text(self, text: Text) -> None:
        hits = self._scanner.engine.scan(text.data, self._quota)
        marked = self._options.inline and b"sentinel:" in text.data
        if not hits and not marked and not (text.prose and self._options.ner):
            return
        allowed = self._allowances(text)
        if marked and allowed is not None and not text.path and text.line:
            self._allowed.append(allowed)
        line, at = text.line, 0
        for hit in hits:
            line += text.data.count(b"\n", at, hit.start)
            at = hit.start
            start = text.offset + hit.start
            if not text.path and self._is_covered(start, text.offset + hit.end):
                continue
            place = Place(text.path, line if text.line else None, start, hit.end - hit.start)
            value = text.data[hit.start : hit.end]
            self._keep(hit.rule.type, hit.rule.id, hit.likelihood, place, value, allowed)
        if text.prose and self._options.ner:
            self._names(text, allowed)

    def _names(self, text: Text, allowed: Allowances | None) -> None:
        """Note the names of people that the user's model finds."""
        from . import prose

        room = prose.MOST - self._prose
        if room <= 0:
            return
        self._prose += len(text.data)
        words = text.data[:room].decode("utf-8", "replace")
        for start, end in prose.namer(self._options.ner)(words):
            before, value = words[:start].encode(), words[start:end].encode()
            line = text.line + words.count("\n", 0, start) if text.line else None
            place = Place(text.path, line, text.offset + len(before), len(value))
            self._keep("PERSON", "ner", Likelihood.LIKELY, place, value, allowed)

    def _is_covered(self, start: int, end: int) -> bool:
        return any(start < below and above < end for above, below in self._spans)

    def _keep(
        self,
        name: str,
        rule: str,
        likelihood: Likelihood,
        place: Place,
        value: bytes,
        allowed: Allowances | None,
    ) -> None:
        if likelihood < self._options.least:
            return
        detection = Detection(
            name, rule, likelihood, self._severity(name), place,
            self._scanner.mark(value), length_class(value),
        )  # fmt: skip
        reason = allowed.reason(name, place.line) if allowed is not None else ""
        if reason:
            self._accepted.append(Accepted(detection, reason))
            return
        key = (name, place.path, place.offset, place.line, detection.digest)
        self._found.setdefault(key, detection)

    def _severity(self, name: str) -> Severity:
        return self._options.severities.get(name, self._scanner.types[name].severity)

    def _batch(self, batch: Batch) -> None:
        table = self._tables.get(batch.path)
        if table is None:
            table = Table(self._scanner.engine, self._scanner.judge, self._options.least)
            self._tables[batch.path] = table
        table.add(batch)

    def _finish(self, path: str, table: Table) -> None:
        for found in table.finish():
            told = found.likelihood >= self._options.least
            if told and path and self._is_told_by_line(found):
                continue
            if told:
                detection, reason = self._column(path, found), self._reason(found)
                if reason:
                    self._accepted.append(Accepted(detection, reason))
                else:
                    self._found[(found.type, path, found.column)] = detection
            if told or found.rule == CREDITED:
                known = self._columns.setdefault(found.type, set())
                known.update(
                    self._scanner.mark(value.encode("utf-8", "replace"))
                    for value in found.values[:_MOST_KNOWN]
                )
        if table.is_cut:
            detail = "a table with more columns than are looked at"
            self._gaps.append(Gap("limit", self._artifact.location(), detail))

    def _is_told_by_line(self, found: Found) -> bool:
        """Return True for credentials that were found in the text of a table: each has a line."""
        if self._scanner.types[found.type].category != "credentials":
            return False
        those = [one for one in self._found.values() if one.info_type == found.type]
        marks = {self._scanner.mark(value.encode("utf-8", "replace")) for value in found.values}
        return sum(not one.place.column and one.digest in marks for one in those) >= found.count

    def _reason(self, found: Found) -> str:
        """Return why a column of a table within text is accepted: each of its values is there."""
        if found.count == 1 and found.line:
            reasons = (one.reason(found.type, found.line) for one in self._allowed)
            return next(filter(None, reasons), "")
        those = [one for one in self._accepted if one.detection.info_type == found.type]
        if len(those) < found.count:
            return ""
        marks = {self._scanner.mark(value.encode("utf-8", "replace")) for value in found.values}
        known = [one.reason for one in those if one.detection.digest in marks]
        return known[0] if known and len(known) >= found.count else ""

    def _column(self, path: str, found: Found) -> Detection:
        value = found.values[0].encode("utf-8", "replace")
        place = Place(path, found.line or None, None, len(value), found.column, found.row)
        return Detection(
            found.type, found.rule, found.likelihood, self._severity(found.type), place,
            self._scanner.mark(value), length_class(value), found.count, found.rows, found.more,
        )  # fmt: skip

    def _note_quota(self) -> None:
        spent = {name for table in self._tables.values() for name in table.spent()}
        for name in sorted(spent.union(self._quota.spent())):
            detail = f"more than {MOST} matches of {name}; what follows was not searched for it"
            self._gaps.append(Gap("limit", self._artifact.location(), detail))

    def _without_repeats(self) -> Iterator[Detection]:
        """Yield what was found, each once.

        The text of a table says nothing more of a value that its column has, and the statistics
        nothing more of a column that is told of.
        """
        told = {(one.info_type, one.place.column) for one in self._found.values()
                if not one.place.path}  # fmt: skip
        for detection in self._found.values():
            name, place = detection.info_type, detection.place
            if place.column:
                is_known = place.path == STATISTICS and (name, place.column) in told
            else:
                is_known = detection.digest in self._columns.get(name, ())
            if not is_known:
                yield detection

    def _apply_baseline(self, found: Iterable[Detection]) -> tuple[list[Detection], list[Accepted]]:
        baseline = self._options.baseline
        if baseline is None:
            return list(found), []
        kept, accepted = [], []
        for one in found:
            if baseline.knows(self._artifact.name, one):
                accepted.append(Accepted(one, REASON))
            else:
                kept.append(one)
        return kept, accepted

    def _apply_rules(self, found: Iterable[Detection]) -> tuple[list[Detection], list[Accepted]]:
        kept, accepted = self._apply_baseline(found)
        for allow in self._options.allow:
            if not allow.covers(self._artifact.name):
                continue
            fits = [one for one in kept if _is_meant(allow, one)]
            for name in {one.info_type for one in fits}:
                those = [one for one in fits if one.info_type == name]
                if allow.max_count is None or sum(one.count for one in those) <= allow.max_count:
                    accepted += [Accepted(one, allow.reason) for one in those]
                    kept = [one for one in kept if one not in those]
        return kept, accepted


def _is_meant(allow: Allow, detection: Detection) -> bool:
    if "*" not in allow.types and detection.info_type not in allow.types:
        return False
    return not allow.columns or detection.place.column in allow.columns


def _gap(artifact: Artifact, error: SentinelError) -> Gap:
    return Gap(gap_reason(error), artifact.location(), error.message, error.hint)


def _unread(name: str, reason: str, error: SentinelError) -> PiiScan:
    location = Artifact(name, MemoryReader(b"")).location()
    detail = error.message.removeprefix(f"{name}: ")  # the report names the file itself
    return PiiScan(name, (), gaps=(Gap(reason, location, detail, error.hint),))
