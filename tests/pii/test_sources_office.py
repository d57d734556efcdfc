"""Excel, Word, PowerPoint and OpenDocument files, made by the libraries people use."""

from __future__ import annotations

import datetime
import io
import time
import zipfile

import docx
import openpyxl
import pptx
import pytest

from sentinel.limits import DEFAULT_LIMITS, MIB
from tests.pii.reading import EMAILS, IBANS, columns, gaps, missing, pieces, texts


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["number", "e-mail", "iban", "born"])
    for index, mail in enumerate(EMAILS):
        born = datetime.date(1980, 1, 1) + datetime.timedelta(days=index)
        sheet.append([4111111111111111 + index, mail, IBANS[index % 100], born])
    sheet["B3"].comment = openpyxl.comments.Comment("ask comment@x.example.org", "Jo Author")
    sheet["H1"] = '=CONCATENATE("formula@x.example.org","")'
    book.create_sheet("other")["C3"] = "lonely@x.example.org & <co>"
    return saved(book)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def packed(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def sheet_of(rows: str, shared: str = "") -> bytes:
    return packed(
        {
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f"<sst>{shared}</sst>",
            "xl/workbook.xml": "<workbook/>",
        }
    )


def test_a_workbook_is_read_by_column() -> None:
    found = pieces(workbook(), "a.xlsx")
    assert gaps(found) == []
    assert missing(found) == []
    made = columns(found)
    assert made["e-mail"] == EMAILS
    assert made["number"][:2] == ["4111111111111111", "4111111111111112"]
    assert made["born"][:2] == ["1980-01-01", "1980-01-02"]
    assert "lonely@x.example.org & <co>" in made[""]
    more = ["comment@x.example.org", "formula@x.example.org"]
    assert missing(found, more) == []


def test_cells_of_all_kinds() -> None:
    rows = (
        '<row><c r="A1" t="inlineStr"><is><t>na</t><t>me</t></is></c>'
        '<c r="C1" t="s"><v>0</v></c></row>'
        '<row><c t="str"><v>Jo</v></c><c><v>4.111111111111111E+15</v></c>'
        '<c t="s"><v>99</v></c><c t="s"><v>-1</v></c><c t="b"><v>1</v></c></row>'
    )
    found = columns(pieces(sheet_of(rows, "<si><r><t>ma</t></r><r><t>il</t></r></si>"), "a.xlsx"))
    assert found["name"] == ["Jo"]
    assert found[""][0] == "4111111111111111"
    assert "mail" in found


def test_hostile_references_are_bounded() -> None:
    row = '<row><c r="ZZZ9999999"><v>x</v></c><c r="A1:B2"><v>y</v></c><c r="\xe9"/></row>'
    started = time.process_time()
    found = pieces(sheet_of(row * 500), "a.xlsx")
    assert time.process_time() - started < 10
    assert missing(found, ["x", "y"]) == []


@pytest.mark.parametrize(
    "xml",
    [
        "<" * 300_000,
        "<a " * 200_000,
        "<!--" * 200_000,
        '<c r="' * 100_000,
        "<v>" * 200_000,
        "&#x110000;&#xD800;&#99999999;&lol;" * 1000,
        "<![CDATA[" * 100_000 + "in@x.example.org",
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><v>&c;</v>',
    ],
)
def test_broken_xml_takes_linear_time(xml: str) -> None:
    started = time.process_time()
    found = pieces(sheet_of(f"<row><c><v>a@x.example.org</v></c></row>{xml}"), "a.xlsx")
    pieces(packed({"[Content_Types].xml": "<x/>", "word/document.xml": xml}), "a.docx")
    assert time.process_time() - started < 10
    assert missing(found, ["a@x.example.org"]) == []


def test_what_stands_in_comments_of_the_markup_is_read() -> None:
    data = packed({"[Content_Types].xml": "<x/>",
                   "word/document.xml": "<w:p><!-- hid@x.example.org --></w:p>"})  # fmt: skip
    found = pieces(data, "a.docx")
    assert missing(found, ["hid@x.example.org"]) == []


def test_a_document_is_prose_by_paragraph() -> None:
    document = docx.Document()
    for mail in EMAILS:
        paragraph = document.add_paragraph("Mail ")
        paragraph.add_run(mail[:5]).bold = True
        paragraph.add_run(mail[5:])
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text = "IBAN"
    table.rows[0].cells[1].text = IBANS[0]
    document.sections[0].header.paragraphs[0].text = "head@x.example.org"
    document.core_properties.author = "Some Author"
    found = pieces(saved(document), "a.docx")
    assert gaps(found) == []
    assert missing(found, [*EMAILS, "head@x.example.org", "Some Author"]) == []
    main = next(text for text in texts(found) if text.path == "word/document.xml")
    assert main.prose
    assert f"Mail {EMAILS[7]}\n".encode() in main.data
    assert any(b"IBAN" in line and IBANS[0].encode() in line for line in main.data.split(b"\n"))


def test_slides_are_read() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = EMAILS[0]
    slide.placeholders[1].text = "\n".join(IBANS)
    slide.notes_slide.notes_text_frame.text = "note@x.example.org"
    found = pieces(saved(deck), "a.pptx")
    assert gaps(found) == []
    assert missing(found, [EMAILS[0], *IBANS, "note@x.example.org"]) == []


def test_an_open_document_is_read() -> None:
    content = (
        '<office:document-content xmlns:text="t"><text:p>one@x.example.org</text:p>'
        "<table:table-row><table:table-cell><text:p>SSN</text:p></table:table-cell>"
        "<table:table-cell><text:p>078-05-1120</text:p></table:table-cell></table:table-row>"
        "</office:document-content>"
    )
    data = packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
    found = texts(pieces(data, "a.odt"))
    assert b"one@x.example.org\nSSN \t078-05-1120 \t\n" in [text.data for text in found]


def test_documents_within_documents_are_read() -> None:
    members = {"[Content_Types].xml": "<x/>", "word/document.xml": "<a/>"}
    embedded = {"word/embeddings/a.xlsx": workbook(), "word/media/i.png": b"\x89PNG"}
    data = packed({**members, **embedded})
    found = pieces(data, "a.docx")
    assert missing(found) == []
    assert gaps(found) == []


def test_encrypted_and_old_documents_are_gaps() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    assert gaps(pieces(ole + "EncryptedPackage".encode("utf-16-le"), "a.xlsx")) == ["encrypted"]
    assert gaps(pieces(ole, "a.xls")) == ["unsupported"]


def test_a_bomb_in_a_workbook_is_bounded() -> None:
    bomb = packed({"xl/workbook.xml": "<a/>", "xl/worksheets/sheet1.xml": b"<c>" * (5 * MIB)})
    found = pieces(bomb, "a.xlsx", DEFAULT_LIMITS._replace(max_expanded=4 * MIB))
    assert "limit" in gaps(found)


def test_a_cut_workbook_is_a_gap_everywhere() -> None:
    data = workbook()
    for end in range(30, len(data), len(data) // 40):
        assert gaps(pieces(data[:end], "a.xlsx"))


def test_changed_bytes_break_nothing() -> None:
    data = bytearray(workbook())
    for at in range(0, len(data), len(data) // 60):
        changed = bytearray(data)
        changed[at] ^= 0xFF
        pieces(bytes(changed), "a.xlsx")
