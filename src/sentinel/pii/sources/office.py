"""Documents that are zip archives of XML: Excel, Word, PowerPoint and their open counterparts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...artifacts import Artifact
from ...errors import SentinelError
from ...findings import Gap
from ...formats import Member, Parsed
from ...limits import MIB, Budget
from ..model import Piece, Text
from . import Sampling, gap_of
from .members import each, opened, read_member
from .sheet import Sheet, date_styles, shared_strings
from .text import blocks, cut
from .xml_text import text_of

_BREAKS = frozenset((b"p", b"br", b"cr", b"tr", b"h", b"table-row", b"line-break"))
_MAIN = re.compile(r"word/(?:document|header|footer|footnotes|endnotes)\d*\.xml|content\.xml"
                   r"|ppt/(?:slides|notesslides)/[^/]*\.xml")  # fmt: skip
_SHEET = re.compile(r"xl/(?:worksheets|dialogsheets|macrosheets)/[^/]*\.xml")
_XML = re.compile(r".*\.(?:xml|rels|vml|xhtml)")
_SILENT = re.compile(
    r".*/(?:media|printersettings|thumbnails)/.*|docprops/thumbnail.*"
    r"|.*\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svm|odttf|ttf|psmdcp)|mimetype"
)
_TOLD = frozenset((b"author", b"creator", b"lastModifiedBy", b"userId", b"email"))
_LINKS = frozenset((b"Target",))
_OLE_MOST = 64 * MIB
_PLEASE = "save it as a document of today, without a password, and scan that"


def kind_of(names: Iterable[str]) -> str:
    """Return what document an archive is: ``xlsx``, ``office``, or nothing.

    Args:
        names: Names of its members.
    """
    known = {_plain(name) for name in names}
    if "xl/workbook.xml" in known:
        return "xlsx"
    if "[content_types].xml" in known or {"mimetype", "content.xml"} <= known:
        return "office"
    return ""


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def read(
    kind: str, artifact: Artifact, parsed: Parsed, budget: Budget, sampling: Sampling
) -> Iterator[Piece]:
    """Yield the text and tables of a document; pictures are passed over.

    Args:
        kind: As ``kind_of`` tells.
        artifact: The document.
        parsed: It as an archive.
        budget: Pays for its members.
        sampling: For documents within it.
    """
    yield from parsed.gaps
    members: list[Member] = []
    for member in each(artifact, parsed.members, budget):
        if isinstance(member, Gap):
            yield member
        else:
            members.append(member)
    book = _Book()
    if kind == "xlsx":
        members.sort(key=_order)
    for member in members:
        name = _plain(member.name)
        if _XML.fullmatch(name):
            yield from _part(artifact, member, name, budget, book)
        elif not _SILENT.fullmatch(name):
            yield from read_member(artifact, member, budget, sampling)


class _Book:
    """What the sheets of a workbook share."""

    def __init__(self) -> None:
        self.shared: list[str] = []
        self.dates: frozenset[bytes] = frozenset()


def _order(member: Member) -> int:
    """Put what sheets refer to in front of them."""
    return _plain(member.name) not in ("xl/sharedstrings.xml", "xl/styles.xml")


def _part(
    artifact: Artifact, member: Member, name: str, budget: Budget, book: _Book
) -> Iterator[Piece]:
    """Yield what one part of a document holds, up to where it breaks."""
    child, gap = opened(artifact, member)
    if gap is not None:
        yield gap
    if not child.reader.size:
        return
    try:
        data = blocks(child, budget)
        if name == "xl/sharedstrings.xml":
            yield from _texts(shared_strings(data, book.shared), member.name)
        elif name == "xl/styles.xml":
            book.dates = date_styles(data)
        elif _SHEET.fullmatch(name):
            yield from Sheet(member.name, book.shared, book.dates).read(data, budget)
        elif _MAIN.fullmatch(name):
            yield from _texts(text_of(data, _BREAKS), member.name, prose=True)
        else:
            told = _LINKS if name.endswith(".rels") else _TOLD
            yield from _texts(text_of(data, told=told), member.name)
    except SentinelError as error:
        yield gap_of(child, error)


def _texts(parts: Iterator[bytes], path: str, *, prose: bool = False) -> Iterator[Text]:
    for piece in cut(parts):
        if piece.data.strip():
            yield piece._replace(path=path, line=0, prose=prose)


def read_ole(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the gap that an OLE file leaves: an encrypted document, or one of before 2007."""
    data = artifact.reader.pread(0, _OLE_MOST)
    if "EncryptedPackage".encode("utf-16-le") in data:
        yield Gap("encrypted", artifact.location(), "an encrypted Office document", _PLEASE)
    else:
        detail = "Office documents of before 2007 are not read"
        yield Gap("unsupported", artifact.location(), detail, _PLEASE)
