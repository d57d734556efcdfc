"""PDF documents, through pypdfium2 where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...artifacts import Artifact
from ...errors import LimitExceeded
from ...findings import Gap
from ...limits import MIB, Budget
from ...readers.memory import MemoryReader
from ..model import Piece, Text
from . import Sampling
from .extras import foreign, missing
from .members import below

_LARGEST = 256 * MIB
_MOST_PAGES = 20_000
_MOST_ATTACHMENTS = 100


def read(artifact: Artifact, budget: Budget, sampling: Sampling) -> Iterator[Piece]:
    """Yield the text of a document by page, its properties and its attachments."""
    try:
        import pypdfium2
    except ImportError:
        raise missing("PDF") from None
    if artifact.reader.size > _LARGEST:
        raise LimitExceeded(f"a PDF of more than {_LARGEST // MIB} MiB")
    data = artifact.reader.pread(0, artifact.reader.size)
    with foreign("PDF"):
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" not in str(error).lower():
                raise
            yield Gap("encrypted", artifact.location(), "an encrypted PDF", "decrypt it first")
            return
        try:
            yield from _document(artifact, document, budget, sampling)
        finally:
            document.close()


def _document(
    artifact: Artifact, document: Any, budget: Budget, sampling: Sampling
) -> Iterator[Piece]:
    properties = [f"{key}: {value}" for key, value in document.get_metadata_dict(True).items()]
    if properties:
        yield Text("\n".join(properties).encode("utf-8", "replace"), "metadata", line=0)
    pictures = 0
    for number in range(min(len(document), _MOST_PAGES)):
        budget.check_time()
        text, has_picture = _page(document, number)
        if text.strip():
            data = text.replace("\r\n", "\n").encode("utf-8", "replace")
            yield Text(data, f"page/{number + 1}", line=0, prose=True)
        pictures += has_picture and not text.strip()
    if len(document) > _MOST_PAGES:
        yield Gap("limit", artifact.location(), f"more than {_MOST_PAGES} pages")
    if pictures:
        detail = f"{pictures} pages are pictures without text"
        yield Gap("unsupported", artifact.location(), detail, "read them by OCR and scan the text")
    yield from _attachments(artifact, document, budget, sampling)


def _page(document: Any, number: int) -> tuple[str, bool]:
    """Return the text of a page, and whether it has a picture where it has no text."""
    import pypdfium2.raw

    page = document[number]
    try:
        layer = page.get_textpage()
        try:
            text = str(layer.get_text_bounded())
        finally:
            layer.close()
        kinds = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        return text, not text.strip() and any(True for _ in page.get_objects(kinds, max_depth=3))
    finally:
        page.close()


def _attachments(
    artifact: Artifact, document: Any, budget: Budget, sampling: Sampling
) -> Iterator[Piece]:
    from . import read as read_any

    for number in range(min(document.count_attachments(), _MOST_ATTACHMENTS)):
        attachment = document.get_attachment(number)
        budget.spend_member()
        name = attachment.get_name() or f"attachment/{number}"
        child = artifact.child(name, MemoryReader(bytes(attachment.get_data())))
        if child.depth > budget.limits.max_depth:
            detail = f"nested deeper than {budget.limits.max_depth} containers"
            yield Gap("limit", child.location(), detail)
            continue
        for piece in read_any(child, budget, sampling):
            yield below(name, piece)
