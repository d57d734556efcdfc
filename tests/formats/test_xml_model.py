"""PMML and OpenVINO: what is declared, nothing expanded, bounds. Rules SNT1460 to SNT1466."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import ParseError
from sentinel.findings import Severity, Verdict
from sentinel.formats import Parsed
from sentinel.formats.xml_model import XmlDocument, parse
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.corpus.malicious.written_files import HEAD, OPENVINO, PMML
from tests.fuzz import fuzz_xml
from tests.fuzz.archive_fuzz import execute, make_input


def parsed(text: str) -> Parsed:
    return parse(Artifact("m.xml", MemoryReader(text.encode())), Budget())


def found(text: str, name: str = "model.xml") -> dict[str, Severity]:
    report = scan_bytes(text.encode(), name)
    return {finding.rule_id: finding.severity for finding in report.findings}


@pytest.mark.parametrize(("text", "name"), [(PMML, "pmml"), (OPENVINO, "openvino")])
def test_ordinary_models_are_known_and_quiet(text: str, name: str) -> None:
    for whole in (text, HEAD + text, "\ufeff" + text, "  \n" + text):
        report = scan_bytes(whole.encode(), "model.xml")
        assert report.formats == (name,)
        assert report.verdict is Verdict.CLEAN
        assert {finding.rule_id for finding in report.findings} <= {"SNT1462"}


def test_other_xml_is_none_of_it() -> None:
    for text in ("<html/>", "<project/>", "<network><layers/></network>"):
        assert scan_bytes(text.encode(), "a.xml").formats == ()


def test_nothing_is_expanded() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE PMML [<!ENTITY e0 "ha">{levels}]><PMML a="&e12;">&e12;</PMML>'
    assert found(bomb)["SNT1460"] is Severity.HIGH
    assert [gap.reason for gap in parsed(bomb).gaps] == ["malformed"]


def test_the_document_type_of_old_pmml_is_a_fact() -> None:
    official = "<!DOCTYPE PMML PUBLIC 'PMML 2.0' 'http://www.dmg.org/v2-0/pmml_v2_0.dtd'>"
    assert found(official + PMML)["SNT1461"] is Severity.LOW
    assert found(official.replace("dmg.org", "dmg.org.evil"))["SNT1461"] is Severity.HIGH
    assert "SNT1461" not in found(PMML)


def test_functions_are_told_from_classes() -> None:
    for name in ("com.evil.Run", "java.lang.Runtime.exec"):
        assert "SNT1463" in found(PMML.replace('"my.own.fn"><FieldRef', f'"{name}"><FieldRef'))
    assert "SNT1463" not in found(PMML)


def test_layers_of_extensions_and_files_of_code() -> None:
    tokens = OPENVINO.replace('type="Result" version="opset1"', 'type="T" version="extension"')
    assert found(tokens) == {"SNT1464": Severity.LOW}
    assert "SNT1465" in found(OPENVINO.replace("<edges>", "<Kernel filename='../k.cl'/><edges>"))
    assert "SNT1466" in found(OPENVINO.replace('size="32"', 'size="-1"'))
    assert found(OPENVINO) == {}


def test_a_million_elements_are_bounded() -> None:
    many = "".join(f'<Apply function="f{n}"/>' for n in range(5_000)) + "<a/>" * 300_000
    result = parsed(f"<PMML>{many}</PMML>")
    assert isinstance(result.model, XmlDocument)
    assert len(result.model.functions) == 2_000
    assert [gap.reason for gap in result.gaps] == ["limit"]
    assert parsed("<PMML>" + "<a>" * 100_000 + "</a>" * 100_000 + "</PMML>").gaps == ()


@pytest.mark.parametrize("text", ["", "x", "<", "<?xml version='1.0' encoding='rot13'?><PMML/>"])
def test_what_is_no_xml_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(ParseError):
        parsed(text)


@pytest.mark.parametrize("text", [PMML, OPENVINO])
def test_truncation_is_never_clean(text: str) -> None:
    data = text.encode().rstrip()
    for length in range(80, len(data)):
        report = scan_bytes(data[:length], "m.pmml")
        assert report.verdict is not Verdict.CLEAN, length


@cache
def seeds() -> list[bytes]:
    return fuzz_xml.seeds()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_files_end_in_facts_or_in_our_errors(number: int) -> None:
    data = make_input(random.Random(number), seeds(), fuzz_xml.MARKS)
    execute(data, "pmml")
    execute(data, "openvino")


def test_a_style_sheet_under_the_name_of_a_model_is_not_clean() -> None:
    text = '<x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform" version="1.0"/>'
    report = scan_bytes(text.encode(), "m.pmml")
    assert report.verdict is Verdict.INCOMPLETE
    assert scan_bytes(text.encode(), "m.xml").formats == ()
