"""PMML, OpenVINO and Torch7: hostile files and their neighbours, written after the formats' pages.

Their own programs cannot be installed here (Java, Lua) or take too long to; so the ordinary files
are the twins.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import EVIL, GOOD, Case
from tests.kit.lua import Lua

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
PMML = """<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
<Header><Extension name="tool" value="1.0"/><Application name="JPMML-SkLearn"/></Header>
<DataDictionary><DataField name="x" optype="continuous" dataType="double"/></DataDictionary>
<TransformationDictionary>
<DefineFunction name="my.own.fn" optype="continuous"><ParameterField name="a"/>
<Apply function="+"><FieldRef field="a"/><Constant>1</Constant></Apply></DefineFunction>
<DerivedField name="y"><Apply function="my.own.fn"><FieldRef field="x"/></Apply></DerivedField>
</TransformationDictionary>
<RegressionModel functionName="regression"><RegressionTable intercept="1"/></RegressionModel>
</PMML>
"""
OPENVINO = """<net name="model" version="11"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="1,4" element_type="f32"/>
<output><port id="0"><dim>1</dim><dim>4</dim></port></output></layer>
<layer id="1" name="w" type="Const" version="opset1">
<data element_type="f32" shape="4,2" offset="0" size="32"/></layer>
<layer id="2" name="y" type="Result" version="opset1"/></layers>
<edges><edge from-layer="0" from-port="0" to-layer="2" to-port="0"/></edges>
<rt_info><conversion_parameters><input_model value="/home/me/model.onnx"/></conversion_parameters>
</rt_info></net>
"""


def cases() -> Iterator[Case]:
    yield from _entities()
    yield from _pmml()
    yield from _openvino()
    for lua in (Lua(), Lua(width=4), Lua(text=True)):
        yield from _torch7(lua)


def _xml(name: str, text: str, twin: str, expect: str, filename: str) -> Case:
    data, quiet = (HEAD + body for body in (text, twin))
    return Case(name, "xml", filename, data.encode(), quiet.encode(), expect, False)


def _entities() -> Iterator[Case]:
    declared = {
        "file": '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "url": '<!ENTITY x PUBLIC "a" "http://127.0.0.1:9/x">',
        "parameter": '<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">',
        "text": '<!ENTITY x "aaaaaaaa">',
        "laughs": '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">',
    }
    for root, body, filename in (("PMML", PMML, "m.pmml"), ("net", OPENVINO, "m.xml")):
        for name, entity in declared.items():
            text = f"<!DOCTYPE {root} [{entity}]>\n{body}"
            yield _xml(f"entity-{name}-{root}", text, body, "high", filename)
            wide = (HEAD.replace("UTF-8", "UTF-16") + text).encode("utf-16")
            quiet = (HEAD.replace("UTF-8", "UTF-16") + body).encode("utf-16")
            yield Case(f"entity-{name}-{root}-16", "xml", filename, wide, quiet, "high", False)
        far = f"<!DOCTYPE {root} SYSTEM 'http://127.0.0.1:9/x.dtd'>\n{body}"
        near = f"<!-- DOCTYPE -->\n{body}"
        yield _xml(f"document-type-{root}", far, near, "high", filename)
        style = f"<?xml-stylesheet type='text/xsl' href='http://127.0.0.1:9/x.xsl'?>\n{body}"
        yield _xml(f"style-{root}", style, near, "medium", filename)
        padded = "<!--" + "x" * 9000 + f"--><!DOCTYPE {root} [{declared['file']}]>{body}"
        yield _xml(f"padded-{root}", padded, near, "high", filename)
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
    text = PMML.replace("<Header>", f"<Header>{include}")
    yield _xml("include", text, PMML, "high", "m.pmml")


def _pmml() -> Iterator[Case]:
    java = PMML.replace('<Apply function="my.own.fn">', '<Apply function="com.example.Evil">')
    yield _xml("java-function", java, PMML, "high", "m.pmml")
    script = PMML.replace('name="tool" value="1.0"', 'name="groovy" value="x.execute()"')
    yield _xml("script", script, PMML, "medium", "m.pmml")


def _openvino() -> Iterator[Case]:
    library = OPENVINO.replace("<edges>", "<extension library='./evil.so'/><edges>")
    yield _xml("library", library, OPENVINO, "high", "m.xml")
    path = OPENVINO.replace('type="Const"', 'type="Const" library="/tmp/evil"')
    yield _xml("library-path", path, OPENVINO, "high", "m.xml")
    for name, place in (("negative", "-4"), ("huge", "9" * 19), ("wrap", "18446744073709551615")):
        text = OPENVINO.replace('offset="0"', f'offset="{place}"')
        yield _xml(f"offset-{name}", text, OPENVINO, "medium", "m.xml")


def _torch7(lua: Lua) -> Iterator[Case]:
    form = "text" if lua.text else f"binary{lua.width}"

    def case(name: str, data: bytes, twin: bytes, expect: str) -> Case:
        return Case(f"{name}-{form}", "torch7", "m.t7", data, twin, expect, False)

    def fresh() -> Lua:
        return Lua(lua.text, lua.width)

    t = fresh()
    quiet = t.object("nn.Linear", t.table(weight=t.tensor(), bias=t.tensor(2), train=t.true()))
    for kind in (6, 7, 8):
        yield case(f"function-{kind}", fresh().function(kind), quiet, "critical")
        t = fresh()
        inner = t.object("nn.Module", t.table(weight=t.tensor(), forward=t.function(kind)))
        yield case(f"function-in-a-module-{kind}", inner, quiet, "critical")
    t = fresh()
    yield case("class", t.object("evil.Loader", t.table(x=t.string("y"))), quiet, "medium")
    yield case("trailing", quiet + EVIL[4], quiet + GOOD[4], "critical")
